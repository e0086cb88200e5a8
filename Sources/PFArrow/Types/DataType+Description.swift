extension DataType: CustomStringConvertible {
  /// The name that pyarrow shows, such as `timestamp[us, tz=UTC]` or `list<item: double>`.
  public var description: String {
    var sink = TextSink()
    sink.write(self)
    return sink.text
  }
}

extension TimeUnit: CustomStringConvertible {
  /// `s`, `ms`, `us` or `ns`.
  public var description: String {
    switch self {
    case .second: "s"
    case .millisecond: "ms"
    case .microsecond: "us"
    case .nanosecond: "ns"
    }
  }
}

extension TextSink {
  mutating func write(_ type: DataType) {
    switch type {
    case .null: write("null")
    case .boolean: write("bool")
    case .int8: write("int8")
    case .int16: write("int16")
    case .int32: write("int32")
    case .int64: write("int64")
    case .uint8: write("uint8")
    case .uint16: write("uint16")
    case .uint32: write("uint32")
    case .uint64: write("uint64")
    case .float16: write("halffloat")
    case .float32: write("float")
    case .float64: write("double")
    case .decimal32(let precision, let scale): write("decimal32(\(precision), \(scale))")
    case .decimal64(let precision, let scale): write("decimal64(\(precision), \(scale))")
    case .decimal128(let precision, let scale): write("decimal128(\(precision), \(scale))")
    case .decimal256(let precision, let scale): write("decimal256(\(precision), \(scale))")
    case .date32: write("date32[day]")
    case .date64: write("date64[ms]")
    case .time32(let unit): write("time32[\(unit)]")
    case .time64(let unit): write("time64[\(unit)]")
    case .timestamp(let unit, let timeZone):
      write("timestamp[\(unit)")
      if let timeZone {
        write(", tz=")
        write(escaping: timeZone, isQuoted: false)
      }
      write("]")
    case .duration(let unit): write("duration[\(unit)]")
    case .interval(.yearMonth): write("month_interval")
    case .interval(.dayTime): write("day_time_interval")
    case .interval(.monthDayNano): write("month_day_nano_interval")
    case .binary: write("binary")
    case .largeBinary: write("large_binary")
    case .binaryView: write("binary_view")
    case .fixedSizeBinary(let byteWidth): write("fixed_size_binary[\(byteWidth)]")
    case .utf8: write("string")
    case .largeUTF8: write("large_string")
    case .utf8View: write("string_view")
    case .list(let field): write("list", [field])
    case .largeList(let field): write("large_list", [field])
    case .fixedSizeList(let field, let count):
      write("fixed_size_list", [field])
      write("[\(count)]")
    case .structure(let fields): write("struct", fields)
    case .map(let entries, let keysSorted): write(mapOf: entries, keysSorted: keysSorted)
    case .dictionary(let index, let value, let isOrdered):
      write("dictionary<values=")
      write(value)
      write(", indices=")
      write(index)
      write(", ordered=\(isOrdered ? 1 : 0)>")
    case .union(let mode, let fields, let typeIDs):
      write(mode == .dense ? "dense_union" : "sparse_union", fields, typeIDs: typeIDs)
    }
  }

  private mutating func write(_ name: String, _ fields: [Field], typeIDs: [Int8] = []) {
    write(name + "<")
    for (index, field) in fields.enumerated() {
      if isFull { return }
      if index > 0 { write(", ") }
      write(escaping: field.name, isQuoted: false)
      write(": ")
      write(field.type)
      if !field.isNullable { write(" not null") }
      if index < typeIDs.count { write("=\(typeIDs[index])") }
    }
    write(">")
  }

  /// Fields of a map are named where they do not have the names that Arrow gives them.
  private mutating func write(mapOf entries: Field, keysSorted: Bool) {
    write("map<")
    for (field, name) in zip(entries.type.children, ["key", "value"]) {
      if name == "value" { write(", ") }
      write(field.type)
      write(nameOf: field, unless: name)
    }
    if keysSorted { write(", keys_sorted") }
    write(nameOf: entries, unless: "entries")
    write(">")
  }

  private mutating func write(nameOf field: Field, unless usual: String) {
    guard field.name != usual else { return }
    write(" ('")
    write(escaping: field.name, isQuoted: false)
    write("')")
  }
}
