/// One native case: what runs, how much it does, and how often it may allocate.
struct Benchmark: Sendable {
  /// How the amount of work becomes a rate.
  enum Unit: String, Sendable {
    /// The amount counts bytes of output.
    case gigabytes = "GB/s"
    /// The amount counts elements, edges or steps.
    case millions = "M/s"
  }

  /// `area/what/parameters`, lower case, sizes in binary units.
  let name: String
  /// Work of one iteration, in bytes or elements as `unit` says.
  let amount: Int
  let unit: Unit
  /// The most allocations that one warm iteration may make.
  let allocationLimit: Int
  /// What else is made once, for the memory that it holds.
  var holding: Holding?
  /// Makes the input, outside of all measurement, and returns the iteration. The iteration's
  /// result is consumed, so the optimiser cannot drop the work.
  let prepare: @Sendable () throws -> () throws -> Int

  /// Something whose bytes are counted while it is there.
  struct Holding: Sendable {
    /// The most bytes for each element of the amount.
    let limit: Int
    let make: @Sendable () throws -> Any
  }
}

/// What one case took. Times are nanoseconds of one iteration.
struct Measurement {
  let median: Double
  let lowerQuartile: Double
  let upperQuartile: Double
  /// Exact, from one warm iteration; nil where the build does not count.
  let allocations: Int?
  /// Bytes for each element that `Benchmark.holding` made; nil where there is none, or no count.
  let heldBytes: Int?
}

extension Benchmark {
  /// A run repeats the iteration for at least this long, so that the clock's step is small.
  static let shortestRun = Duration.milliseconds(5)

  /// Runs the case `runs` times and counts the allocations of one more iteration.
  func measure(runs: Int) throws -> Measurement {
    let iteration = try prepare()
    var repeats = 1
    while try Self.time(iteration, repeats: repeats) < Self.shortestRun { repeats *= 2 }
    var times: [Double] = []
    for _ in 0..<runs {
      let time = try Self.time(iteration, repeats: repeats)
      times.append(time / .nanoseconds(1) / Double(repeats))
    }
    times.sort()
    let allocations = try countAllocations { consume(try iteration()) }
    let heldBytes = try holding.flatMap { try countHeldBytes(of: $0.make) }
    return Measurement(
      median: Self.quantile(0.5, of: times), lowerQuartile: Self.quantile(0.25, of: times),
      upperQuartile: Self.quantile(0.75, of: times), allocations: allocations,
      heldBytes: heldBytes.map { $0 / amount })
  }

  /// Whether a count is above its limit.
  func isOverLimit(_ found: Measurement) -> Bool {
    (found.allocations ?? 0) > allocationLimit || (found.heldBytes ?? 0) > holding?.limit ?? .max
  }

  /// Work per time: GB/s or millions a second.
  func rate(nanoseconds: Double) -> Double {
    switch unit {
    case .gigabytes: Double(amount) / nanoseconds
    case .millions: Double(amount) * 1e3 / nanoseconds
    }
  }

  private static func time(_ iteration: () throws -> Int, repeats: Int) rethrows -> Duration {
    try ContinuousClock().measure {
      for _ in 0..<repeats { consume(try iteration()) }
    }
  }

  /// Linear between neighbours; `sorted` is not empty.
  private static func quantile(_ share: Double, of sorted: [Double]) -> Double {
    let position = share * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
  }
}

/// Uses a value in a way that the optimiser cannot see through.
@inline(never)
@_optimize(none)
func consume(_ value: Int) {}
