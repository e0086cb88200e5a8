import ParquetFrame

/// What became of a run, for people.
struct RunSummary {
  let result: RunResult

  /// The most steps that are shown.
  private static let rowLimit = 20
  /// The most names in one line.
  private static let nameLimit = 10

  // MARK: The table

  func write(to output: Output) {
    let steps = result.steps
    let shown = Self.longest(steps)
    var table = TextTable()
    table.add("step", shown.map(\.name))
    table.add("state", shown.map(\.state.name))
    table.add("attempts", isNumeric: true, shown.map { $0.attempts > 1 ? "\($0.attempts)" : "" })
    table.add(
      "time", isNumeric: true,
      shown.map { $0.attempts > 0 ? durationText($0.busyTime.nanoseconds) : "" })
    table.add(
      "rows", isNumeric: true, shown.map { ($0.output as? Table).map { $0.rowCount.grouped } ?? "" }
    )
    if !steps.isEmpty {
      table.write(to: output)
      if shown.count < steps.count {
        let text = "the \(shown.count) that took the longest, of \(steps.count.grouped) steps"
        output.write(output.styled(text, .dim) + "\n")
      }
      output.write("\n")
    }
    let metrics = result.metrics
    let counts = StepState.allCases.compactMap { state in
      metrics.stepCounts[state].map { "\($0.grouped) \(state.name)" }
    }
    var lines = [
      (result.name, "\(result.status.rawValue) in \(durationText(metrics.wallTime.nanoseconds))"),
      ("steps", counts.isEmpty ? "none" : counts.joined(separator: ", ")),
    ]
    if metrics.attemptCount > 0 {
      let time = durationText(metrics.criticalPathTime.nanoseconds)
      lines += [
        ("speed-up", "\(Self.number(metrics.speedUp)), at most \(metrics.mostAtOnce) at once"),
        ("critical path", "\(time): \(Self.list(metrics.criticalPath, " → "))"),
      ]
    }
    let width = lines.reduce(0) { max($0, $1.0.escapedForTerminal.displayWidth) }
    for (label, value) in lines {
      let label = label.escapedForTerminal
      let padding = String(repeating: " ", count: width - label.displayWidth)
      output.write("\(output.styled(label, .bold))\(padding)  \(value.escapedForTerminal)\n")
    }
  }

  /// The steps to show, in the order of definition.
  private static func longest(_ steps: [StepResult]) -> [StepResult] {
    guard steps.count > rowLimit else { return steps }
    let order = steps.indices.sorted { (steps[$0].busyTime, $1) > (steps[$1].busyTime, $0) }
    return order.prefix(rowLimit).sorted().map { steps[$0] }
  }

  private static func number(_ value: Double) -> String { min(value, 1e6).withOneDigit }

  private static func list(_ names: [String], _ separator: String) -> String {
    guard names.count > nameLimit else { return names.joined(separator: separator) }
    return names.prefix(nameLimit).joined(separator: separator)
      + "\(separator)and \((names.count - nameLimit).grouped) more"
  }

  // MARK: What went wrong

  /// A line for each step that failed, and what of the run there is not for it.
  ///
  /// - Parameter timeout: The longest time that the run had.
  /// - Returns: no line where all is well.
  func problems(timeout: Duration?) -> [String] {
    var lines: [String] = []
    let steps = result.steps
    for step in steps where step.state == .failed || step.state == .timedOut {
      let attempts = step.attempts > 1 ? " after \(step.attempts) attempts" : ""
      let what = step.state == .failed ? "failed" : "timed out"
      let error = step.error.map { ": \($0)" } ?? ""
      lines.append("step \"\(step.name)\" \(what)\(attempts)\(error)")
    }
    switch result.status {
    case .succeeded: return []
    case .partial, .failed: break
    case .cancelled: lines.append("the run was cancelled")
    case .timedOut:
      let limit = timeout.map { " of \($0)" } ?? ""
      lines.append("the run took longer than its timeout\(limit)")
    }
    for step in steps where step.state == .cancelled {
      guard let error = step.error as? StepTimeout, error.isAbandoned else { continue }
      lines.append("step \"\(step.name)\": \(error)")
    }
    for (state, words) in [(StepState.skipped, "skipped"), (.cancelled, "cancelled")] {
      let names = steps.filter { $0.state == state }.map(\.name)
      guard !names.isEmpty else { continue }
      let count = names.count == 1 ? "1 step was" : "\(names.count.grouped) steps were"
      lines.append("\(count) \(words): \(Self.list(names, ", "))")
    }
    return lines
  }
}
