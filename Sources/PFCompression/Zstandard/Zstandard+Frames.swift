internal import PFCore

extension Zstandard {
  /// Walks over whole frames in memory (RFC 8878, section 3.1).
  @unsafe struct Frames {
    private let input: UnsafeRawBufferPointer
    private var offset = 0
    private var header: FrameHeader?
    private var isBeforeBlock = false

    /// SAFETY: `input` outlives the value.
    init(_ input: UnsafeRawBufferPointer) { unsafe self.input = input }

    private var reader: ByteReader {
      @_lifetime(borrow self)
      get throws(DecodingError) {
        // SAFETY: the promise of `init`.
        let span = unsafe Span<UInt8>(_unsafeElements: input.bindMemory(to: UInt8.self))
        var reader = ByteReader(unsafe _overrideLifetime(span, borrowing: self))
        try unsafe reader.skip(offset)
        return reader
      }
    }

    /// The header of the next frame, what may be skipped before it is; nil at the end.
    mutating func next() throws(DecodingError) -> FrameHeader? {
      while unsafe offset < input.count {
        var reader = try unsafe reader
        switch try Zstandard.readMember(&reader) {
        case .skippable(let byteCount):
          try reader.skip(byteCount)
          unsafe offset = reader.offset
        case .frame(let frame):
          unsafe offset = reader.offset
          unsafe header = frame
          unsafe isBeforeBlock = true
          return frame
        }
      }
      return nil
    }

    /// The next block of the frame; nil behind the last.
    mutating func nextBlock() throws(DecodingError) -> BlockHeader? {
      guard unsafe isBeforeBlock, let limit = unsafe header?.blockLimit else { return nil }
      var reader = try unsafe reader
      let block = try BlockHeader(&reader, limit: limit)
      guard block.contentByteCount <= reader.remaining else {
        throw .truncated(
          offset: reader.bytes.count, needed: block.contentByteCount - reader.remaining)
      }
      unsafe offset = reader.offset
      unsafe isBeforeBlock = !block.isLast
      return block
    }

    /// Decodes the block that `nextBlock` has just given.
    ///
    /// SAFETY: `target` tells the truth. Frame and block headers stand before the content.
    mutating func decode(
      _ block: BlockHeader, _ workspace: Workspace, into target: inout Target
    ) throws(DecodingError) {
      let end = unsafe offset + block.contentByteCount
      let content = unsafe UnsafeRawBufferPointer(rebasing: input[offset..<end])
      do throws(DecodingError) {
        try unsafe workspace.decodeBlock(
          block, content, limit: header?.blockLimit ?? 0, into: &target)
      } catch { throw unsafe error.shifted(by: offset) }
      unsafe offset = end
    }

    /// Checks what the frame says of its content, and passes the checksum.
    mutating func finish(_ content: Span<UInt8>) throws(DecodingError) {
      guard let header = unsafe header else { return }
      if let declared = header.contentByteCount, declared != content.count {
        throw unsafe .invalidValue(offset: offset)
      }
      guard header.hasChecksum else { return }
      var reader = try unsafe reader
      let checksum = try reader.readLittleEndian(UInt32.self)
      guard checksum == UInt32(truncatingIfNeeded: XXH64.hash(content)) else {
        throw unsafe .invalidValue(offset: offset)
      }
      unsafe offset = reader.offset
    }
  }
}
