internal import PFCore

/// Which unit of a run starts when: a state machine without threads, locks or clocks.
///
/// Whoever drives it says what time it is, asks for units (`next`), tells how they ended (`end`),
/// and looks at `nextTime` for when `tick` has something to do. A unit is a step, or one element
/// of a step that is fanned out. All numbers of time are nanoseconds since the run began.
///
/// The rules: a unit is ready when the last of its dependencies has ended; of the ready ones those
/// of higher priority start first, then those defined earlier; a step whose limits have no room is
/// passed over until they have.
///
/// - Complexity: O(log ready) for each unit and O(1) for each dependency, where few kinds of limits
///   are in use.
struct Schedule: Sendable {
  let plan: Plan
  let options: RunOptions
  var units: [Unit]
  /// What units gave, by unit.
  var outputs: [(any Sendable)?]
  /// The last errors of units that failed, where no later attempt was good.
  var errors: [Int32: any Error] = [:]
  /// Elements that ended well in an earlier run, by the step that is going to be fanned out.
  var restoredElements: [Int32: RestoredElements] = [:]
  /// The elements of steps that are fanned out, by step.
  var fanOuts: [Int32: FanOut] = [:]

  // What may start.
  /// One for each pool, then those of steps with limits.
  var queues: [Queue] = []
  /// The queue of each step; empty where pools alone decide.
  var queueOfStep: [Int32] = []
  var limits: Limits
  var needs: [Int32: Limits.Need] = [:]
  let poolLimits: [Int]
  let maxParallel: Int
  var running = [0, 0, 0]
  var runningTotal = 0
  /// The most that ran at once.
  var mostRunning = 0

  // Time.
  var timers = Heap<Timer>()
  /// Attempts that others followed, in the order of their ends; the first ones where there are very
  /// many.
  var pastAttempts: [PastAttempt] = []

  // The end.
  /// Units whose cleanup has not begun, and how many have not ended.
  var cleanups: [Int32] = []
  var cleanupCount = 0
  var unfinishedCount: Int
  var abortion: Abortion?
  /// Whether a step failed and its policy let the run go on.
  var hasFailures = false
  var endTime: Int64?

  // What the driver has to do.
  /// Units whose attempts are to stop.
  var stops: [Int32] = []
  /// Pools whose worker is stuck in an attempt that was given up.
  var lostWorkers: [Pool] = []
  var events: EventLog

  struct Queue {
    let pool: Pool
    let hasNeed: Bool
    var ready = Heap<ReadyEntry>()
  }

  /// A step, or one of the elements that it is fanned out to.
  struct Unit {
    var state = StepState.waiting
    /// Whether a step that it needs did not end well and did not say that this does not matter.
    var isBlocked = false
    /// Whether the attempt was told to stop, and which of its times was over first, if one was.
    var isStopping = false
    var overdue: StepTimeout.Kind?
    var isOverdue: Bool { overdue != nil }
    let step: Int32
    /// The number of the element, or -1.
    let element: Int32
    /// Dependencies that have not ended; once a step is fanned out, its elements.
    var remaining: Int32
    var attempt: Int32 = 0
    /// When it was ready first, when its first attempt began, and when it ended; -1 before.
    var readyTime: Int64 = -1
    var startTime: Int64 = -1
    var endTime: Int64 = -1
    /// When the attempt that runs began, and when the unit became ready for it.
    var attemptTime: Int64 = 0
    var queuedTime: Int64 = 0
    /// The sums over its attempts.
    var busyTime: Int64 = 0
    var waitTime: Int64 = 0
    var processorTime: Int64 = 0
  }

  /// Outputs of an earlier run; not those of all elements.
  struct RestoredElements {
    /// How many elements there were.
    let count: Int
    let outputs: [Int: any Sendable]
  }

  /// An attempt that failed and was repeated.
  struct PastAttempt {
    let unit: Int32
    let attempt: Int32
    let startTime: Int64
    let endTime: Int64

    /// The most that are kept.
    static var limit: Int { 1 << 17 }
  }

  /// The elements of a step that is fanned out.
  struct FanOut {
    let elements: [any Sendable]
    let firstUnit: Int32
    var hasFailed = false
  }

  /// Why a run stops before its end.
  enum Abortion: Equatable {
    case failed(step: Int32)
    case cancelled
    case timedOut
  }

  /// A unit that is to be run.
  struct Ticket: Equatable {
    let unit: Int32
    let attempt: Int32
    let step: Int32
    let element: Int32
    /// Whether not the body is to be run but what the step has for its bad end.
    var isCleanup = false
  }

  /// How an attempt ended.
  enum Outcome {
    case succeeded(any Sendable)
    case failed(any Error, mayRetry: Bool)
    /// Its condition said no.
    case skipped
    /// The step is fanned out over these.
    case fannedOut([any Sendable])

    var isFailure: Bool { if case .failed = self { true } else { false } }
  }

  /// - Throws: options that cannot be, and steps that need what the run has not.
  init(_ plan: Plan, _ options: RunOptions, logsEvents: Bool) throws(WorkflowError) {
    var problems = options.problems
    self.plan = plan
    self.options = options
    poolLimits = options.poolLimits
    maxParallel = options.maxParallel ?? .max
    limits = Limits(options)
    events = EventLog(isOn: logsEvents)
    unfinishedCount = plan.count
    units = []
    units.reserveCapacity(plan.count)
    for (step, traits) in plan.traits.enumerated() {
      units.append(Unit(step: Int32(step), element: -1, remaining: traits.dependencyCount))
    }
    outputs = Array(repeating: nil, count: plan.count)
    for pool in Pool.allCases { queues.append(Queue(pool: pool, hasNeed: false)) }
    if plan.traits.contains(where: \.hasLimits) { makeLimitedQueues(&problems) }
    guard problems.isEmpty else { throw WorkflowError(problems: problems) }
  }

  private mutating func makeLimitedQueues(_ problems: inout [WorkflowError.Problem]) {
    struct Kind: Hashable {
      let pool: Pool
      let need: Limits.Need
    }
    var known: [Kind: Int32] = [:]
    queueOfStep = plan.traits.map { Int32($0.pool.rawValue) }
    for (step, traits) in plan.traits.enumerated() where traits.hasLimits {
      do throws(WorkflowError) {
        let need = try limits.need(of: plan.steps[step])
        guard !need.amounts.isEmpty else { continue }
        needs[Int32(step)] = need
        let kind = Kind(pool: traits.pool, need: need.kind(memory: limits.memory))
        if known[kind] == nil {
          known[kind] = Int32(queues.count)
          queues.append(Queue(pool: traits.pool, hasNeed: true))
        }
        queueOfStep[step] = known[kind] ?? 0
      } catch {
        problems += error.problems
      }
    }
  }

  /// Whether every unit has ended, or was given up.
  var isOver: Bool { endTime != nil }

  /// When `tick` has something to do.
  var nextTime: Int64? { timers.first?.time }

  /// The run begins; steps of an earlier run that are good still are `restored`.
  mutating func begin(
    restored: [(step: Int32, output: (any Sendable)?)] = [],
    elements: [Int32: RestoredElements] = [:]
  ) {
    restoredElements = elements
    for (step, output) in restored where !units[Int(step)].state.isFinal {
      restore(step, output, at: 0)
      unfinishedCount -= 1
    }
    for step in plan.traits.indices {
      if plan.traits[step].hasTimes, !units[step].state.isFinal,
        let deadline = plan.steps[step].options.deadline
      {
        timers.insert(
          Timer(time: deadline.nanoseconds, kind: .deadline, unit: Int32(step), attempt: 0))
      }
      for dependency in plan.dependencies(of: step)
      where units[Int(dependency)].state == .restored {
        units[step].remaining -= 1
      }
      if units[step].state == .waiting, units[step].remaining == 0 {
        makeReady(Int32(step), at: 0)
      }
    }
    if let timeout = options.timeout {
      timers.insert(Timer(time: timeout.nanoseconds, kind: .run, unit: -1, attempt: 0))
    }
    endIfDone(at: 0)
  }

  mutating func restore(_ unit: Int32, _ output: (any Sendable)?, at time: Int64) {
    units[Int(unit)].state = .restored
    units[Int(unit)].endTime = time
    outputs[Int(unit)] = output
    events.append(.restored, unit: unit, attempt: 0, time: time)
  }

  mutating func makeReady(_ unit: Int32, at time: Int64) {
    let step = units[Int(unit)].step
    units[Int(unit)].state = .ready
    units[Int(unit)].queuedTime = time
    if units[Int(unit)].readyTime < 0 {
      units[Int(unit)].readyTime = time
      events.append(.queued, unit: unit, attempt: 0, time: time)
    }
    let traits = plan.traits[Int(step)]
    let queue = queueOfStep.isEmpty ? Int(traits.pool.rawValue) : Int(queueOfStep[Int(step)])
    queues[queue].ready.insert(
      ReadyEntry(priority: traits.priority, step: step, unit: unit))
  }

  mutating func endIfDone(at time: Int64) {
    guard unfinishedCount == 0, cleanupCount == 0, endTime == nil else { return }
    endTime = time
    events.append(.runEnded, unit: -1, attempt: 0, time: time)
  }
}
