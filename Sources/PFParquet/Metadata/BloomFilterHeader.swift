package import PFCore

/// What stands before a Bloom filter's bits: `BloomFilterHeader` of parquet.thrift.
public struct BloomFilterHeader: Hashable, Sendable {
  /// Bytes of the bits. Field 1, `numBytes`.
  public var numBytes: Int32
  /// Whether it is a split block filter of XXH64 hashes, uncompressed: the only kind that is
  /// specified. Fields 2, `algorithm`, 3, `hash`, and 4, `compression`, unions of one member each.
  public var isKnown: Bool
}

extension BloomFilterHeader: ThriftDecodable {
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    let start = thrift.offset
    var numBytes: Int32?
    var members: [Int16: Int16] = [:]
    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: numBytes = try thrift.readCount32(field)
      case 2...4 where field.type == .structure:
        members[field.id] = try Self.readMember(from: &thrift)
      default: try thrift.skip(field)
      }
    }
    guard let numBytes else { throw .missingField(id: 1, offset: start) }
    for id: Int16 in 2...4 where members[id] == nil {
      throw .missingField(id: id, offset: start)
    }
    self.numBytes = numBytes
    isKnown = members.values.allSatisfy { $0 == 1 }
  }

  /// The id of a union's member; 0 where there is none.
  private static func readMember(from thrift: inout ThriftReader) throws(DecodingError) -> Int16 {
    var member: Int16 = 0
    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      try thrift.skip(field)
      member = field.id
    }
    return member
  }
}
