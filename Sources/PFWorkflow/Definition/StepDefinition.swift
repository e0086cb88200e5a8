/// A step as a workflow holds it: what `Step` makes without the type of its output.
public struct StepDefinition: Sendable {
  /// The name, unique in the workflow.
  public var name: String
  /// The names of the steps that have to end first. One that is named twice is an input twice.
  public var dependencies: [String]
  /// How it is run.
  public var options: StepOptions
  /// What it does.
  public var body: Body
  /// The dependency whose list is fanned out: `body` runs once for each of its elements, and the
  /// step's output is the list of what it gave, in their order.
  public var fanOut: FanOut?
  /// What the operation is called in pictures and reports; empty for a closure.
  public var operation = ""
  /// What the step reads from outside, as far as a checkpoint can know: asked when a run begins,
  /// and a changed text makes the step run again. See `fingerprint(ofFiles:)`.
  public var inputFingerprint: (@Sendable () -> String)?
  /// Whether what the step left outside is still there: asked when a run begins whose checkpoint
  /// has the step; where it says no the step runs again.
  public var isStillDone: (@Sendable () -> Bool)?
  /// Where the names of its dependencies are looked up first: `outer.` for the steps of a workflow
  /// inside of step `outer`.
  var scope = ""
  /// Asked before an inner workflow begins, as `StepOptions.condition` is, by a step that keeps its
  /// thread, or where it is nil by whoever runs external steps; and its text.
  var when: (text: String, holds: (@Sendable (StepContext) throws -> Bool)?)?
  /// The step that asks, once the workflow is one of steps.
  var gate: String?
  /// Whether it is such a step, which gives nothing to those that need it.
  var isGate = false

  /// What a step does.
  public enum Body: Sendable {
    /// A function that may suspend.
    case asynchronous(@Sendable (StepContext) async throws -> any Sendable)
    /// A function that keeps its thread until it is done.
    case blocking(@Sendable (StepContext) throws -> any Sendable)
    /// Nothing that is known here: who pulls steps from a `ManualRun` does it.
    case external
    /// A workflow; its steps are called `name.step` and begin when this step's dependencies have
    /// ended. The output is the list of what its last steps gave: those that no other one needs.
    case workflow(Workflow)
  }

  /// What a step is fanned out over.
  public struct FanOut: Sendable {
    /// The name of the dependency.
    public var step: String
    /// The elements of its output; nil when that is no list.
    public var elements: @Sendable (any Sendable) -> [any Sendable]?

    /// A fan-out over the output of `step`.
    public init(
      over step: String, elements: @escaping @Sendable (any Sendable) -> [any Sendable]?
    ) {
      self.step = step
      self.elements = elements
    }
  }
}

// Out here the type keeps the initializer of all its members, which makes no copy of them on the way.
extension StepDefinition {
  /// A step.
  public init(
    _ name: String, after dependencies: [String] = [], options: StepOptions = StepOptions(),
    fanOut: FanOut? = nil, body: Body
  ) {
    self.init(
      name: name, dependencies: dependencies, options: options, body: body, fanOut: fanOut)
  }
}
