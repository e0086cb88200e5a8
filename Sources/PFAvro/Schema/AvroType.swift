public import PFCore

/// A type of a schema, with what is written beside it (Avro specification, "Schema Declaration").
public struct AvroType: Sendable, Equatable {
  /// What the bytes of a value are.
  public indirect enum Kind: Sendable, Equatable {
    case null, boolean, int, long, float, double, bytes, string
    case record(AvroRecord)
    case enumeration(AvroEnumeration)
    case fixed(AvroFixed)
    case array(AvroType)
    /// A map from strings to values of a type.
    case map(AvroType)
    case union([AvroType])
    /// A named type that is defined elsewhere in the schema; see `AvroSchema.definition(of:)`.
    case named(AvroName)
  }

  /// What the bytes of a value are.
  public var kind: Kind
  /// What the value means; nil too where the logical type is unknown or does not fit the kind, which
  /// the specification wants ignored.
  public var logicalType: AvroLogicalType?
  /// Attributes that the specification does not name, and a `logicalType` that is ignored, in order.
  public var attributes: JSONObject

  /// A type.
  public init(
    _ kind: Kind, logicalType: AvroLogicalType? = nil, attributes: JSONObject = JSONObject()
  ) {
    self.kind = kind
    self.logicalType = logicalType
    self.attributes = attributes
  }
}

/// What a value of a type means (Avro specification, "Logical Types").
public enum AvroLogicalType: Sendable, Equatable {
  /// On `bytes` or `fixed`: an unscaled big-endian two's complement integer.
  case decimal(precision: Int, scale: Int)
  /// On `bytes`: an unscaled integer with its own scale.
  case bigDecimal
  /// On `string`, or `fixed` of 16 bytes.
  case uuid
  case date
  case timeMillis, timeMicros
  case timestampMillis, timestampMicros, timestampNanos
  case localTimestampMillis, localTimestampMicros, localTimestampNanos
  /// On `fixed` of 12 bytes: months, days and milliseconds as little-endian unsigned integers.
  case duration
}

/// The name of a record, an enum or a fixed (Avro specification, "Names").
public struct AvroName: Sendable, Hashable {
  /// The name with its namespace before it, if it has one: `org.example.User`.
  public let fullName: String

  /// A name by its full form.
  public init(_ fullName: String) { self.fullName = fullName }

  /// The last part of the name.
  public var name: String {
    guard let dot = fullName.utf8.lastIndex(of: UInt8(ascii: ".")) else { return fullName }
    return String(fullName[fullName.utf8.index(after: dot)...])
  }

  /// What stands before the last dot; nil for none.
  public var namespace: String? {
    fullName.utf8.lastIndex(of: UInt8(ascii: ".")).map { String(fullName[..<$0]) }
  }

  /// Two names are the same when their code units are.
  public static func == (left: AvroName, right: AvroName) -> Bool {
    ExactName(text: left.fullName) == ExactName(text: right.fullName)
  }

  /// Hashes the code units.
  public func hash(into hasher: inout Hasher) { ExactName(text: fullName).hash(into: &hasher) }
}

/// A sequence of named fields.
public struct AvroRecord: Sendable, Equatable {
  /// The full name.
  public var name: AvroName
  /// Other names, under which a reader of this type knows those of writers; full names.
  public var aliases: [AvroName]
  /// What it says about itself.
  public var doc: String?
  /// In the order of their bytes; names are unique.
  public var fields: [AvroField]
  /// Whether the schema says `error`, which has the same bytes.
  public var isError: Bool
}

/// A field of a record.
public struct AvroField: Sendable, Equatable {
  /// The name in its record.
  public var name: String
  /// Other names, under which a reader of this field knows those of writers.
  public var aliases: [String]
  /// What it says about itself.
  public var doc: String?
  /// The type of its values.
  public var type: AvroType
  /// What a reader takes where the writer lacks the field; JSON `null` is a default too.
  public var defaultValue: JSONValue?
  /// How records are sorted by it.
  public var order: Order
  /// Attributes that the specification does not name, in order.
  public var attributes: JSONObject

  /// How records are sorted by the field.
  public enum Order: String, Sendable { case ascending, descending, ignore }
}

/// A value that is one of some symbols.
public struct AvroEnumeration: Sendable, Equatable {
  /// The full name.
  public var name: AvroName
  /// Other names, under which a reader of this type knows those of writers; full names.
  public var aliases: [AvroName]
  /// What it says about itself.
  public var doc: String?
  /// Unique.
  public var symbols: [String]
  /// What a reader takes for a symbol that it does not know; one of `symbols`.
  public var defaultSymbol: String?
}

/// A value of a fixed number of bytes.
public struct AvroFixed: Sendable, Equatable {
  /// The full name.
  public var name: AvroName
  /// Other names, under which a reader of this type knows those of writers; full names.
  public var aliases: [AvroName]
  /// What it says about itself.
  public var doc: String?
  /// The number of bytes of each value.
  public var byteCount: Int
}
