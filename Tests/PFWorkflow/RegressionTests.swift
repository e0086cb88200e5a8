import PFCore
import PFWorkflow
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A run that could hang or lie` {
  @Test func `ends when the last elements of a failed fan-out never start`() async throws {
    var options = StepOptions()
    options.onFailure = .skipDependents
    let list = Step("list") { Array(0..<20) }
    let each = Step("each", forEach: list, options: options) { (_: Int) -> Int in throw Broken() }
    var run = RunOptions()
    run.maxParallel = 1
    let result = try await Workflow("w") {
      list
      each
    }.run(run)
    #expect(result.status == .partial)
    #expect(result["each"]?.state == .failed)
    #expect(result.elements(of: "each").map(\.attempts).reduce(0, +) == 1)
  }

  @Test func `gives each attempt a token of its own`() async throws {
    var options = StepOptions()
    options.retry = RetryPolicy(attempts: 2)
    options.timeout = .seconds(3)
    let step = Step(
      "s", after: [], options: options,
      withContext: { context -> Int in
        if context.attempt == 2 { return context.cancellation.isCancelled ? 0 : 1 }
        let token = context.cancellation
        while !token.isCancelled { try? await Task.sleep(for: .milliseconds(1)) }
        throw CancellationError()
      })
    let errors = Log<any Error>()
    let result = try await Workflow("w") { step }.run { event in
      if let error = event.error { errors.append(error) }
    }
    #expect(try result.output(of: step) == 1)
    #expect(errors.all.count == 1 && errors.all[0] is StepTimeout)
  }

  @Test func `is not held by bodies that never look up`() async throws {
    var options = StepOptions()
    options.timeout = .milliseconds(10)
    options.onFailure = .skipDependents
    let gate = Monitor(false)
    let steps = (0..<4).map { number in
      StepDefinition(
        "s\(number)", options: options,
        body: .blocking { _ in
          gate.wait { !$0 }
          return 0
        })
    }
    var run = RunOptions()
    run.grace = .milliseconds(20)
    run.maxParallel = 4
    let result = try await Workflow("w", steps: steps).run(run)
    #expect(result.steps.allSatisfy { $0.state == .timedOut && $0.attempts == 1 })
    gate.withLock { $0 = true }
    gate.notifyAll()
  }

  @Test func `cleans up once, undisturbed by the cancellation`() async throws {
    let count = Atomic(0)
    var stepOptions = StepOptions()
    stepOptions.cleanup = { context in
      try await Task.sleep(for: .milliseconds(1))
      try context.checkCancellation()
      if !context.cancellation.isCancelled { count.add(1, ordering: .relaxed) }
    }
    let token = CancellationToken()
    let step = StepDefinition(
      "s", options: stepOptions,
      body: .asynchronous { _ in
        token.cancel()
        try await Task.sleep(for: .seconds(60))
        return 0
      })
    // Where the machine is busy, a cleanup of a millisecond can take more than the usual grace.
    let options = RunOptions.with { $0.grace = .seconds(600) }
    let result = try await Workflow("w", steps: [step]).run(options, cancellation: token)
    #expect(result.status == .cancelled)
    #expect(result["s"]?.state == .cancelled)
    #expect(count.load(ordering: .relaxed) == 1)
  }

  @Test func `starts nothing when it was cancelled before`() async throws {
    let token = CancellationToken()
    token.cancel()
    let step = Step("s") { 1 }
    let events = Mutex<[WorkflowEvent.Kind]>([])
    let result = try await Workflow("w") { step }.run(cancellation: token) { event in
      events.withLock { $0.append(event.kind) }
    }
    #expect(result.status == .cancelled)
    #expect(result["s"]?.attempts == 0)
    #expect(events.withLock { $0 } == [.cancelled, .runEnded])
  }

  @Test func `tells all events, in the order of their times, before it answers`() async throws {
    let steps = (0..<200).map { number in
      StepDefinition(
        "s\(number)", after: number < 10 ? [] : ["s\(number - 10)"], body: .blocking { _ in number }
      )
    }
    let workflow = try Workflow("w", steps: steps)
    for _ in 0..<20 {
      let times = Mutex<[Duration]>([])
      let last = Mutex(WorkflowEvent.Kind.queued)
      _ = try await workflow.run { event in
        times.withLock { $0.append(event.time) }
        last.withLock { $0 = event.kind }
      }
      let heard = times.withLock { $0 }
      #expect(heard.count == 601)
      #expect(heard == heard.sorted())
      #expect(last.withLock { $0 } == .runEnded)
    }
  }

  @Test func `keeps the deadline of a step whose list comes too late`() async throws {
    var options = StepOptions()
    options.deadline = .milliseconds(20)
    options.onFailure = .skipDependents
    options.condition = { _ in
      try? await Task.sleep(for: .milliseconds(200))
      let end = ContinuousClock.now + .milliseconds(40)
      while ContinuousClock.now < end {}
      return true
    }
    let list = Step("list") { [1, 2, 3] }
    let each = Step("each", forEach: list, options: options) { $0 }
    let result = try await Workflow("w") {
      list
      each
    }.run()
    #expect(result["each"]?.state == .timedOut)
    #expect(result.elements(of: "each").allSatisfy { $0.attempts == 0 })
  }

  @Test func `waits for no delay of nothing times infinity`() async throws {
    var options = StepOptions()
    options.retry = .exponential(attempts: 4, first: .zero, factor: 1e300)
    let step = Step(
      "s", after: [], options: options,
      withContext: { context -> Int in
        if context.attempt < 4 { throw Broken() }
        return context.attempt
      })
    let result = try await Workflow("w") { step }.run()
    #expect(try result.output(of: step) == 4)
  }
}
