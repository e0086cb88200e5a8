internal import PFCore

/// A run: its schedule behind a lock, and what steps and listeners ask of it.
///
/// Who drives it (`TaskRun`, `ManualRun`) calls `update` for all that changes the schedule, and
/// does what the change asks for once the lock is free.
final class RunCore: Sendable {
  let name: String
  let plan: Plan
  let options: RunOptions
  let inputs: [String: any Sendable]
  let checkpoint: CheckpointRun?
  private let startTime = MonotonicClock.now()
  private let state: Monitor<State>
  private let onEvent: (@Sendable (WorkflowEvent) -> Void)?

  struct State {
    var schedule: Schedule
    /// The tokens of units that asked for theirs.
    var tokens: [Int32: CancellationToken] = [:]
    /// What stops the attempts that run in tasks of their own.
    var cancellers: [Int32: @Sendable () -> Void] = [:]
    /// Whether a thread hands events to the listener.
    var isDelivering = false
    var driver = Driver()

    /// The answer, once the run is over and all of its events were heard.
    mutating func takeAnswer() -> Driver.Answer? {
      guard schedule.isOver, !isDelivering, schedule.events.records.isEmpty else { return nil }
      defer { driver.answer = nil }
      return driver.answer
    }
  }

  /// What drivers keep with the schedule.
  struct Driver {
    // Functions in place of continuations and tasks: `ManualRun` does without the runtime of those.
    typealias Answer = @Sendable () -> Void
    /// The workers of each pool that were ordered and have not come yet.
    var ordered = [0, 0, 0]
    /// Orders that the leading task has not seen.
    var orders = [0, 0, 0]
    var cancelsAll = false
    var leader: (@Sendable () -> Void)?
    var answer: Answer?
    /// For when a timer is set.
    var armedTime = Int64.max
    var cancelTimer: (@Sendable () -> Void)?
    /// Workers of a `ManualRun` that sleep, and those of them that were woken and do not know yet.
    var waitingCount = 0
    var wakeCount = 0
    /// How many workers a `ManualRun` will want at once, until its watcher was told.
    var expected = 0
    /// What callers said is to be kept of attempts that are about to end.
    var kept: [Int64: [UInt8]] = [:]
    /// Whether the run was counted among all runs.
    var isCounted = false
  }

  init(
    _ workflow: Workflow, _ options: RunOptions, inputs: [String: any Sendable], logsEvents: Bool,
    checkpoint: Checkpoint?, onEvent: (@Sendable (WorkflowEvent) -> Void)?
  ) throws(WorkflowError) {
    name = workflow.name
    plan = workflow.plan
    self.options = options
    self.inputs = inputs
    self.onEvent = onEvent
    let schedule = try Schedule(plan, options, logsEvents: logsEvents || onEvent != nil)
    state = Monitor(State(schedule: schedule))
    guard let checkpoint else {
      self.checkpoint = nil
      return
    }
    do throws(CheckpointError) {
      self.checkpoint = try CheckpointRun(
        plan, checkpoint, workflow: workflow.name, inputs: inputs)
    } catch {
      throw WorkflowError(problems: [.checkpoint(error)])
    }
  }

  /// Nanoseconds since the run began.
  var now: Int64 { MonotonicClock.now() - startTime }

  func withState<Result>(_ body: (inout State) -> Result) -> Result { state.withLock(body) }

  /// Waits for a change; see `Monitor.wait`. `deadline` is a time of the run.
  func wait(until deadline: Int64, while mustWait: (inout State) -> Bool) -> Bool {
    state.wait(until: later(startTime, by: deadline), while: mustWait)
  }

  /// Waits until `bell` is true, at most until `deadline` of the run.
  func wait(for bell: Monitor<Bool>, until deadline: Int64) {
    bell.wait(until: later(startTime, by: deadline)) { !$0 }
  }

  func notifyAll() { state.notifyAll() }

  // MARK: For steps

  func output(of unit: Int32) -> (any Sendable)? { withState { $0.schedule.outputs[Int(unit)] } }

  func element(_ ticket: Schedule.Ticket) -> (any Sendable)? {
    guard ticket.element >= 0 else { return nil }
    return withState { $0.schedule.fanOuts[ticket.step]?.elements[Int(ticket.element)] }
  }

  /// Whether the attempt was told to stop, or was given up.
  func isStopping(_ ticket: Schedule.Ticket) -> Bool {
    withState { state in
      if ticket.isCleanup { return state.schedule.isOver }
      let unit = state.schedule.units[Int(ticket.unit)]
      return unit.attempt != ticket.attempt || unit.isStopping || unit.state.isFinal
    }
  }

  func token(_ ticket: Schedule.Ticket) -> CancellationToken {
    withState { state in
      let unit = state.schedule.units[Int(ticket.unit)]
      // Nobody stops a cleanup, and who was given up has nothing to wait for.
      let isCurrent = unit.state == .running && unit.attempt == ticket.attempt
      if isCurrent, let token = state.tokens[ticket.unit] { return token }
      let token = CancellationToken()
      if isCurrent { state.tokens[ticket.unit] = token }
      if !ticket.isCleanup, !isCurrent || unit.isStopping { token.cancel() }
      return token
    }
  }

  func report(_ ticket: Schedule.Ticket, fraction: Double?, message: String?) {
    let hasListener = withState { state in
      let unit = state.schedule.units[Int(ticket.unit)]
      guard
        ticket.isCleanup
          ? !state.schedule.isOver : unit.state == .running && unit.attempt == ticket.attempt
      else { return false }
      state.schedule.events.append(
        .progress, unit: ticket.unit, attempt: ticket.attempt, time: now, fraction: fraction,
        message: message)
      return state.schedule.events.isOn
    }
    if hasListener { deliverEvents() }
  }

  /// The error of an attempt, which is that its time was over where it was.
  func error(of ticket: Schedule.Ticket, _ error: any Error) -> any Error {
    withState { state in
      guard state.schedule.abortion == nil else { return error }
      return state.schedule.timeout(of: ticket.unit) ?? error
    }
  }

  // MARK: For drivers

  /// Tells the checkpoint, where there is one, how an attempt ended; the schedule is told next.
  func record(_ ticket: Schedule.Ticket, _ outcome: Schedule.Outcome) {
    guard let checkpoint else { return }
    // One that it was given up for may have gone on meanwhile: what counts is what this one had.
    let hadAllInputs = withState { state in
      plan.dependencies(of: Int(ticket.step)).allSatisfy {
        state.schedule.units[Int($0)].state.isGood
      }
    }
    if hadAllInputs { checkpoint.record(ticket, outcome) }
  }

  /// The result of a run that is over, or as far as it is. The first time that it is over, the run
  /// is counted and lets go of its checkpoint.
  func finish() -> RunResult {
    let (schedule, isCounted) = withState { state in
      defer { state.driver.isCounted = state.driver.isCounted || state.schedule.isOver }
      return (state.schedule, state.driver.isCounted || !state.schedule.isOver)
    }
    var result = RunResult(name: name, schedule: schedule)
    result.checkpointError = schedule.isOver ? checkpoint?.close() : nil
    if !isCounted { WorkflowTotals.add(result) }
    return result
  }

  /// Raises the tokens of the attempts that are to stop; what else stops them comes back.
  static func stop(_ state: inout State) -> [@Sendable () -> Void] {
    guard !state.schedule.stops.isEmpty else { return [] }
    var cancellers: [@Sendable () -> Void] = []
    for unit in state.schedule.stops {
      state.tokens[unit]?.cancel()
      if let cancel = state.cancellers[unit] { cancellers.append(cancel) }
    }
    state.schedule.stops = []
    return cancellers
  }

  /// Hands events to the listener, in their order. One thread at a time does it: another one that
  /// comes leaves its events to it. Who has handed out the last one of the run gives the answer.
  func deliverEvents() {
    guard let onEvent else { return }
    while true {
      let (records, answer) = withState { state -> ([EventLog.Record], Driver.Answer?) in
        guard !state.isDelivering else { return ([], nil) }
        let records = state.schedule.events.takeAll()
        state.isDelivering = !records.isEmpty
        return (records, state.takeAnswer())
      }
      answer?()
      guard !records.isEmpty else { return }
      for record in records { onEvent(event(record)) }
      withState { $0.isDelivering = false }
    }
  }

  func event(_ record: EventLog.Record) -> WorkflowEvent {
    let (step, element) =
      record.unit < 0
      ? ("", Int32(-1))
      : withState { state in
        let unit = state.schedule.units[Int(record.unit)]
        return (plan.steps[Int(unit.step)].name, unit.element)
      }
    return WorkflowEvent(
      kind: record.kind, time: .nanoseconds(record.time), step: step,
      element: element < 0 ? nil : Int(element), attempt: Int(record.attempt), error: record.error,
      fraction: record.fraction, message: record.message)
  }
}
