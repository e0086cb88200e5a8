internal import PFCore

/// How a workflow is run.
public struct RunOptions: Sendable {
  /// The most steps that run at once, of all pools; nil: what the pools allow.
  public var maxParallel: Int?
  /// The most steps of pool `.shared` that run at once; nil: `maxParallel`, or as many as there are
  /// processors.
  public var sharedLimit: Int?
  /// The most steps of pool `.cpu` that run at once; nil: as many as there are processors.
  public var cpuLimit: Int?
  /// The most steps of pool `.io` that run at once.
  public var ioLimit = 64
  /// The capacities of named resources.
  public var resources: [String: Int] = [:]
  /// The bytes that the steps that run may declare together; nil: no limit.
  public var memoryByteCount: Int?
  /// The longest time of the run; after it all steps are told to stop.
  public var timeout: Duration?
  /// How long steps that are told to stop have for it. After that they are given up: the run ends
  /// without them, whatever their threads do.
  public var grace = Duration.seconds(5)
  /// Decides the jitter of all delays.
  public var seed: UInt64 = 0
  /// Whether the processor time of each attempt is measured, where a step keeps its thread.
  public var measuresProcessorTime = false

  /// The defaults.
  public init() {}

  /// What is wrong with the options.
  var problems: [WorkflowError.Problem] {
    var problems: [WorkflowError.Problem] = []
    func positive(_ name: String, _ value: Int?) {
      guard let value, value < 1 else { return }
      problems.append(.option(step: "", text: "\(name) cannot be \(value): at least 1"))
    }
    positive("max_parallel", maxParallel)
    positive("shared_limit", sharedLimit)
    positive("cpu_limit", cpuLimit)
    positive("io_limit", ioLimit)
    for (name, capacity) in resources.sorted(by: { $0.key < $1.key }) where capacity < 0 {
      problems.append(
        .option(step: "", text: "the capacity of \(quoted(name)) cannot be \(capacity)"))
    }
    if let memoryByteCount, memoryByteCount < 0 {
      problems.append(.option(step: "", text: "memory cannot be \(memoryByteCount) bytes"))
    }
    if let timeout, timeout <= .zero {
      problems.append(.option(step: "", text: "the timeout is not above 0"))
    }
    if grace < .zero { problems.append(.option(step: "", text: "the grace is negative")) }
    return problems
  }

  /// The most that run at once in each pool, by raw value.
  var poolLimits: [Int] {
    let most = maxParallel ?? .max
    let processors = Settings.current.threadCount
    return [
      min(sharedLimit ?? maxParallel ?? processors, most), min(cpuLimit ?? processors, most),
      min(ioLimit, most),
    ]
  }
}
