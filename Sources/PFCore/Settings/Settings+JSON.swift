extension Settings {
  /// The settings as a JSON object, which `apply` takes back.
  public var json: String {
    var writer = JSONWriter()
    writer.object {
      $0.member("threads", threads)
      $0.member("log_level", logLevel?.name ?? "off")
      $0.member("csv_chunk_size", csvChunkSize)
      $0.member("csv_threads", csvThreads)
      $0.member("io_enabled", ioEnabled)
      $0.member("graph_enabled", graphEnabled)
      $0.member("workflow_enabled", workflowEnabled)
    }
    return writer.text
  }

  /// Changes the settings that a JSON object names; the others, and those that are `null`, stay.
  ///
  /// Besides `true` and `false`, switches take what the environment takes: 1, "yes", "off", ….
  ///
  /// - Throws: what is wrong with the first bad setting; then nothing is changed.
  public mutating func apply(json: String) throws(OptionError) {
    var options = try JSONOptions(json)
    var new = self
    new.threads = try options.integer("threads", in: Self.threadRange) ?? threads
    if let name = try options.string("log_level") {
      guard let level = Self.logLevel(named: name) else {
        throw .notAllowed(name: "log_level", value: name, allowed: Self.logNames)
      }
      new.logLevel = level
    }
    new.csvChunkSize =
      try options.integer("csv_chunk_size", in: Self.chunkSizeRange) ?? csvChunkSize
    new.csvThreads = try options.integer("csv_threads", in: Self.threadRange) ?? csvThreads
    new.ioEnabled = try Self.flag("io_enabled", in: &options) ?? ioEnabled
    new.graphEnabled = try Self.flag("graph_enabled", in: &options) ?? graphEnabled
    new.workflowEnabled = try Self.flag("workflow_enabled", in: &options) ?? workflowEnabled
    try options.finish()
    self = new
  }

  private static func flag(
    _ name: String, in options: inout JSONOptions
  ) throws(OptionError) -> Bool? {
    switch options.value(name) {
    case nil: return nil
    case .bool(let value): return value
    case .string(let text): if let value = TruthRule.value(of: text) { return value }
    case .number(let number): if let value = TruthRule.value(of: number.literal) { return value }
    default: break
    }
    throw .wrongType(name: name, expected: TruthRule.expected)
  }
}
