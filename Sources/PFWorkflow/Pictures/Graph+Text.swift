extension Workflow {
  /// The graph as Mermaid text: a box for each step, a frame around each inner workflow.
  ///
  /// Steps that run for each element of a list have double sides and a thick arrow from the list.
  ///
  /// - Parameter result: A run of the workflow, whose states become colours.
  /// - Returns: the text; names are escaped.
  /// - Complexity: O(steps + dependencies).
  public func mermaid(_ result: RunResult? = nil) -> String {
    var text = "flowchart LR\n"
    var states: [StepState: [String]] = [:]
    walk { event in
      switch event {
      case .open(let number, let label, let depth):
        text += indent(depth) + "subgraph g\(number)[\"\(mermaidEscaped(label))\"]\n"
      case .close(let depth): text += indent(depth) + "end\n"
      case .step(let number, let label, let note, let isFannedOut, let depth):
        let note = note.isEmpty ? "" : "<br/>" + mermaidEscaped(note)
        let (open, close) = isFannedOut ? ("[[\"", "\"]]") : ("[\"", "\"]")
        text += indent(depth) + "s\(number)\(open)\(mermaidEscaped(label))\(note)\(close)\n"
        if let state = result?.state(ofStep: number, in: self) {
          states[state, default: []].append("s\(number)")
        }
      case .edge(let from, let to, let isList):
        text += "  s\(from) \(isList ? "==>" : "-->") s\(to)\n"
      }
    }
    for state in StepState.allCases {
      guard let steps = states[state] else { continue }
      let style = "fill:\(state.paleColor),stroke:\(state.color),color:#1f2933"
      text += "  classDef \(state.name) \(style)\n"
      // Mermaid reads lines of any length, people do not.
      for start in stride(from: 0, to: steps.count, by: 50) {
        let names = steps[start..<min(start + 50, steps.count)].joined(separator: ",")
        text += "  class \(names) \(state.name)\n"
      }
    }
    return text
  }

  /// The graph in Graphviz's language: a box for each step, a cluster for each inner workflow.
  ///
  /// Steps that run for each element of a list have double borders and a bold arrow from the list.
  ///
  /// - Parameter result: A run of the workflow, whose states become colours.
  /// - Returns: the text; names are escaped.
  /// - Complexity: O(steps + dependencies).
  public func dot(_ result: RunResult? = nil) -> String {
    var text = "digraph \"\(dotEscaped(name))\" {\n  rankdir=LR\n"
    text += "  node [shape=box style=\"rounded,filled\" fillcolor=\"#ffffff\" color=\"#52606d\""
    text += " fontname=\"Helvetica,Arial,sans-serif\" fontsize=11]\n"
    text += "  edge [color=\"#7b8794\" arrowsize=0.7]\n"
    walk { event in
      switch event {
      case .open(let number, let label, let depth):
        text += indent(depth) + "subgraph cluster_\(number) {\n"
        text += indent(depth + 1) + "label=\"\(dotEscaped(label))\" color=\"#9aa5b1\"\n"
      case .close(let depth): text += indent(depth) + "}\n"
      case .step(let number, let label, let note, let isFannedOut, let depth):
        let note = note.isEmpty ? "" : "\\n" + dotEscaped(note)
        text += indent(depth) + "s\(number) [label=\"\(dotEscaped(label))\(note)\""
        if isFannedOut { text += " peripheries=2" }
        if let state = result?.state(ofStep: number, in: self) {
          text += " fillcolor=\"\(state.paleColor)\" color=\"\(state.color)\""
        }
        text += "]\n"
      case .edge(let from, let to, let isList):
        text += "  s\(from) -> s\(to)\(isList ? " [style=bold]" : "")\n"
      }
    }
    return text + "}\n"
  }

  private enum Part {
    case open(Int, label: String, depth: Int)
    case close(depth: Int)
    case step(Int, label: String, note: String, isFannedOut: Bool, depth: Int)
    case edge(from: Int, to: Int, isList: Bool)
  }

  /// Steps with the frames around them, then edges.
  private func walk(_ visit: (Part) -> Void) {
    let scopes = Set(plan.steps.map(\.scope))
    var open: [String] = []
    var groupCount = 0
    func close(to scope: String) {
      while let last = open.last, !scope.utf8.starts(with: last.utf8) {
        open.removeLast()
        visit(.close(depth: open.count + 1))
      }
    }
    for (number, step) in plan.steps.enumerated() {
      close(to: step.scope)
      // The frames of workflows that begin with one of their own.
      for scope in step.scope.prefixes where scopes.contains(scope) && !open.contains(scope) {
        let label = scope.without(prefix: open.last ?? "").unicodeScalars.dropLast()
        visit(.open(groupCount, label: String(label), depth: open.count + 1))
        groupCount += 1
        open.append(scope)
      }
      var notes: [String] = []
      if step.options.pool != .shared { notes.append(step.options.pool == .io ? "I/O" : "CPU") }
      if !step.operation.isEmpty { notes.append(step.operation) }
      if let list = step.fanOut?.step {
        notes.append("for each of \(list.without(prefix: step.scope))")
      }
      visit(
        .step(
          number, label: step.name.without(prefix: step.scope),
          note: notes.joined(separator: ", "), isFannedOut: step.fanOut != nil,
          depth: open.count + 1))
    }
    close(to: "")
    while open.popLast() != nil { visit(.close(depth: open.count + 1)) }
    for (number, step) in plan.steps.enumerated() {
      for dependency in plan.dependencies(of: number) {
        let isList = plan.steps[Int(dependency)].name == step.fanOut?.step
        visit(.edge(from: Int(dependency), to: number, isList: isList))
      }
    }
  }
}

extension RunResult {
  /// The state of a step of `workflow`; nil where the run was of another one.
  fileprivate func state(ofStep step: Int, in workflow: Workflow) -> StepState? {
    schedule.plan === workflow.plan ? schedule.units[step].state : nil
  }
}

extension String {
  /// All beginnings that end with a full stop, short ones first.
  fileprivate var prefixes: [String] {
    unicodeScalars.indices.filter { unicodeScalars[$0] == "." }
      .map { String(unicodeScalars[...$0]) }
  }

  /// Scalar by scalar: an accent may follow the full stop.
  fileprivate func without(prefix: String) -> String {
    guard utf8.starts(with: prefix.utf8) else { return self }
    return String(unicodeScalars.dropFirst(prefix.unicodeScalars.count))
  }
}

private func indent(_ depth: Int) -> String { String(repeating: "  ", count: depth) }

/// In a quoted label of Mermaid, whose own escapes are those of HTML with `#` for `&`.
private func mermaidEscaped(_ text: String) -> String {
  var escaped = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "#", "&", "<", ">", "`", "\\", "*", "_", "~": escaped += "#\(scalar.value);"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F: escaped += " "
    default: escaped.unicodeScalars.append(scalar)
    }
  }
  return escaped
}

/// In a quoted string of Graphviz, which reads backslashes and HTML's entities.
private func dotEscaped(_ text: String) -> String {
  var escaped = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": escaped += "\\\(scalar)"
    case "&": escaped += "&amp;"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F: escaped += " "
    default: escaped.unicodeScalars.append(scalar)
    }
  }
  return escaped
}
