internal import PFCore

extension Deflate {
  /// The decoder of a whole input: frames, and the streams within them, with their checksums.
  ///
  /// As resumable as `Inflater`. Behind the last frame (or the raw stream) only zeros may stand,
  /// as tapes and disk blocks pad with them; behind a GZIP member, another one too.
  struct Decoder: ~Copyable {
    private enum Stage {
      case header
      case body
      /// Four bytes of checksum follow.
      case checksum
      /// The size of a GZIP member follows.
      case size
      /// A member or a stream has ended.
      case end
    }

    private let frame: Frame
    private var stage = Stage.header
    private var inflater = Inflater()
    private var gzipHeader = GzipHeader()
    private var crc32 = CRC32()
    private var adler32 = Adler32()
    /// Bytes of the member.
    private var byteCount = 0

    init(_ frame: Frame) { self.frame = frame }

    /// Decodes until one side is used up. The end of all is seen by `finish` only, as more may come.
    ///
    /// - Throws: `.invalidValue` behind what is malformed, also a checksum.
    mutating func run(
      _ reader: inout BitReader, _ output: inout Output
    ) throws(DecodingError) -> Pause {
      while true {
        switch stage {
        case .header:
          guard try readHeader(&reader) else { return .needsInput }
          inflater.reset()
          crc32 = CRC32()
          adler32 = Adler32()
          byteCount = 0
          output.history = output.count
          stage = .body

        case .body:
          let start = output.count
          let pause = try inflater.run(&reader, &output)
          sum(output, from: start)
          guard pause == .finished else { return pause }
          reader.alignToByte()
          switch frame {
          case .raw, .openEnded: stage = .end
          case .zlib, .gzip: stage = .checksum
          }

        case .checksum:
          guard let field = reader.take(32) else { return .needsInput }
          let stored = UInt32(truncatingIfNeeded: field)
          // RFC 1950 is the one of the two that stores the high byte first.
          let isRight =
            frame == .gzip ? stored == crc32.value : stored.byteSwapped == adler32.value
          guard isRight else { throw .invalidValue(offset: reader.offset) }
          stage = frame == .gzip ? .size : .end

        case .size:
          guard let field = reader.take(32) else { return .needsInput }
          guard field == byteCount & 0xFFFF_FFFF else {
            throw .invalidValue(offset: reader.offset)
          }
          stage = .end

        case .end:
          guard let byte = reader.take(8) else { return .needsInput }
          if byte == 0 || frame == .openEnded { continue }
          guard frame == .gzip else { throw .invalidValue(offset: reader.offset) }
          gzipHeader = GzipHeader()
          try gzipHeader.begin(byte, offset: reader.offset)
          stage = .header
        }
      }
    }

    /// Fails when what `reader` gave until now ends too early.
    func finish(_ reader: BitReader) throws(DecodingError) {
      guard case .end = stage else { throw .truncated(offset: reader.offset, needed: 1) }
    }

    private mutating func readHeader(_ reader: inout BitReader) throws(DecodingError) -> Bool {
      switch frame {
      case .raw, .openEnded: return true
      case .zlib: return try Zlib.readHeader(&reader)
      case .gzip: return try gzipHeader.read(&reader)
      }
    }

    private mutating func sum(_ output: Output, from start: Int) {
      let count = output.count - start
      byteCount += count
      // SAFETY: these bytes were just written.
      let bytes = unsafe Span<UInt8>(
        _unsafeElements: UnsafeBufferPointer(
          start: (output.start + start).assumingMemoryBound(to: UInt8.self), count: count))
      switch frame {
      case .raw, .openEnded: break
      case .zlib: adler32.update(bytes)
      case .gzip: crc32.update(bytes)
      }
    }
  }
}
