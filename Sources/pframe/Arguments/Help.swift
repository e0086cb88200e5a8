extension Program {
  /// What `pframe --help` shows.
  static var help: String {
    let rows = commands.map { ($0.specification.name, $0.specification.summary) }
    return """
      Look into Parquet, CSV and Avro files, and run workflows over them.

      Usage: \(name) COMMAND [OPTION]… FILE…

      Commands:
      \(aligned(rows))

      Options:
      \(aligned([("-h, --help", "Show this help; behind a command, its own."),
        ("-V, --version", "Show the version.")]))

      \(environmentAndStatus)

      """
  }

  /// What `pframe GROUP --help` shows.
  static func help(ofGroup group: String) -> String {
    let rows = commands.map { ($0.specification.name, $0.specification.summary) }
    return """
      Commands:
      \(aligned(rows.filter { $0.0.hasPrefix(group + " ") }))

      Usage: \(name) \(group) \(names(inGroup: group).joined(separator: "|")) [OPTION]… FILE

      Each has a --help of its own.

      \(environmentAndStatus)

      """
  }

  /// What every help ends with.
  fileprivate static var environmentAndStatus: String {
    """
    Environment:
    \(aligned([("NO_COLOR", "When set, no colors unless with --color always."),
      ("COLUMNS", "The width of tables, rather than the terminal's."),
      ("PARQUETFRAME_SWIFT_THREADS", "The most threads to use (all processors).")]))

    Exit status:
    \(aligned([("0", "all was shown or done"),
      ("1", "an input could not be read, the output not written, or a step failed"),
      ("2", "wrong usage"), ("130", "interrupted by Ctrl-C")]))
    """
  }

  /// Two columns, indented.
  fileprivate static func aligned(_ rows: [(String, String)]) -> String {
    let width = rows.reduce(0) { max($0, $1.0.count) }
    return rows.map { left, right in
      "  \(left)\(String(repeating: " ", count: width - left.count))  \(right)"
    }.joined(separator: "\n")
  }
}

extension CommandSpecification {
  /// What `pframe COMMAND --help` shows.
  var help: String {
    let topic = topics.isEmpty ? [] : [topics.joined(separator: "|")]
    let rows = options.map { option in
      let names = (option.short.map { "\($0), " } ?? "    ") + option.name
      return (names + (option.value.map { " \($0)" } ?? ""), option.help)
    }
    return """
      \(summary)

      Usage: \(Program.name) \(([name] + topic).joined(separator: " ")) [OPTION]… \(takesOneFile ? "FILE" : "FILE…")

      \(details)

      Options:
      \(Program.aligned(rows))

      \(Program.environmentAndStatus)

      """
  }
}
