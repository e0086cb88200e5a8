/// Something that happened in a run.
public struct WorkflowEvent: Sendable {
  /// What happened.
  public let kind: Kind
  /// When, since the run began, on a monotonic clock.
  public let time: Duration
  /// The step; empty for events of the run.
  public let step: String
  /// The number of the element, where the step is fanned out and this is about one of its elements.
  public let element: Int?
  /// The attempt, from 1; 0 before the first.
  public let attempt: Int
  /// Why an attempt or a step has failed.
  public let error: (any Error)?
  /// How much of the step is done, 0 to 1, where the step said so.
  public let fraction: Double?
  /// What the step said about its progress.
  public let message: String?

  /// Kinds of events.
  public enum Kind: String, Sendable, CaseIterable {
    /// The step's dependencies have ended.
    case queued
    /// An attempt began.
    case started
    /// An attempt failed and another one follows.
    case retried
    /// The step said how far it is.
    case progress
    /// The step ended well.
    case completed
    /// The step failed for good, or its time was over.
    case failed
    /// The step does not run.
    case skipped
    /// The step was stopped, or does not start, as the run was cancelled.
    case cancelled
    /// An earlier run had done the step.
    case restored
    /// The run is over.
    case runEnded = "run_ended"
  }
}
