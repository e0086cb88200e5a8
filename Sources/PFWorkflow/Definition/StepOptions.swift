/// Where a step runs, and how many run there at once.
public enum Pool: UInt8, Sendable, CaseIterable {
  /// No limit of its own: `RunOptions.maxParallel` alone.
  case shared
  /// Steps that compute: as many at once as there are processors.
  case cpu
  /// Steps that wait for disks and networks: many more at once than there are processors.
  case io
}

/// What becomes of the run when a step has failed for good.
public enum FailurePolicy: UInt8, Sendable, CaseIterable {
  /// The run fails: what runs is told to stop, what waits never starts.
  case failRun
  /// All that depends on the step is skipped; the rest of the run goes on.
  case skipDependents
  /// The run goes on as if the step had ended; its output is missing.
  case `continue`
}

/// How one step is run. All times are on a monotonic clock.
public struct StepOptions: Sendable {
  /// Where the step runs.
  public var pool = Pool.shared
  /// Among steps that are ready, those of higher priority start first; equal ones in the order of
  /// definition.
  public var priority: Int32 = 0
  /// Whether, and after which delays, a failed attempt is repeated.
  public var retry = RetryPolicy.never
  /// The longest time of one attempt. After it the attempt is told to stop, and given up when it
  /// has not stopped `RunOptions.grace` later.
  public var timeout: Duration?
  /// The longest time from the start of the run to the end of the step, all attempts together.
  public var deadline: Duration?
  /// What a failure means for the run.
  public var onFailure = FailurePolicy.failRun
  /// Whether dependents run, without this step's output, when `condition` said no; else they are
  /// skipped with it.
  public var continuesWhenSkipped = false
  /// What the step holds while it runs, of `RunOptions.resources`.
  public var resources: [String: Int] = [:]
  /// Bytes that the step holds while it runs, of `RunOptions.memoryByteCount`.
  public var memoryByteCount = 0
  /// Asked when all dependencies have ended; the step is skipped when it says no. What it throws
  /// fails the attempt.
  public var condition: (@Sendable (StepContext) async throws -> Bool)?
  /// Called once when an attempt was begun and the step has not succeeded in the end: it failed,
  /// its time was over, or the run was cancelled. What it throws is noted and changes nothing.
  public var cleanup: (@Sendable (StepContext) async throws -> Void)?
  /// What the step does, as far as a checkpoint can know: a changed text makes the step run again.
  public var version = ""

  /// The defaults.
  public init() {}
}
