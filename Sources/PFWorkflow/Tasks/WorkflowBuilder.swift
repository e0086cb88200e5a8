extension Workflow {
  /// Checks the steps of `content` and makes a workflow of them.
  ///
  ///     try Workflow("etl") {
  ///       load
  ///       for region in regions { summary(of: region) }
  ///     }
  ///
  /// - Throws: all problems at once.
  public init(
    _ name: String, @WorkflowBuilder _ content: () throws(WorkflowError) -> [StepDefinition]
  ) throws(WorkflowError) {
    try self.init(name, steps: content())
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
