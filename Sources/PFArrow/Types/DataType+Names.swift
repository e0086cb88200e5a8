extension DataType {
  /// The names of flat types that people may write, with `decimal128(10, 2)`, `timestamp[us, tz=UTC]`
  /// and the like by example.
  package static let flatTypeNames =
    plain.map(\.name) + [
      "decimal128(10, 2)", "timestamp[us]", "timestamp[us, tz=UTC]", "time64[us]",
      "fixed_size_binary[4]", "dictionary<values=string, indices=int32, ordered=0>",
    ]

  private static let plain: [(name: String, type: DataType)] = [
    ("null", .null), ("bool", .boolean), ("int8", .int8), ("int16", .int16), ("int32", .int32),
    ("int64", .int64), ("uint8", .uint8), ("uint16", .uint16), ("uint32", .uint32),
    ("uint64", .uint64), ("halffloat", .float16), ("float", .float32), ("double", .float64),
    ("date32[day]", .date32), ("date64[ms]", .date64), ("binary", .binary),
    ("large_binary", .largeBinary), ("binary_view", .binaryView), ("string", .utf8),
    ("large_string", .largeUTF8), ("string_view", .utf8View),
  ]

  private static let aliases: [String: DataType] = [
    "boolean": .boolean, "int": .int64, "float16": .float16, "float32": .float32,
    "float64": .float64,
    "date32": .date32, "date": .date32, "date64": .date64, "utf8": .utf8, "str": .utf8,
    "large_utf8": .largeUTF8, "utf8_view": .utf8View, "time": .time64(.microsecond),
    "timestamp": .timestamp(.microsecond, timeZone: nil),
    "datetime": .timestamp(.microsecond, timeZone: nil),
    "dictionary": .dictionary(index: .int32, value: .utf8, isOrdered: false),
    "category": .dictionary(index: .int32, value: .utf8, isOrdered: false),
  ]

  /// Whether `name` begins as the description of a type does that is not flat, or is an interval.
  package static func namesOtherType(_ name: String) -> Bool {
    let nested = [
      "list", "large_list", "fixed_size_list", "list_view", "large_list_view", "struct", "map",
      "dense_union", "sparse_union", "run_end_encoded", "extension", "month_interval",
      "day_time_interval", "month_day_nano_interval", "dictionary",
    ]
    let word = name.prefix { $0 != "<" && $0 != "[" && $0 != "(" }
    return nested.contains(String(word))
  }

  /// The flat type that `description` shows as `name`, or that is commonly called so; nil for
  /// others, nested types among them.
  package init?(flatTypeNamed name: String) {
    if let type = Self.plain.first(where: { $0.name == name })?.type ?? Self.aliases[name] {
      self = type
      return
    }
    if let content = name.content(behind: "dictionary<values=", until: ">") {
      self.init(dictionary: content)
      return
    }
    if let content = name.content(behind: "fixed_size_binary[", until: "]") {
      guard let width = Int(content), width >= 0, width <= Int(Int32.max) else { return nil }
      self = .fixedSizeBinary(byteWidth: width)
      return
    }
    if let open = name.firstIndex(of: "("), name.hasPrefix("decimal"), name.hasSuffix(")") {
      self.init(decimal: name[..<open], name[name.index(after: open)...].dropLast())
      return
    }
    if let open = name.firstIndex(of: "["), name.hasSuffix("]") {
      self.init(temporal: name[..<open], name[name.index(after: open)...].dropLast())
      return
    }
    return nil
  }

  private init?(dictionary content: Substring) {
    var parts: [String] = []
    for part in content.split(separator: ",").map(String.init) {
      // Types of values have commas of their own, in brackets.
      let word = String(part.drop { $0 == " " })
      if parts.isEmpty || word.hasPrefix("indices=") || word.hasPrefix("ordered=") {
        parts.append(word)
      } else {
        parts[parts.count - 1] += "," + part
      }
    }
    guard let first = parts.first, let value = DataType(flatTypeNamed: first) else { return nil }
    var index = DataType.int32
    var isOrdered = false
    for part in parts.dropFirst() {
      if part.hasPrefix("indices=") {
        guard let type = DataType(flatTypeNamed: String(part.dropFirst(8))) else { return nil }
        index = type
      } else if part == "ordered=1" {
        isOrdered = true
      } else if part != "ordered=0" {
        return nil
      }
    }
    if case .dictionary = value { return nil }
    self = .dictionary(index: index, value: value, isOrdered: isOrdered)
  }

  private init?(decimal kind: Substring, _ content: Substring) {
    let parts = content.split(separator: ",").map { Int($0.filter { $0 != " " }) }
    guard parts.count == 2, let precision = parts[0], let scale = parts[1], precision >= 1,
      scale >= 0, scale <= precision
    else { return nil }
    switch kind {
    case "decimal32" where precision <= 9: self = .decimal32(precision: precision, scale: scale)
    case "decimal64" where precision <= 18: self = .decimal64(precision: precision, scale: scale)
    case "decimal", "decimal128":
      guard precision <= 38 else { return nil }
      self = .decimal128(precision: precision, scale: scale)
    case "decimal256" where precision <= 76:
      self = .decimal256(precision: precision, scale: scale)
    default: return nil
    }
  }

  private init?(temporal kind: Substring, _ content: Substring) {
    let parts = content.split(separator: ",", maxSplits: 1)
    guard let unit = TimeUnit.allCases.first(where: { $0.description == parts.first ?? "" }) else {
      return nil
    }
    var zone: String?
    if parts.count == 2 {
      let rest = parts[1].drop { $0 == " " }
      guard kind == "timestamp", rest.hasPrefix("tz="), rest.count > 3 else { return nil }
      zone = String(rest.dropFirst(3))
    }
    switch (kind, unit) {
    case ("timestamp", _): self = .timestamp(unit, timeZone: zone)
    case ("duration", _): self = .duration(unit)
    case ("time32", .second), ("time32", .millisecond): self = .time32(unit)
    case ("time64", .microsecond), ("time64", .nanosecond): self = .time64(unit)
    default: return nil
    }
  }
}

extension String {
  /// What stands between `start`, with which the string begins, and `end`, with which it ends.
  fileprivate func content(behind start: String, until end: String) -> Substring? {
    guard hasPrefix(start), hasSuffix(end), utf8.count >= start.utf8.count + end.utf8.count else {
      return nil
    }
    return dropFirst(start.count).dropLast(end.count)
  }
}
