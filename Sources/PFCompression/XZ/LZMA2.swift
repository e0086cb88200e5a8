internal import PFCore

extension XZ {
  /// Decodes chunks of LZMA2 up to the one that ends them (section 5.3.1), behind what `output`
  /// holds. What they copy from is the output itself.
  ///
  /// - Throws: `.truncated`, `.invalidValue`, `.limitExceeded`, `.outOfMemory`.
  static func decodeLZMA2(
    _ reader: inout ByteReader, into output: inout MutableBuffer, limit: Int,
    _ workspace: Workspace
  ) throws(DecodingError) {
    var decoder = unsafe LZMADecoder(try workspace.probabilities())
    /// Where the dictionary begins; nil before the first chunk.
    var dictionaryStart: Int?
    var needsProperties = true
    while true {
      let start = reader.offset
      let control = Int(try reader.readByte())
      guard control > 0 else { return }
      if control == 1 || control >= 0xE0 {
        dictionaryStart = output.byteCount
        needsProperties = true
      }
      guard let dictionaryStart, control <= 2 || control >= 0x80 else {
        throw .invalidValue(offset: start)
      }

      let isPacked = control >= 0x80
      let low = try readBigEndian(&reader)
      let byteCount = (isPacked ? (control & 0x1F) << 16 : 0) + low + 1
      let written = output.byteCount
      let packedCount = isPacked ? try readBigEndian(&reader) + 1 : byteCount
      if control >= 0xC0 {
        guard decoder.setProperties(try reader.readByte()) else {
          throw .invalidValue(offset: reader.offset - 1)
        }
        needsProperties = false
      } else if isPacked {
        guard !needsProperties else { throw .invalidValue(offset: start) }
      }
      if control >= 0xA0 { decoder.reset() }

      // Before memory is taken for what they may make.
      let packedOffset = reader.offset
      let packed = try reader.readSpan(count: packedCount)
      guard byteCount <= limit - written else {
        throw .limitExceeded(offset: start, declared: written + byteCount, limit: limit)
      }
      try output.reserveForDecompression(written + byteCount, slack: outputSlack)
      let target = unsafe output.start + written
      guard isPacked else {
        unsafe packed.withUnsafeBytes { bytes in
          // SAFETY: so many bytes are there, and fit.
          if let base = bytes.baseAddress {
            unsafe MatchCopy.copyLiterals(base, to: target, count: byteCount)
          }
        }
        output.setByteCount(written + byteCount)
        continue
      }

      // The decoder may read beyond its end: into what follows, or into what follows a copy.
      let readable = packedCount + LZMALayout.inputSlack
      let dictionary = unsafe output.start + dictionaryStart
      let isWellFormed: Bool
      if readable <= reader.bytes.count - packedOffset {
        // SAFETY: `inputSlack` bytes follow `packed`, and there is room for `byteCount` bytes and
        // `outputSlack` more; the dictionary is all written.
        isWellFormed = unsafe packed.withUnsafeBytes { bytes in
          unsafe decoder.decode(
            bytes, to: target, count: byteCount, dictionary: dictionary)
        }
      } else {
        let copy = try unsafe workspace.padded(packed)
        isWellFormed = unsafe decoder.decode(
          copy, to: target, count: byteCount, dictionary: dictionary)
      }
      guard isWellFormed else { throw .invalidValue(offset: packedOffset) }
      output.setByteCount(written + byteCount)
    }
  }

  /// Bytes behind the output that copies may write.
  static let outputSlack = 64

  private static func readBigEndian(_ reader: inout ByteReader) throws(DecodingError) -> Int {
    Int(try reader.readLittleEndian(UInt16.self).byteSwapped)
  }

  /// The memory of a decoder, 93 KB.
  ///
  /// Made once and used for one input after the other, by one thread at a time.
  @safe package final class Workspace {
    private var memory: MutableBuffer?
    private static let probabilityByteCount = 2 * LZMALayout.probabilityCount
    private static let paddedByteCount = 1 << 16 + LZMALayout.inputSlack

    /// Takes no memory before its first use.
    package init() {}

    private func start() throws(DecodingError) -> UnsafeMutableRawPointer {
      let byteCount = Self.probabilityByteCount + Self.paddedByteCount
      if memory == nil { memory = try .decompressing(byteCount: byteCount) }
      guard let start = unsafe memory?.start else { throw .outOfMemory(byteCount: byteCount) }
      return unsafe start
    }

    /// Room for `LZMALayout.probabilityCount` numbers, valid as long as the workspace.
    func probabilities() throws(DecodingError) -> UnsafeMutablePointer<UInt16> {
      unsafe try start().assumingMemoryBound(to: UInt16.self)
    }

    /// A copy of `bytes`, 64 KiB at most, with `LZMALayout.inputSlack` zeros behind it, valid until
    /// the next one.
    func padded(_ bytes: Span<UInt8>) throws(DecodingError) -> UnsafeRawBufferPointer {
      precondition(bytes.count <= 1 << 16)
      let target = unsafe try start() + Self.probabilityByteCount
      unsafe bytes.withUnsafeBytes { source in
        // SAFETY: there is room for 64 KiB.
        if let base = source.baseAddress {
          unsafe target.copyMemory(from: base, byteCount: source.count)
        }
      }
      unsafe (target + bytes.count).initializeMemory(
        as: UInt8.self, repeating: 0, count: LZMALayout.inputSlack)
      return unsafe UnsafeRawBufferPointer(start: target, count: bytes.count)
    }
  }
}
