extension Settings {
  /// The settings that an environment asks for, and a warning for each value that was ignored.
  ///
  /// | variable | sets |
  /// |---|---|
  /// | `PARQUETFRAME_DISABLE_SWIFT` | all three parts off |
  /// | `PARQUETFRAME_DISABLE_SWIFT_IO`, `…_GRAPH`, `…_WORKFLOW` | one part off |
  /// | `PARQUETFRAME_SWIFT_THREADS` | `threads` |
  /// | `PARQUETFRAME_SWIFT_LOG` | `logLevel` |
  /// | `PARQUETFRAME_CSV_CHUNK_SIZE`, `PARQUETFRAME_CSV_THREADS` | `csvChunkSize`, `csvThreads` |
  ///
  /// Where a name says `SWIFT`, the same name with `RUST` counts when the first is not set. An
  /// empty value is one that is not set.
  package static func reading(
    environment: (String) -> String?
  ) -> (settings: Settings, warnings: [String]) {
    var warnings: [String] = []

    func read<T>(_ name: String, _ expected: String, _ convert: (String) -> T?) -> T? {
      let alias = name.split(separator: "_").map { $0 == "SWIFT" ? "RUST" : $0 }
      for name in [name, alias.joined(separator: "_")] {
        guard let text = environment(name), !text.isEmpty else { continue }
        if let value = convert(text) { return value }
        warnings.append(
          "\(name) is ignored: \(JSONValue.string(text).text()) is not \(expected)")
        return nil
      }
      return nil
    }
    func isSet(_ name: String) -> Bool {
      read(name, TruthRule.expected, TruthRule.value(of:)) ?? false
    }
    func number(_ name: String, in range: ClosedRange<Int>) -> Int? {
      let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
      return read(name, expected) { Int($0).flatMap { range.contains($0) ? $0 : nil } }
    }

    var settings = Settings()
    let allDisabled = isSet("PARQUETFRAME_DISABLE_SWIFT")
    settings.ioEnabled = !isSet("PARQUETFRAME_DISABLE_SWIFT_IO") && !allDisabled
    settings.graphEnabled = !isSet("PARQUETFRAME_DISABLE_SWIFT_GRAPH") && !allDisabled
    settings.workflowEnabled = !isSet("PARQUETFRAME_DISABLE_SWIFT_WORKFLOW") && !allDisabled
    settings.threads = number("PARQUETFRAME_SWIFT_THREADS", in: threadRange) ?? 0
    settings.csvChunkSize = number("PARQUETFRAME_CSV_CHUNK_SIZE", in: chunkSizeRange) ?? 0
    settings.csvThreads = number("PARQUETFRAME_CSV_THREADS", in: threadRange) ?? 0
    settings.logLevel =
      read("PARQUETFRAME_SWIFT_LOG", "one of \(logNames.joined(separator: ", "))") {
        logLevel(named: $0)
      } ?? nil
    return (settings, warnings)
  }

  static let threadRange = 0...1024
  static let chunkSizeRange = 0...(1 << 30)
  static let logNames = ["off"] + LogLevel.allCases.map(\.name)

  /// The level of a name, `.some(nil)` for `off`; nil where there is no such name.
  static func logLevel(named name: String) -> LogLevel?? {
    name.lowercased() == "off" ? .some(nil) : LogLevel(name: name).map { $0 }
  }
}

/// What counts as true and as false, for the environment and for settings alike.
enum TruthRule {
  static let expected = "1, true, yes, on, 0, false, no or off"

  /// The truth of a text in any case; the empty text is false; nil for any other text.
  static func value(of text: String) -> Bool? {
    switch text.lowercased() {
    case "1", "true", "yes", "on": true
    case "0", "false", "no", "off", "": false
    default: nil
    }
  }
}
