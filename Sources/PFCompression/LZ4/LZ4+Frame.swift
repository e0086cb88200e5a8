public import PFCore

extension LZ4 {
  /// The first bytes of a frame, little-endian.
  static let frameMagic: UInt32 = 0x184D_2204

  /// Decompresses the frames of `input`, which together must make exactly `byteCount` bytes, to
  /// the start of `output` (lz4_Frame_format.md).
  ///
  /// All checksums that a frame has are verified; skippable frames are passed over. Shapes as
  /// those of `decompress`.
  /// - Throws: `.invalidValue` at a wrong magic number, version, reserved bit, checksum or content
  ///   size; `.unsupported` at a frame that needs a dictionary; `.limitExceeded` at a block that is
  ///   larger than its frame or `byteCount` allows; what `decompress` throws, inside a block;
  ///   `.truncated`.
  public static func decompressFrames(
    _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>, byteCount: Int
  ) throws(DecodingError) {
    try unsafe output.withUnsafeMutableBytes { target throws(DecodingError) in
      try unsafe input.withUnsafeBytes { source throws(DecodingError) in
        try unsafe decompressFrames(source, into: target, byteCount: byteCount)
      }
    }
  }

  /// `decompressFrames(_:into:byteCount:)` over raw memory.
  ///
  /// Unsafe precondition: both regions are valid for the call and do not overlap.
  package static func decompressFrames(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, byteCount: Int
  ) throws(DecodingError) {
    precondition(byteCount >= 0 && byteCount <= output.count, "the output region is too small")
    var reader = unsafe ByteReader(Span(_unsafeElements: input.bindMemory(to: UInt8.self)))
    var written = 0
    repeat {
      let start = reader.offset
      let magic = try reader.readLittleEndian(UInt32.self)
      if magic & ~0xF == 0x184D_2A50 {
        try reader.skip(Int(try reader.readLittleEndian(UInt32.self)))
        continue
      }
      guard magic == frameMagic else { throw .invalidValue(offset: start) }
      written = try unsafe decodeFrame(&reader, into: output, start: written, end: byteCount)
    } while reader.remaining > 0
    guard written == byteCount else { throw .truncated(offset: input.count, needed: 1) }
  }

  /// Decodes the frame behind its magic number and returns where its bytes end in `output`.
  private static func decodeFrame(
    _ reader: inout ByteReader, into output: UnsafeMutableRawBufferPointer, start: Int, end: Int
  ) throws(DecodingError) -> Int {
    let header = try FrameHeader(from: &reader)
    var written = start
    while true {
      let blockStart = reader.offset
      let size = try reader.readLittleEndian(UInt32.self)
      if size == 0 { break }
      let bytes = try reader.readSpan(count: Int(size & 0x7FFF_FFFF))
      if header.hasBlockChecksums {
        try check(bytes, against: &reader)
      }

      let limit = min(end, written + header.blockByteLimit)
      if size >> 31 == 1 {
        guard bytes.count <= limit - written else {
          throw .limitExceeded(
            offset: blockStart, declared: bytes.count, limit: limit - written)
        }
        unsafe bytes.withUnsafeBytes { source in
          unsafe UnsafeMutableRawBufferPointer(rebasing: output[written...])
            .copyMemory(from: source)
        }
        written += bytes.count
        continue
      }
      written = try unsafe decodeBlock(
        bytes, at: blockStart + 4, into: output,
        Region(history: header.blocksAreLinked ? start : written, start: written, end: limit))
    }

    if let size = header.contentByteCount, size != written - start {
      throw .invalidValue(offset: reader.offset)
    }
    if header.hasContentChecksum {
      let content = unsafe UnsafeRawBufferPointer(rebasing: output[start..<written])
      try check(
        unsafe Span(_unsafeElements: content.bindMemory(to: UInt8.self)), against: &reader)
    }
    return written
  }

  private static func check(
    _ bytes: Span<UInt8>, against reader: inout ByteReader
  ) throws(DecodingError) {
    let start = reader.offset
    guard try reader.readLittleEndian(UInt32.self) == XXH32.hash(bytes) else {
      throw .invalidValue(offset: start)
    }
  }

  /// The frame descriptor of lz4_Frame_format.md.
  private struct FrameHeader {
    let blocksAreLinked: Bool
    let hasBlockChecksums: Bool
    let hasContentChecksum: Bool
    let contentByteCount: Int?
    let blockByteLimit: Int

    init(from reader: inout ByteReader) throws(DecodingError) {
      let start = reader.offset
      let flags = try reader.readByte()
      let block = try reader.readByte()
      // Version 01; the reserved bits are zero.
      guard flags >> 6 == 1, flags & 0b10 == 0, block & 0x8F == 0, block >> 4 >= 4 else {
        throw .invalidValue(offset: start)
      }
      guard flags & 1 == 0 else { throw .unsupported(.lz4Dictionary, offset: start) }
      blocksAreLinked = flags & 1 << 5 == 0
      hasBlockChecksums = flags & 1 << 4 != 0
      hasContentChecksum = flags & 1 << 2 != 0
      blockByteLimit = 1 << (8 + 2 * Int(block >> 4))
      if flags & 1 << 3 != 0 {
        let offset = reader.offset
        guard let size = Int(exactly: try reader.readLittleEndian(UInt64.self)) else {
          throw .integerOverflow(offset: offset)
        }
        contentByteCount = size
      } else {
        contentByteCount = nil
      }
      let hash = XXH32.hash(reader.bytes.extracting(start..<reader.offset))
      let end = reader.offset
      guard try reader.readByte() == UInt8(truncatingIfNeeded: hash >> 8) else {
        throw .invalidValue(offset: end)
      }
    }
  }
}
