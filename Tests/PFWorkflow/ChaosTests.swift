import PFCore
import PFWorkflow
import Synchronization
import Testing

/// What one step of the test does.
private struct Sample: Sendable {
  var dependencies: [Int] = []
  /// Attempts that fail before one is good.
  var failures = 0
  var attempts = 1
  var policy = FailurePolicy.skipDependents
  var condition: Bool?
  var continuesWhenSkipped = false
  /// The elements it is fanned out to; nil for most. It is fanned out over its first dependency.
  var elementCount: Int?
  var delay = 0
  /// What it holds while it runs; memory has no name.
  var needs: [String: Int] = [:]
  var isBlocking = false
  /// Whether it has not time enough, and whether it looks up when told to stop.
  var isTooSlow = false
  var ignoresStop = false
}

/// A random workflow, its run, and what must come out where that does not depend on time.
private struct Chaos: Sendable {
  let samples: [Sample]
  let steps: [StepDefinition]
  var run = RunOptions()
  let cancelsAfter: Int?
  let failsRun: Bool
  let counts: Counts
  let seed: Comment

  /// What bodies say of themselves.
  final class Counts: Sendable {
    let starts = Monitor([String: Int]())
    let cleanups = Monitor([String: Int]())
    let living = Atomic(0)
    let running = Atomic(0)
    let most = Atomic(0)
    let held = Monitor([String: Int]())
    let mostHeld = Monitor([String: Int]())

    func begin(_ name: String, _ sample: Sample) {
      let held = held.withLock { held in
        held.merge(sample.needs, uniquingKeysWith: +)
        return held
      }
      mostHeld.withLock { $0.merge(held, uniquingKeysWith: max) }
      starts.withLock { $0[name, default: 0] += 1 }
      living.add(1, ordering: .relaxed)
      let now = running.add(1, ordering: .relaxed).newValue
      most.max(now, ordering: .relaxed)
    }
    func end(_ sample: Sample) {
      held.withLock { $0.merge(sample.needs.mapValues(-), uniquingKeysWith: +) }
      running.subtract(1, ordering: .relaxed)
      living.subtract(1, ordering: .relaxed)
    }
  }

  init(seed: UInt64) {
    var random = Random(seed)
    let hasCancel = random.chance(20)
    let hasFailRun = random.chance(20)
    let count = Int.random(in: 1...40, using: &random)
    var samples: [Sample] = []
    var steps: [StepDefinition] = []
    let counts = Counts()
    for number in 0..<count {
      var sample = Sample()
      let most = min(number, 4)
      if most > 0 {
        let wanted = Int.random(in: 0...most, using: &random)
        sample.dependencies = Array((0..<number).shuffled(using: &random).prefix(wanted))
      }
      sample.attempts = Int.random(in: 1...3, using: &random)
      sample.failures = random.chance(25) ? Int.random(in: 1...3, using: &random) : 0
      sample.policy =
        hasFailRun && random.chance(30) ? .failRun : random.chance(50) ? .skipDependents : .continue
      if random.chance(15) { sample.condition = random.chance(50) }
      sample.continuesWhenSkipped = random.chance(30)
      if !sample.dependencies.isEmpty, random.chance(20) {
        sample.elementCount = random.chance(20) ? 0 : Int.random(in: 1...12, using: &random)
      }
      sample.delay = random.chance(50) ? 0 : Int.random(in: 0...1_500, using: &random)
      if random.chance(20) { sample.needs["gpu"] = 1 }
      if random.chance(20) { sample.needs["db"] = Int.random(in: 1...4, using: &random) }
      if random.chance(20) { sample.needs[""] = Int.random(in: 1...1000, using: &random) }
      sample.isBlocking = random.chance(30)
      if sample.elementCount == nil, sample.condition == nil, random.chance(4) {
        sample.isTooSlow = true
        sample.ignoresStop = random.chance(30)
        sample.attempts = 1
      }
      steps.append(Self.definition(sample, number, counts, &random))
      samples.append(sample)
    }
    self.seed = Comment(rawValue: "seed \(seed)")
    self.samples = samples
    self.steps = steps
    self.counts = counts
    cancelsAfter = hasCancel ? Int.random(in: 0...4_000, using: &random) : nil
    failsRun = hasFailRun
    run.maxParallel = random.chance(60) ? Int.random(in: 1...8, using: &random) : nil
    run.sharedLimit = random.chance(50) ? Int.random(in: 1...6, using: &random) : nil
    run.ioLimit = Int.random(in: 1...8, using: &random)
    run.resources = ["gpu": 1, "db": 4]
    run.memoryByteCount = 1000
    if random.chance(20) { run.timeout = .microseconds(Int.random(in: 1...4_000, using: &random)) }
    run.grace = .milliseconds(15)
    run.seed = seed
  }

  private static func definition(
    _ sample: Sample, _ number: Int, _ counts: Counts, _ random: inout Random
  ) -> StepDefinition {
    var options = StepOptions()
    options.pool = Pool.allCases.randomElement(using: &random) ?? .shared
    options.priority = Int32.random(in: -2...2, using: &random)
    options.retry =
      random.chance(50)
      ? RetryPolicy(attempts: sample.attempts)
      : .exponential(attempts: sample.attempts, first: .microseconds(200), jitter: 1)
    options.onFailure = sample.policy
    options.continuesWhenSkipped = sample.continuesWhenSkipped
    if let condition = sample.condition { options.condition = { _ in condition } }
    options.resources = sample.needs.filter { !$0.key.isEmpty }
    options.memoryByteCount = sample.needs["", default: 0]
    if sample.isTooSlow { options.timeout = .milliseconds(2) }
    if random.chance(10), !sample.isTooSlow { options.timeout = .seconds(60) }
    let name = "s\(number)"
    options.cleanup = { context in
      let key = context.name + "/\(context.elementIndex ?? -1)"
      counts.cleanups.withLock { $0[key, default: 0] += 1 }
    }
    let body: @Sendable (StepContext) throws -> any Sendable = { context in
      if context.attempt <= sample.failures { throw Broken() }
      if let element = context.elementIndex { return element }
      return try sample.dependencies.reduce(number + 1) { sum, dependency in
        let output = try context.output("s\(dependency)")
        return sum + (output as? Int ?? (output as? [any Sendable])?.count ?? 0)
      }
    }
    let key: @Sendable (StepContext) -> String = { $0.name + "/\($0.elementIndex ?? -1)" }
    let definition: StepDefinition.Body =
      sample.isBlocking && !sample.isTooSlow
      ? .blocking { context in
        counts.begin(key(context), sample)
        defer { counts.end(sample) }
        let end = MonotonicClock.now() + Int64(sample.delay) * 200
        while MonotonicClock.now() < end {}
        return try body(context)
      }
      : .asynchronous { context in
        counts.begin(key(context), sample)
        defer { counts.end(sample) }
        if sample.isTooSlow {
          while !context.isCancelled { try? await Task.sleep(for: .milliseconds(60)) }
          if sample.ignoresStop {
            // The task is cancelled: its sleep would end at once.
            await Task.detached { try? await Task.sleep(for: .milliseconds(60)) }.value
          }
          throw CancellationError()
        }
        if sample.delay > 0 { try await Task.sleep(for: .microseconds(sample.delay)) }
        return try body(context)
      }
    var fanOut: StepDefinition.FanOut?
    if let elementCount = sample.elementCount {
      // Over what the first dependency gave, whatever that was.
      fanOut = StepDefinition.FanOut(over: "s\(sample.dependencies[0])") { _ in
        (0..<elementCount).map { $0 }
      }
    }
    return StepDefinition(
      name, after: sample.dependencies.map { "s\($0)" }, options: options, fanOut: fanOut,
      body: definition)
  }

  /// How each step ends when they run one after the other, and what it gives: a number, or a list
  /// with as many elements.
  func model() -> [(state: StepState, value: Int?)] {
    var states: [StepState] = []
    var blocks: [Bool] = []
    var hasOutput: [Bool] = []
    var values: [Int?] = []
    for (number, sample) in samples.enumerated() {
      let state: StepState
      let isBlocked = sample.dependencies.contains { blocks[$0] }
      if isBlocked || sample.condition == false {
        state = .skipped
      } else if let elementCount = sample.elementCount {
        let fails = sample.failures >= sample.attempts && elementCount > 0
        state = !hasOutput[sample.dependencies[0]] || fails ? .failed : .succeeded
      } else if sample.isTooSlow {
        state = .timedOut
      } else {
        state = sample.failures >= sample.attempts ? .failed : .succeeded
      }
      states.append(state)
      let listIsThere = sample.elementCount != nil && hasOutputOf(sample, hasOutput)
      hasOutput.append(
        state == .succeeded || state == .failed && listIsThere && sample.policy == .continue)
      let sum = sample.dependencies.reduce(number + 1) { $0 + (values[$1] ?? 0) }
      values.append(hasOutput[number] ? sample.elementCount ?? sum : nil)
      switch state {
      case .failed, .timedOut: blocks.append(sample.policy != .continue)
      case .skipped: blocks.append(isBlocked || !sample.continuesWhenSkipped)
      default: blocks.append(false)
      }
    }
    return zip(states, values).map { ($0, $1) }
  }

  private func hasOutputOf(_ sample: Sample, _ hasOutput: [Bool]) -> Bool {
    sample.dependencies.first.map { hasOutput[$0] } ?? false
  }

  func check() async throws {
    let token = CancellationToken()
    let events = Monitor([WorkflowEvent]())
    let workflow = try Workflow("chaos", steps: steps)
    let canceller = cancelsAfter.map { delay in
      Task {
        try? await Task.sleep(for: .microseconds(delay))
        token.cancel()
      }
    }
    let result = try await workflow.run(run, cancellation: token) { event in
      events.withLock { $0.append(event) }
    }
    await canceller?.value
    check(result, events.withLock { $0 })
    for _ in 0..<2_000 where counts.living.load(ordering: .relaxed) > 0 {
      try await Task.sleep(for: .milliseconds(1))
    }
    #expect(counts.living.load(ordering: .relaxed) == 0, seed)
  }

  private func check(_ result: RunResult, _ events: [WorkflowEvent]) {
    let results = result.steps
    #expect(results.allSatisfy { $0.state.isFinal }, seed)
    let isStopped = cancelsAfter != nil || run.timeout != nil
    if !isStopped, !failsRun {
      let model = model()
      #expect(results.map(\.state) == model.map(\.state), seed)
      for (step, expected) in zip(results, model) {
        let value = step.output as? Int ?? (step.output as? [any Sendable])?.count
        #expect(value == expected.value, seed)
      }
    }
    let starts = counts.starts.withLock { $0 }
    let cleanups = counts.cleanups.withLock { $0 }
    for (sample, step) in zip(samples, results) {
      let units =
        sample.elementCount == nil ? [step] : result.elements(of: step.name)
      for unit in units {
        let key = step.name + "/\(unit.element ?? -1)"
        let count = starts[key, default: 0]
        // A condition that says no ends the attempt before the body begins, and an attempt may be
        // given up before it.
        let most = sample.condition == false ? 0 : unit.attempts
        let isGivenUp = [.cancelled, .timedOut].contains(unit.state)
        #expect(count == most || isGivenUp && count == most - 1, seed)
        #expect(unit.attempts <= sample.attempts, seed)
        #expect(cleanups[key, default: 0] <= 1, seed)
      }
      if step.state == .succeeded, sample.elementCount == nil {
        #expect(step.attempts == sample.failures + 1, seed)
      }
      let mayHaveOutput = [.succeeded, .failed, .timedOut].contains(step.state)
      #expect(
        step.state == .succeeded ? step.output != nil : mayHaveOutput || step.output == nil, seed)
    }
    #expect(events.map(\.time) == events.map(\.time).sorted(), seed)
    #expect(events.filter { $0.kind == .runEnded }.count == 1, seed)
    #expect(events.last?.kind == .runEnded, seed)
    var ends: [String: Int] = [:]
    for event in events where [.completed, .failed, .skipped, .cancelled].contains(event.kind) {
      ends[event.step + "/\(event.element ?? -1)", default: 0] += 1
    }
    #expect(ends.values.allSatisfy { $0 == 1 }, seed)
    #expect(results.allSatisfy { ends[$0.name + "/-1"] == 1 }, seed)
    checkLives(events)
    // What was given up may run on without its place.
    guard !isStopped, !samples.contains(where: \.isTooSlow) else { return }
    if let most = run.maxParallel { #expect(counts.most.load(ordering: .relaxed) <= most, seed) }
    let held = counts.mostHeld.withLock { $0 }
    for (name, most) in ["gpu": 1, "db": 4, "": 1000] { #expect(held[name] ?? 0 <= most, seed) }
  }

  /// Each step, and each element, goes through a legal sequence of events.
  private func checkLives(_ events: [WorkflowEvent]) {
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
      #expect(isLegal, "\(key): \(String(describing: before)), then \(event.kind), \(seed)")
      last[key] = event.kind
    }
  }
}

@Suite(.timeLimit(.minutes(2)), .serialized) struct `A random workflow` {
  @Test(arguments: 0..<10)
  func `neither loses nor doubles a step, and always ends`(part: Int) async throws {
    for seed in 0..<50 {
      let number = part * 50 + seed
      let issue = Comment(rawValue: "seed \(number)")
      do { try await Chaos(seed: UInt64(number)).check() } catch { Issue.record(error, issue) }
    }
  }
}
