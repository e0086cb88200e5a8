import ParquetFrame

extension AvroSchema {
  /// The types of the columns: those of the fields of a record, or the type itself.
  var columnTypes: [AvroType] {
    if case .record(let record) = type.kind { return record.fields.map(\.type) }
    return [type]
  }
}

extension AvroType {
  /// The type in a few words: `long (timestamp-micros)`, `null | string`, `array of record Item`.
  var words: String {
    let base =
      switch kind {
      case .null: "null"
      case .boolean: "boolean"
      case .int: "int"
      case .long: "long"
      case .float: "float"
      case .double: "double"
      case .bytes: "bytes"
      case .string: "string"
      case .record(let record): "record \(record.name.fullName)"
      case .enumeration(let enumeration): "enum \(enumeration.name.fullName)"
      case .fixed(let fixed): "fixed \(fixed.name.fullName) of \(fixed.byteCount)"
      case .array(let item): "array of \(item.wordsOfPart)"
      case .map(let value): "map of \(value.wordsOfPart)"
      case .union(let branches): branches.map(\.words).joined(separator: " | ")
      case .named(let name): name.fullName
      }
    guard let logicalType else { return base }
    return "\(base) (\(logicalType.words))"
  }

  private var wordsOfPart: String {
    if case .union(let branches) = kind, branches.count > 1 { return "(\(words))" }
    return words
  }
}

extension AvroLogicalType {
  fileprivate var words: String {
    switch self {
    case .decimal(let precision, let scale): "decimal(\(precision), \(scale))"
    case .bigDecimal: "big-decimal"
    case .uuid: "uuid"
    case .date: "date"
    case .timeMillis: "time-millis"
    case .timeMicros: "time-micros"
    case .timestampMillis: "timestamp-millis"
    case .timestampMicros: "timestamp-micros"
    case .timestampNanos: "timestamp-nanos"
    case .localTimestampMillis: "local-timestamp-millis"
    case .localTimestampMicros: "local-timestamp-micros"
    case .localTimestampNanos: "local-timestamp-nanos"
    case .duration: "duration"
    }
  }
}
