/// Where a step of a run is.
public enum StepState: UInt8, Sendable, CaseIterable {
  /// Dependencies have not ended.
  case waiting
  /// It may start as soon as there is room.
  case ready
  /// An attempt runs.
  case running
  /// An attempt failed, and the delay before the next one runs.
  case retrying
  /// It ended well.
  case succeeded
  /// Its last attempt failed.
  case failed
  /// Its time was over.
  case timedOut
  /// It did not run: its condition said no, a step that it needs has failed or was skipped, or the
  /// run had failed.
  case skipped
  /// It was told to stop, or never started, as the run was cancelled.
  case cancelled
  /// It ended well in an earlier run, whose checkpoint this one began with.
  case restored

  /// Whether nothing follows.
  public var isFinal: Bool { rawValue >= StepState.succeeded.rawValue }
  /// Whether its output is there.
  var isGood: Bool { self == .succeeded || self == .restored }

  /// The name as reports write it.
  public var name: String {
    switch self {
    case .waiting: "waiting"
    case .ready: "ready"
    case .running: "running"
    case .retrying: "retrying"
    case .succeeded: "succeeded"
    case .failed: "failed"
    case .timedOut: "timed_out"
    case .skipped: "skipped"
    case .cancelled: "cancelled"
    case .restored: "restored"
    }
  }
}

/// An attempt, or all of a step, took longer than it may.
public struct StepTimeout: Error, Equatable, Sendable, CustomStringConvertible {
  /// What the step did not keep to.
  public let kind: Kind
  /// What it allows.
  public let limit: Duration
  /// Whether the body had not stopped when `RunOptions.grace` had passed: its thread may still run.
  public let isAbandoned: Bool

  /// Times that a step has to keep.
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// `StepOptions.timeout`, of one attempt.
    case timeout
    /// `StepOptions.deadline`, from the begin of the run.
    case deadline
    /// `RunOptions.grace`, from when the run was told to stop.
    case grace
  }

  /// The timeout in words.
  public var description: String {
    let text =
      switch kind {
      case .timeout: "it took longer than its timeout of \(limit)"
      case .deadline: "it had not ended by its deadline, \(limit) from the begin of the run"
      case .grace: "it was given up, \(limit) after the run was told to stop"
      }
    return text + (isAbandoned && kind != .grace ? ", and did not stop when it was told to" : "")
  }
}
