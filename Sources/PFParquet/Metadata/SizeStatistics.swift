package import PFCore

/// What a column chunk takes in memory: `SizeStatistics` of parquet.thrift.
public struct SizeStatistics: Hashable, Sendable {
  /// Bytes of all BYTE_ARRAY values, without lengths. Field 1,
  /// `unencoded_byte_array_data_bytes`.
  public var unencodedByteArrayDataBytes: Int64?
  /// How often each repetition level occurs, from 0 on. Field 2, `repetition_level_histogram`.
  public var repetitionLevelHistogram: [Int64]?
  /// How often each definition level occurs, from 0 on. Field 3, `definition_level_histogram`.
  public var definitionLevelHistogram: [Int64]?
}

extension SizeStatistics: ThriftDecodable {
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: unencodedByteArrayDataBytes = try thrift.readCount64(field)
      case 2: repetitionLevelHistogram = try Self.readHistogram(field, from: &thrift)
      case 3: definitionLevelHistogram = try Self.readHistogram(field, from: &thrift)
      default: try thrift.skip(field)
      }
    }
  }

  private static func readHistogram(
    _ field: ThriftReader.Field, from thrift: inout ThriftReader
  ) throws(DecodingError) -> [Int64] {
    let count = try thrift.readCount(field, of: .i64)
    var histogram: [Int64] = []
    histogram.reserveCapacity(count)
    for _ in 0..<count { histogram.append(try thrift.readI64Element()) }
    return histogram
  }
}
