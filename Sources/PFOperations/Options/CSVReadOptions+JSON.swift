internal import PFArrow
package import PFCSV
package import PFCore

extension CSVReadOptions {
  /// The options of reads and scans.
  package init(
    _ options: inout JSONOptions, scanning: Bool = false
  ) throws(OperationError) {
    self.init()
    var unreadable: (column: String, type: String)?
    self = try opting { () throws(OptionError) in
      var result = CSVReadOptions()
      result.dialect = try options.dialect()
      result.encoding = try options.string("encoding")
      result.replacesInvalidText =
        try options.choice("encoding_errors", of: ["strict", "replace"]) == "replace"
      result.columnNames = try options.strings("column_names")
      result.columns = try options.strings("columns")
      result.schema = try options.csvSchema(&unreadable)
      result.infersTypes = try options.bool("infer_schema") ?? true
      result.sampleCount = try options.integer("sample_rows", in: 0 ... .max) ?? result.sampleCount
      (result.nullValues, result.columnNullValues) = try options.lists(
        "null_values", result.nullValues)
      (result.datetimeFormats, result.columnDatetimeFormats) = try options.lists(
        "datetime_formats", [])
      result.stringsCanBeNull = try options.bool("strings_can_be_null") ?? true
      result.quotedStringsCanBeNull = try options.bool("quoted_strings_can_be_null") ?? false
      result.trueValues = try options.strings("true_values")
      result.falseValues = try options.strings("false_values")
      result.limit = try options.integer("limit", in: 0 ... .max)
      result.errorRule = try options.rule("on_error") ?? .raise
      result.raggedRule = try options.rule("ragged") ?? .error
      result.duplicateNameRule = try options.rule("duplicate_names") ?? .rename
      result.unitesColumns = try options.bool("union_by_name") ?? false
      result.rejectLimit = try options.integer("reject_limit", in: 0 ... .max) ?? result.rejectLimit
      result.threads = try options.threads()
      result.chunkByteCount =
        try options.integer("chunk_size", in: 0...256 << 20).flatMap { $0 == 0 ? nil : $0 }
      if scanning {
        result.batchSize = try options.integer("batch_size", in: 1 ... .max) ?? result.batchSize
      }
      return result
    }
    if let unreadable {
      throw .read(
        ReadError(
          .unsupported(feature: "reading CSV fields as \(unreadable.type)"),
          at: .init(column: unreadable.column)))
    }
  }
}

extension JSONOptions {
  fileprivate mutating func dialect() throws(OptionError) -> CSVDialect {
    var dialect = CSVDialect()
    dialect.delimiter = try string("delimiter") ?? dialect.delimiter
    // The empty string stands for none.
    if let quote = try string("quote") { dialect.quote = quote.isEmpty ? nil : quote }
    dialect.doublesQuotes = try bool("double_quote") ?? true
    dialect.escape = try string("escape").flatMap { $0.isEmpty ? nil : $0 }
    dialect.comment = try string("comment").flatMap { $0.isEmpty ? nil : $0 }
    dialect.hasHeader = try bool("has_header") ?? true
    dialect.skippedLineCount = try integer("skip_rows", in: 0 ... .max) ?? 0
    dialect.skipsBlankLines = try bool("skip_blank_lines") ?? true
    dialect.trimming = try rule("trim") ?? .none
    dialect.decimalMark = try string("decimal_mark") ?? dialect.decimalMark
    dialect.thousandsMark = try string("thousands_mark").flatMap { $0.isEmpty ? nil : $0 }
    return dialect
  }

  /// An option that is the name of a rule.
  fileprivate mutating func rule<Rule: RawRepresentable & CaseIterable>(
    _ name: String
  ) throws(OptionError) -> Rule? where Rule.RawValue == String {
    try choice(name, of: Rule.allCases.map(\.rawValue)).flatMap { Rule(rawValue: $0) }
  }

  /// The option `schema`: a list of pairs of a name and a type; of those whose type no text can be,
  /// the last is in `unreadable`.
  fileprivate mutating func csvSchema(
    _ unreadable: inout (column: String, type: String)?
  ) throws(OptionError) -> Schema? {
    let name = "schema"
    guard let value = value(name) else { return nil }
    guard let pairs = value.array else {
      throw .wrongType(name: name, expected: "a list of pairs of a name and a type")
    }
    var fields: [Field] = []
    for pair in pairs {
      guard let parts = pair.array, parts.count == 2, let column = parts[0].string,
        let text = parts[1].string
      else { throw .wrongType(name: name, expected: "a list of pairs of a name and a type") }
      guard let type = DataType(flatTypeNamed: text) else {
        if DataType.namesOtherType(text) {
          unreadable = (column, text)
          continue
        }
        throw .notAllowed(name: name, value: text, allowed: DataType.flatTypeNames)
      }
      fields.append(Field(column, type))
    }
    return Schema(fields)
  }

  /// An option that is a list for all columns, or an object of lists by column, whose member of the
  /// empty name is the list for all others.
  fileprivate mutating func lists(
    _ name: String, _ usual: [String]
  ) throws(OptionError) -> ([String], [String: [String]]) {
    func list(_ value: JSONValue) throws(OptionError) -> [String] {
      let texts = value.array?.compactMap(\.string)
      guard let texts, texts.count == value.array?.count else {
        throw .wrongType(name: name, expected: "a list of strings, or an object of such lists")
      }
      return texts
    }
    switch value(name) {
    case nil: return (usual, [:])
    case .object(let object):
      var common = usual
      var columns: [String: [String]] = [:]
      for member in object.members {
        let texts = try list(member.value)
        if member.name.isEmpty { common = texts } else { columns[member.name] = texts }
      }
      return (common, columns)
    case .some(let value): return (try list(value), [:])
    }
  }
}
