internal import PFCore

/// Stands in a list of outputs where an element of a fanned out step has failed and its policy let
/// the run go on.
public struct MissingOutput: Sendable, Equatable {
  /// The one value.
  public init() {}
}

extension Schedule {
  /// The attempt of `ticket` has ended.
  ///
  /// - Returns: false when it had been given up, so that its worker is none of the run's any more.
  mutating func end(
    _ ticket: Ticket, _ outcome: consuming Outcome, processorTime: Int64 = 0, at time: Int64
  ) -> Bool {
    let index = Int(ticket.unit)
    // A step that is fanned out runs on, but its elements end it.
    guard units[index].state == .running, units[index].attempt == ticket.attempt,
      fanOuts[ticket.unit] == nil
    else { return false }
    leave(ticket.unit, at: time)
    units[index].processorTime += processorTime
    // Errors of earlier attempts stand in the events.
    if !errors.isEmpty, !outcome.isFailure { errors[ticket.unit] = nil }
    switch consume outcome {
    case .succeeded(let output):
      outputs[index] = output
      settle(ticket.unit, .succeeded, at: time)
    case .skipped:
      settle(ticket.unit, .skipped, at: time)
    case .failed(let error, let mayRetry):
      fail(ticket.unit, error, mayRetry: mayRetry, at: time)
    case .fannedOut(let elements):
      fanOut(ticket.step, elements, at: time)
    }
    endIfDone(at: time)
    return true
  }

  /// The cleanup of a unit has ended.
  mutating func endCleanup(at time: Int64) {
    if cleanupCount > 0 { cleanupCount -= 1 }
    endIfDone(at: time)
  }

  /// The unit does not run any more: its place and what it held are free.
  mutating func leave(_ unit: Int32, at time: Int64) {
    let step = units[Int(unit)].step
    running[Int(plan.traits[Int(step)].pool.rawValue)] -= 1
    runningTotal -= 1
    units[Int(unit)].busyTime += time - units[Int(unit)].attemptTime
    if plan.traits[Int(step)].hasLimits, let need = needs[step] { limits.giveBack(need) }
  }

  private mutating func fail(_ unit: Int32, _ error: any Error, mayRetry: Bool, at time: Int64) {
    let index = Int(unit)
    errors[unit] = error
    if abortion != nil {
      settle(unit, abortion == .timedOut ? .timedOut : .cancelled, at: time)
      return
    }
    let step = units[index].step
    let isGivenUp = units[index].element >= 0 && self.isGivenUp(fanOutOf: step)
    let retry = plan.steps[Int(step)].options.retry
    let attempt = Int(units[index].attempt)
    let deadline = plan.steps[Int(step)].options.deadline?.nanoseconds ?? .max
    let attempts = min(retry.attempts, Int(Int32.max))
    guard mayRetry, attempt < attempts, !isGivenUp, time < deadline else {
      settle(unit, units[index].isOverdue ? .timedOut : .failed, at: time)
      return
    }
    units[index].isStopping = false
    if pastAttempts.count < PastAttempt.limit {
      pastAttempts.append(
        PastAttempt(
          unit: unit, attempt: units[index].attempt, startTime: units[index].attemptTime,
          endTime: time))
    }
    events.append(.retried, unit: unit, attempt: units[index].attempt, time: time, error: error)
    let delay = retry.delay(
      after: attempt, seed: options.seed ^ UInt64(UInt32(bitPattern: unit)) &* 0x9E37_79B9)
    guard delay > 0 else { return makeReady(unit, at: time) }
    units[index].state = .retrying
    timers.insert(
      Timer(
        time: later(time, by: delay), kind: .retry, unit: unit, attempt: units[index].attempt))
  }

  private mutating func fanOut(_ step: Int32, _ elements: [any Sendable], at time: Int64) {
    guard !elements.isEmpty else {
      outputs[Int(step)] = [any Sendable]()
      settle(step, .succeeded, at: time)
      return
    }
    guard let first = Int32(exactly: units.count), elements.count < Int(Int32.max) - units.count
    else {
      errors[step] = TooManyElements(count: elements.count)
      settle(step, .failed, at: time)
      return
    }
    fanOuts[step] = FanOut(elements: elements, firstUnit: first)
    // Another list than before, or nothing left to do, is not what was kept.
    let restored = restoredElements.removeValue(forKey: step).flatMap {
      $0.count == elements.count && $0.outputs.count < elements.count ? $0 : nil
    }
    units[Int(step)].remaining = Int32(elements.count)
    for element in elements.indices {
      units.append(Unit(step: step, element: Int32(element), remaining: 0))
      outputs.append(nil)
      if let restored, let output = restored.outputs[element] {
        restore(first + Int32(element), output, at: time)
        units[Int(step)].remaining -= 1
      } else {
        makeReady(first + Int32(element), at: time)
      }
    }
    // It was aborted, or its time was over, while its list was made.
    units[Int(step)].overdue = nil
    if let abortion {
      sweep(abortion, from: Int(first), at: time)
    } else if let deadline = plan.steps[Int(step)].options.deadline, time >= deadline.nanoseconds {
      passDeadline(of: step, at: time)
    }
  }

  /// The unit has ended for good, and so may others with it.
  mutating func settle(_ unit: Int32, _ state: StepState, at time: Int64) {
    finish(unit, state, at: time)
    spread(from: unit, at: time)
  }

  /// Does what follows from the end of `unit`.
  mutating func spread(from unit: Int32, at time: Int64) {
    var ended: [Int32] = []
    var next: Int32? = unit
    while let unit = next {
      if units[Int(unit)].element >= 0 {
        if let step = endOfElement(unit, at: time) { ended.append(step) }
      } else {
        release(unit, at: time, &ended)
      }
      next = ended.popLast()
    }
  }

  mutating func finish(_ unit: Int32, _ state: StepState, at time: Int64) {
    let index = Int(unit)
    units[index].state = state
    units[index].endTime = time
    if units[index].element < 0 { unfinishedCount -= 1 }
    if events.isOn { events.append(ending: state, unit, units[index].attempt, time, errors[unit]) }
    if !state.isGood, units[index].attempt > 0, plan.traits[Int(units[index].step)].hasCleanup {
      cleanups.append(unit)
      cleanupCount += 1
    }
  }

  /// An element of a fanned out step has ended; the step, if that was the last one.
  private mutating func endOfElement(_ unit: Int32, at time: Int64) -> Int32? {
    let step = units[Int(unit)].step
    if !units[Int(unit)].state.isGood, fanOuts[step]?.hasFailed == false {
      fanOuts[step]?.hasFailed = true
      errors[step] = errors[unit]
    }
    units[Int(step)].remaining -= 1
    guard units[Int(step)].remaining == 0, let fanOut = fanOuts[step] else { return nil }
    let first = Int(fanOut.firstUnit)
    var list: [any Sendable] = []
    list.reserveCapacity(fanOut.elements.count)
    var busy: Int64 = 0
    var states: Set<StepState> = []
    for element in first..<first + fanOut.elements.count {
      busy += units[element].busyTime
      states.insert(units[element].state)
      list.append(outputs[element] ?? MissingOutput())
      outputs[element] = nil
    }
    units[Int(step)].busyTime += busy
    if !fanOut.hasFailed || plan.traits[Int(step)].onFailure == .continue && abortion == nil {
      outputs[Int(step)] = list
    }
    finish(step, stateOfFanOut(step, states, hasFailed: fanOut.hasFailed), at: time)
    return step
  }

  private func stateOfFanOut(_ step: Int32, _ states: Set<StepState>, hasFailed: Bool) -> StepState
  {
    if !hasFailed { return .succeeded }
    if units[Int(step)].isOverdue || states.contains(.timedOut) { return .timedOut }
    if states.contains(.failed) { return .failed }
    return states.contains(.cancelled) ? .cancelled : .skipped
  }

  /// Step `step` has ended: what waited for it becomes ready, or is skipped with it.
  private mutating func release(_ step: Int32, at time: Int64, _ ended: inout [Int32]) {
    let traits = plan.traits[Int(step)]
    let isBlocking: Bool
    switch units[Int(step)].state {
    case .failed, .timedOut:
      hasFailures = true
      isBlocking = traits.onFailure != .continue
      if traits.onFailure == .failRun { abort(.failed(step: step), at: time) }
    case .skipped:
      // Of a workflow, the first of its steps asks.
      let gate = traits.gate < 0 ? nil : units[Int(traits.gate)]
      let saidNo =
        gate.map { $0.state == .skipped && !$0.isBlocked } ?? !units[Int(step)].isBlocked
      isBlocking = !saidNo || !traits.continuesWhenSkipped
    case .cancelled: isBlocking = true
    default: isBlocking = false
    }
    for successor in plan.successors(of: Int(step)) {
      let index = Int(successor)
      guard units[index].state == .waiting else { continue }
      if isBlocking { units[index].isBlocked = true }
      units[index].remaining -= 1
      guard units[index].remaining == 0 else { continue }
      if units[index].isBlocked {
        finish(successor, .skipped, at: time)
        ended.append(successor)
      } else {
        makeReady(successor, at: time)
      }
    }
  }
}

/// A step was fanned out over more elements than a run has numbers for.
struct TooManyElements: Error, CustomStringConvertible {
  let count: Int
  var description: String { "a list of \(count) elements is too long to be fanned out" }
}
