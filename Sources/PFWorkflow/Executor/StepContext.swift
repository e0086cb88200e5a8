public import PFCore

/// What a step sees of its run.
public struct StepContext: Sendable {
  let core: RunCore
  let ticket: Schedule.Ticket

  private var definition: StepDefinition { core.plan.steps[Int(ticket.step)] }

  /// The name of the step.
  public var name: String { definition.name }
  /// The names of the steps that had to end first.
  public var dependencies: [String] { definition.dependencies }
  /// Those of them whose outputs are inputs: not what asked whether the workflow that the step is in
  /// is to run.
  package var inputSteps: [String] {
    let plan = core.plan
    return dependencies.filter { name in
      plan.index[name].map { !plan.traits[Int($0)].isGate } ?? true
    }
  }
  /// The one among them whose output the step is fanned out over.
  package var list: String? { definition.fanOut?.step }
  /// The number of this attempt, from 1.
  public var attempt: Int { Int(ticket.attempt) }
  /// The number of the element, where the step is fanned out.
  public var elementIndex: Int? { ticket.element < 0 ? nil : Int(ticket.element) }
  /// What was given to the run.
  public var inputs: [String: any Sendable] { core.inputs }

  /// The output of a dependency.
  ///
  /// - Parameter name: Its name; inside of an inner workflow the name there.
  /// - Returns: nil where it has none: it failed or was skipped, and its policy let the run go on.
  /// - Throws: `StepInputError` when there is no dependency of that name.
  public func output(_ name: String) throws -> (any Sendable)? {
    let index = core.plan.index
    let dependencies = core.plan.dependencies(of: Int(ticket.step))
    for candidate in [definition.scope + name, name] {
      if let step = index[candidate], dependencies.contains(step) {
        return core.output(of: step)
      }
    }
    throw StepInputError.noDependency(
      step: self.name, name: name, dependencies: definition.dependencies)
  }

  /// The output of a dependency, as a `type`.
  ///
  /// - Parameters:
  ///   - name: Its name; inside of an inner workflow the name there.
  ///   - type: What it is.
  /// - Returns: the output.
  /// - Throws: `StepInputError` when there is no such dependency, no output, or one of another type.
  public func output<Value: Sendable>(_ name: String, as type: Value.Type = Value.self) throws
    -> Value
  {
    try cast(try output(name), of: name)
  }

  /// The output of the dependency at `position` in the order of the definition.
  func output<Value: Sendable>(at position: Int) throws -> Value {
    let dependencies = core.plan.dependencies(of: Int(ticket.step))
    var step = dependencies[min(dependencies.startIndex + position, dependencies.endIndex - 1)]
    if core.plan.traits[Int(ticket.step)].hasRepetitions {
      step = core.plan.index[definition.dependencies[position]] ?? step
    }
    let output = core.output(of: step)
    if let output, let value = output as? Value { return value }
    return try cast(output, of: core.plan.steps[Int(step)].name)
  }

  /// The element that this is about, where the step is fanned out.
  ///
  /// - Throws: `StepInputError` when it is not, or when the element has another type.
  public func element<Value: Sendable>(as type: Value.Type = Value.self) throws -> Value {
    try cast(core.element(ticket), of: definition.fanOut?.step ?? "")
  }

  private func cast<Value>(_ output: (any Sendable)?, of name: String) throws -> Value {
    guard let output else { throw StepInputError.noOutput(step: self.name, name: name) }
    guard let value = output as? Value else {
      throw StepInputError.wrongType(
        step: self.name, name: name, found: "\(type(of: output))", wanted: "\(Value.self)")
    }
    return value
  }

  /// Raised when the attempt is to stop; for calls of the engine.
  public var cancellation: CancellationToken { core.token(ticket) }

  /// Says how far the step is.
  ///
  /// - Parameters:
  ///   - fraction: How much is done, 0 to 1.
  ///   - message: Anything else.
  public func report(_ fraction: Double? = nil, _ message: String? = nil) {
    core.report(ticket, fraction: fraction, message: message)
  }
}

/// A step asked for an input that it does not have.
public enum StepInputError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `name` is not among the step's dependencies.
  case noDependency(step: String, name: String, dependencies: [String])
  /// The dependency has no output: it failed or was skipped.
  case noOutput(step: String, name: String)
  /// The output is of another type.
  case wrongType(step: String, name: String, found: String, wanted: String)

  /// The error in words.
  public var description: String {
    switch self {
    case .noDependency(let step, let name, let dependencies):
      "step \(quoted(step)) asks for the output of \(quoted(name)), which is not among its "
        + "dependencies (\(dependencies.map(quoted).joined(separator: ", ")))"
    case .noOutput(let step, let name):
      "step \(quoted(step)) needs the output of \(quoted(name)), which has none"
    case .wrongType(let step, let name, let found, let wanted):
      "step \(quoted(step)) needs a \(wanted) from \(quoted(name)), which gave a \(found)"
    }
  }
}

extension StepDefinition.FanOut {
  /// The elements that the step of `context` is fanned out over.
  func elements(for context: StepContext) throws -> [any Sendable] {
    guard let output = try context.output(step) as (any Sendable)? else {
      throw StepInputError.noOutput(step: context.name, name: step)
    }
    guard let elements = elements(output) else {
      throw StepInputError.wrongType(
        step: context.name, name: step, found: "\(type(of: output))", wanted: "list")
    }
    return elements
  }
}

extension StepDefinition.Body {
  /// Runs a body that keeps its thread.
  func runBlocking(_ context: StepContext) throws -> any Sendable {
    guard case .blocking(let function) = self else {
      throw StepProblem("it is run by whoever pulls it, not by the engine")
    }
    return try function(context)
  }
}
