public import PFCore

/// What became of a run.
public struct RunResult: Sendable {
  /// The name of the workflow.
  public let name: String
  let schedule: Schedule
  /// Why the checkpoint ends before the run does: its file could not be written.
  public internal(set) var checkpointError: SourceError?

  init(name: String, schedule: Schedule) {
    self.name = name
    self.schedule = schedule
  }

  /// How a run ended.
  public enum Status: String, Sendable, CaseIterable {
    /// No step has failed.
    case succeeded
    /// Steps have failed whose policy let the run go on.
    case partial
    /// A step has failed, and the run with it.
    case failed
    /// It was cancelled.
    case cancelled
    /// Its time was over.
    case timedOut = "timed_out"
  }

  /// How the run ended.
  public var status: Status {
    switch schedule.abortion {
    case .failed: .failed
    case .cancelled: .cancelled
    case .timedOut: .timedOut
    case nil: schedule.hasFailures ? .partial : .succeeded
    }
  }

  /// The names of the steps in the order of definition.
  public var stepNames: [String] { schedule.plan.steps.map(\.name) }

  /// The step called `name`; nil when there is none.
  public subscript(name: String) -> StepResult? {
    schedule.plan.index[name].map { result(ofUnit: Int($0)) }
  }

  /// All steps in the order of definition.
  public var steps: [StepResult] { schedule.plan.steps.indices.map { result(ofUnit: $0) } }

  /// The elements of a step that was fanned out, in their order; empty for any other.
  public func elements(of name: String) -> [StepResult] {
    guard let step = schedule.plan.index[name], let fanOut = schedule.fanOuts[step] else {
      return []
    }
    return fanOut.elements.indices.map { result(ofUnit: Int(fanOut.firstUnit) + $0) }
  }

  /// The output of step `name`; nil where it has none.
  public func output(_ name: String) -> (any Sendable)? { self[name]?.output }

  /// The error that failed the run; nil when it did not fail.
  public var error: (any Error)? {
    guard case .failed(let step) = schedule.abortion else { return nil }
    return schedule.errors[step]
  }

  /// The time from the begin of the run to its end.
  public var wallTime: Duration { .nanoseconds(schedule.endTime ?? 0) }

  func result(ofUnit unit: Int) -> StepResult {
    let record = schedule.units[unit]
    return StepResult(
      name: schedule.plan.steps[Int(record.step)].name,
      element: record.element < 0 ? nil : Int(record.element), state: record.state,
      attempts: Int(record.attempt), output: schedule.outputs[unit],
      error: schedule.errors[Int32(unit)],
      readyTime: record.readyTime < 0 ? nil : .nanoseconds(record.readyTime),
      startTime: record.startTime < 0 ? nil : .nanoseconds(record.startTime),
      endTime: .nanoseconds(record.endTime), busyTime: .nanoseconds(record.busyTime),
      waitTime: .nanoseconds(record.waitTime),
      processorTime: schedule.options.measuresProcessorTime
        ? .nanoseconds(record.processorTime) : nil)
  }
}

/// What became of one step. Times count from the begin of the run.
public struct StepResult: Sendable {
  /// The name.
  public let name: String
  /// The number of the element, where this is one of a step that was fanned out.
  public let element: Int?
  /// How it ended.
  public let state: StepState
  /// How often its body began.
  public let attempts: Int
  /// What it gave.
  public let output: (any Sendable)?
  /// Why its last attempt failed; nil where it ended well. Events have the errors of all attempts.
  public let error: (any Error)?
  /// When its last dependency had ended; nil when it never was ready.
  public let readyTime: Duration?
  /// When its first attempt began; nil when none did.
  public let startTime: Duration?
  /// When it ended.
  public let endTime: Duration
  /// The sum over its attempts.
  public let busyTime: Duration
  /// The time for which it was ready and waited for room.
  public let waitTime: Duration
  /// Processor time of its attempts, where it was measured.
  public let processorTime: Duration?
}
