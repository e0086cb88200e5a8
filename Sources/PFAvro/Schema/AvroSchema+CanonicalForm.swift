internal import PFCore

extension AvroSchema {
  /// The schema without all that does not matter to reading bytes, and the same text for all schemas
  /// that differ in such things alone (Avro specification, "Parsing Canonical Form for Schemas").
  ///
  /// Names are full ones and no namespace is kept, as the specification wants it: the form of a
  /// schema that has types without a namespace inside of types with one says another name for them
  /// when it is read as a schema.
  public var canonicalForm: String {
    var writer = JSONWriter()
    writer.value(CanonicalType(type: type))
    return writer.text
  }

  /// The 64-bit Rabin fingerprint of the canonical form (Avro specification, "Schema Fingerprints",
  /// CRC-64-AVRO). Single-object encoding has it in little-endian order.
  public var fingerprint: UInt64 {
    var writer = JSONWriter()
    writer.value(CanonicalType(type: type))
    return RabinFingerprint.of(writer.bytes.span)
  }
}

/// A type as its canonical form.
private struct CanonicalType: JSONWritable {
  let type: AvroType

  func write(to writer: inout JSONWriter) {
    switch type.kind {
    case .record(let record):
      writer.object {
        $0.member("name", record.name.fullName)
        $0.member("type", "record")
        $0.array("fields") {
          for field in record.fields {
            $0.object {
              $0.member("name", field.name)
              $0.member("type", CanonicalType(type: field.type))
            }
          }
        }
      }
    case .enumeration(let enumeration):
      writer.object {
        $0.member("name", enumeration.name.fullName)
        $0.member("type", "enum")
        $0.member("symbols", enumeration.symbols)
      }
    case .fixed(let fixed):
      writer.object {
        $0.member("name", fixed.name.fullName)
        $0.member("type", "fixed")
        $0.member("size", fixed.byteCount)
      }
    case .array(let item):
      writer.object {
        $0.member("type", "array")
        $0.member("items", CanonicalType(type: item))
      }
    case .map(let value):
      writer.object {
        $0.member("type", "map")
        $0.member("values", CanonicalType(type: value))
      }
    case .union(let branches):
      writer.array { for branch in branches { $0.value(CanonicalType(type: branch)) } }
    case .named(let name): writer.value(name.fullName)
    case .null, .boolean, .int, .long, .float, .double, .bytes, .string:
      writer.value(type.kind.primitiveName)
    }
  }
}

/// CRC-64-AVRO.
private enum RabinFingerprint {
  /// The fingerprint of no bytes, and the polynomial.
  private static let empty: UInt64 = 0xC15D_213A_A4D7_A795

  /// What each byte adds.
  private static let table: [UInt64] = (0..<256).map { byte in
    (0..<8).reduce(UInt64(byte)) { value, _ in (value >> 1) ^ (empty & (0 &- (value & 1))) }
  }

  static func of(_ bytes: Span<UInt8>) -> UInt64 {
    let table = table
    var value = empty
    for index in bytes.indices {
      value = (value >> 8) ^ table[Int(UInt8(truncatingIfNeeded: value) ^ bytes[index])]
    }
    return value
  }
}
