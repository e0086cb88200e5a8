/// Counts and times of a run.
public struct RunMetrics: Sendable {
  /// How many steps ended in each state; states that no step ended in are left out.
  public let stepCounts: [StepState: Int]
  /// How many attempts were begun, those of elements included.
  public let attemptCount: Int
  /// From the begin of the run to its end.
  public let wallTime: Duration
  /// The sum of all attempts.
  public let busyTime: Duration
  /// The sum over all steps of the time for which they were ready and waited for room.
  public let waitTime: Duration
  /// The sum of the processor times, where they were measured.
  public let processorTime: Duration?
  /// The most attempts that ran at once.
  public let mostAtOnce: Int
  /// The chain of steps whose times add up to the most, first to last.
  public let criticalPath: [String]
  /// The sum of their times: no number of workers could have been faster.
  public let criticalPathTime: Duration

  /// How many steps ran at once on average: `busyTime / wallTime`.
  public var speedUp: Double {
    wallTime > .zero ? busyTime / wallTime : 1
  }
}

extension RunResult {
  /// Counts and times.
  ///
  /// - Complexity: O(steps + dependencies).
  public var metrics: RunMetrics {
    let sums = schedule.sums
    let (path, length) = schedule.plan.criticalPath { schedule.duration(of: $0) }
    return RunMetrics(
      stepCounts: sums.stepCounts, attemptCount: sums.attemptCount, wallTime: wallTime,
      busyTime: .nanoseconds(sums.busyTime), waitTime: .nanoseconds(sums.waitTime),
      processorTime: schedule.options.measuresProcessorTime
        ? .nanoseconds(sums.processorTime) : nil,
      mostAtOnce: schedule.mostRunning,
      criticalPath: path.map { schedule.plan.steps[$0].name },
      criticalPathTime: .nanoseconds(Int64(length)))
  }
}

extension Schedule {
  /// Counts, and sums of nanoseconds.
  struct Sums {
    var stepCounts: [StepState: Int] = [:]
    var attemptCount = 0
    var busyTime: Int64 = 0
    var waitTime: Int64 = 0
    var processorTime: Int64 = 0
  }

  /// - Complexity: O(units).
  var sums: Sums {
    var sums = Sums()
    var counts = [Int](repeating: 0, count: StepState.allCases.count)
    for (index, unit) in units.enumerated() {
      if unit.element < 0 { counts[Int(unit.state.rawValue)] += 1 }
      sums.waitTime += unit.waitTime
      // A step that was fanned out has the time of its elements.
      if !fanOuts.isEmpty, fanOuts[Int32(index)] != nil { continue }
      sums.attemptCount += Int(unit.attempt)
      sums.busyTime += unit.busyTime
      sums.processorTime += unit.processorTime
    }
    for state in StepState.allCases where counts[Int(state.rawValue)] > 0 {
      sums.stepCounts[state] = counts[Int(state.rawValue)]
    }
    return sums
  }

  /// Nanoseconds from the first attempt of a step to its end; 0 where there was none.
  func duration(of step: Int) -> Double {
    let unit = units[step]
    return unit.startTime < 0 ? 0 : Double(unit.endTime - unit.startTime)
  }
}
