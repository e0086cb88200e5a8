internal import PFCore

/// A run whose steps are Swift functions, on a task group.
///
/// Workers are child tasks: each runs one unit after the other, the next one being picked in the
/// same turn of the lock that ends the last, so that a chain never changes threads. A worker that
/// finds nothing ends; where units are ready and room is left, the leading task adds workers.
final class TaskRun: Sendable {
  private let core: RunCore

  init(_ core: RunCore) { self.core = core }

  /// Runs all steps; comes back when the last one has ended or was given up.
  func run() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { answer in
        core.withState { $0.driver.answer = { answer.resume() } }
        // Not a child of the caller: an attempt that ignores everything must not hold the answer.
        Task {
          update { $0.schedule.begin(core.checkpoint) }
          await lead()
        }
      }
    } onCancel: {
      cancel()
    }
  }

  func cancel() { update { $0.schedule.abort(.cancelled, at: core.now) } }

  private func lead() async {
    await withDiscardingTaskGroup { group in
      while let (orders, cancelsAll) = await nextOrders() {
        if cancelsAll { group.cancelAll() }
        for pool in Pool.allCases {
          for _ in 0..<orders[Int(pool.rawValue)] {
            group.addTask(executorPreference: executor(of: pool)) { await self.work(in: pool) }
          }
        }
      }
    }
  }

  /// What the leading task is to do; nil when the run is over.
  private func nextOrders() async -> (orders: [Int], cancelsAll: Bool)? {
    while true {
      let (orders, isOver) = core.withState { state -> ((orders: [Int], cancelsAll: Bool)?, Bool) in
        let orders = (state.driver.orders, state.driver.cancelsAll)
        if orders.0 != [0, 0, 0] || orders.1 {
          state.driver.orders = [0, 0, 0]
          state.driver.cancelsAll = false
          return (orders, false)
        }
        return (nil, state.schedule.isOver)
      }
      if let orders { return orders }
      if isOver { return nil }
      await withCheckedContinuation { leader in
        let goesOn = core.withState { state in
          let goesOn =
            state.driver.orders != [0, 0, 0] || state.driver.cancelsAll || state.schedule.isOver
          if !goesOn { state.driver.leader = { leader.resume() } }
          return goesOn
        }
        if goesOn { leader.resume() }
      }
    }
  }

  private func executor(of pool: Pool) -> WorkerPool {
    switch pool {
    case .cpu: .cpu
    case .io: .io
    case .shared:
      core.options.poolLimits[Int(Pool.shared.rawValue)] <= availableProcessorCount() ? .cpu : .io
    }
  }

  // MARK: Changes

  /// Changes the schedule, and does what follows from it.
  @discardableResult
  private func update<Result>(_ change: (inout RunCore.State) -> Result) -> Result {
    var effects: Effects?
    let result = core.withState { state in
      let result = change(&state)
      effects = self.effects(&state)
      return result
    }
    if let effects { perform(effects) }
    return result
  }

  private struct Effects {
    var leader: (@Sendable () -> Void)?
    var answer: (@Sendable () -> Void)?
    var cancellers: [@Sendable () -> Void] = []
    var cancelTimer: (@Sendable () -> Void)?
    var hasEvents = false
  }

  /// What follows from a change; nil when nothing does, which is the rule.
  private func effects(_ state: inout RunCore.State) -> Effects? {
    var hasOrders = false
    // As a rule there is no room, and so no need to count.
    if state.schedule.hasRoom(for: 0) {
      for pool in Pool.allCases {
        let index = Int(pool.rawValue)
        let missing = state.schedule.startableCount(in: pool) - state.driver.ordered[index]
        guard missing > 0 else { continue }
        state.driver.ordered[index] += missing
        state.driver.orders[index] += missing
        hasOrders = true
      }
    }
    let time = state.schedule.nextTime ?? .max
    let hasEvents = !state.schedule.events.records.isEmpty
    guard
      hasOrders || hasEvents || state.schedule.isOver || time < state.driver.armedTime
        || !state.schedule.stops.isEmpty || !state.schedule.lostWorkers.isEmpty
    else { return nil }
    var effects = Effects(hasEvents: hasEvents)
    if !state.schedule.stops.isEmpty {
      effects.cancellers = RunCore.stop(&state)
      if state.schedule.abortion != nil {
        state.driver.cancelsAll = true
        hasOrders = true
      }
    }
    for pool in state.schedule.lostWorkers { executor(of: pool).replaceThread() }
    state.schedule.lostWorkers = []
    let isOver = state.schedule.isOver
    if hasOrders || isOver {
      effects.leader = state.driver.leader
      state.driver.leader = nil
    }
    if isOver {
      effects.answer = state.takeAnswer()
      effects.cancelTimer = state.driver.cancelTimer
      state.driver.cancelTimer = nil
    } else if time < state.driver.armedTime {
      state.driver.armedTime = time
      effects.cancelTimer = state.driver.cancelTimer
      // Made under the lock, so that no timer takes the place of a later one.
      let timer = timer(for: time)
      state.driver.cancelTimer = { timer.cancel() }
    }
    return effects
  }

  private func perform(_ effects: Effects) {
    effects.cancelTimer?()
    for cancel in effects.cancellers { cancel() }
    effects.leader?()
    if effects.hasEvents { core.deliverEvents() }
    effects.answer?()
  }

  private func timer(for time: Int64) -> Task<Void, Never> {
    Task {
      do {
        // A day at most: clocks add to what they are given.
        let delay = min(max(0, time - core.now), 86_400_000_000_000)
        try await Task.sleep(for: .nanoseconds(delay))
      } catch {
        return
      }
      update { state in
        state.driver.armedTime = .max
        state.schedule.tick(at: core.now)
      }
    }
  }

  // MARK: Work

  private func work(in pool: Pool) async {
    let pools = Schedule.Pools(pool)
    var ticket = update { state in
      state.driver.ordered[Int(pool.rawValue)] -= 1
      return state.schedule.next(in: pools, at: core.now)
    }
    while let current = ticket {
      if current.isCleanup {
        await cleanUp(current)
        ticket = update { state in
          state.schedule.endCleanup(at: core.now)
          return state.schedule.next(in: pools, at: core.now)
        }
        continue
      }
      let start = core.options.measuresProcessorTime ? MonotonicClock.threadTime() : 0
      let outcome: Schedule.Outcome
      // Most bodies are called from here: each function on the way that may suspend costs as much
      // as the schedule does for a step.
      if let body = plainBody(of: current) {
        do {
          outcome = .succeeded(try await body(StepContext(core: core, ticket: current)))
        } catch {
          outcome = failure(of: current, error)
        }
      } else {
        outcome = await attempt(current)
      }
      let used = core.options.measuresProcessorTime ? MonotonicClock.threadTime() - start : 0
      core.record(current, outcome)
      var wasGivenUp = false
      ticket = update { state in
        // Looked up under the lock, so that times of events ascend.
        let now = core.now
        if !state.tokens.isEmpty { state.tokens.removeValue(forKey: current.unit) }
        guard state.schedule.end(current, outcome, processorTime: max(0, used), at: now) else {
          wasGivenUp = true
          return nil
        }
        return state.schedule.next(in: pools, at: now)
      }
      if wasGivenUp { executor(of: pool).takeBackThread() }
    }
  }

  /// The body of a unit that is nothing but its body.
  private func plainBody(
    of ticket: Schedule.Ticket
  ) -> (@Sendable (StepContext) async throws -> any Sendable)? {
    let traits = core.plan.traits[Int(ticket.step)]
    guard !traits.hasTimes, !traits.hasCondition, !traits.isFannedOut,
      case .asynchronous(let body) = core.plan.bodies[Int(ticket.step)]
    else { return nil }
    return body
  }

  private func attempt(_ ticket: Schedule.Ticket) async -> Schedule.Outcome {
    let context = StepContext(core: core, ticket: ticket)
    do {
      let hasTimes = core.plan.traits[Int(ticket.step)].hasTimes
      return hasTimes ? try await watched(context) : try await outcome(context)
    } catch {
      return failure(of: ticket, error)
    }
  }

  private func failure(of ticket: Schedule.Ticket, _ error: any Error) -> Schedule.Outcome {
    if error is SkipStep { return .skipped }
    let error = core.error(of: ticket, error)
    let isRetryable = core.plan.steps[Int(ticket.step)].options.retry.isRetryable
    return .failed(error, mayRetry: isRetryable(error))
  }

  private func outcome(_ context: StepContext) async throws -> Schedule.Outcome {
    let step = Int(context.ticket.step)
    let traits = core.plan.traits[step]
    if context.ticket.element < 0, traits.hasCondition || traits.isFannedOut {
      if let condition = core.plan.steps[step].options.condition {
        guard try await condition(context) else { return .skipped }
      }
      if let fanOut = core.plan.steps[step].fanOut {
        return .fannedOut(try fanOut.elements(for: context))
      }
    }
    return .succeeded(try await core.plan.bodies[step].run(context))
  }

  /// Runs an attempt that can be stopped alone, in a task of its own in the same pool.
  private func watched(_ context: StepContext) async throws -> Schedule.Outcome {
    let pool = core.plan.traits[Int(context.ticket.step)].pool
    let task = Task(executorPreference: executor(of: pool)) { try await self.outcome(context) }
    let unit = context.ticket.unit
    let isStopping = core.withState { state in
      state.cancellers[unit] = { task.cancel() }
      return state.schedule.units[Int(unit)].isStopping
    }
    if isStopping { task.cancel() }
    defer { core.withState { _ = $0.cancellers.removeValue(forKey: unit) } }
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }

  private func cleanUp(_ ticket: Schedule.Ticket) async {
    let definition = core.plan.steps[Int(ticket.step)]
    guard let cleanup = definition.options.cleanup else { return }
    // Not a child: it works also where the run was cancelled.
    let task = Task(executorPreference: executor(of: core.plan.traits[Int(ticket.step)].pool)) {
      try await cleanup(StepContext(core: self.core, ticket: ticket))
    }
    do {
      try await task.value
    } catch {
      core.report(ticket, fraction: nil, message: "its cleanup failed: \(error)")
    }
  }
}

extension StepDefinition.Body {
  /// Runs the body once.
  fileprivate func run(_ context: StepContext) async throws -> any Sendable {
    if case .asynchronous(let function) = self { return try await function(context) }
    return try runBlocking(context)
  }
}
