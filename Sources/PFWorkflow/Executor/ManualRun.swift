public import PFCore

/// A run whose workers are the caller's threads: they ask for a unit, do it, and tell how it ended.
///
/// Steps with a body that keeps its thread are run inside of `turn`, by the thread that asked.
/// Steps that are `.external` are handed out. Nothing here starts a thread or a task, so that a
/// run works in a process that was forked, too.
public final class ManualRun: Sendable {
  /// What is run.
  public let workflow: Workflow
  private let core: RunCore
  private let registration: CancellationToken.Registration?
  /// Rung for the watcher.
  private let bell: Monitor<Bool>

  /// Begins a run.
  ///
  /// - Parameters:
  ///   - workflow: What is run.
  ///   - options: Limits and times.
  ///   - inputs: What steps find as `StepContext.inputs`.
  ///   - checkpoint: Where the outcome of each step is kept, as for `Workflow.run`. Outputs of
  ///     external steps are kept where `keep` was given their bytes, or they are
  ///     `CheckpointValue`s.
  ///   - cancellation: Stops the run when raised.
  ///   - logsEvents: Whether `takeEvents` is going to be called.
  /// - Throws: options that cannot be, and steps that need what the run has not.
  public init(
    _ workflow: Workflow, _ options: RunOptions = RunOptions(),
    inputs: [String: any Sendable] = [:], checkpoint: Checkpoint? = nil,
    cancellation: CancellationToken? = nil,
    logsEvents: Bool = false
  ) throws(WorkflowError) {
    let core = try RunCore(
      workflow, options, inputs: inputs, logsEvents: logsEvents, checkpoint: checkpoint,
      onEvent: nil)
    let bell = Monitor(false)
    self.workflow = workflow
    self.core = core
    self.bell = bell
    // Without a look at the definitions, which are large to copy.
    for (step, body) in workflow.plan.bodies.enumerated() {
      guard !workflow.plan.traits[step].hasCondition else {
        throw Self.refused(
          workflow.plan.steps[step],
          "its condition is a Swift function, which only tasks can ask")
      }
      guard case .asynchronous = body else { continue }
      throw Self.refused(
        workflow.plan.steps[step], "its body may suspend, which only tasks can do")
    }
    core.withState { state in
      state.schedule.begin(core.checkpoint)
      state.driver.expected = state.schedule.mostOfALevel
    }
    registration = cancellation?.whenCancelled {
      core.withState { state in
        state.schedule.abort(.cancelled, at: core.now)
        _ = RunCore.stop(&state)
      }
      core.notifyAll()
      bell.withLock { $0 = true }
      bell.notifyAll()
    }
  }

  private static func refused(_ step: StepDefinition, _ text: String) -> WorkflowError {
    WorkflowError(problems: [.option(step: step.name, text: text)])
  }

  deinit { registration?.end() }

  /// A unit that the caller is to do: attempt `attempt` (from 1) of a step, of one of its elements,
  /// or of its cleanup.
  public struct Unit: Sendable, Equatable {
    /// The number by which it is ended.
    public let number: Int32
    /// The attempt, from 1.
    public let attempt: Int32
    /// The step, by its position in `Workflow.steps`.
    public let step: Int32
    /// The element, or -1.
    public let element: Int32
    /// Whether not the step is to be run but what it has for its bad end.
    public let isCleanup: Bool

    /// A unit.
    public init(number: Int32, attempt: Int32, step: Int32, element: Int32, isCleanup: Bool) {
      self.number = number
      self.attempt = attempt
      self.step = step
      self.element = element
      self.isCleanup = isCleanup
    }

    fileprivate init(_ ticket: Schedule.Ticket) {
      self.init(
        number: ticket.unit, attempt: ticket.attempt, step: ticket.step, element: ticket.element,
        isCleanup: ticket.isCleanup)
    }

    fileprivate var ticket: Schedule.Ticket {
      Schedule.Ticket(
        unit: number, attempt: attempt, step: step, element: element, isCleanup: isCleanup)
    }
  }

  /// How a unit ended.
  public enum Outcome: Sendable {
    /// Well, with this output.
    case succeeded(any Sendable)
    /// Not; whether another attempt is worth it.
    case failed(any Error, mayRetry: Bool)
    /// Its condition said no.
    case skipped
    /// It is fanned out over these.
    case fannedOut([any Sendable])
  }

  /// What a worker is to do next.
  public struct Turn: Sendable {
    /// The unit to do; nil when there is none now.
    public var unit: Unit?
    /// Whether the run is over, and there never will be one.
    public var isOver = false
    /// How many workers more could work at once; the caller is asked to start them, and each says
    /// in its first turn that it is new.
    public var missingWorkers = 0
  }

  /// Ends a unit and gives the next one.
  ///
  /// - Parameters:
  ///   - ended: What the worker has done since its last turn.
  ///   - isNew: Whether this is the first turn of a worker that was asked for.
  ///   - patience: 0: the call comes back at once, with a unit of an external step or with none.
  ///     Else it runs the steps that are run in here, and waits up to so many nanoseconds for
  ///     something to do; it gives no unit then, but comes back when there is one. So who has to
  ///     hold a lock of its own for its steps (Python's) takes one only when it can begin at once.
  /// - Returns: what to do next.
  public func turn(
    ending ended: (unit: Unit, outcome: Outcome)? = nil, isNew: Bool = false, patience: Int64 = 0
  ) -> Turn {
    var ended = ended.map { Ended(ticket: $0.unit.ticket, outcome: $0.outcome.schedules) }
    var isNew = isNew
    let end = later(core.now, by: patience)
    while true {
      let look = look(ending: &ended, isNew: isNew, isPatient: patience > 0)
      isNew = false
      if look.turn.isOver { _ = core.finish() }
      if let ticket = look.own {
        ended = Ended(ticket: ticket, outcome: run(ticket))
        continue
      }
      guard patience > 0, !look.turn.isOver, look.turn.missingWorkers == 0, !look.hasUnits else {
        return look.turn
      }
      guard park(until: end) else { return look.turn }
    }
  }

  /// What a worker has done.
  private struct Ended {
    let ticket: Schedule.Ticket
    let outcome: Schedule.Outcome
  }

  /// What one look at the schedule found.
  private struct Look {
    var turn = Turn()
    /// A unit that is run in here.
    var own: Schedule.Ticket?
    /// Whether there is one to be handed out.
    var hasUnits = false
  }

  /// Tells the schedule of `ended`, which is nil then, and takes what is next.
  private func look(ending ended: inout Ended?, isNew: Bool, isPatient: Bool) -> Look {
    if core.checkpoint != nil, let ended, !ended.ticket.isCleanup {
      core.record(ended.ticket, kept(ended.ticket, ended.outcome))
    }
    return update { state, now in
      var look = Look()
      if isNew { state.driver.ordered[0] -= 1 }
      if let ended = ended.take() {
        if ended.ticket.isCleanup {
          state.schedule.endCleanup(at: now)
        } else {
          _ = state.schedule.end(ended.ticket, ended.outcome, at: now)
        }
      }
      if isPatient {
        // Asked for before a unit is taken: the caller cannot start workers while it is run in here.
        look.turn.missingWorkers = missingWorkers(&state, beside: 1)
        guard look.turn.missingWorkers == 0 else { return look }
        look.own = state.schedule.next(in: .all, at: now, external: false)
        look.hasUnits = look.own == nil && state.schedule.startableCount > 0
      } else {
        look.turn.unit = state.schedule.next(in: .all, at: now, external: true).map { Unit($0) }
        look.turn.missingWorkers = missingWorkers(&state)
      }
      look.turn.isOver = state.schedule.isOver
      return look
    }
  }

  /// The outcome with what was kept of it.
  private func kept(_ ticket: Schedule.Ticket, _ outcome: Schedule.Outcome) -> Schedule.Outcome {
    guard core.checkpoint != nil,
      let bytes = core.withState({ $0.driver.kept.removeValue(forKey: ticket.number) }),
      case .succeeded(let output) = outcome
    else { return outcome }
    let external = ExternalOutput(bytes)
    return .succeeded(output is CallersOutput ? external : [external, output] as [any Sendable])
  }

  /// Changes the schedule at the time it is, and wakes whom that concerns.
  private func update<Result>(_ change: (inout RunCore.State, Int64) -> Result) -> Result {
    var wakesWorkers = false
    var ringsWatcher = false
    let result = core.withState { state in
      let now = core.now
      if let time = state.schedule.nextTime, time <= now { state.schedule.tick(at: now) }
      let result = change(&state, now)
      _ = RunCore.stop(&state)
      state.schedule.lostWorkers = []
      let time = state.schedule.nextTime ?? .max
      let isArmed = time < state.driver.armedTime
      if isArmed { state.driver.armedTime = time }
      wakesWorkers = state.driver.wakeCount > 0 || state.schedule.isOver || isArmed
      ringsWatcher = isArmed || state.schedule.isOver || !state.schedule.events.records.isEmpty
      return result
    }
    if wakesWorkers { core.notifyAll() }
    if ringsWatcher { ring() }
    return result
  }

  /// How many workers are wanted beyond those that sleep, which are woken, those that were asked
  /// for, and `own` who are about to take a unit.
  private func missingWorkers(_ state: inout RunCore.State, beside own: Int = 0) -> Int {
    let known = own + state.driver.ordered[0] + state.driver.wakeCount
    // As a rule there is no room, and so no need to count.
    guard state.schedule.hasRoom(for: known) else { return 0 }
    let wanted = state.schedule.startableCount - known
    guard wanted > 0 else { return 0 }
    let woken = min(wanted, state.driver.waitingCount - state.driver.wakeCount)
    state.driver.wakeCount += woken
    state.driver.ordered[0] += wanted - woken
    return wanted - woken
  }

  /// How many workers more than that later levels are going to want: the watcher starts them while
  /// the first steps run. Told once.
  private func expectedWorkers(_ state: inout RunCore.State) -> Int {
    let known =
      state.driver.ordered[0] + state.driver.waitingCount + state.schedule.runningTotal
    let count = max(0, state.driver.expected - known)
    state.driver.expected = 0
    state.driver.ordered[0] += count
    return count
  }

  // MARK: Waiting

  /// Sleeps until there is something to do; false when `end` came first.
  private func park(until end: Int64) -> Bool {
    core.withState { $0.driver.waitingCount += 1 }
    defer {
      core.withState { state in
        state.driver.waitingCount -= 1
        if state.driver.wakeCount > 0 { state.driver.wakeCount -= 1 }
      }
    }
    while true {
      let time = min(end, core.withState { $0.schedule.nextTime ?? .max })
      let hasWork = core.wait(until: time) { state in
        !state.schedule.isOver && state.schedule.startableCount == 0
          && (state.schedule.nextTime ?? .max) >= time
      }
      if hasWork || core.withState({ ($0.schedule.nextTime ?? .max) <= core.now }) { return true }
      if core.now >= end { return false }
    }
  }

  /// What a watcher is told.
  public struct Report: Sendable {
    /// What happened since the last report, in its order.
    public var events: [WorkflowEvent] = []
    /// Whether the run is over.
    public var isOver = false
    /// How many workers the watcher is asked to start; the first time also those that later steps
    /// are going to want at once.
    public var missingWorkers = 0
  }

  /// Waits for news: events (where they are logged), a wish for workers, or the end. Attempts whose
  /// time is over are told to stop from in here, so that somebody should always watch.
  ///
  /// - Parameter patience: Nanoseconds after which the report comes without news.
  /// - Returns: the news.
  public func watch(patience: Int64) -> Report {
    let end = later(core.now, by: patience)
    while true {
      bell.withLock { $0 = false }
      var records: [EventLog.Record] = []
      var time = Int64.max
      var report = update { state, _ in
        records = state.schedule.events.takeAll()
        time = state.schedule.nextTime ?? .max
        return Report(
          isOver: state.schedule.isOver,
          missingWorkers: missingWorkers(&state) + expectedWorkers(&state))
      }
      report.events = records.map { core.event($0) }
      if !report.events.isEmpty || report.isOver || report.missingWorkers > 0 || core.now >= end {
        return report
      }
      core.wait(for: bell, until: min(time, end))
    }
  }

  private func ring() {
    bell.withLock { $0 = true }
    bell.notifyAll()
  }

  // MARK: For steps

  private func run(_ ticket: Schedule.Ticket) -> Schedule.Outcome {
    let step = Int(ticket.step)
    let context = StepContext(core: core, ticket: ticket)
    do {
      if ticket.isCleanup { return .skipped }
      if core.plan.traits[step].isFannedOut, ticket.element < 0,
        let fanOut = core.plan.steps[step].fanOut
      {
        return .fannedOut(try fanOut.elements(for: context))
      }
      return .succeeded(try core.plan.bodies[step].runBlocking(context))
    } catch is SkipStep {
      return .skipped
    } catch {
      let error = core.error(of: ticket, error)
      return .failed(error, mayRetry: core.plan.steps[step].options.retry.isRetryable(error))
    }
  }

  /// Stops the run.
  public func cancel() { update { state, now in state.schedule.abort(.cancelled, at: now) } }

  /// Whether `unit` is one of the run's.
  public func has(_ unit: Unit) -> Bool {
    core.withState { state in
      state.schedule.units.indices.contains(Int(unit.number))
        && state.schedule.units[Int(unit.number)].step == unit.step
        && state.schedule.units[Int(unit.number)].element == unit.element
    }
  }

  /// Whether `unit`, which is one of the run's, is a step that is to be fanned out.
  public func isFannedOut(_ unit: Unit) -> Bool {
    unit.element < 0 && core.plan.traits[Int(unit.step)].isFannedOut
  }

  /// Whether an attempt is to stop.
  public func isStopping(_ unit: Unit) -> Bool {
    // Where one thread does all, nobody else looks at the time.
    if core.withState({ ($0.schedule.nextTime ?? .max) <= core.now }) { update { _, _ in } }
    return core.isStopping(unit.ticket)
  }

  /// Raised when the attempt is to stop; for calls of the engine.
  public func cancellation(of unit: Unit) -> CancellationToken { core.token(unit.ticket) }

  /// Says how far a unit is.
  public func report(_ unit: Unit, fraction: Double?, message: String?) {
    core.report(unit.ticket, fraction: fraction, message: message)
    ring()
  }

  /// Gives the checkpoint, where the run has one, the bytes that stand for what `unit` is going to
  /// give: they are written down when it ends well. A later run on the same checkpoint has them as
  /// the output: an `ExternalOutput`, or a list of that and the output itself where it is not a
  /// `CallersOutput`.
  public func keep(_ bytes: [UInt8], of unit: Unit) {
    guard core.checkpoint != nil else { return }
    core.withState { $0.driver.kept[unit.ticket.number] = bytes }
  }

  /// The output of a step, or of one of its elements; nil where there is none. Those of elements
  /// that an earlier run has done are there from the beginning.
  public func output(ofStep step: Int, element: Int? = nil) -> (any Sendable)? {
    core.withState { state in
      guard state.schedule.plan.traits.indices.contains(step) else { return nil }
      guard let element else { return state.schedule.outputs[step] }
      let number = Int32(truncatingIfNeeded: step)
      if let restored = state.schedule.restoredElements[number] { return restored.outputs[element] }
      if let fanOut = state.schedule.fanOuts[number], fanOut.elements.indices.contains(element),
        let output = state.schedule.outputs[Int(fanOut.firstUnit) + element]
      {
        return output
      }
      // Those of a step that has ended are in its list.
      guard let list = state.schedule.list(of: number), list.indices.contains(element) else {
        return nil
      }
      return list[element] is MissingOutput ? nil : list[element]
    }
  }

  /// How many elements a step has that is fanned out, as far as that is known.
  public func elementCount(ofStep step: Int) -> Int? {
    core.withState { state in
      guard state.schedule.plan.traits.indices.contains(step) else { return nil }
      let number = Int32(truncatingIfNeeded: step)
      return state.schedule.fanOuts[number]?.elements.count
        ?? state.schedule.restoredElements[number]?.count
        ?? state.schedule.list(of: number)?.count
    }
  }

  /// Whether it is over.
  public var isOver: Bool { core.withState { $0.schedule.isOver } }

  /// What became of the steps so far; all of it once the run is over.
  public var result: RunResult { core.finish() }
}

extension Schedule.Ticket {
  /// A number that no other attempt of the run has.
  fileprivate var number: Int64 { Int64(unit) << 32 | Int64(attempt) }
}

/// What stands for an output that the caller has itself.
public struct CallersOutput: Sendable {
  /// The one value.
  public init() {}
}

extension Schedule {
  /// What a step that is fanned out gave.
  fileprivate func list(of step: Int32) -> [any Sendable]? {
    plan.traits[Int(step)].isFannedOut ? outputs[Int(step)] as? [any Sendable] : nil
  }
}

extension ManualRun.Outcome {
  fileprivate var schedules: Schedule.Outcome {
    switch self {
    case .succeeded(let output): .succeeded(output)
    case .failed(let error, let mayRetry): .failed(error, mayRetry: mayRetry)
    case .skipped: .skipped
    case .fannedOut(let elements): .fannedOut(elements)
    }
  }
}
