internal import PFArrow
internal import PFCore

extension RowPredicate {
  /// A condition as pandas' `query` has it, as far as it compares columns with values:
  ///
  ///     amount >= 100 and (region in ["North", "South"] or not closed == True)
  ///
  /// - Throws: `.badQuery` where it is something else.
  init(query: String) throws(OperationError) {
    var parser = QueryParser(query)
    self = try parser.parse()
  }
}

/// A recursive-descent parser. `&`, `|` and `~` bind as `and`, `or` and `not` do, which is pandas'
/// rule.
private struct QueryParser {
  private enum Token: Equatable {
    case name(String)
    case quotedName(String)
    case literal(Literal)
    case sign(String)
    case end
  }

  private enum Operand {
    case column(String)
    case value(Literal)
    case list([Literal])
  }

  private let query: String
  private let text: [Character]
  private var place = 0
  /// The token that is looked at, and where it starts.
  private var token = Token.end
  private var start = 0

  private static let depthLimit = 100

  init(_ query: String) {
    self.query = query
    text = Array(query)
  }

  mutating func parse() throws(OperationError) -> RowPredicate {
    try advance()
    let condition = try either(0)
    guard token == .end else { throw refusal("and, or, or the end") }
    return condition
  }

  private func refusal(_ expected: String) -> OperationError {
    .badQuery(query: query, offset: start, expected: expected)
  }

  private mutating func take(_ words: String...) throws(OperationError) -> Bool {
    switch token {
    case .name(let word) where words.contains(word), .sign(let word) where words.contains(word):
      try advance()
      return true
    default: return false
    }
  }

  private mutating func either(_ depth: Int) throws(OperationError) -> RowPredicate {
    guard depth < Self.depthLimit else { throw refusal("less nesting") }
    var parts = [try both(depth)]
    while try take("or", "|") { parts.append(try both(depth)) }
    return parts.count == 1 ? parts[0] : .or(parts)
  }

  private mutating func both(_ depth: Int) throws(OperationError) -> RowPredicate {
    var parts = [try inverse(depth)]
    while try take("and", "&") { parts.append(try inverse(depth)) }
    return parts.count == 1 ? parts[0] : .and(parts)
  }

  private mutating func inverse(_ depth: Int) throws(OperationError) -> RowPredicate {
    guard depth < Self.depthLimit else { throw refusal("less nesting") }
    if try take("not", "~") { return .not(try inverse(depth + 1)) }
    guard token == .sign("(") else { return try comparison() }
    try advance()
    let condition = try either(depth + 1)
    guard try take(")") else { throw refusal("a closing parenthesis") }
    return condition
  }

  /// Operands with operators between them; several are each compared with the next.
  private mutating func comparison() throws(OperationError) -> RowPredicate {
    var left = try operand()
    var parts: [RowPredicate] = []
    while true {
      let place = start
      var isNegated = false
      switch token {
      case .name("not"), .name("in"):
        isNegated = try take("not")
        guard try take("in") else { throw refusal("in") }
      case .sign(let sign):
        guard let comparison = ComparisonOperator(rawValue: sign) else {
          return try all(parts, left)
        }
        try advance()
        let right = try operand()
        parts.append(try test(left, comparison, right, at: place))
        left = right
        continue
      default: return try all(parts, left)
      }
      let right = try operand()
      guard case .column(let name) = left, case .list(let values) = right else {
        start = place
        throw refusal("a column before, and a list behind it,")
      }
      let isIn = RowPredicate.isIn(column: name, values)
      parts.append(isNegated ? .not(isIn) : isIn)
      left = right
    }
  }

  /// The comparisons together; a column by itself is a truth value.
  private func all(_ parts: [RowPredicate], _ last: Operand) throws(OperationError) -> RowPredicate
  {
    if parts.count > 1 { return .and(parts) }
    if let only = parts.first { return only }
    guard case .column(let name) = last else { throw refusal("a comparison") }
    return .comparison(column: name, .equal, .boolean(true))
  }

  private mutating func test(
    _ left: Operand, _ comparison: ComparisonOperator, _ right: Operand, at place: Int
  ) throws(OperationError) -> RowPredicate {
    switch (left, comparison, right) {
    case (.column(let name), _, .value(let value)):
      return .comparison(column: name, comparison, value)
    case (.value(let value), _, .column(let name)):
      let turned: ComparisonOperator =
        switch comparison {
        case .equal, .notEqual: comparison
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
      return .comparison(column: name, turned, value)
    // As pandas has it, a list that is equal is one that the value is in.
    case (.column(let name), .equal, .list(let values)): return .isIn(column: name, values)
    case (.column(let name), .notEqual, .list(let values)):
      return .not(.isIn(column: name, values))
    default:
      start = place
      throw refusal("a column on one side and a value on the other")
    }
  }

  private mutating func operand() throws(OperationError) -> Operand {
    switch token {
    case .name(let name):
      let constants: [String: Literal] = [
        "True": .boolean(true), "true": .boolean(true), "False": .boolean(false),
        "false": .boolean(false), "None": .null, "null": .null,
      ]
      guard !["and", "or", "not", "in"].contains(name) else { throw refusal("a column or a value") }
      try advance()
      return constants[name].map { .value($0) } ?? .column(name)
    case .quotedName(let name):
      try advance()
      return .column(name)
    case .literal(let value):
      try advance()
      return .value(value)
    case .sign("["), .sign("("):
      let end = token == .sign("[") ? "]" : ")"
      try advance()
      var values: [Literal] = []
      while token != .sign(end) {
        // No list is in a list: this recurses once at most.
        if token == .sign("[") || token == .sign("(") { throw refusal("a value") }
        guard case .value(let value) = try operand() else { throw refusal("a value") }
        values.append(value)
        if try !take(",") { break }
      }
      guard try take(end) else { throw refusal("a comma or the end of the list") }
      return .list(values)
    default: throw refusal("a column or a value")
    }
  }

  private mutating func advance() throws(OperationError) {
    while place < text.count, text[place].isWhitespace { place += 1 }
    start = place
    guard place < text.count else {
      token = .end
      return
    }
    let first = text[place]
    if first == "\"" || first == "'" || first == "`" {
      let content = try quoted(by: first)
      token = first == "`" ? .quotedName(content) : .literal(.string(content))
    } else if first.isLetter || first == "_" {
      while place < text.count,
        text[place].isLetter || text[place].isNumber || "_.".contains(text[place])
      {
        place += 1
      }
      token = .name(String(text[start..<place]))
    } else if first.isNumber || "+-.".contains(first) {
      token = .literal(try number())
    } else {
      let two = String(text[place..<min(place + 2, text.count)])
      let sign = ["==", "!=", "<=", ">="].contains(two) ? two : String(first)
      guard two == sign || "<>()[],&|~".contains(first) else {
        throw refusal("a column, a value or an operator")
      }
      place += sign.count
      token = .sign(sign)
    }
  }

  private mutating func quoted(by mark: Character) throws(OperationError) -> String {
    var content = ""
    place += 1
    while place < text.count, text[place] != mark {
      if text[place] == "\\", mark != "`" {
        place += 1
        let escapes: [Character: Character] = [
          "n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", "\"": "\"",
        ]
        guard place < text.count, let escaped = escapes[text[place]] else {
          throw refusal("a string with known escapes")
        }
        content.append(escaped)
      } else {
        content.append(text[place])
      }
      place += 1
    }
    guard place < text.count else { throw refusal("a string that ends") }
    place += 1
    return content
  }

  private mutating func number() throws(OperationError) -> Literal {
    if "+-".contains(text[place]) { place += 1 }
    let digits = place
    while place < text.count,
      text[place].isLetter || text[place].isNumber || "._".contains(text[place])
        || "+-".contains(text[place]) && place > digits && "eE".contains(text[place - 1])
    {
      place += 1
    }
    var literal = String(text[digits..<place]).filter { $0 != "_" }
    if text[start] == "-" { literal = "-" + literal }
    guard let number = JSONNumber(literal: literal), number.double.isFinite,
      let value = try? Literal(json: .number(number))
    else { throw refusal("a number") }
    return value
  }
}
