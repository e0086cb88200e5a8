public import PFCore

extension Workflow {
  /// Runs the workflow.
  ///
  /// A step starts the moment its last dependency has ended and its pool has room. The result comes
  /// when all steps have ended. It is an answer also when steps have failed, when the run was
  /// cancelled (through the task, or `cancellation`), or when its time was over; then it comes at
  /// most `RunOptions.grace` later, with or without the steps that were told to stop.
  ///
  /// - Parameters:
  ///   - options: Limits and times.
  ///   - inputs: What steps find as `StepContext.inputs`.
  ///   - checkpoint: Where the outcome of each step is kept; steps that ended well in an earlier
  ///     run on it, and whose definitions and inputs are the same, do not run again.
  ///   - cancellation: Stops the run when raised.
  ///   - onEvent: Is told what happens, in its order, by one thread at a time; it must not wait for
  ///     the run.
  /// - Returns: what became of each step.
  /// - Throws: options that cannot be, and steps that need what the run has not.
  /// - Complexity: about a microsecond for an empty step.
  public func run(
    _ options: RunOptions = RunOptions(), inputs: [String: any Sendable] = [:],
    checkpoint: Checkpoint? = nil, cancellation: CancellationToken? = nil,
    onEvent: (@Sendable (WorkflowEvent) -> Void)? = nil
  ) async throws(WorkflowError) -> RunResult {
    let core = try RunCore(
      self, options, inputs: inputs, logsEvents: false, checkpoint: checkpoint, onEvent: onEvent)
    let run = TaskRun(core)
    let registration = cancellation?.whenCancelled { run.cancel() }
    await run.run()
    registration?.end()
    return core.finish()
  }

  /// The events of a run, and its result as the last thing.
  ///
  ///     for await event in workflow.events() { print(event.kind, event.step) }
  ///
  /// Ending the loop early cancels the run.
  ///
  /// - Parameters:
  ///   - options: Limits and times.
  ///   - inputs: What steps find as `StepContext.inputs`.
  ///   - checkpoint: As `run` takes it.
  ///   - onResult: Is given the result before the sequence ends.
  /// - Returns: the events in their order.
  public func events(
    _ options: RunOptions = RunOptions(), inputs: [String: any Sendable] = [:],
    checkpoint: Checkpoint? = nil,
    onResult: (@Sendable (Result<RunResult, WorkflowError>) -> Void)? = nil
  ) -> AsyncStream<WorkflowEvent> {
    AsyncStream { continuation in
      let task = Task {
        let result: Result<RunResult, WorkflowError>
        do throws(WorkflowError) {
          result = .success(
            try await run(options, inputs: inputs, checkpoint: checkpoint) {
              continuation.yield($0)
            })
        } catch {
          result = .failure(error)
        }
        onResult?(result)
        continuation.finish()
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }
}
