public import PFCore

/// How a kernel runs; never what it answers.
public struct KernelOptions: Sendable {
  /// The most threads to use; nil leaves it to the settings of the process.
  public var threads: Int?
  /// Stops the kernel with `GraphError.cancelled` soon after it is raised.
  public var cancellation: CancellationToken?
  /// Called by the thread that called the kernel, after each iteration.
  public var progress: (@Sendable (KernelProgress) -> Void)?

  /// Options from what differs from the usual.
  public init(
    threads: Int? = nil, cancellation: CancellationToken? = nil,
    progress: (@Sendable (KernelProgress) -> Void)? = nil
  ) {
    self.threads = threads
    self.cancellation = cancellation
    self.progress = progress
  }
}

/// How far a kernel has come.
public struct KernelProgress: Equatable, Sendable {
  /// Iterations done: steps of a method that converges, levels of a traversal, rounds.
  public let iteration: Int
  /// What a method that converges measures and wants to be small; nil for others.
  public let residual: Double?

  package init(iteration: Int, residual: Double? = nil) {
    self.iteration = iteration
    self.residual = residual
  }
}
