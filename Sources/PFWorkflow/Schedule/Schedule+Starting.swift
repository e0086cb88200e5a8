internal import PFCore

extension Schedule {
  /// The pools that a worker serves, a bit each.
  struct Pools: OptionSet {
    let rawValue: UInt8
    init(rawValue: UInt8) { self.rawValue = rawValue }
    init(_ pool: Pool) { rawValue = 1 << pool.rawValue }
    static var all: Pools { Pools(rawValue: 0b111) }
  }

  /// The unit that starts next in one of `pools`; it runs from now on. Nil when none may start, and
  /// also when the next one is of an external step and should not be, or the other way round.
  mutating func next(in pools: Pools, at time: Int64, external: Bool? = nil) -> Ticket? {
    // Who waits for the time may come late: nothing starts whose time is over.
    if let due = nextTime, due <= time { tick(at: time) }
    func isWanted(_ unit: Int32) -> Bool {
      external == nil || plan.traits[Int(units[Int(unit)].step)].isExternal == external
    }
    if let unit = cleanups.last {
      guard isWanted(unit) else { return nil }
      cleanups.removeLast()
      return Ticket(
        unit: unit, attempt: units[Int(unit)].attempt, step: units[Int(unit)].step,
        element: units[Int(unit)].element, isCleanup: true)
    }
    guard runningTotal < maxParallel else { return nil }
    while let (queue, entry) = best(in: pools) {
      guard isWanted(entry.unit) else { return nil }
      _ = queues[queue].ready.removeFirst()
      let unit = Int(entry.unit)
      // What ended while it was ready (its time was over) is still in its queue.
      guard units[unit].state == .ready else { continue }
      let step = units[unit].step
      if units[unit].element >= 0, isGivenUp(fanOutOf: step) {
        settle(entry.unit, .skipped, at: time)
        endIfDone(at: time)
        continue
      }
      if queues[queue].hasNeed, let need = needs[step] { limits.take(need) }
      return start(entry.unit, in: queues[queue].pool, at: time)
    }
    // Elements that were skipped here may have been the last ones.
    endIfDone(at: time)
    return nil
  }

  /// The first of all units that may start, and its queue; nil when none may.
  private func best(in pools: Pools) -> (queue: Int, entry: ReadyEntry)? {
    var best: (queue: Int, entry: ReadyEntry)?
    for index in queues.indices {
      guard let entry = queues[index].ready.first else { continue }
      let pool = queues[index].pool
      guard pools.contains(Pools(pool)), running[Int(pool.rawValue)] < limit(of: pool) else {
        continue
      }
      if let best, best.entry < entry { continue }
      if queues[index].hasNeed, let need = needs[units[Int(entry.unit)].step], !limits.has(need) {
        continue
      }
      best = (index, entry)
    }
    return best
  }

  func limit(of pool: Pool) -> Int { poolLimits[Int(pool.rawValue)] }

  private mutating func start(_ unit: Int32, in pool: Pool, at time: Int64) -> Ticket {
    let index = Int(unit)
    let step = units[index].step
    running[Int(pool.rawValue)] += 1
    runningTotal += 1
    mostRunning = max(mostRunning, runningTotal)
    units[index].state = .running
    units[index].attempt += 1
    units[index].attemptTime = time
    units[index].waitTime += time - units[index].queuedTime
    units[index].overdue = nil
    let attempt = units[index].attempt
    if attempt == 1 { units[index].startTime = time }
    if plan.traits[Int(step)].hasTimes, let timeout = plan.steps[Int(step)].options.timeout {
      timers.insert(
        Timer(
          time: later(time, by: timeout.nanoseconds), kind: .attempt, unit: unit, attempt: attempt))
    }
    events.append(.started, unit: unit, attempt: attempt, time: time)
    return Ticket(unit: unit, attempt: attempt, step: step, element: units[index].element)
  }

  /// How many units of `pool` could start now if there were workers for them; some of those that
  /// wait for limits are counted though they could not start together.
  func startableCount(in pool: Pool) -> Int {
    let extra = pool == .shared ? cleanups.count : 0
    let room = min(limit(of: pool) - running[Int(pool.rawValue)], maxParallel - runningTotal)
    guard room > 0 else { return extra }
    var count = queues[Int(pool.rawValue)].ready.count
    for queue in queues[Pool.allCases.count...] where queue.pool == pool {
      guard let entry = queue.ready.first else { continue }
      if let need = needs[units[Int(entry.unit)].step], !limits.has(need) { continue }
      count += queue.ready.count
    }
    return min(count, room) + extra
  }

  /// Whether more units than `count` could start now, whatever is ready.
  func hasRoom(for count: Int) -> Bool { maxParallel - runningTotal > count - cleanups.count }

  /// How many units of all pools could start now.
  var startableCount: Int {
    let count = Pool.allCases.reduce(0) { $0 + startableCount(in: $1) }
    return min(count - cleanups.count, maxParallel - runningTotal) + cleanups.count
  }

  /// The most steps of one level that could run at once, of those that have not ended; 0 where
  /// steps run one by one.
  ///
  /// - Complexity: O(steps + dependencies).
  var mostOfALevel: Int {
    guard maxParallel > 1 else { return 0 }
    let levels = plan.levels()
    var counts = [Int](repeating: 0, count: 3 * (Int(levels.max() ?? 0) + 1))
    for (step, level) in levels.enumerated() where !units[step].state.isFinal {
      counts[3 * Int(level) + Int(plan.traits[step].pool.rawValue)] += 1
    }
    var most = 0
    for level in stride(from: 0, to: counts.count, by: 3) {
      most = max(most, (0..<3).reduce(0) { $0 + min(counts[level + $1], poolLimits[$1]) })
    }
    return most > 1 ? min(most, maxParallel) : 0
  }

  /// Whether elements of `step` that have not begun are not to begin: one has failed, or the time
  /// is over.
  func isGivenUp(fanOutOf step: Int32) -> Bool {
    guard fanOuts[step]?.hasFailed == true else { return false }
    return plan.traits[Int(step)].onFailure != .continue || units[Int(step)].isOverdue
  }
}

/// `time + delay`, at most the largest number.
func later(_ time: Int64, by delay: Int64) -> Int64 {
  let (sum, overflow) = time.addingReportingOverflow(delay)
  return overflow ? .max : sum
}
