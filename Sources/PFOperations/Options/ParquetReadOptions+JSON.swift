internal import PFArrow
package import PFCore
package import PFParquet

extension ParquetReadOptions {
  /// The options of reads and scans; all but the filter.
  package init(_ options: inout JSONOptions, scanning: Bool = false) throws(OptionError) {
    self.init()
    columns = try options.strings("columns")
    rowGroups = try options.integers("row_groups", in: .min ... .max)
    limit = try options.integer("limit", in: 0 ... .max)
    threads = try options.threads()
    verifiesChecksums = try options.bool("verify_checksums") ?? false
    limits = try options.limits()
    let units: [String: TimeUnit] = [
      "s": .second, "ms": .millisecond, "us": .microsecond, "ns": .nanosecond,
    ]
    let unit = try options.choice("coerce_int96_timestamp_unit", of: ["s", "ms", "us", "ns"])
    int96Unit = unit.flatMap { units[$0] } ?? .nanosecond
    restoresArrowSchema = try options.bool("restore_arrow_schema") ?? true
    (stringOutput, columnStringOutputs) = try options.stringOutputs()
    if scanning {
      batchSize = try options.integer("batch_size", in: 1 ... .max) ?? batchSize
      readsAhead = try options.bool("read_ahead") ?? true
    }
  }
}

extension JSONOptions {
  /// The option `threads`; 0 leaves it to the settings of the process.
  mutating func threads() throws(OptionError) -> Int? {
    try integer("threads", in: 0...1024).flatMap { $0 == 0 ? nil : $0 }
  }

  /// The options whose names end in `_limit`.
  fileprivate mutating func limits() throws(OptionError) -> ParquetLimits {
    var limits = ParquetLimits()
    limits.nesting = try integer("nesting_limit", in: 1...127) ?? limits.nesting
    limits.pageByteCount = try integer("page_byte_limit", in: 1 ... .max) ?? limits.pageByteCount
    limits.compressionRatio = try integer("compression_ratio_limit", in: 1 ... .max)
    limits.allocationByteCount =
      try integer("allocation_limit", in: 1 ... .max) ?? limits.allocationByteCount
    return limits
  }

  /// The options `string_output`, the name of a layout for all columns or an object of such names
  /// by column, and `dictionary`, the columns that become dictionaries.
  package mutating func stringOutputs() throws(OptionError) -> (
    StringOutput?, [String: StringOutput]
  ) {
    let name = "string_output"
    func output(_ value: JSONValue) throws(OptionError) -> StringOutput {
      guard let text = value.string else {
        throw .wrongType(name: name, expected: "a layout, or an object of columns and layouts")
      }
      guard let output = StringOutput(rawValue: text) else {
        throw .notAllowed(
          name: name, value: text, allowed: StringOutput.allCases.map(\.rawValue))
      }
      return output
    }
    var common: StringOutput?
    var outputs: [String: StringOutput] = [:]
    switch value(name) {
    case .object(let columns):
      for column in columns.members { outputs[column.name] = try output(column.value) }
    case .some(let value): common = try output(value)
    case nil: break
    }
    for column in try strings("dictionary") ?? [] { outputs[column] = .dictionary }
    return (common, outputs)
  }
}
