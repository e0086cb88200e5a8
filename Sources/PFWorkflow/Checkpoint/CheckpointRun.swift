internal import PFCore

extension Schedule {
  /// The run begins, with what `checkpoint` has.
  mutating func begin(_ checkpoint: CheckpointRun?) {
    begin(restored: checkpoint?.restored ?? [], elements: checkpoint?.elements ?? [:])
  }
}

/// The checkpoint of one run: what it begins with, and what it writes down.
final class CheckpointRun: Sendable {
  /// The steps that need not run, and their outputs.
  let restored: [(step: Int32, output: (any Sendable)?)]
  /// The elements that need not run, of steps that do.
  let elements: [Int32: Schedule.RestoredElements]
  private let plan: Plan
  private let checkpoint: Checkpoint
  private let keys: [String]
  private let state: Monitor<State>

  private struct State {
    /// Nil when the run is over, or when the file could not be written.
    var file: JournalFile?
    var error: SourceError?
    /// The keys that the file has, by the names of steps; and whether others may have left files.
    var keys: [String: String]
    var hasChanged: Bool
    /// Whether the outcome of a step is in the file.
    var isRecorded: [Bool]
    /// The elements of steps that were fanned out whose outcome is not.
    var missingElements: [Int32: Int] = [:]
  }

  init(
    _ plan: Plan, _ checkpoint: Checkpoint, workflow name: String, inputs: [String: any Sendable]
  ) throws(CheckpointError) {
    self.plan = plan
    self.checkpoint = checkpoint
    let keys = plan.keys(inputs: inputs)
    self.keys = keys
    let journal = try Journal(checkpoint, workflow: name)
    var restored: [(step: Int32, output: (any Sendable)?)] = []
    var elements: [Int32: Schedule.RestoredElements] = [:]
    var isRecorded = [Bool](repeating: false, count: plan.count)
    var runs = [Bool](repeating: false, count: plan.count)
    // Last ones first: whether an output is needed is known from those that need it.
    for step in plan.order.reversed() {
      let index = Int(step)
      guard let record = journal.records[plan.steps[index].name], record.key == keys[index],
        (record.elementCount != nil) == plan.traits[index].isFannedOut,
        plan.steps[index].isStillDone?() ?? true
      else {
        runs[index] = true
        continue
      }
      let isUnreadable = checkpoint.unreadable.contains(plan.steps[index].name)
      let outputs = isUnreadable ? [:] : Self.outputs(record, checkpoint)
      let count = record.elementCount ?? 1
      if record.isComplete,
        outputs.count == count || !plan.successors(of: index).contains(where: { runs[Int($0)] })
      {
        let list = outputs.count == count ? (0..<count).compactMap { outputs[$0] } : nil
        restored.append((step, record.elementCount == nil ? list?.first : list))
        isRecorded[index] = true
      } else {
        runs[index] = true
        if record.elementCount != nil, !outputs.isEmpty {
          elements[step] = Schedule.RestoredElements(count: count, outputs: outputs)
        }
      }
    }
    self.elements = elements
    self.restored = restored.reversed()
    state = Monitor(
      State(
        file: journal.file, keys: journal.records.mapValues(\.key), hasChanged: journal.isNew,
        isRecorded: isRecorded))
  }

  /// The outputs that can be read, by number of the element.
  private static func outputs(
    _ record: Journal.Record, _ checkpoint: Checkpoint
  ) -> [Int: any Sendable] {
    var outputs: [Int: any Sendable] = [:]
    for (number, stored) in record.outputs {
      let element = record.elementCount == nil ? -1 : number
      outputs[number] = stored?.output(
        checkpoint.allTypes, place(checkpoint, record.key, element))
    }
    return outputs
  }

  private static func place(
    _ checkpoint: Checkpoint, _ key: String, _ element: Int
  ) -> CheckpointPlace {
    CheckpointPlace(
      path: "\(checkpoint.path).\(key.prefix(16))" + (element < 0 ? "" : "-\(element)"),
      isDurable: checkpoint.isDurable)
  }

  /// Writes down how an attempt ended, where it ended well. Called before the schedule knows, so
  /// that what depends on the step begins after its record.
  ///
  /// Steps that went on without an output that they depend on are not written down, nor is what
  /// depends on them: next time the output may be there.
  func record(_ ticket: Schedule.Ticket, _ outcome: Schedule.Outcome) {
    let step = Int(ticket.step)
    let key = keys[step]
    let line: [UInt8]
    var elementCount: Int?
    switch outcome {
    case .failed, .skipped: return
    case .fannedOut(let list):
      elementCount = list.count
      if let known = elements[ticket.step], known.count == list.count {
        elementCount = list.count - known.outputs.count
      }
      line = Journal.line { json in
        json.member("step", plan.steps[step].name)
        json.member("key", key)
        json.member("count", list.count)
      }
    case .succeeded(let output):
      let place = Self.place(checkpoint, key, Int(ticket.element))
      let stored = StoredOutput(output, place)
      line = Journal.line { json in
        json.member("step", plan.steps[step].name)
        json.member("key", key)
        if ticket.element >= 0 { json.member("element", ticket.element) }
        guard let stored else { return }
        json.array("output") { stored.writeParts(to: &$0) }
      }
    }
    state.withLock { state in
      guard let file = state.file,
        plan.dependencies(of: step).allSatisfy({ state.isRecorded[Int($0)] })
      else { return }
      do throws(SourceError) {
        try file.append(line, isDurable: checkpoint.isDurable)
      } catch {
        // Behind half a line nothing would be believed.
        state.error = error
        state.file = nil
        return
      }
      state.keys[plan.steps[step].name] = key
      state.hasChanged = true
      if let elementCount {
        state.missingElements[ticket.step] = elementCount
      } else if ticket.element >= 0 {
        state.missingElements[ticket.step]? -= 1
      }
      state.isRecorded[step] = state.missingElements[ticket.step] ?? 0 == 0
    }
  }

  /// The run is over: the file is free for the next one. Gives what went wrong with it.
  @discardableResult
  func close() -> SourceError? {
    state.withLock { state in
      if state.file != nil, state.hasChanged { removeFiles(but: Set(state.keys.values)) }
      state.file = nil
      return state.error
    }
  }

  /// Removes the files of outputs that no record names any more. The records are in the journal, and
  /// nobody else has it: whoever is killed in here leaves files that the next run removes.
  ///
  /// Looks only at what `place` may have named: the journal's name, a dot, 16 digits, and then the
  /// end, a dot or a hyphen.
  private func removeFiles(but keys: Set<String>) {
    let directory = directory(of: checkpoint.path)
    let slash = checkpoint.path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let start = slash.map { checkpoint.path.utf8.index(after: $0) } ?? checkpoint.path.startIndex
    let begin = checkpoint.path[start...] + "."
    let kept = Set(keys.map { String($0.prefix(16)) })
    for name in (try? Directory.names(in: directory)) ?? [] where name.hasPrefix(begin) {
      let rest = name.dropFirst(begin.count)
      let key = String(rest.prefix(16))
      let isDigits = key.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
      let isOurs =
        key.utf8.count == 16 && isDigits && [nil, ".", "-"].contains(rest.dropFirst(16).first)
      if isOurs, !kept.contains(key) { Directory.removeFile("\(directory)/\(name)") }
    }
  }
}
