/// Why an object of options was refused.
public enum OptionError: Error, Equatable, Sendable {
  /// The text is not JSON.
  case malformed(JSONError)
  /// The text is JSON, but no object.
  case notAnObject
  /// Nothing has an option of that name. `nearest` holds the allowed names that look like it.
  case unknown(name: String, nearest: [String], allowed: [String])
  /// The option's value has another type; `expected` says which one it has to have.
  case wrongType(name: String, expected: String)
  /// The option's number, or one of its numbers, is outside of `allowed`.
  case outOfRange(name: String, allowed: ClosedRange<Int>)
  /// The option's text is none of `allowed`.
  case notAllowed(name: String, value: String, allowed: [String])

  /// The name of the option, where one is to blame.
  public var option: String? {
    switch self {
    case .malformed, .notAnObject: nil
    case .unknown(let name, _, _), .wrongType(let name, _), .outOfRange(let name, _),
      .notAllowed(let name, _, _):
      name
    }
  }
}

extension OptionError: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    switch self {
    case .malformed(let error): "the options are not JSON: \(error) (at byte \(error.offset))"
    case .notAnObject: "the options are not a JSON object"
    case .unknown(let name, let nearest, _) where !nearest.isEmpty:
      "unknown option \(quoted(name)); did you mean \(list(nearest))?"
    case .unknown(let name, _, let allowed) where allowed.isEmpty:
      "unknown option \(quoted(name)); there are no options here"
    case .unknown(let name, _, let allowed):
      "unknown option \(quoted(name)); there are \(list(allowed))"
    case .wrongType(let name, let expected): "option \(quoted(name)) has to be \(expected)"
    case .outOfRange(let name, let allowed) where allowed.upperBound == Int.max:
      "option \(quoted(name)) has to be at least \(allowed.lowerBound)"
    case .outOfRange(let name, let allowed):
      "option \(quoted(name)) has to be from \(allowed.lowerBound) to \(allowed.upperBound)"
    case .notAllowed(let name, let value, let allowed):
      "option \(quoted(name)) is \(quoted(value)); it can be \(list(allowed))"
    }
  }

  private func list(_ names: [String]) -> String { names.map(quoted).joined(separator: ", ") }

  /// Names come from input: quoting as JSON keeps line feeds and quotes in them readable.
  private func quoted(_ name: String) -> String { JSONValue.string(name).text() }
}
