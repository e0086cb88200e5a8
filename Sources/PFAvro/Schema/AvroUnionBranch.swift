internal import PFCore

/// What may be once in a union: each kind that has no name, each name.
enum AvroUnionBranch: Hashable, CustomStringConvertible {
  case unnamed(String)
  case named(AvroName)

  /// Nil for a union.
  init?(_ kind: AvroType.Kind) {
    switch kind {
    case .union: return nil
    case .record, .enumeration, .fixed:
      guard let name = kind.definedName else { return nil }
      self = .named(name)
    case .named(let name): self = .named(name)
    case .array: self = .unnamed("array")
    case .map: self = .unnamed("map")
    case .null, .boolean, .int, .long, .float, .double, .bytes, .string:
      self = .unnamed(kind.primitiveName ?? "")
    }
  }

  var description: String {
    switch self {
    case .unnamed(let name): name
    case .named(let name): JSONValue.string(name.fullName).text()
    }
  }
}
