/// Steps and what each of them needs: a directed acyclic graph, checked when it is made.
///
/// A workflow is a value without state; it can be run any number of times, also at once.
public struct Workflow: Sendable {
  /// What it is called in reports.
  public let name: String
  /// The graph in the form that runs use.
  let plan: Plan

  /// Checks `steps` and makes a workflow of them; steps that are workflows are replaced by theirs.
  ///
  /// - Complexity: O(steps + dependencies).
  /// - Throws: all problems at once.
  public init(_ name: String, steps: [StepDefinition]) throws(WorkflowError) {
    self.name = name
    plan = try Plan(flattened(steps))
  }

  /// Checks what a run with `options` would check before its first step.
  ///
  /// - Throws: options that cannot be, and steps that need what the run has not.
  public func check(_ options: RunOptions) throws(WorkflowError) {
    _ = try Schedule(plan, options, logsEvents: false)
  }

  /// The steps in the order of definition; those of inner workflows stand before the step that
  /// holds them.
  public var steps: [StepDefinition] { plan.steps }

  /// The names of the steps of each level: first those that need nothing, then those whose
  /// dependencies are all on earlier levels, and so on. Runs do not wait for levels.
  ///
  /// - Complexity: O(steps + dependencies).
  public var levels: [[String]] {
    var names: [[String]] = []
    for (step, level) in plan.levels().enumerated() {
      while names.count <= Int(level) { names.append([]) }
      names[Int(level)].append(plan.steps[step].name)
    }
    return names
  }

  /// The chain of steps that takes the longest where step `name` takes `duration(name)`, and how
  /// long it takes. Of equal chains the one through earlier steps. Without `duration` all steps
  /// take 1.
  ///
  /// - Complexity: O(steps + dependencies).
  public func criticalPath(
    duration: (String) -> Double = { _ in 1 }
  ) -> (steps: [String], length: Double) {
    let (path, length) = plan.criticalPath { duration(plan.steps[$0].name) }
    return (path.map { plan.steps[$0].name }, length)
  }
}

/// The steps with workflows in place of those that stand for one.
private func flattened(_ steps: [StepDefinition]) -> [StepDefinition] {
  let hasWorkflow = steps.indices.contains {
    if case .workflow = steps[$0].body { true } else { false }
  }
  guard hasWorkflow else { return steps }
  var flat: [StepDefinition] = []
  for var step in steps {
    guard case .workflow(let workflow) = step.body else {
      flat.append(step)
      continue
    }
    let prefix = step.name + "."
    var first = step.dependencies
    if step.options.condition != nil || step.when != nil {
      // One step asks, so that all of the workflow is skipped together.
      let when = step.when
      var gate = StepDefinition(
        prefix + "begin", after: first,
        body: .blocking { context in
          guard try when?.holds?(context) ?? true else { throw SkipStep() }
          return ()
        })
      if let when, when.holds == nil { gate.body = .external }
      gate.isGate = true
      gate.options.condition = step.options.condition
      if let when {
        gate.operation = "when"
        gate.options.version = when.text
      }
      step.options.condition = nil
      step.when = nil
      step.gate = gate.name
      first.append(gate.name)
      flat.append(gate)
    }
    let inner = workflow.plan
    for var definition in inner.steps {
      definition.name = prefix + definition.name
      definition.scope = prefix + definition.scope
      definition.dependencies =
        definition.dependencies.isEmpty ? first : definition.dependencies.map { prefix + $0 }
      if let list = definition.fanOut?.step { definition.fanOut?.step = prefix + list }
      definition.gate = definition.gate.map { prefix + $0 }
      flat.append(definition)
    }
    let last = inner.steps.indices.filter { inner.successors(of: $0).isEmpty }
    step.dependencies = last.isEmpty ? first : last.map { prefix + inner.steps[$0].name }
    let count = last.count
    step.body = .blocking { context in
      try (0..<count).map { try context.output(at: $0) as any Sendable }
    }
    flat.append(step)
  }
  return flat
}
