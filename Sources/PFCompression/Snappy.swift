public import PFCore

/// The Snappy raw format (google/snappy, format_description.txt), as Parquet pages and Avro blocks
/// hold it: a varint with the decompressed size, then elements — literals and copies.
///
/// `decompress` is the fast decoder and `Snappy+Checked.swift` its twin over spans; both give
/// the same bytes and the same errors for every input.
public enum Snappy {
  /// Bytes past the decompressed size which, when the output region has them, let all elements
  /// take the fast path. They hold rubbish afterwards. With fewer, only the last bytes are slower.
  public static let outputSlack = 80

  /// The decompressed size that the preamble of `input` declares.
  ///
  /// Allocation on this number is safe: it is never above what `input` could expand to.
  /// - Throws: `.truncated` or `.integerOverflow` (above 32 bits) for the preamble;
  ///   `.limitExceeded` when the bytes after it cannot make so much.
  public static func decompressedByteCount(
    of input: Span<UInt8>
  ) throws(DecodingError) -> Int {
    var reader = ByteReader(input)
    let declared = try readPreamble(&reader)
    // The densest element is a copy of 64 bytes in three.
    let limit = reader.remaining.multipliedReportingOverflow(by: 64)
    guard limit.overflow || declared <= limit.partialValue / 3 else {
      throw .limitExceeded(offset: 0, declared: declared, limit: limit.partialValue / 3)
    }
    return declared
  }

  /// Decompresses `input` into a new array of at most `limit` bytes.
  ///
  /// - Throws: as `decompressedByteCount(of:)` and `decompress(_:into:byteCount:)`;
  ///   `.limitExceeded` when the declared size is above `limit`.
  public static func decompress(
    _ input: Span<UInt8>, limit: Int = .max
  ) throws(DecodingError) -> [UInt8] {
    let byteCount = try decompressedByteCount(of: input)
    guard byteCount <= limit else {
      throw .limitExceeded(offset: 0, declared: byteCount, limit: limit)
    }
    var failure: DecodingError?
    let output = unsafe [UInt8](unsafeUninitializedCapacity: byteCount + outputSlack) {
      buffer, initializedCount in
      do throws(DecodingError) {
        // SAFETY: the array owns the buffer and takes `byteCount` bytes of it only after all of
        // them were written; the rest of its capacity is scratch.
        try unsafe input.withUnsafeBytes { source throws(DecodingError) in
          try unsafe decompress(
            source, into: UnsafeMutableRawBufferPointer(buffer), byteCount: byteCount)
        }
        initializedCount = byteCount
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return output
  }

  /// Decompresses `input`, which must hold exactly `byteCount` bytes, to the start of `output`.
  ///
  /// Shapes: `output.count >= byteCount`; with `outputSlack` more, every element takes the fast
  /// path. All of `output` may be overwritten, also on failure. No allocation.
  /// - Throws: `.invalidValue(offset: 0)` when the preamble is not `byteCount`, and at an element
  ///   that copies from before the start (or from distance 0) or that follows the last byte;
  ///   `.limitExceeded` at an element that makes more than `byteCount` bytes; `.truncated` when
  ///   the input ends inside an element or too early.
  public static func decompress(
    _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>, byteCount: Int
  ) throws(DecodingError) {
    try unsafe output.withUnsafeMutableBytes { target throws(DecodingError) in
      try unsafe input.withUnsafeBytes { source throws(DecodingError) in
        try unsafe decompress(source, into: target, byteCount: byteCount)
      }
    }
  }

  /// Reads the varint of format_description.txt, section 1: at most 2^32 - 1, in five bytes.
  static func readPreamble(_ reader: inout ByteReader) throws(DecodingError) -> Int {
    let start = reader.offset
    var value: UInt64 = 0
    for shift: UInt64 in [0, 7, 14, 21, 28] {
      let byte = try reader.readByte()
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 {
        guard let size = Int(exactly: value), value >> 32 == 0 else { break }
        return size
      }
    }
    throw .integerOverflow(offset: start)
  }
}
