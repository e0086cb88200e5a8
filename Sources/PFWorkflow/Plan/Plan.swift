internal import PFCore

/// A checked workflow in the form that runs use: steps are numbers, and what they need and what
/// needs them are lists in compressed sparse row form.
final class Plan: Sendable {
  let steps: [StepDefinition]
  /// What each step does: beside `steps`, whose elements are large to copy.
  let bodies: [StepDefinition.Body]
  /// What the schedule looks at for each step.
  let traits: [Traits]
  private let dependencyOffsets: [Int32]
  private let dependencies: [Int32]
  private let successorOffsets: [Int32]
  private let successorList: [Int32]
  /// The numbers of the steps by name.
  let index: [String: Int32]
  /// The steps, each behind all that it needs.
  let order: [Int32]

  /// The part of a definition that decides when a step starts.
  struct Traits: Sendable {
    let priority: Int32
    let dependencyCount: Int32
    /// Whether the definition names one of them twice.
    let hasRepetitions: Bool
    let pool: Pool
    let onFailure: FailurePolicy
    let continuesWhenSkipped: Bool
    let isFannedOut: Bool
    let isExternal: Bool
    /// Whether it holds resources or memory, or has a time to keep.
    let hasLimits: Bool
    let hasTimes: Bool
    let hasCondition: Bool
    let hasCleanup: Bool
    /// Whether it only asks a condition.
    let isGate: Bool
    /// The step that asks the condition of the inner workflow that this one ends; -1 for none.
    let gate: Int32
  }

  var count: Int { steps.count }

  func dependencies(of step: Int) -> ArraySlice<Int32> {
    dependencies[Int(dependencyOffsets[step])..<Int(dependencyOffsets[step + 1])]
  }

  func successors(of step: Int) -> ArraySlice<Int32> {
    successorList[Int(successorOffsets[step])..<Int(successorOffsets[step + 1])]
  }

  /// - Complexity: O(steps + dependencies).
  /// - Throws: all problems at once.
  init(_ steps: [StepDefinition]) throws(WorkflowError) {
    var problems: [WorkflowError.Problem] = []
    let index = Self.index(of: steps, &problems)
    var offsets: [Int32] = [0]
    offsets.reserveCapacity(steps.count + 1)
    var targets: [Int32] = []
    targets.reserveCapacity(steps.count)
    // The step that named each one last: a second time is a repetition.
    var namedBy = [Int32](repeating: -1, count: steps.count)
    // By their numbers here and below: a loop over the definitions would copy each.
    for number in steps.indices {
      Self.appendDependencies(of: number, index, steps, &namedBy, &targets, &problems)
      offsets.append(Int32(clamping: targets.count))
      StepDefinition.appendProblems(of: number, in: steps, to: &problems)
    }
    let (successorOffsets, successorList) = Self.transposed(offsets, targets)
    let order = Self.order(offsets, successorOffsets, successorList)
    if order.count < steps.count {
      for cycle in Self.cycles(offsets, targets) {
        problems.append(.cycle(cycle.map { steps[$0].name }))
      }
    }
    guard problems.isEmpty else { throw WorkflowError(problems: problems) }
    self.steps = steps
    bodies = steps.indices.map { steps[$0].body }
    self.order = order
    self.index = index
    dependencyOffsets = offsets
    dependencies = targets
    self.successorOffsets = successorOffsets
    self.successorList = successorList
    traits = steps.indices.map {
      Traits(
        of: $0, in: steps, dependencyCount: offsets[$0 + 1] - offsets[$0],
        gate: steps[$0].gate.flatMap { index[$0] } ?? -1)
    }
  }

  private static func index(
    of steps: [StepDefinition], _ problems: inout [WorkflowError.Problem]
  ) -> [String: Int32] {
    var index: [String: Int32] = [:]
    index.reserveCapacity(steps.count)
    for number in steps.indices {
      let name = steps[number].name
      if name.isEmpty { problems.append(.unnamed(position: number)) }
      if let first = index.updateValue(Int32(clamping: number), forKey: name) {
        index[name] = first
        if !name.isEmpty {
          problems.append(.duplicateName(name, first: Int(first), second: number))
        }
      }
    }
    return index
  }

  private static func appendDependencies(
    of number: Int, _ index: [String: Int32], _ steps: [StepDefinition],
    _ namedBy: inout [Int32], _ targets: inout [Int32], _ problems: inout [WorkflowError.Problem]
  ) {
    let dependencies = steps[number].dependencies
    for name in dependencies {
      guard let dependency = index[name] else {
        // Each search looks at all names; who reads more of them than that, looks for something else.
        let others = steps.enumerated().lazy.filter { position, other in
          index[other.name] == Int32(position) && other.name != steps[number].name
            && !other.name.isEmpty
        }.map(\.element.name)
        problems.append(
          .missingDependency(
            step: steps[number].name, name: name,
            nearest: problems.count < 20 ? nearestNames(to: name, among: others) : []))
        continue
      }
      // One that is an input twice is waited for once.
      guard namedBy[Int(dependency)] != Int32(number) else { continue }
      namedBy[Int(dependency)] = Int32(number)
      targets.append(dependency)
    }
    if let list = steps[number].fanOut?.step, !dependencies.contains(list) {
      problems.append(.fanOutWithoutDependency(step: steps[number].name, name: list))
    }
  }

  private static func transposed(
    _ offsets: [Int32], _ targets: [Int32]
  ) -> (offsets: [Int32], sources: [Int32]) {
    let count = offsets.count - 1
    var starts = [Int32](repeating: 0, count: count + 1)
    for target in targets { starts[Int(target) + 1] += 1 }
    for step in 0..<count { starts[step + 1] += starts[step] }
    var next = starts
    var sources = [Int32](repeating: 0, count: targets.count)
    for step in 0..<count {
      for target in targets[Int(offsets[step])..<Int(offsets[step + 1])] {
        sources[Int(next[Int(target)])] = Int32(step)
        next[Int(target)] += 1
      }
    }
    return (starts, sources)
  }

  /// Kahn's order; steps on a cycle and behind one are missing.
  private static func order(
    _ offsets: [Int32], _ successorOffsets: [Int32], _ successors: [Int32]
  ) -> [Int32] {
    let count = offsets.count - 1
    var left = (0..<count).map { offsets[$0 + 1] - offsets[$0] }
    var order: [Int32] = []
    order.reserveCapacity(count)
    for step in 0..<count where left[step] == 0 { order.append(Int32(step)) }
    var done = 0
    while done < order.count {
      let step = Int(order[done])
      done += 1
      for successor in successors[Int(successorOffsets[step])..<Int(successorOffsets[step + 1])] {
        left[Int(successor)] -= 1
        if left[Int(successor)] == 0 { order.append(successor) }
      }
    }
    return order
  }
}

extension Plan.Traits {
  fileprivate init(
    of step: Int, in steps: [StepDefinition], dependencyCount: Int32, gate: Int32
  ) {
    priority = steps[step].options.priority
    self.dependencyCount = dependencyCount
    hasRepetitions = steps[step].dependencies.count > Int(dependencyCount)
    pool = steps[step].options.pool
    onFailure = steps[step].options.onFailure
    continuesWhenSkipped = steps[step].options.continuesWhenSkipped
    isFannedOut = steps[step].fanOut != nil
    isExternal = if case .external = steps[step].body { true } else { false }
    hasLimits =
      !steps[step].options.resources.isEmpty || steps[step].options.memoryByteCount > 0
    hasTimes = steps[step].options.timeout != nil || steps[step].options.deadline != nil
    hasCondition = steps[step].options.condition != nil
    hasCleanup = steps[step].options.cleanup != nil
    isGate = steps[step].isGate
    self.gate = gate
  }
}

extension StepDefinition {
  fileprivate static func appendProblems(
    of step: Int, in steps: [StepDefinition], to problems: inout [WorkflowError.Problem]
  ) {
    func refuse(_ text: String) { problems.append(.option(step: steps[step].name, text: text)) }
    if let problem = steps[step].options.retry.problem { refuse(problem) }
    if let timeout = steps[step].options.timeout, timeout <= .zero {
      refuse("the timeout is not above 0")
    }
    if let deadline = steps[step].options.deadline, deadline <= .zero {
      refuse("the deadline is not above 0")
    }
    let memory = steps[step].options.memoryByteCount
    if memory < 0 { refuse("memory cannot be \(memory) bytes") }
    let resources = steps[step].options.resources
    guard !resources.isEmpty else { return }
    for (resource, amount) in resources.sorted(by: { $0.key < $1.key }) where amount < 0 {
      refuse("it cannot hold \(amount) of \(quoted(resource))")
    }
  }
}
