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

  /// A step that needs the outputs of `inputs`.
  ///
  /// - Parameters:
  ///   - name: The name, unique in the workflow.
  ///   - inputs: The steps whose outputs `body` gets, in this order.
  ///   - dependencies: Names of more steps that have to end first.
  ///   - options: How it is run.
  ///   - body: What it does. It runs once for each attempt and should throw soon after its task is
  ///     cancelled.
  public init<each Input: Sendable>(
    _ name: String, _ inputs: repeat Step<each Input>, after dependencies: [String] = [],
    options: StepOptions = StepOptions(),
    _ body: @escaping @Sendable @concurrent (repeat each Input) async throws -> Output
  ) {
    // `body` is `@concurrent`: else its pack crashes the compiler (6.3).
    var names: [String] = []
    for input in repeat each inputs { names.append(input.name) }
    definition = StepDefinition(
      name, after: names + dependencies, options: options,
      body: .asynchronous { context in
        var position = -1
        func next<Value: Sendable>(_ step: Step<Value>) throws -> Value {
          position += 1
          return try context.output(at: position)
        }
        return try await body(repeat try next(each inputs))
      })
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

/// Collects the steps of `Workflow.init(_:_:)`.
@resultBuilder
public enum WorkflowBuilder {
  /// One step.
  public static func buildExpression<Output>(_ step: Step<Output>) -> [StepDefinition] {
    [step.definition]
  }

  /// One step without a type.
  public static func buildExpression(_ step: StepDefinition) -> [StepDefinition] { [step] }

  /// Steps that were made elsewhere.
  public static func buildExpression(_ steps: [StepDefinition]) -> [StepDefinition] { steps }

  /// Statements, one after the other.
  public static func buildBlock(_ parts: [StepDefinition]...) -> [StepDefinition] {
    parts.count == 1 ? parts[0] : parts.flatMap { $0 }
  }

  /// A loop.
  public static func buildArray(_ parts: [[StepDefinition]]) -> [StepDefinition] {
    parts.flatMap { $0 }
  }

  /// An `if` without `else`.
  public static func buildOptional(_ part: [StepDefinition]?) -> [StepDefinition] { part ?? [] }

  /// The first branch of an `if` or `switch`.
  public static func buildEither(first part: [StepDefinition]) -> [StepDefinition] { part }

  /// Another branch of an `if` or `switch`.
  public static func buildEither(second part: [StepDefinition]) -> [StepDefinition] { part }
}
