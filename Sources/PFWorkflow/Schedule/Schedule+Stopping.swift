internal import PFCore

extension Schedule {
  /// Does what is due.
  mutating func tick(at time: Int64) {
    while let timer = timers.first, timer.time <= time {
      _ = timers.removeFirst()
      fire(timer, at: time)
    }
    endIfDone(at: time)
  }

  private mutating func fire(_ timer: Timer, at time: Int64) {
    let unit = timer.unit
    switch timer.kind {
    case .run: abort(.timedOut, at: time)
    case .graceOfRun:
      for unit in units.indices { giveUp(Int32(unit), at: time) }
      cleanups.removeAll()
      cleanupCount = 0
    case .deadline: passDeadline(of: unit, at: time)
    case .retry, .attempt, .graceOfAttempt:
      guard units[Int(unit)].attempt == timer.attempt else { return }
      switch (timer.kind, units[Int(unit)].state) {
      case (.retry, .retrying): makeReady(unit, at: time)
      case (.attempt, .running): stop(unit, for: .timeout, at: time)
      case (.graceOfAttempt, .running): giveUp(unit, at: time)
      default: break
      }
    }
  }

  mutating func passDeadline(of step: Int32, at time: Int64) {
    guard !units[Int(step)].state.isFinal, abortion == nil else { return }
    units[Int(step)].overdue = units[Int(step)].overdue ?? .deadline
    if let fanOut = fanOuts[step] {
      if !fanOut.hasFailed { errors[step] = timeout(of: step) }
      fanOuts[step]?.hasFailed = true
      let first = Int(fanOut.firstUnit)
      for element in first..<first + fanOut.elements.count {
        switch units[element].state {
        case .running: stop(Int32(element), for: .deadline, at: time)
        case .ready, .retrying: settle(Int32(element), .skipped, at: time)
        default: break
        }
      }
    } else if units[Int(step)].state == .running {
      stop(step, for: .deadline, at: time)
    } else {
      errors[step] = timeout(of: step)
      settle(step, .timedOut, at: time)
    }
  }

  private mutating func stop(_ unit: Int32, for kind: StepTimeout.Kind, at time: Int64) {
    guard !units[Int(unit)].isStopping, fanOuts[unit] == nil else { return }
    units[Int(unit)].overdue = kind
    units[Int(unit)].isStopping = true
    stops.append(unit)
    timers.insert(
      Timer(
        time: later(time, by: options.grace.nanoseconds), kind: .graceOfAttempt, unit: unit,
        attempt: units[Int(unit)].attempt))
  }

  /// The error of a unit whose time is over; nil when it is not.
  func timeout(of unit: Int32, isAbandoned: Bool = false) -> StepTimeout? {
    guard let kind = units[Int(unit)].overdue else { return nil }
    let options = plan.steps[Int(units[Int(unit)].step)].options
    let limit = kind == .timeout ? options.timeout : options.deadline
    return StepTimeout(kind: kind, limit: limit ?? .zero, isAbandoned: isAbandoned)
  }

  /// An attempt that was told to stop and did not is left to itself.
  private mutating func giveUp(_ unit: Int32, at time: Int64) {
    let index = Int(unit)
    guard units[index].state == .running, fanOuts[unit] == nil else { return }
    leave(unit, at: time)
    lostWorkers.append(plan.traits[Int(units[index].step)].pool)
    if units[index].isOverdue {
      errors[unit] = timeout(of: unit, isAbandoned: true)
      settle(unit, .timedOut, at: time)
    } else {
      errors[unit] = StepTimeout(kind: .grace, limit: options.grace, isAbandoned: true)
      settle(unit, abortion == .timedOut ? .timedOut : .cancelled, at: time)
    }
  }

  /// Stops the run: what runs is told to stop, what waits never starts.
  mutating func abort(_ abortion: Abortion, at time: Int64) {
    guard self.abortion == nil, endTime == nil else { return }
    self.abortion = abortion
    sweep(abortion, from: 0, at: time)
    timers.insert(
      Timer(
        time: later(time, by: options.grace.nanoseconds), kind: .graceOfRun, unit: -1, attempt: 0))
    endIfDone(at: time)
  }

  /// Ends all units from `first` on that do not run, and tells the others to stop.
  mutating func sweep(_ abortion: Abortion, from first: Int, at time: Int64) {
    for queue in queues.indices { queues[queue].ready.removeAll() }
    let state: StepState = if case .failed = abortion { .skipped } else { .cancelled }
    var elements: [Int32] = []
    for unit in first..<units.count {
      switch units[unit].state {
      case .waiting, .ready, .retrying:
        finish(Int32(unit), state, at: time)
        if units[unit].element >= 0 { elements.append(Int32(unit)) }
      case .running where fanOuts[Int32(unit)] == nil && !units[unit].isStopping:
        units[unit].isStopping = true
        stops.append(Int32(unit))
      default: break
      }
    }
    // The steps that these are elements of end when all others of them have.
    for element in elements { spread(from: element, at: time) }
  }
}
