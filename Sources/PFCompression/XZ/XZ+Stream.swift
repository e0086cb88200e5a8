internal import PFCore

extension XZ {
  /// What the index says of a block (section 4.3).
  struct Record: Equatable {
    /// Of the header, the packed bytes and the check, without padding.
    var unpaddedByteCount: Int
    var byteCount: Int
  }

  /// What the header and the footer of a stream say (section 2.1.1.2).
  struct StreamFlags: Equatable {
    var check: Check

    init(_ reader: inout ByteReader) throws(DecodingError) {
      let offset = reader.offset
      let first = try reader.readByte()
      let second = try reader.readByte()
      guard first == 0, second < 16 else { throw .invalidValue(offset: offset) }
      check = Check(number: Int(second))
    }
  }

  /// Decodes a stream (section 2.1) behind what `output` holds.
  static func decodeStream(
    _ reader: inout ByteReader, into output: inout MutableBuffer, limit: Int,
    _ workspace: Workspace
  ) throws(DecodingError) {
    for byte in [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00] as [UInt8] {
      let offset = reader.offset
      guard try reader.readByte() == byte else { throw .invalidValue(offset: offset) }
    }
    let flagsOffset = reader.offset
    let flags = try checked(&reader, from: flagsOffset) { (reader) throws(DecodingError) in
      try StreamFlags(&reader)
    }

    var records: [Record] = []
    while true {
      let start = reader.offset
      let size = Int(try reader.readByte())
      guard size > 0 else { break }
      let header = try checked(&reader, from: start) { (reader) throws(DecodingError) in
        try BlockHeader(&reader, byteCount: (size + 1) * 4 - 5)
      }
      records.append(
        try decodeBlock(
          header, start: start, flags.check, &reader, into: &output, limit: limit, workspace))
    }

    let indexStart = reader.offset - 1
    try checked(&reader, from: indexStart) { (reader) throws(DecodingError) in
      try readIndex(&reader, records, start: indexStart)
    }
    let indexByteCount = reader.offset - indexStart

    // Section 2.1.2.
    let footerOffset = reader.offset
    let storedChecksum = try reader.readLittleEndian(UInt32.self)
    let start = reader.offset
    let backward = Int(try reader.readLittleEndian(UInt32.self))
    let lastFlags = try StreamFlags(&reader)
    guard
      storedChecksum == CRC32.checksum(of: reader.bytes.extracting(start..<reader.offset)),
      (backward + 1) * 4 == indexByteCount, lastFlags == flags
    else { throw .invalidValue(offset: footerOffset) }
    let magicOffset = reader.offset
    guard try reader.readLittleEndian(UInt16.self) == 0x5A59 else {
      throw .invalidValue(offset: magicOffset)
    }
  }

  /// Reads a field from `start` on and the CRC-32 behind it. What is wrong with its checksum is not
  /// looked at further.
  private static func checked<T>(
    _ reader: inout ByteReader, from start: Int,
    _ body: (inout ByteReader) throws(DecodingError) -> T
  ) throws(DecodingError) -> T {
    let result = try body(&reader)
    let end = reader.offset
    let stored = try reader.readLittleEndian(UInt32.self)
    guard stored == CRC32.checksum(of: reader.bytes.extracting(start..<end)) else {
      throw .invalidValue(offset: end)
    }
    return result
  }

  /// A block behind its header: packed bytes, padding, check (section 3).
  private static func decodeBlock(
    _ header: BlockHeader, start: Int, _ check: Check, _ reader: inout ByteReader,
    into output: inout MutableBuffer, limit: Int, _ workspace: Workspace
  ) throws(DecodingError) -> Record {
    let packedStart = reader.offset
    let outputStart = output.byteCount
    if let declared = header.byteCount, declared > limit - outputStart {
      throw .limitExceeded(offset: start, declared: outputStart + declared, limit: limit)
    }
    try decodeLZMA2(&reader, into: &output, limit: limit, workspace)
    let packed = reader.offset - packedStart
    let byteCount = output.byteCount - outputStart
    guard header.packedByteCount ?? packed == packed, header.byteCount ?? byteCount == byteCount
    else { throw .invalidValue(offset: reader.offset) }
    for distance in header.deltas.reversed() {
      unsafe undoDelta(output.start + outputStart, count: byteCount, distance: distance)
    }
    try passZeros(&reader, from: packedStart)

    let checkOffset = reader.offset
    let stored = try reader.readSpan(count: check.byteCount)
    guard check.matches(stored, output.bytes(from: outputStart)) else {
      throw .invalidValue(offset: checkOffset)
    }
    return Record(
      unpaddedByteCount: packedStart - start + packed + check.byteCount, byteCount: byteCount)
  }

  /// Passes the zeros up to a multiple of four bytes from `start`.
  private static func passZeros(
    _ reader: inout ByteReader, from start: Int
  ) throws(DecodingError) {
    while (reader.offset - start) % 4 != 0 {
      let offset = reader.offset
      guard try reader.readByte() == 0 else { throw .invalidValue(offset: offset) }
    }
  }

  /// The index behind its first byte, without its checksum (section 4); it must be of `records`.
  private static func readIndex(
    _ reader: inout ByteReader, _ records: [Record], start: Int
  ) throws(DecodingError) {
    guard try readNumber(&reader) == UInt64(records.count) else {
      throw .invalidValue(offset: reader.offset)
    }
    for record in records {
      let offset = reader.offset
      let unpadded = try readNumber(&reader)
      guard unpadded == UInt64(record.unpaddedByteCount),
        try readNumber(&reader) == UInt64(record.byteCount)
      else { throw .invalidValue(offset: offset) }
    }
    try passZeros(&reader, from: start)
  }

  /// Section 1.2: seven bits a byte, the lowest first, nine bytes at most and none too many.
  static func readNumber(_ reader: inout ByteReader) throws(DecodingError) -> UInt64 {
    let start = reader.offset
    var value: UInt64 = 0
    for index in 0..<9 as Range<UInt64> {
      let byte = try reader.readByte()
      value |= UInt64(byte & 0x7F) << (7 * index)
      guard byte < 0x80 else { continue }
      guard byte > 0 || index == 0 else { throw .invalidValue(offset: start) }
      return value
    }
    throw .integerOverflow(offset: start)
  }
}
