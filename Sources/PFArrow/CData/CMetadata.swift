package import PFCore

/// Key-value metadata (Arrow C data interface, "ArrowSchema.metadata"): the count of pairs, then
/// for each the byte count of the key, the key, the byte count of the value, the value; counts are
/// 32-bit integers in native byte order.
package enum CMetadata {
  /// The bytes looked at in foreign metadata, which carries no size of its own.
  private static let byteLimit = 256 << 20
  /// The pairs read of it; empty ones take less memory there than here.
  private static let pairLimit = 1 << 20

  /// The encoded pairs; empty for none.
  static func encode(_ pairs: [KeyValue]) -> [UInt8] {
    guard !pairs.isEmpty else { return [] }
    var bytes: [UInt8] = []
    func append(_ count: Int) {
      // A pair beyond 2 GiB cannot be told in this form; it would not fit a schema either.
      let count = Int32(clamping: count)
      for shift in stride(from: 0, to: 32, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: count.littleEndian >> Int32(shift)))
      }
    }
    append(pairs.count)
    for pair in pairs {
      append(pair.key.utf8.count)
      bytes.append(contentsOf: pair.key.utf8)
      append(pair.value.utf8.count)
      bytes.append(contentsOf: pair.value.utf8)
    }
    return bytes
  }

  /// The pairs at `start`; none when it is NULL.
  ///
  /// SAFETY: the caller promises as many readable bytes as the encoding declares, up to the limit.
  package static func decode(_ start: UnsafePointer<CChar>?) throws(ReadError) -> [KeyValue] {
    guard let start = unsafe start else { return [] }
    let bytes = unsafe UnsafeRawPointer(start)
    var offset = 0

    func take(_ count: Int, of what: String) throws(ReadError) -> Int {
      guard count >= 0 else {
        throw ReadError(.inconsistent("the metadata of a schema has \(what) of \(count) bytes"))
      }
      guard count <= byteLimit - offset else {
        throw ReadError(
          .limitExceeded(
            limit: "the metadata of a schema", declared: offset + count, maximum: byteLimit))
      }
      defer { offset += count }
      return offset
    }
    func readCount() throws(ReadError) -> Int {
      let position = try take(4, of: "a count")
      return Int(unsafe bytes.loadUnaligned(fromByteOffset: position, as: Int32.self))
    }
    func readString(_ what: String) throws(ReadError) -> String {
      let count = try readCount()
      let position = try take(count, of: what)
      let slice = unsafe UnsafeRawBufferPointer(start: bytes + position, count: count)
      return unsafe String(decoding: slice, as: UTF8.self)
    }

    let pairCount = try readCount()
    guard pairCount >= 0 else {
      throw ReadError(.inconsistent("the metadata of a schema has \(pairCount) pairs"))
    }
    guard pairCount <= pairLimit else {
      throw ReadError(
        .limitExceeded(
          limit: "the pairs of metadata", declared: pairCount, maximum: pairLimit))
    }
    var pairs: [KeyValue] = []
    for _ in 0..<pairCount {
      let key = try readString("a key")
      pairs.append(KeyValue(key, try readString("a value")))
    }
    return pairs
  }
}
