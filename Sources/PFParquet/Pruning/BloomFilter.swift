internal import PFCompression
package import PFCore

/// A split block Bloom filter (BloomFilter.md): it knows which values are surely not in a column
/// chunk.
package struct BloomFilter {
  /// A filter is in the hundreds of kilobytes; some writers allow 128 MiB.
  private static let byteLimit = 128 << 20
  private static let blockByteCount = 32
  /// As far as a header reaches; those met take 15 bytes.
  private static let headerByteLimit = 64

  private let source: any ByteSource
  /// Where the bits begin in the source.
  private let start: Int
  private let blockCount: Int

  /// The filter at `offset`; nil where it is of a kind that is not known.
  ///
  /// - Throws: what the source throws; `.malformed` for a header that is not one.
  package init?(_ source: any ByteSource, at offset: Int, limit: Int) throws(ReadError) {
    guard offset >= 0, offset < limit else { return nil }
    let bytes = try source.bytes(
      at: offset, byteCount: min(Self.headerByteLimit, limit - offset))
    var thrift = ThriftReader(bytes.bytes)
    let header: BloomFilterHeader
    do throws(DecodingError) {
      header = try BloomFilterHeader(from: &thrift)
    } catch { throw ReadError(error, base: offset) }
    let byteCount = Int(header.numBytes)
    let start = offset + thrift.offset
    guard header.isKnown, byteCount >= Self.blockByteCount, byteCount <= Self.byteLimit,
      byteCount % Self.blockByteCount == 0, byteCount <= limit - start
    else { return nil }
    self.source = source
    self.start = start
    blockCount = byteCount / Self.blockByteCount
  }

  /// Whether the filter may have been given a value; false is sure. The value is as PLAIN stores it,
  /// without the length of a byte array.
  package func mayContain(_ value: Span<UInt8>) throws(ReadError) -> Bool {
    let hash = XXH64.hash(value)
    // The upper half picks the block, the lower half a bit in each of its eight words.
    let block = Int(((hash >> 32) * UInt64(blockCount)) >> 32)
    let bytes = try source.bytes(
      at: start + block * Self.blockByteCount, byteCount: Self.blockByteCount)
    let words = bytes.bytes
    let key = UInt32(truncatingIfNeeded: hash)
    for (index, salt) in Self.salts.enumerated() {
      let bit = (key &* salt) >> 27
      let byte = words[index * 4 + Int(bit >> 3)]
      if byte & (1 << UInt8(bit & 7)) == 0 { return false }
    }
    return true
  }

  /// BloomFilter.md, "Split block Bloom filters".
  private static let salts: [UInt32] = [
    0x47B6_137B, 0x4497_4D91, 0x8824_AD5B, 0xA2B7_289D, 0x7054_95C7, 0x2DF1_424B, 0x9EFC_4947,
    0x5C6B_FB31,
  ]
}
