import PFCore
import PFWorkflow
import Synchronization
import Testing

@Suite struct `Steps that are ready` {
  @Test func `start by priority, then in the order of definition`() async throws {
    let log = Log<String>()
    func noted(_ name: String, _ priority: Int32) -> StepDefinition {
      step(name, [], .with { $0.priority = priority }) { context in
        log.append(context.name)
        return 0
      }
    }
    _ = try await Workflow(
      "order",
      steps: [
        noted("a", 0), noted("b", 5), noted("c", Int32.min), noted("d", 5), noted("e", Int32.max),
        noted("f", 0),
      ]
    ).run(.with { $0.maxParallel = 1 })
    #expect(log.all == ["e", "b", "d", "a", "f", "c"])
  }

  @Test(arguments: [0, 1, 2, 3] as [UInt64])
  func `start in that order, whichever of them are ready first`(seed: UInt64) async throws {
    var state = seed
    func random(below count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    let log = Log<Int>()
    var needs: [Int?] = []
    var priorities: [Int32] = []
    for number in 0..<500 {
      if seed == 0 {
        // A tree, whose steps come in order.
        needs.append(number == 0 ? nil : (number - 1) / 2)
        priorities.append(0)
        continue
      }
      needs.append(number < 20 || random(below: 4) == 0 ? nil : random(below: number))
      priorities.append(Int32(random(below: 3)))
    }
    let steps = needs.indices.map { number in
      step(
        "\(number)", needs[number].map { ["\($0)"] } ?? [],
        .with { $0.priority = priorities[number] }
      ) { _ in
        log.append(number)
        return 0
      }
    }
    _ = try await Workflow("order", steps: steps).run(.with { $0.maxParallel = 1 })

    var ready = needs.indices.filter { needs[$0] == nil }
    var expected: [Int] = []
    while let next = ready.min(by: { (-priorities[$0], $0) < (-priorities[$1], $1) }) {
      ready.removeAll { $0 == next }
      ready += needs.indices.filter { needs[$0] == next }
      expected.append(next)
    }
    #expect(log.all == expected)
  }

  @Test func `do not wait for others of their level`() async throws {
    let isDone = Monitor(false)
    let result = try await Workflow("no barrier") {
      step("slow") { _ in
        while !isDone.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
        return 0
      }
      step("quick")
      step("after quick", ["quick"]) { _ in
        isDone.withLock { $0 = true }
        return 0
      }
    }.run(.with { $0.maxParallel = 2 })
    #expect(result.status == .succeeded)
  }

  @Test(arguments: [1, 2, 5]) func `keep to the limits of the run and of pools`(most: Int)
    async throws
  {
    let (all, cpu) = (Gauge(), Gauge())
    let steps = (0..<40).map { number in
      step("s\(number)", [], .with { $0.pool = number % 2 == 0 ? .cpu : .io }) { _ in
        all.enter()
        if number % 2 == 0 { cpu.enter() }
        try await Task.sleep(for: .milliseconds(1))
        if number % 2 == 0 { cpu.leave() }
        all.leave()
        return 0
      }
    }
    let result = try await Workflow("limits", steps: steps).run(
      .with {
        $0.maxParallel = most
        $0.cpuLimit = 2
      })
    #expect(result.status == .succeeded)
    #expect(all.most <= most && cpu.most <= 2)
  }

  @Test func `wait for memory and resources, and never for ever`() async throws {
    let memory = Monitor((now: 0, most: 0))
    let steps = (1...60).map { number in
      let bytes = number % 10 * 100
      return step(
        "s\(number)", [],
        .with {
          $0.memoryByteCount = bytes
          $0.resources = number % 3 == 0 ? ["db": 2] : [:]
          $0.pool = .io
        }
      ) { _ in
        memory.withLock {
          $0.now += bytes
          $0.most = max($0.most, $0.now)
        }
        try await Task.sleep(for: .microseconds(200))
        memory.withLock { $0.now -= bytes }
        return 0
      }
    }
    let result = try await Workflow("memory", steps: steps).run(
      .with {
        $0.memoryByteCount = 1000
        $0.resources = ["db": 3]
      })
    #expect(result.status == .succeeded)
    #expect(memory.withLock { $0.most <= 1000 && $0.now == 0 })
  }

  @Test func `that need more than there is are refused before the run`() async throws {
    let steps = [
      step("a", [], .with { $0.resources = ["gpu": 2] }),
      step("b", [], .with { $0.resources = ["tpu": 1] }),
      step("c", [], .with { $0.memoryByteCount = 11 }),
    ]
    let workflow = try Workflow("too much", steps: steps)
    let error = await #expect(throws: WorkflowError.self) {
      try await workflow.run(
        .with {
          $0.resources = ["gpu": 1]
          $0.memoryByteCount = 10
          $0.maxParallel = 0
        })
    }
    #expect(
      error?.description == """
        max_parallel cannot be 0: at least 1
        step 'a': it needs 2 of 'gpu', and there are 1
        step 'b': it needs 1 of 'tpu', of which the run has none (it has: 'gpu')
        step 'c': it needs 11 bytes of memory, and the run may hold 10
        """)
  }

  @Test func `of a hundred thousand take linear time`() async throws {
    let count = 100_000
    let sum = Atomic(0)
    var steps = [step("root")]
    for number in 1..<count - 1 {
      steps.append(
        step("s\(number)", ["root"]) { _ in
          sum.add(number, ordering: .relaxed)
          return ()
        })
    }
    steps.append(step("end", (1..<count - 1).map { "s\($0)" }))
    let result = try await Workflow("large", steps: steps).run()
    #expect(result.status == .succeeded)
    #expect(sum.load(ordering: .relaxed) == (count - 2) * (count - 1) / 2)
  }
}

@Suite struct `A step that fails` {
  @Test func `is tried again after its delays`() async throws {
    let times = Log<ContinuousClock.Instant>()
    let options = StepOptions.with { $0.retry = .delays([.milliseconds(20), .milliseconds(40)]) }
    let errors = Log<any Error>()
    let result = try await Workflow("retry") {
      step("s", [], options) { context in
        times.append(.now)
        guard context.attempt == 3 else { throw Broken() }
        return context.attempt
      }
    }.run { event in
      if let error = event.error { errors.append(error) }
    }
    #expect(result.output("s") as? Int == 3)
    // It ended well; the errors of the attempts before are those of their events.
    #expect(result["s"]?.attempts == 3 && result["s"]?.error == nil)
    #expect(errors.all.count == 2 && errors.all.allSatisfy { $0 is Broken })
    let all = times.all
    #expect(all[1] - all[0] >= .milliseconds(20) && all[2] - all[1] >= .milliseconds(40))
  }

  @Test func `is not tried again for an error that is not worth it`() async throws {
    let options = StepOptions.with {
      $0.retry = .exponential(attempts: 5, first: .zero) { ($0 as? Broken)?.text == "again" }
    }
    let result = try await Workflow("retry") {
      step("s", [], options) { context in throw Broken(text: context.attempt < 3 ? "again" : "no") }
    }.run()
    #expect(result["s"]?.attempts == 3 && result.status == .failed)
    #expect(result.error as? Broken == Broken(text: "no"))
  }

  @Test func `fails the run: what waits never starts, what runs is told to stop`() async throws {
    let result = try await Workflow("fail") {
      step("bad") { _ in
        try await Task.sleep(for: .milliseconds(5))
        throw Broken()
      }
      step("running") { context in
        while !context.isCancelled { try? await Task.sleep(for: .milliseconds(1)) }
        throw CancellationError()
      }
      step("later", ["running"])
    }.run(.with { $0.maxParallel = 2 })
    #expect(result.status == .failed)
    #expect(result["running"]?.state == .cancelled && result["later"]?.state == .skipped)
    #expect(result["later"]?.attempts == 0)
  }

  @Test func `is cleaned up after once, and only then`() async throws {
    let cleaned = Log<String>()
    func cleaning(_ change: (inout StepOptions) -> Void = { _ in }) -> StepOptions {
      .with {
        $0.onFailure = .skipDependents
        $0.retry = .delays([.zero, .zero])
        $0.cleanup = { context in cleaned.append(context.name) }
        change(&$0)
      }
    }
    let result = try await Workflow("clean") {
      step("good", [], cleaning()) { context in
        guard context.attempt == 2 else { throw Broken() }
        return 0
      }
      step("bad", [], cleaning()) { _ in throw Broken() }
      step("after bad", ["bad"], cleaning())
    }.run()
    #expect(cleaned.all == ["bad"] && result.status == .partial)
  }
}

@Suite struct `A run that is stopped` {
  @Test func `before it starts runs nothing`() async throws {
    let token = CancellationToken()
    token.cancel()
    let result = try await Workflow("none", steps: [step("a"), step("b", ["a"])])
      .run(cancellation: token)
    #expect(result.status == .cancelled)
    #expect(result.steps.allSatisfy { $0.state == .cancelled && $0.attempts == 0 })
  }

  @Test func `through its task says what was done`() async throws {
    let begun = Log<Int>()
    let workflow = try Workflow("cancel") {
      step("done")
      step("running", ["done"]) { context in
        begun.append(1)
        try await Task.sleep(for: .seconds(60))
        return 0
      }
      step("waiting", ["running"])
    }
    let task = Task { try await workflow.run() }
    while begun.all.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
    task.cancel()
    let result = try await task.value
    #expect(result.status == .cancelled)
    #expect(result.steps.map(\.state) == [.succeeded, .cancelled, .cancelled])
  }

  @Test func `does not wait for a step that does not stop`() async throws {
    let isHeld = Monitor(true)
    defer { isHeld.withLock { $0 = false } }
    let token = CancellationToken()
    let workflow = try Workflow("stuck") {
      step("stuck") { _ in
        token.cancel()
        while isHeld.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(1)) }
        return 0
      }
      step("next", ["stuck"])
    }
    let result = try await workflow.run(
      .with { $0.grace = .milliseconds(30) }, cancellation: token)
    #expect(result.status == .cancelled)
    #expect(result["stuck"]?.state == .cancelled && result["next"]?.state == .cancelled)
    let error = result["stuck"]?.error as? StepTimeout
    #expect(error?.kind == .grace && error?.isAbandoned == true)
    #expect(error?.description == "it was given up, 0.03 seconds after the run was told to stop")
  }

  @Test func `by its timeout ends all steps`() async throws {
    let result = try await Workflow("timeout") {
      step("slow") { _ in
        try await Task.sleep(for: .seconds(600))
        return 0
      }
      step("next", ["slow"])
    }.run(.with { $0.timeout = .milliseconds(20) })
    #expect(result.status == .timedOut && result["next"]?.state == .cancelled)
    #expect(result["slow"]?.state == .timedOut || result["slow"]?.attempts == 0)
  }

  static let shortTimeout = StepOptions.with {
    $0.timeout = .milliseconds(10)
    $0.onFailure = .continue
  }

  @Test func `by the timeout of one step goes on without it`() async throws {
    let result = try await Workflow("timeouts") {
      step("polite", [], Self.shortTimeout) { _ in
        try await Task.sleep(for: .seconds(600))
        return 0
      }
      step("after", ["polite"])
    }.run(.with { $0.grace = .seconds(300) })
    #expect(result.status == .partial)
    #expect(result.steps.map(\.state) == [.timedOut, .succeeded])
    let error = result["polite"]?.error as? StepTimeout
    #expect(error?.kind == .timeout && error?.isAbandoned == false)
  }

  @Test func `by the timeout of one step leaves it behind when it does not stop`() async throws {
    let isHeld = Monitor(true)
    defer { isHeld.withLock { $0 = false } }
    let result = try await Workflow("timeouts") {
      step("stuck", [], Self.shortTimeout) { _ in
        while isHeld.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(1)) }
        return 0
      }
      step("after", ["stuck"])
    }.run(.with { $0.grace = .milliseconds(20) })
    #expect(result.status == .partial)
    #expect(result.steps.map(\.state) == [.timedOut, .succeeded])
  }

  @Test(arguments: [StepTimeout.Kind.timeout, .deadline])
  func `by the first of two times says which it was`(kind: StepTimeout.Kind) async throws {
    let options = StepOptions.with {
      $0.timeout = kind == .timeout ? .milliseconds(10) : .seconds(600)
      $0.deadline = kind == .timeout ? .seconds(900) : .milliseconds(20)
      $0.onFailure = .continue
    }
    let result = try await Workflow("times") {
      step("slow", [], options) { _ in
        try await Task.sleep(for: .seconds(600))
        return 0
      }
    }.run(.with { $0.grace = .seconds(300) })
    #expect(
      (result["slow"]?.error as? StepTimeout)?.description
        == (kind == .timeout
          ? "it took longer than its timeout of 0.01 seconds"
          : "it had not ended by its deadline, 0.02 seconds from the begin of the run"))
  }

  @Test func `by deadlines ends steps that wait, too`() async throws {
    let options = StepOptions.with {
      $0.deadline = .milliseconds(15)
      $0.onFailure = .skipDependents
    }
    let list = step("list") { _ in [1, 2, 3] }
    var elements = step("elements", ["list"], options) { _ in
      try await Task.sleep(for: .seconds(60))
      return 0
    }
    elements.fanOut = StepDefinition.FanOut(over: "list") { ($0 as? [Int])?.map { $0 } }
    let result = try await Workflow(
      "deadlines",
      steps: [
        list, elements,
        step("slow") { _ in
          try await Task.sleep(for: .milliseconds(40))
          return 0
        }, step("waits", ["slow"], options), step("after", ["waits"]),
      ]
    ).run(.with { $0.maxParallel = 3 })
    #expect(result["elements"]?.state == .timedOut && result["waits"]?.state == .timedOut)
    #expect(result["after"]?.state == .skipped && result["slow"]?.state == .succeeded)
    #expect(result["waits"]?.attempts == 0)
  }

  @Test func `by the end of the loop over its events is cancelled`() async throws {
    let isStopped = Log<Bool>()
    let workflow = try Workflow("events") {
      step("quick")
      step("slow", ["quick"]) { context in
        do { try await Task.sleep(for: .seconds(60)) } catch { isStopped.append(true) }
        return 0
      }
    }
    for await event in workflow.events() where event.kind == .started && event.step == "slow" {
      break
    }
    while isStopped.all.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
  }
}
