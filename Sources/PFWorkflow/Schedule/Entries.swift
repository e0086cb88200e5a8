/// A unit that may start. Less is earlier: higher priority, then earlier definition, then earlier
/// element.
struct ReadyEntry: Comparable {
  private let rank: Int64
  let unit: Int32

  init(priority: Int32, step: Int32, unit: Int32) {
    // The negated priority takes 33 bits, the step 31.
    rank = (-Int64(priority)) << 31 | Int64(step)
    self.unit = unit
  }

  static func < (one: ReadyEntry, other: ReadyEntry) -> Bool {
    one.rank != other.rank ? one.rank < other.rank : one.unit < other.unit
  }
}

/// What is to happen at a time. Nothing is taken out before it is due: who looks at a timer checks
/// that it still means something.
struct Timer: Comparable {
  let time: Int64
  let kind: Kind
  let unit: Int32
  let attempt: Int32

  enum Kind: UInt8 {
    /// The delay before the next attempt is over.
    case retry
    /// The attempt's time is over.
    case attempt
    /// The attempt was told to stop, and has had its grace.
    case graceOfAttempt
    /// The step's time is over.
    case deadline
    /// The run's time is over.
    case run
    /// The run was told to stop, and has had its grace.
    case graceOfRun
  }

  static func < (one: Timer, other: Timer) -> Bool { one.time < other.time }
}
