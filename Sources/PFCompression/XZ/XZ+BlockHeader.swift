internal import PFCore

extension XZ {
  /// What stands before the packed bytes of a block (section 3.1).
  struct BlockHeader: Equatable {
    /// The sizes, where the header says them.
    var packedByteCount: Int?
    var byteCount: Int?
    /// The distances of the delta filters, in the order in which they were applied.
    var deltas: [Int] = []

    /// Reads `byteCount` bytes, from the flags to the padding.
    ///
    /// - Throws: `.truncated`, `.invalidValue`, `.integerOverflow`; `.unsupported` for a filter.
    init(_ reader: inout ByteReader, byteCount: Int) throws(DecodingError) {
      let base = reader.offset
      var fields = ByteReader(try reader.readSpan(count: byteCount))
      do throws(DecodingError) {
        try self.init(fields: &fields)
      } catch {
        // The fields do not fit the header's size, which need not be the input's.
        if case .truncated(let offset, _) = error { throw .invalidValue(offset: base + offset) }
        throw error.shifted(by: base)
      }
    }

    private init(fields: inout ByteReader) throws(DecodingError) {
      let flags = try fields.readByte()
      guard flags & 0x3C == 0 else { throw .invalidValue(offset: 0) }
      if flags & 0x40 != 0 {
        packedByteCount = try Self.readSize(&fields)
        guard packedByteCount != 0 else { throw .invalidValue(offset: fields.offset) }
      }
      if flags & 0x80 != 0 { byteCount = try Self.readSize(&fields) }
      let filterCount = Int(flags & 3) + 1
      for index in 0..<filterCount {
        try readFilter(&fields, isLast: index == filterCount - 1)
      }
      while fields.remaining > 0 {
        guard try fields.readByte() == 0 else { throw .invalidValue(offset: fields.offset - 1) }
      }
    }

    private static func readSize(_ fields: inout ByteReader) throws(DecodingError) -> Int {
      let offset = fields.offset
      guard let size = Int(exactly: try XZ.readNumber(&fields)) else {
        throw .integerOverflow(offset: offset)
      }
      return size
    }

    /// Section 3.1.5, and 5.3 for the filters.
    private mutating func readFilter(
      _ fields: inout ByteReader, isLast: Bool
    ) throws(DecodingError) {
      let offset = fields.offset
      let number = try XZ.readNumber(&fields)
      let propertyCount = try XZ.readNumber(&fields)
      switch number {
      case 0x21:
        // Of the size of the dictionary we have no need: it is the output.
        guard isLast, propertyCount == 1, try fields.readByte() <= 40 else {
          throw .invalidValue(offset: offset)
        }
      case 3:
        guard !isLast, propertyCount == 1 else { throw .invalidValue(offset: offset) }
        deltas.append(Int(try fields.readByte()) + 1)
      case 0, (1 << 62)...: throw .invalidValue(offset: offset)
      default: throw .unsupported(.xzFilter(number), offset: offset)
      }
    }
  }

  /// Adds to each byte the one `distance` before it (section 5.3.3).
  ///
  /// SAFETY: `count` bytes are there.
  static func undoDelta(_ start: UnsafeMutableRawPointer, count: Int, distance: Int) {
    guard distance < count else { return }
    for index in distance..<count {
      let before = unsafe start.load(fromByteOffset: index - distance, as: UInt8.self)
      let byte = unsafe start.load(fromByteOffset: index, as: UInt8.self)
      unsafe start.storeBytes(of: byte &+ before, toByteOffset: index, as: UInt8.self)
    }
  }

  /// How the blocks of a stream are checked (section 2.1.1.2).
  enum Check: Equatable {
    case none, crc32, crc64, sha256
    /// One that the format has a size for, but no name.
    case unknown(Int)

    /// Precondition: `number` is below 16.
    init(number: Int) {
      switch number {
      case 0: self = .none
      case 1: self = .crc32
      case 4: self = .crc64
      case 10: self = .sha256
      default: self = .unknown(number)
      }
    }

    var byteCount: Int {
      switch self {
      case .none: 0
      case .crc32: 4
      case .crc64: 8
      case .sha256: 32
      case .unknown(let number): 4 << ((number - 1) / 3)
      }
    }

    /// Whether `stored` is of `content`; true where that is unknown.
    func matches(_ stored: Span<UInt8>, _ content: Span<UInt8>) -> Bool {
      var number: UInt64 = 0
      for index in stored.indices.reversed() { number = number << 8 | UInt64(stored[index]) }
      switch self {
      case .none, .unknown: return true
      case .crc32: return number == UInt64(CRC32.checksum(of: content))
      case .crc64: return number == CRC64.checksum(of: content)
      case .sha256:
        let digest = SHA256.digest(of: content)
        return stored.indices.allSatisfy { stored[$0] == digest[$0] }
      }
    }
  }
}
