package import PFCore

extension RunOptions {
  /// Takes what `options` has for runs; what is absent stays as it is.
  package mutating func read(_ options: inout JSONOptions) throws(OptionError) {
    let counts = 1...Int.max
    maxParallel = try options.integer("max_parallel", in: counts) ?? maxParallel
    sharedLimit = try options.integer("shared_limit", in: counts) ?? sharedLimit
    cpuLimit = try options.integer("cpu_limit", in: counts) ?? cpuLimit
    ioLimit = try options.integer("io_limit", in: counts) ?? ioLimit
    resources = try options.amounts("resources") ?? resources
    memoryByteCount = try options.integer("memory_bytes", in: 0...Int.max) ?? memoryByteCount
    timeout = try options.seconds("timeout") ?? timeout
    grace = try options.seconds("grace") ?? grace
    if let value = try options.integer("seed", in: Int.min...Int.max) {
      seed = UInt64(bitPattern: Int64(value))
    }
    measuresProcessorTime = try options.bool("measure_cpu") ?? measuresProcessorTime
  }
}

extension Checkpoint {
  /// The option `checkpoint`: `path`, `sync`, `resume`, `unreadable`; nil where it is absent.
  package init?(_ options: inout JSONOptions) throws(OptionError) {
    guard let json = try options.object("checkpoint") else { return nil }
    var members = JSONOptions(json)
    guard let path = try members.string("path") else {
      throw .wrongType(name: "checkpoint", expected: "an object with a path")
    }
    self.init(path: path, isDurable: try members.bool("sync") ?? false)
    resumes = try members.bool("resume") ?? true
    unreadable = Set(try members.strings("unreadable") ?? [])
    try members.finish()
  }
}

extension StepOptions {
  /// Takes what `options` has for a step.
  mutating func read(_ options: inout JSONOptions) throws(OptionError) {
    if let hint = try options.choice("resource_hint", of: Self.hints.map(\.name)) {
      pool = Self.hints.first { $0.name == hint }?.pool ?? pool
    }
    if let name = try options.choice("pool", of: ["shared", "cpu", "io"]) {
      pool = name == "cpu" ? .cpu : name == "io" ? .io : .shared
    }
    if let value = try options.integer("priority", in: Int(Int32.min)...Int(Int32.max)) {
      priority = Int32(truncatingIfNeeded: value)
    }
    timeout = try options.seconds("timeout")
    deadline = try options.seconds("deadline")
    if let policy = try options.choice("on_failure", of: ["fail", "skip", "continue"]) {
      onFailure = policy == "skip" ? .skipDependents : policy == "continue" ? .continue : .failRun
    }
    continuesWhenSkipped = try options.choice("on_skip", of: ["skip", "continue"]) == "continue"
    resources = try options.amounts("resources") ?? [:]
    memoryByteCount = try options.integer("memory_bytes", in: 0...Int.max) ?? 0
    version = try options.string("version") ?? ""
    if let attempts = try options.integer("retries", in: 0...Int.max - 1) {
      retry = attempts == 0 ? .never : .exponential(attempts: attempts + 1)
    }
    for name in ["retry", "retry_policy"] {
      guard let json = try options.object(name) else { continue }
      var options = JSONOptions(json)
      retry = try RetryPolicy(&options)
      try options.finish()
    }
  }

  /// What the original calls the kinds of work.
  private static let hints: [(name: String, pool: Pool)] = [
    ("cpu_bound", .cpu), ("io_bound", .io), ("network_bound", .io), ("memory_bound", .cpu),
    ("default", .shared),
  ]
}

extension RetryPolicy {
  /// `attempts` (or `max_attempts`), and `delays` in seconds, `backoff_ms` in milliseconds, or
  /// `first`, `factor`, `limit` and `jitter`.
  init(_ options: inout JSONOptions) throws(OptionError) {
    var attempts = try options.integer("attempts", in: 1...Int.max)
    if let most = try options.integer("max_attempts", in: 1...Int.max) { attempts = most }
    var delays: [Duration]?
    for (name, unit) in [("delays", 1.0), ("backoff_ms", 1000.0)] {
      guard let list = try options.array(name) else { continue }
      var durations: [Duration] = []
      for value in list {
        guard let number = value.number?.double, (0...JSONOptions.secondsLimit).contains(number)
        else { throw .wrongType(name: name, expected: "a list of numbers of at least 0") }
        durations.append(.seconds(number / unit))
      }
      delays = durations
    }
    let first = try options.seconds("first")
    let factor = try options.double("factor")
    let limit = try options.seconds("limit")
    let jitter = try options.double("jitter")
    if let delays {
      self.init(attempts: attempts ?? delays.count + 1, backoff: .list(delays))
    } else {
      self = .exponential(
        attempts: attempts ?? 3, first: first ?? .milliseconds(100), factor: factor ?? 2,
        limit: limit ?? .seconds(60), jitter: jitter ?? 0.1)
    }
  }
}

extension JSONOptions {
  /// The most seconds that times may have: thirty years.
  static var secondsLimit: Double { 1e9 }

  /// A time in seconds.
  mutating func seconds(_ name: String) throws(OptionError) -> Duration? {
    guard let value = try double(name) else { return nil }
    guard (0...Self.secondsLimit).contains(value) else {
      throw .wrongType(name: name, expected: "a number of seconds from 0 to 1e9")
    }
    return .seconds(value)
  }

  /// An object of texts.
  package mutating func texts(_ name: String) throws(OptionError) -> [String: any Sendable] {
    var texts: [String: any Sendable] = [:]
    for member in try object(name)?.members ?? [] {
      guard let text = member.value.string else {
        throw .wrongType(name: name, expected: "an object of texts")
      }
      texts[member.name] = text
    }
    return texts
  }

  mutating func object(_ name: String) throws(OptionError) -> JSONObject? {
    guard let value = value(name) else { return nil }
    guard let object = value.object else { throw .wrongType(name: name, expected: "an object") }
    return object
  }

  mutating func array(_ name: String) throws(OptionError) -> [JSONValue]? {
    guard let value = value(name) else { return nil }
    guard let array = value.array else { throw .wrongType(name: name, expected: "a list") }
    return array
  }

  /// A name, or a list of names.
  mutating func names(_ name: String) throws(OptionError) -> [String]? {
    if let one = value(name)?.string { return [one] }
    return try strings(name)
  }

  /// An object of whole numbers that are at least 0.
  mutating func amounts(_ name: String) throws(OptionError) -> [String: Int]? {
    guard let object = try object(name) else { return nil }
    var amounts: [String: Int] = [:]
    for member in object.members {
      guard let number = member.value.number, number.isInteger,
        let amount = number.int64.flatMap(Int.init(exactly:)), amount >= 0
      else { throw .wrongType(name: name, expected: "an object of whole numbers of at least 0") }
      amounts[member.name] = amount
    }
    return amounts
  }
}
