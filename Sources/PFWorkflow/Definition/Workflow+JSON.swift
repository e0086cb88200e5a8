public import PFCore

/// What a step's `operation` stands for, as the layer above the workflow knows it.
public struct OperationBody: Sendable {
  /// What the step does.
  public var body: StepDefinition.Body
  /// What it does in a canonical text, for checkpoints; empty where that is not known.
  public var version: String
  /// What it reads from outside, as `StepDefinition.inputFingerprint` has it.
  public var inputFingerprint: (@Sendable () -> String)?
  /// Whether what it left outside is still there, as `StepDefinition.isStillDone` has it.
  public var isStillDone: (@Sendable () -> Bool)?

  /// A body and its text.
  public init(
    _ body: StepDefinition.Body, version: String = "",
    inputFingerprint: (@Sendable () -> String)? = nil
  ) {
    self.body = body
    self.version = version
    self.inputFingerprint = inputFingerprint
  }
}

extension Workflow {
  /// Makes a body of an operation's name, its parameters and the number of its inputs; nil when
  /// there is no such operation. What it throws is a problem of the step.
  public typealias OperationMaker = (
    _ name: String, _ parameters: JSONObject, _ inputCount: Int
  ) throws(StepProblem) -> OperationBody?

  /// The operation that an `OperationMaker` makes external where whoever runs external steps asks the
  /// conditions of inner workflows, too.
  static var conditionHandler: String { "workflow.when" }

  /// Reads a definition (`Specs/workflow.md`, "Definition").
  ///
  /// The original's spelling is read too: `pipeline` for `steps`, `type` for `operation`, `config`
  /// and `params` for `parameters`, `retry_policy`, `resource_hint`.
  ///
  /// - Parameters:
  ///   - json: An object with `name`, `settings` and `steps`.
  ///   - settings: Receives the options of runs that the definition sets.
  ///   - value: What `when` compares: a number, a text or a truth value of an output.
  ///   - operation: What the names of operations mean.
  /// - Throws: all problems at once.
  public init(
    json: JSONObject, settings: inout RunOptions,
    value: @escaping @Sendable (any Sendable) -> JSONValue?,
    operation: @escaping OperationMaker
  ) throws(WorkflowError) {
    var reader = DefinitionReader(value: value, operation: operation)
    let (name, steps) = reader.workflow(json, settings: &settings)
    guard reader.problems.isEmpty else {
      // What is wrong with the graph is told with the rest.
      var problems = reader.problems
      do throws(WorkflowError) { _ = try Workflow(name, steps: steps) } catch {
        problems += error.problems
      }
      throw WorkflowError(problems: problems)
    }
    try self.init(name, steps: steps)
  }
}

/// What is wrong with one step, in words.
public struct StepProblem: Error, Equatable, Sendable {
  /// The words.
  public let text: String
  /// A problem.
  public init(_ text: String) { self.text = text }
}

/// Reads definitions and collects what is wrong with them.
private struct DefinitionReader {
  let value: @Sendable (any Sendable) -> JSONValue?
  let operation: Workflow.OperationMaker
  var problems: [WorkflowError.Problem] = []
  /// How many steps the first steps of an inner workflow stand behind.
  private var outerCount = 0
  /// How many workflows the one that is read is inside of.
  private var depth = 0
  /// The most: names grow with each.
  private static let depthLimit = 32

  init(
    value: @escaping @Sendable (any Sendable) -> JSONValue?,
    operation: @escaping Workflow.OperationMaker
  ) {
    self.value = value
    self.operation = operation
  }

  mutating func workflow(
    _ json: JSONObject, settings: inout RunOptions
  ) -> (name: String, steps: [StepDefinition]) {
    var options = JSONOptions(json)
    var name = "workflow"
    var steps: [JSONValue] = []
    var settingsObject: JSONObject?
    reading("") { () throws(OptionError) in
      name = try options.string("name") ?? name
      _ = try options.string("description")
      _ = options.value("version")
      settingsObject = try options.object("settings")
      var given: [JSONValue]?
      for name in ["pipeline", "steps"] {
        if let list = try options.array(name) { given = list }
      }
      guard let given else { throw .wrongType(name: "steps", expected: "a list of steps") }
      steps = given
      try options.finish()
    }
    if let settingsObject {
      reading("") { () throws(OptionError) in
        var options = JSONOptions(settingsObject)
        try settings.read(&options)
        try options.finish()
      }
    }
    let definitions = steps.enumerated().compactMap { position, value -> StepDefinition? in
      guard let object = value.object else {
        problems.append(.option(step: "", text: "step \(position + 1) is not an object"))
        return nil
      }
      return step(object, position)
    }
    return (name, definitions)
  }

  private mutating func reading(_ step: String, _ body: () throws(OptionError) -> Void) {
    do throws(OptionError) {
      try body()
    } catch {
      problems.append(.option(step: step, text: error.description))
    }
  }

  private mutating func step(_ json: JSONObject, _ position: Int) -> StepDefinition {
    var options = JSONOptions(json)
    var definition = StepDefinition("", body: .external)
    var parameters = JSONObject()
    var inner: JSONObject?
    var condition: StepCondition?
    var files: [String]?
    let label = json["name"]?.string ?? "step \(position + 1)"
    reading(label) { () throws(OptionError) in
      definition.name = try options.string("name") ?? ""
      definition.dependencies = try options.names("depends_on") ?? []
      for name in ["type", "operation"] {
        if let given = try options.string(name) { definition.operation = given }
      }
      for name in ["parameters", "params", "config"] {
        if let given = try options.object(name) { parameters = given }
      }
      inner = try options.object("workflow")
      if let list = try options.string("for_each") {
        definition.fanOut = StepDefinition.FanOut(over: list) { $0 as? [any Sendable] }
      }
      files = try options.names("reads")
      condition = try options.array("when").map { (json) throws(OptionError) in
        try StepCondition(json)
      }
      if try options.bool("cleanup") == true { definition.options.cleanup = { _ in } }
      try definition.options.read(&options)
      try options.finish()
    }
    if inner != nil, depth == Self.depthLimit {
      let text = "workflows are inside of each other more than \(Self.depthLimit) deep"
      problems.append(.option(step: label, text: text))
    } else if let inner {
      depth += 1
      defer { depth -= 1 }
      var settings = RunOptions()
      let outside = outerCount
      if !definition.dependencies.isEmpty { outerCount = definition.dependencies.count }
      let (name, steps) = workflow(inner, settings: &settings)
      outerCount = outside
      do throws(WorkflowError) {
        definition.body = .workflow(try Workflow(name, steps: steps))
      } catch {
        problems += error.problems
      }
    } else if definition.operation.isEmpty {
      problems.append(.option(step: label, text: "it has no operation"))
    } else {
      do throws(StepProblem) {
        if let made = try operation(
          definition.operation, parameters,
          definition.dependencies.isEmpty ? outerCount : definition.dependencies.count)
        {
          definition.body = made.body
          definition.options.version += made.version
          definition.inputFingerprint = made.inputFingerprint
          definition.isStillDone = made.isStillDone
        } else {
          problems.append(
            .option(step: label, text: "there is no operation \(quoted(definition.operation))"))
        }
      } catch {
        problems.append(.option(step: label, text: error.text))
      }
    }
    if let condition { add(condition, to: &definition) }
    if let files {
      definition.inputFingerprint = { [others = definition.inputFingerprint] in
        StepDefinition.fingerprint(ofFiles: files) + "\n" + (others?() ?? "")
      }
    }
    return definition
  }

  private mutating func add(_ condition: StepCondition, to definition: inout StepDefinition) {
    guard definition.dependencies.contains(condition.step) else {
      problems.append(
        .option(
          step: definition.name,
          text:
            "its condition looks at \(quoted(condition.step)), which is not among its dependencies")
      )
      return
    }
    let holds = { @Sendable [value] (context: StepContext) throws -> Bool in
      try condition.holds(for: try context.output(condition.step).flatMap { value($0) } ?? .null)
    }
    // Under another condition it is another step for checkpoints.
    definition.options.version += "\n" + condition.text
    switch definition.body {
    case .workflow:
      let asker = try? operation(Workflow.conditionHandler, JSONObject(), 0)
      let isExternal = if case .external = asker?.body { true } else { false }
      definition.when = (condition.text, isExternal ? nil : holds)
    case .blocking(let body):
      definition.body = .blocking { context in
        guard try holds(context) else { throw SkipStep() }
        return try body(context)
      }
    // Who runs an external step asks its condition.
    case .external, .asynchronous: break
    }
  }
}
