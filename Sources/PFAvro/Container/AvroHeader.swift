internal import PFCore

/// The head of an object container file (Avro specification, "Object Container Files").
public struct AvroHeader: Sendable {
  /// What the file says of itself, in its order; `avro.schema` and `avro.codec` among it. Bytes that
  /// are no UTF-8 have been repaired.
  public let metadata: [(key: String, value: String)]
  /// The schema that the records were written with.
  public let schema: AvroSchema
  /// How blocks are compressed.
  public let codec: AvroCodec
  /// The 16 bytes behind each block.
  public let syncMarker: [UInt8]
  /// The bytes of the head: where the first block begins.
  public let byteCount: Int

  static let magic: [UInt8] = [0x4F, 0x62, 0x6A, 0x01]
  static let syncByteCount = 16

  private static let firstByteCount = 4 << 10
  private static let greatestByteCount = 256 << 20

  /// Reads the head at `offset` of a source.
  ///
  /// - Throws: `ReadError` where it is none, is cut, has no schema or an unknown codec.
  init(_ source: any ByteSource, at offset: Int = 0) throws(ReadError) {
    var wanted = Self.firstByteCount
    while true {
      let count = min(wanted, source.byteCount - offset)
      let bytes = try source.bytes(at: offset, byteCount: count)
      let parts: Parts
      do throws(DecodingError) {
        parts = try Self.parts(bytes.bytes)
      } catch {
        // Cut by what was asked for, not by the end of the file.
        if case .truncated = error, count < source.byteCount - offset,
          count < Self.greatestByteCount
        {
          wanted = min(wanted * 16, Self.greatestByteCount)
          continue
        }
        if case .invalidValue(0) = error {
          throw ReadError(
            .inconsistent("no Avro file: it does not begin with \"Obj\" and the byte 1"),
            at: .init(offset: offset))
        }
        throw ReadError(error, base: offset)
      }
      try self.init(parts)
      return
    }
  }

  private typealias Parts = (
    pairs: [(key: String, value: String)], sync: [UInt8], byteCount: Int
  )

  private init(_ parts: Parts) throws(ReadError) {
    metadata = parts.pairs
    syncMarker = parts.sync
    byteCount = parts.byteCount
    guard let text = parts.pairs.first(where: { $0.key == "avro.schema" })?.value else {
      throw ReadError(.inconsistent("the head of the file has no \"avro.schema\""))
    }
    schema = try AvroSchema(parsing: text)
    let name = parts.pairs.first { $0.key == "avro.codec" }?.value ?? "null"
    guard let codec = AvroCodec(rawValue: name.isEmpty ? "null" : name) else {
      throw ReadError(.unsupported(feature: "the codec \"\(name)\""))
    }
    self.codec = codec
  }

  private static func parts(_ bytes: Span<UInt8>) throws(DecodingError) -> Parts {
    var reader = ByteReader(bytes)
    for byte in magic {
      guard try reader.readByte() == byte else { throw .invalidValue(offset: 0) }
    }
    var pairs: [(key: String, value: String)] = []
    while true {
      let start = reader.offset
      var count = try reader.readZigZag()
      if count == 0 { break }
      if count < 0 {
        guard count != .min else { throw .invalidValue(offset: start) }
        count = -count
        _ = try reader.readZigZag()
      }
      while count > 0 {
        let key = try text(&reader)
        let value = try text(&reader)
        pairs.append((key, value))
        count -= 1
      }
    }
    let sync = try reader.readSpan(count: syncByteCount)
    return (pairs, sync.indices.map { sync[$0] }, reader.offset)
  }

  private static func text(_ reader: inout ByteReader) throws(DecodingError) -> String {
    let start = reader.offset
    let length = try reader.readZigZag()
    guard length >= 0 else { throw .invalidValue(offset: start) }
    guard length <= greatestByteCount else {
      throw .limitExceeded(
        offset: start, declared: Int(length), limit: greatestByteCount)
    }
    let bytes = try reader.readSpan(count: Int(length))
    return unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}
