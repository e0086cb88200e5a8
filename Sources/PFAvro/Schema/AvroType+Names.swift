extension AvroType.Kind {
  static let primitiveNames = [
    "null", "boolean", "int", "long", "float", "double", "bytes", "string",
  ]

  init?(primitive name: String) {
    switch name {
    case "null": self = .null
    case "boolean": self = .boolean
    case "int": self = .int
    case "long": self = .long
    case "float": self = .float
    case "double": self = .double
    case "bytes": self = .bytes
    case "string": self = .string
    default: return nil
    }
  }

  /// The name that a record, an enum or a fixed defines; nil for others.
  var definedName: AvroName? {
    switch self {
    case .record(let record): record.name
    case .enumeration(let enumeration): enumeration.name
    case .fixed(let fixed): fixed.name
    default: nil
    }
  }

  /// The name of a primitive type; nil for others.
  var primitiveName: String? {
    switch self {
    case .null: "null"
    case .boolean: "boolean"
    case .int: "int"
    case .long: "long"
    case .float: "float"
    case .double: "double"
    case .bytes: "bytes"
    case .string: "string"
    case .record, .enumeration, .fixed, .array, .map, .union, .named: nil
    }
  }
}
