package import PFCore

extension RowPredicate {
  /// A condition in the form of the options (Specs/filters.md):
  ///
  ///     {"and": [{"column": "x", "op": ">", "value": 3}, {"column": "y", "op": "is null"}]}
  ///
  /// - Throws: `.wrongType` for the option `filters` where it has another form.
  package init(json: JSONValue) throws(OptionError) { self = try Self.predicate(json, nesting: 0) }

  private static func predicate(_ json: JSONValue, nesting: Int) throws(OptionError) -> RowPredicate
  {
    guard let object = json.object, nesting < 128 else { throw refusal("a condition") }
    func parts(_ value: JSONValue) throws(OptionError) -> [RowPredicate] {
      guard let elements = value.array else { throw refusal("a list of conditions") }
      var parts: [RowPredicate] = []
      for element in elements { parts.append(try predicate(element, nesting: nesting + 1)) }
      return parts
    }
    if object.members.count == 1, let member = object.members.first {
      switch member.name {
      case "and": return .and(try parts(member.value))
      case "or": return .or(try parts(member.value))
      case "not": return .not(try predicate(member.value, nesting: nesting + 1))
      default: break
      }
    }
    guard let column = object["column"]?.string, let op = object["op"]?.string,
      object.members.allSatisfy({ ["column", "op", "value"].contains($0.name) })
    else { throw refusal("a condition with \"column\", \"op\" and \"value\"") }
    let value = object["value"]
    switch op {
    case "is null" where value == nil: return .isNull(column: column)
    case "is not null" where value == nil: return .not(.isNull(column: column))
    case "in", "not in":
      guard let elements = value?.array else { throw refusal("a list of values for \"\(op)\"") }
      var literals: [Literal] = []
      for element in elements { literals.append(try Literal(json: element)) }
      let isIn = RowPredicate.isIn(column: column, literals)
      return op == "in" ? isIn : .not(isIn)
    default:
      guard let comparison = ComparisonOperator(rawValue: op == "=" ? "==" : op) else {
        throw .notAllowed(
          name: "filters", value: op,
          allowed: ["=="] + ComparisonOperator.allCases.dropFirst().map(\.rawValue) + [
            "in", "not in", "is null", "is not null",
          ])
      }
      guard let value else { throw refusal("a condition with a \"value\"") }
      return .comparison(column: column, comparison, try Literal(json: value))
    }
  }

  fileprivate static func refusal(_ expected: String) -> OptionError {
    .wrongType(name: "filters", expected: expected)
  }
}

extension Literal {
  /// A value in the form of the options (Specs/filters.md).
  ///
  /// - Throws: `.wrongType` for the option `filters` where it has another form.
  package init(json: JSONValue) throws(OptionError) {
    switch json {
    case .null: self = .null
    case .bool(let value): self = .boolean(value)
    case .string(let value): self = .string(value)
    case .number(let number): self = Self.number(number)
    case .array: throw RowPredicate.refusal("single values")
    case .object(let object):
      guard let kind = object.members.first, let literal = Self.typed(kind, object) else {
        throw RowPredicate.refusal("values of the forms of Specs/filters.md")
      }
      self = literal
    }
  }

  private static func number(_ number: JSONNumber) -> Literal {
    guard number.isInteger else { return .double(number.double) }
    if let value = Int128(number.literal) { return .integer(value) }
    // Beyond 256 bits only floating point columns have anything to compare.
    return DecimalValue(text: number.literal).map { .decimal($0) } ?? .double(number.double)
  }

  private static func typed(_ kind: JSONObject.Member, _ object: JSONObject) -> Literal? {
    let units: [String: TimeUnit] = [
      "s": .second, "ms": .millisecond, "us": .microsecond, "ns": .nanosecond,
    ]
    let unit = object["unit"]?.string.flatMap { units[$0] }
    switch (kind.name, object.members.count) {
    case ("float", 1):
      switch kind.value.string {
      case "nan": return .double(.nan)
      case "inf": return .double(.infinity)
      case "-inf": return .double(-.infinity)
      default: return nil
      }
    case ("bytes", 1): return kind.value.string.flatMap(bytes).map { .bytes($0) }
    case ("uuid", 1):
      guard let text = kind.value.string, text.utf8.count == 32 else { return nil }
      return UInt128(text, radix: 16).map { .uuid($0) }
    case ("decimal", 1):
      return kind.value.string.flatMap { DecimalValue(text: $0) }.map { .decimal($0) }
    case ("date", 1): return kind.value.number?.int64.map { .date(days: $0) }
    case ("time", 2):
      guard let unit, let value = kind.value.number?.int64 else { return nil }
      return .time(value, unit)
    case ("duration", 2):
      guard let unit, let value = kind.value.number?.int64 else { return nil }
      return .duration(value, unit)
    case ("timestamp", 3):
      guard let unit, let value = kind.value.number?.int64, let isUTC = object["utc"]?.bool
      else { return nil }
      return .timestamp(value, unit, isUTC: isUTC)
    default: return nil
    }
  }

  /// Bytes from two hexadecimal digits each.
  private static func bytes(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in text.utf8 {
      let value: UInt8
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
      default: return nil
      }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return high == nil ? bytes : nil
  }
}
