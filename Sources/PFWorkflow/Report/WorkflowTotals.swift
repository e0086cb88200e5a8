internal import PFCore

/// Sums over the runs of the process.
public struct WorkflowTotals: Sendable, Equatable {
  /// How many runs ended in each way.
  public private(set) var runCounts: [RunResult.Status: Int] = [:]
  /// How many steps ended in each state.
  public private(set) var stepCounts: [StepState: Int] = [:]
  /// How many attempts were begun, those of elements included.
  public private(set) var attemptCount = 0
  /// The sum of all attempts.
  public private(set) var busyTime = Duration.zero
  /// The sum of the runs from begin to end.
  public private(set) var wallTime = Duration.zero

  private static let totals = ProcessWide(WorkflowTotals())

  /// The sums since the process began, or since the last `reset`. A run counts when it is over.
  public static var current: WorkflowTotals { totals.withLock { $0 } }

  /// Begins anew.
  ///
  /// - Returns: what the sums were.
  @discardableResult
  public static func reset() -> WorkflowTotals {
    totals.withLock { totals in
      defer { totals = WorkflowTotals() }
      return totals
    }
  }

  static func add(_ result: RunResult) {
    let sums = result.schedule.sums
    totals.withLock { totals in
      totals.runCounts[result.status, default: 0] += 1
      for (state, count) in sums.stepCounts { totals.stepCounts[state, default: 0] += count }
      totals.attemptCount += sums.attemptCount
      totals.busyTime += .nanoseconds(sums.busyTime)
      totals.wallTime += result.wallTime
    }
  }

  /// The sums as a JSON object, as `Specs/workflow.md` has it.
  public var json: String {
    var writer = JSONWriter()
    writer.object { json in
      json.object("runs") { json in
        for status in RunResult.Status.allCases {
          if let count = runCounts[status] { json.member(status.rawValue, count) }
        }
      }
      json.object("steps") { json in
        for state in StepState.allCases {
          if let count = stepCounts[state] { json.member(state.name, count) }
        }
      }
      json.member("attempts", attemptCount)
      json.member("busy_time", Double(busyTime.nanoseconds) / 1e9)
      json.member("wall_time", Double(wallTime.nanoseconds) / 1e9)
    }
    return writer.text
  }
}
