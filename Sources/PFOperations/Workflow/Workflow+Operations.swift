internal import PFArrow
public import PFCore
public import PFWorkflow

extension Workflow {
  /// Reads a definition whose steps are the engine's own operations (`Specs/workflow.md`,
  /// "Definition"; `Specs/operations.md`).
  ///
  ///     var settings = RunOptions()
  ///     let workflow = try Workflow(definition: json, settings: &settings)
  ///     let result = try await workflow.run(settings)
  ///
  /// Each step gives a `Table`. A checkpoint that names `Table` among its types keeps them, and
  /// knows the files that are read by their sizes and times.
  ///
  /// - Parameters:
  ///   - json: An object with `name`, `settings` and `steps`.
  ///   - settings: Receives the options of runs that the definition sets.
  ///   - threads: The most threads of one operation; nil leaves it to its parameters.
  /// - Throws: all problems at once.
  public init(
    definition json: JSONObject, settings: inout RunOptions, threads: Int? = nil
  ) throws(WorkflowError) {
    try self.init(definition: json, settings: &settings, threads: threads, handlers: [])
  }

  /// The same, where the caller does the operations that `handlers` names.
  package init(
    definition json: JSONObject, settings: inout RunOptions, threads: Int? = nil,
    handlers: Set<String>
  ) throws(WorkflowError) {
    let written = Monitor<Set<String>>([])
    try self.init(
      json: json, settings: &settings,
      value: { table(of: $0).map { .number(JSONNumber($0.rowCount)) } }
    ) { (name, parameters, inputCount) throws(StepProblem) in
      if handlers.contains(name) {
        return OperationBody(.external, version: JSONValue.object(parameters).text())
      }
      do throws(OperationError) {
        let operation = try TableOperation(name, parameters)
        // Each dependency gives a table, or a list of at least one.
        let isFitting =
          switch operation.inputCount {
          case .none: true
          case .one: inputCount == 1
          case .oneOrMore: inputCount >= 1
          }
        guard isFitting else {
          throw .wrongInputCount(
            operation: name, expected: operation.inputCount, found: inputCount)
        }
        written.withLock { $0.formUnion(operation.writtenPaths) }
        return OperationBody(operation, threads: threads, writtenByRun: written)
      } catch { throw StepProblem(error.description) }
    }
  }
}

/// Nanoseconds between two reports of how far an operation is.
private let reportInterval: Int64 = 100_000_000

extension OperationBody {
  /// What a step does with the tables of its dependencies.
  fileprivate init(
    _ operation: TableOperation, threads: Int?, writtenByRun written: Monitor<Set<String>>
  ) {
    let body = StepDefinition.Body.blocking { context in
      // What only makes a table may depend on steps for the order alone.
      let inputs =
        operation.inputCount == .none ? [] : try context.inputSteps.flatMap(context.tables)
      let lastReport = Monitor(MonotonicClock.now())
      return try operation.run(
        inputs,
        OperationContext(threads: threads, cancellation: context.cancellation) { progress in
          let now = MonotonicClock.now()
          let isDue = lastReport.withLock { time in
            guard now - time >= reportInterval else { return false }
            time = now
            return true
          }
          guard isDue else { return }
          context.report(progress.fraction, progress.iteration.map { "iteration \($0)" })
        })
    }
    self.init(body, version: operation.canonicalText)
    let files = operation.writtenPaths
    if !files.isEmpty {
      isStillDone = { files.allSatisfy { Directory.stamp(of: $0) != nil } }
    }
    guard !operation.readPaths.isEmpty else { return }
    inputFingerprint = {
      // What the run itself writes does not come from outside.
      let files = (try? operation.filesRead()) ?? operation.readPaths
      let ours = written.withLock { $0 }
      return StepDefinition.fingerprint(ofFiles: files.filter { !ours.contains($0) })
    }
  }
}

extension StepContext {
  /// The tables that dependency `name` gave; where the step is fanned out over it, the element.
  fileprivate func tables(of name: String) throws -> [Table] {
    if elementIndex != nil, name == list {
      return try tables(in: try element(as: (any Sendable).self), of: name)
    }
    guard let output = try output(name) as (any Sendable)? else {
      throw StepInputError.noOutput(step: self.name, name: name)
    }
    return try tables(in: output, of: name)
  }

  /// A list counts as what is in it.
  private func tables(in output: any Sendable, of name: String) throws -> [Table] {
    if let table = table(of: output) { return [table] }
    guard let list = output as? [any Sendable] else {
      throw output is MissingOutput
        ? StepInputError.noOutput(step: self.name, name: name)
        : .wrongType(
          step: self.name, name: name, found: "\(type(of: output))", wanted: "\(Table.self)")
    }
    return try list.flatMap { try tables(in: $0, of: name) }
  }
}
