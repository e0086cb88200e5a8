/// A step of a workflow whose output has type `Output`.
///
///     let load = Step("load") { try ParquetFile(path: "trips.parquet").read() }
///     let count = Step("count", load) { table in table.rowCount }
///     let report = Step("report", count, options: .io) { count in print(count) }
///     let workflow = try Workflow("etl") { load; count; report }
///
/// A step that is named as an input is a dependency, and its output the closure's argument. Steps
/// are values: the same one may stand in many workflows.
public struct Step<Output: Sendable>: Sendable {
  /// The step without the type.
  public var definition: StepDefinition

  /// The name, unique in the workflow.
  public var name: String { definition.name }

  private init(
    _ name: String, _ inputs: [String], _ dependencies: [String], _ options: StepOptions,
    _ body: @escaping @Sendable (StepContext) async throws -> any Sendable
  ) {
    definition = StepDefinition(
      name, after: inputs.isEmpty ? dependencies : inputs + dependencies, options: options,
      body: .asynchronous(body))
  }

  /// A step that needs no other one's output.
  ///
  /// - Parameters:
  ///   - name: The name, unique in the workflow.
  ///   - dependencies: Names of steps that have to end first.
  ///   - options: How it is run.
  ///   - body: What it does. It runs once for each attempt and should throw soon after its task is
  ///     cancelled.
  public init(
    _ name: String, after dependencies: [String] = [], options: StepOptions = StepOptions(),
    _ body: @escaping @Sendable () async throws -> Output
  ) {
    self.init(name, [], dependencies, options) { _ in try await body() }
  }

  // One for each number of inputs: with parameter packs the compiler ends with an error of its own
  // where a closure is given.

  /// A step that needs the output of one other step, which its closure is given.
  public init<A: Sendable>(
    _ name: String, _ a: Step<A>, after dependencies: [String] = [],
    options: StepOptions = StepOptions(),
    _ body: @escaping @Sendable (A) async throws -> Output
  ) {
    self.init(name, [a.name], dependencies, options) { try await body($0.output(at: 0)) }
  }

  /// A step that needs the outputs of two other steps, which its closure is given in this order.
  public init<A: Sendable, B: Sendable>(
    _ name: String, _ a: Step<A>, _ b: Step<B>, after dependencies: [String] = [],
    options: StepOptions = StepOptions(),
    _ body: @escaping @Sendable (A, B) async throws -> Output
  ) {
    self.init(name, [a.name, b.name], dependencies, options) {
      try await body($0.output(at: 0), $0.output(at: 1))
    }
  }

  /// A step that needs the outputs of three other steps, which its closure is given in this order.
  public init<A: Sendable, B: Sendable, C: Sendable>(
    _ name: String, _ a: Step<A>, _ b: Step<B>, _ c: Step<C>, after dependencies: [String] = [],
    options: StepOptions = StepOptions(),
    _ body: @escaping @Sendable (A, B, C) async throws -> Output
  ) {
    self.init(name, [a.name, b.name, c.name], dependencies, options) {
      try await body($0.output(at: 0), $0.output(at: 1), $0.output(at: 2))
    }
  }

  /// A step that needs the outputs of four other steps, which its closure is given in this order.
  public init<A: Sendable, B: Sendable, C: Sendable, D: Sendable>(
    _ name: String, _ a: Step<A>, _ b: Step<B>, _ c: Step<C>, _ d: Step<D>,
    after dependencies: [String] = [], options: StepOptions = StepOptions(),
    _ body: @escaping @Sendable (A, B, C, D) async throws -> Output
  ) {
    self.init(name, [a.name, b.name, c.name, d.name], dependencies, options) {
      try await body(
        $0.output(at: 0), $0.output(at: 1), $0.output(at: 2), $0.output(at: 3))
    }
  }

  /// A step that looks at its context: the outputs by name, the attempt, progress.
  ///
  /// - Parameters:
  ///   - name: The name, unique in the workflow.
  ///   - dependencies: Names of the steps that have to end first.
  ///   - options: How it is run.
  ///   - body: What it does.
  public init(
    _ name: String, after dependencies: [String], options: StepOptions = StepOptions(),
    withContext body: @escaping @Sendable (StepContext) async throws -> Output
  ) {
    definition = StepDefinition(
      name, after: dependencies, options: options, body: .asynchronous { try await body($0) })
  }

  /// A step that runs `body` once for each element of what `list` gives, as many at once as there
  /// is room; its output is the list of the results, in the order of the elements.
  ///
  /// Attempts, timeouts and progress are those of each element.
  public init<Element: Sendable, Result: Sendable>(
    _ name: String, forEach list: Step<[Element]>, after dependencies: [String] = [],
    options: StepOptions = StepOptions(),
    _ body: @escaping @Sendable (Element) async throws -> Result
  ) where Output == [Result] {
    definition = StepDefinition(
      name, after: [list.name] + dependencies, options: options,
      fanOut: StepDefinition.FanOut(over: list.name) { ($0 as? [Element])?.map { $0 } },
      body: .asynchronous { context in try await body(context.element()) })
  }

  /// A step that is a workflow of its own; see `StepDefinition.Body.workflow`.
  public init(
    _ name: String, after dependencies: [String] = [], options: StepOptions = StepOptions(),
    workflow: Workflow
  ) where Output == [any Sendable] {
    definition = StepDefinition(
      name, after: dependencies, options: options, body: .workflow(workflow))
  }
}

extension RunResult {
  /// The output of `step`.
  ///
  /// - Parameter step: A step of the workflow.
  /// - Returns: its output.
  /// - Throws: its error, where it failed; `StepInputError.noOutput` where it did not run.
  public func output<Output>(of step: Step<Output>) throws -> Output {
    guard let result = self[step.name] else {
      throw StepInputError.noOutput(step: name, name: step.name)
    }
    if let output = result.output as? Output { return output }
    if let error = result.error { throw error }
    throw StepInputError.noOutput(step: name, name: step.name)
  }
}
