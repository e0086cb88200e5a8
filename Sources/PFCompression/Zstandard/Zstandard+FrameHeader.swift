internal import PFCore

extension Zstandard {
  /// What stands before the blocks of a frame (RFC 8878, section 3.1.1.1).
  struct FrameHeader: Equatable {
    /// Bytes that a match may reach back.
    var windowByteCount: Int
    /// The decompressed size, where the frame says it.
    var contentByteCount: Int?
    var hasChecksum: Bool
    /// The bytes of the header itself, magic number included.
    var byteCount: Int

    /// No block is larger, before or after decompression.
    var blockLimit: Int { min(windowByteCount, maximumBlockByteCount) }
  }

  /// One member of a stream: a frame, or bytes to skip (section 3.1.2).
  enum Member: Equatable {
    case frame(FrameHeader)
    /// `byteCount` bytes follow the header of eight bytes.
    case skippable(byteCount: Int)
  }

  /// The most bytes that a member's header can have.
  static let maximumHeaderByteCount = 18

  /// Reads the header with which a member begins.
  ///
  /// - Throws: `.truncated`; `.invalidValue` for another magic number, a reserved bit or a size
  ///   that no machine can hold; `.unsupported` for a dictionary and for the formats before 0.8.
  static func readMember(_ reader: inout ByteReader) throws(DecodingError) -> Member {
    let start = reader.offset
    let magic = try reader.readLittleEndian(UInt32.self)
    if magic == 0xFD2F_B528 {
      return .frame(try readFrameHeader(&reader, start: start))
    }
    if magic & 0xFFFF_FFF0 == 0x184D_2A50 {
      return .skippable(byteCount: Int(try reader.readLittleEndian(UInt32.self)))
    }
    if (0xFD2F_B522...0xFD2F_B527).contains(magic) || magic == 0x1EB5_2FFD {
      throw .unsupported(.legacyZstandard, offset: start)
    }
    throw .invalidValue(offset: start)
  }

  private static func readFrameHeader(
    _ reader: inout ByteReader, start: Int
  ) throws(DecodingError) -> FrameHeader {
    let descriptorOffset = reader.offset
    let descriptor = try reader.readByte()
    guard descriptor & 0x08 == 0 else { throw .invalidValue(offset: descriptorOffset) }
    let isSingleSegment = descriptor & 0x20 != 0

    var window: UInt64 = 0
    if !isSingleSegment {
      let byte = try reader.readByte()
      let base = UInt64(1) << UInt64(10 + byte >> 3)
      window = base + (base >> 3) * UInt64(byte & 7)
    }

    let dictionaryOffset = reader.offset
    let dictionary: UInt32 =
      switch descriptor & 3 {
      case 0: 0
      case 1: UInt32(try reader.readByte())
      case 2: UInt32(try reader.readLittleEndian(UInt16.self))
      default: try reader.readLittleEndian(UInt32.self)
      }
    guard dictionary == 0 else {
      throw .unsupported(.zstandardDictionary, offset: dictionaryOffset)
    }

    let sizeOffset = reader.offset
    let content: UInt64? =
      switch descriptor >> 6 {
      case 0: isSingleSegment ? UInt64(try reader.readByte()) : nil
      case 1: UInt64(try reader.readLittleEndian(UInt16.self)) + 256
      case 2: UInt64(try reader.readLittleEndian(UInt32.self))
      default: try reader.readLittleEndian(UInt64.self)
      }
    if isSingleSegment { window = content ?? 0 }
    guard let windowByteCount = Int(exactly: window), content ?? 0 <= UInt64(Int.max) else {
      throw .invalidValue(offset: sizeOffset)
    }
    return FrameHeader(
      windowByteCount: windowByteCount, contentByteCount: content.map { Int(clamping: $0) },
      hasChecksum: descriptor & 0x04 != 0, byteCount: reader.offset - start)
  }

  /// What stands before each block (section 3.1.1.2).
  struct BlockHeader {
    enum Kind { case raw, runLength, compressed }

    static let byteCount = 3

    var isLast: Bool
    var kind: Kind
    /// Of the content: its bytes, or how often its one byte is repeated.
    var size: Int

    /// Bytes of content that follow the header.
    var contentByteCount: Int { kind == .runLength ? 1 : size }

    /// - Throws: `.truncated`; `.invalidValue` for the reserved kind; `.limitExceeded` for a size
    ///   above `limit`.
    init(_ reader: inout ByteReader, limit: Int) throws(DecodingError) {
      let start = reader.offset
      let low = Int(try reader.readLittleEndian(UInt16.self))
      let bits = low | Int(try reader.readByte()) << 16
      isLast = bits & 1 != 0
      switch bits >> 1 & 3 {
      case 0: kind = .raw
      case 1: kind = .runLength
      case 2: kind = .compressed
      default: throw .invalidValue(offset: start)
      }
      size = bits >> 3
      guard size <= limit else {
        throw .limitExceeded(offset: start, declared: size, limit: limit)
      }
    }
  }
}
