/// Options in a JSON object, handed out by name and type.
///
///     var options = try JSONOptions(text)
///     let limit = try options.integer("limit", in: 0...Int.max)
///     let columns = try options.strings("columns")
///     try options.finish()
///
/// An option that is absent or `null` is nil. Asking for a name makes it an allowed one: `finish`
/// refuses what nobody asked for, so that a misspelt option is never silently without effect.
package struct JSONOptions {
  private let object: JSONObject
  private var allowed: [String] = []
  /// Values that stand in place of those that were given.
  package var replacements = JSONObject()

  /// Reads the options of `text`; nil and the empty string mean none.
  ///
  /// - Throws: `.malformed`, `.notAnObject`.
  package init(_ text: String?) throws(OptionError) {
    guard let text, !text.isEmpty else {
      object = JSONObject()
      return
    }
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: text)
    } catch {
      throw .malformed(error)
    }
    guard case .object(let object) = value else { throw .notAnObject }
    self.object = object
  }

  /// The options of an object.
  package init(_ object: JSONObject) { self.object = object }

  /// The option as it stands.
  package mutating func value(_ name: String) -> JSONValue? {
    allowed.append(name)
    guard let value = replacements[name] ?? object[name], !value.isNull else { return nil }
    return value
  }

  /// - Throws: `.wrongType`.
  package mutating func bool(_ name: String) throws(OptionError) -> Bool? {
    guard let value = value(name) else { return nil }
    guard let bool = value.bool else { throw .wrongType(name: name, expected: "true or false") }
    return bool
  }

  /// - Throws: `.wrongType` for anything but an integer literal; `.outOfRange`.
  package mutating func integer(
    _ name: String, in range: ClosedRange<Int>
  ) throws(OptionError) -> Int? {
    guard let value = value(name) else { return nil }
    return try integer(value, of: name, in: range, expected: "an integer")
  }

  /// A list of integers.
  ///
  /// - Throws: `.wrongType`; `.outOfRange` when one of them is.
  package mutating func integers(
    _ name: String, in range: ClosedRange<Int>
  ) throws(OptionError) -> [Int]? {
    guard let value = value(name) else { return nil }
    let expected = "a list of integers"
    guard let elements = value.array else { throw .wrongType(name: name, expected: expected) }
    var integers: [Int] = []
    for element in elements {
      integers.append(try integer(element, of: name, in: range, expected: expected))
    }
    return integers
  }

  /// A finite number.
  ///
  /// - Throws: `.wrongType`.
  package mutating func double(_ name: String) throws(OptionError) -> Double? {
    guard let value = value(name) else { return nil }
    guard let double = value.number?.double, double.isFinite else {
      throw .wrongType(name: name, expected: "a finite number")
    }
    return double
  }

  /// - Throws: `.wrongType`.
  package mutating func string(_ name: String) throws(OptionError) -> String? {
    guard let value = value(name) else { return nil }
    guard let string = value.string else { throw .wrongType(name: name, expected: "a string") }
    return string
  }

  /// A list of strings.
  ///
  /// - Throws: `.wrongType`.
  package mutating func strings(_ name: String) throws(OptionError) -> [String]? {
    guard let value = value(name) else { return nil }
    let strings = value.array?.compactMap(\.string)
    guard let strings, strings.count == value.array?.count else {
      throw .wrongType(name: name, expected: "a list of strings")
    }
    return strings
  }

  /// One of the texts of `choices`.
  ///
  /// - Throws: `.wrongType`, `.notAllowed`.
  package mutating func choice(
    _ name: String, of choices: [String]
  ) throws(OptionError) -> String? {
    guard let string = try string(name) else { return nil }
    guard choices.contains(string) else {
      throw .notAllowed(name: name, value: string, allowed: choices)
    }
    return string
  }

  /// Refuses options that nobody asked for.
  ///
  /// - Throws: `.unknown` for the first one.
  package func finish() throws(OptionError) {
    for member in object.members where !allowed.contains(member.name) {
      throw .unknown(
        name: member.name, nearest: nearestNames(to: member.name, among: allowed),
        allowed: allowed)
    }
  }

  private func integer(
    _ value: JSONValue, of name: String, in range: ClosedRange<Int>, expected: String
  ) throws(OptionError) -> Int {
    guard let number = value.number, number.isInteger else {
      throw .wrongType(name: name, expected: expected)
    }
    guard let integer = number.int64.flatMap(Int.init(exactly:)), range.contains(integer) else {
      throw .outOfRange(name: name, allowed: range)
    }
    return integer
  }
}
