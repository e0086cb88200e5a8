import PFCore
import PFWorkflow
import Testing

/// Random workflows against a model that does one step after the other.
@Suite struct `Random workflows` {
  /// One step of a random workflow, and all that decides how it ends.
  struct Plan: Sendable {
    var dependencies: [Int] = []
    var failures = 0
    var attempts = 1
    var policy = FailurePolicy.skipDependents
    var condition: Bool?
    var continuesWhenSkipped = false
    var elements: Int?
    var delay = 0
    var pool = Pool.shared
    var priority: Int32 = 0
    var resource = 0
  }

  static func plans(_ random: inout Random, policies: [FailurePolicy]) -> [Plan] {
    let count = Int.random(in: 1...40, using: &random)
    return (0..<count).map { number in
      var plan = Plan()
      if number > 0 {
        let most = min(number, 4)
        plan.dependencies = Array(
          Set(
            (0..<Int.random(in: 0...most, using: &random)).map { _ in
              Int.random(in: 0..<number, using: &random)
            })
        ).sorted()
      }
      if random.chance(30) { plan.failures = Int.random(in: 1...3, using: &random) }
      plan.attempts = Int.random(in: 1...3, using: &random)
      plan.policy = policies.randomElement(using: &random) ?? .continue
      if random.chance(20) { plan.condition = random.chance(50) }
      plan.continuesWhenSkipped = random.chance(50)
      if random.chance(15) { plan.elements = Int.random(in: 0...5, using: &random) }
      plan.delay =
        Int.random(in: 0...2, using: &random) == 0 ? Int.random(in: 1...300, using: &random) : 0
      plan.pool = Pool.allCases.randomElement(using: &random) ?? .shared
      plan.priority = Int32.random(in: -2...2, using: &random)
      plan.resource = random.chance(30) ? Int.random(in: 1...2, using: &random) : 0
      return plan
    }
  }

  /// What each step ends as, and how often its body (of each element, where it has some) is begun.
  static func model(_ plans: [Plan]) -> [(state: StepState, attempts: Int, sum: Int)] {
    var ends: [(state: StepState, attempts: Int, sum: Int)] = []
    var blocks: [Bool] = []
    for (number, plan) in plans.enumerated() {
      if plan.dependencies.contains(where: { blocks[$0] }) {
        ends.append((.skipped, 0, 0))
        blocks.append(true)
      } else if plan.condition == false {
        // The attempt that asks is begun, the body is not.
        ends.append((.skipped, 0, 0))
        blocks.append(!plan.continuesWhenSkipped)
      } else {
        let attempts = min(plan.failures + 1, plan.attempts)
        let isGood = plan.failures < plan.attempts || plan.elements == 0
        let inputs = plan.dependencies.reduce(0) { $0 + ends[$1].sum }
        let bodies = plan.elements ?? 1
        ends.append(
          (isGood ? .succeeded : .failed, attempts * bodies, isGood ? number + 1 + inputs : 0))
        blocks.append(!isGood && plan.policy != .continue)
      }
    }
    return ends
  }

  static func workflow(
    _ plans: [Plan], begun: Log<Int>, gauge: Gauge, resource: Gauge
  ) throws -> Workflow {
    var steps: [StepDefinition] = []
    // An empty list of results has no room for the sum.
    let sumOfEmpty = model(plans).map(\.sum)
    for (number, plan) in plans.enumerated() {
      let failures = Failures()
      let options = StepOptions.with {
        $0.pool = plan.pool
        $0.priority = plan.priority
        $0.onFailure = plan.policy
        $0.continuesWhenSkipped = plan.continuesWhenSkipped
        $0.retry = .exponential(attempts: plan.attempts, first: .microseconds(50), jitter: 0.5)
        if plan.resource > 0 { $0.resources = ["r": plan.resource] }
        if let condition = plan.condition { $0.condition = { _ in condition } }
      }
      var names = plan.dependencies.map { "s\($0)" }
      if plan.elements != nil { names.append("list\(number)") }
      var definition = step("s\(number)", names, options) { context in
        begun.append(number)
        gauge.enter()
        for _ in 0..<plan.resource { resource.enter() }
        defer {
          gauge.leave()
          for _ in 0..<plan.resource { resource.leave() }
        }
        if plan.delay > 0 { try await Task.sleep(for: .microseconds(plan.delay)) }
        if failures.count(context.elementIndex ?? -1) <= plan.failures { throw Broken() }
        var sum = number + 1
        for dependency in plan.dependencies {
          let output = try context.output("s\(dependency)")
          if let value = output as? Int {
            sum += value
          } else if let list = output as? [any Sendable] {
            sum += list.first as? Int ?? sumOfEmpty[dependency]
          }
        }
        return sum
      }
      if let count = plan.elements {
        steps.append(step("list\(number)") { _ in Array(repeating: 0, count: count) })
        definition.fanOut = StepDefinition.FanOut(over: "list\(number)") {
          ($0 as? [Int])?.map { $0 }
        }
      }
      steps.append(definition)
    }
    return try Workflow("random", steps: steps)
  }

  /// Counts the attempts of a step, or of each of its elements.
  final class Failures: Sendable {
    private let counts = Monitor<[Int: Int]>([:])
    func count(_ element: Int) -> Int {
      counts.withLock {
        $0[element, default: 0] += 1
        return $0[element] ?? 0
      }
    }
  }

  @Test(arguments: 0..<10) func `end as the model says`(part: Int) async throws {
    for seed in part * 50..<part * 50 + 50 {
      var random = Random(UInt64(seed))
      let plans = Self.plans(&random, policies: [.skipDependents, .continue])
      let begun = Log<Int>()
      let (gauge, resource) = (Gauge(), Gauge())
      let workflow = try Self.workflow(plans, begun: begun, gauge: gauge, resource: resource)
      let most = Int.random(in: 1...6, using: &random)
      let result = try await workflow.run(
        .with {
          $0.maxParallel = most
          $0.resources = ["r": 3]
          $0.seed = UInt64(seed)
        })
      let model = Self.model(plans)
      var counts = [Int](repeating: 0, count: plans.count)
      for number in begun.all { counts[number] += 1 }
      for (number, expected) in model.enumerated() {
        let found = try #require(result["s\(number)"])
        #expect(found.state == expected.state, "step \(number) of seed \(seed)")
        // Elements that had not begun when another one failed for good may not have run.
        if plans[number].elements == nil || expected.state == .succeeded {
          #expect(counts[number] == expected.attempts, "step \(number) of seed \(seed)")
        }
        if expected.state == .succeeded, plans[number].elements == nil {
          #expect(found.output as? Int == expected.sum, "step \(number) of seed \(seed)")
        }
      }
      #expect(result.status == (model.contains { $0.state == .failed } ? .partial : .succeeded))
      #expect(gauge.now == 0 && gauge.most <= most, "seed \(seed)")
      #expect(resource.now == 0 && resource.most <= 3, "seed \(seed)")
    }
  }

  @Test(arguments: 0..<10) func `end when they are stopped at any time`(part: Int) async throws {
    for seed in part * 50..<part * 50 + 50 {
      var random = Random(UInt64(seed) &+ 1_000_000)
      var plans = Self.plans(&random, policies: FailurePolicy.allCases)
      for index in plans.indices { plans[index].delay *= 10 }
      let begun = Log<Int>()
      let (gauge, resource) = (Gauge(), Gauge())
      let workflow = try Self.workflow(plans, begun: begun, gauge: gauge, resource: resource)
      let token = CancellationToken()
      let delay = Int.random(in: 0...4000, using: &random)
      let usesToken = random.chance(50)
      let options = RunOptions.with {
        $0.maxParallel = Int.random(in: 1...6, using: &random)
        $0.resources = ["r": 3]
        if !usesToken { $0.timeout = .microseconds(max(1, delay)) }
      }
      let canceller = Task {
        try await Task.sleep(for: .microseconds(delay))
        if usesToken { token.cancel() }
      }
      let events = Log<WorkflowEvent>()
      let result = try await workflow.run(options, cancellation: token) { events.append($0) }
      _ = await canceller.result
      #expect(gauge.now == 0 && resource.now == 0, "seed \(seed)")
      for step in result.steps {
        #expect(step.state.isFinal, "\(step.name) of seed \(seed)")
        #expect(
          (step.output != nil) == (step.state == .succeeded)
            || [.failed, .timedOut].contains(step.state))
      }
      let all = events.all
      #expect(all.last?.kind == .runEnded)
      #expect(zip(all, all.dropFirst()).allSatisfy { $0.time <= $1.time }, "seed \(seed)")
      Self.checkLives(all, seed)
    }
  }

  /// Each step, and each element, goes through a legal sequence of events, and ends once.
  static func checkLives(_ events: [WorkflowEvent], _ seed: Int) {
    var last: [String: WorkflowEvent.Kind] = [:]
    for event in events where event.kind != .runEnded {
      let key = "\(event.step)[\(event.element ?? -1)]"
      let before = last[key]
      let isLegal =
        switch event.kind {
        case .queued: before == nil
        case .started: before == .queued || before == .retried
        case .retried: before == .started
        case .completed: before == .started
        case .failed, .skipped, .cancelled:
          before == nil || before == .queued || before == .started || before == .retried
        case .progress, .restored, .runEnded: false
        }
      #expect(isLegal, "\(key): \(String(describing: before)), then \(event.kind), seed \(seed)")
      last[key] = event.kind
    }
    let ends: [WorkflowEvent.Kind] = [.completed, .failed, .skipped, .cancelled]
    #expect(last.values.allSatisfy { ends.contains($0) }, "seed \(seed)")
  }
}
