package import PFCore

extension Zstandard {
  /// Decompresses frames piece by piece, as they come, in bounded memory: the window twice at most
  /// (once and 16 MiB where it is above 32 MiB), one block, and a workspace.
  ///
  /// Memory grows with what was decompressed, whatever window a frame declares.
  @safe package final class Stream {
    /// The window that a frame may ask for, where the caller sets no other: 128 MiB.
    package static let defaultWindowLimit = 128 << 20

    /// What a call of `decompress` took and gave.
    package struct Progress: Equatable, Sendable {
      /// Bytes of the input that were taken.
      package var read: Int
      /// Bytes of the output that were written.
      package var written: Int
    }

    /// What comes next in the input.
    private enum Phase {
      case member
      case skippable(Int)
      case blockHeader
      case block(BlockHeader)
      case checksum
    }

    private let workspace: Workspace
    private let windowLimit: Int
    private var phase = Phase.member
    private var frame = FrameHeader(
      windowByteCount: 0, contentByteCount: nil, hasChecksum: false, byteCount: 0)
    private var checksum = XXH64()
    /// Bytes of the frame that are decompressed.
    private var frameByteCount = 0

    /// Room for one block behind `pendingStart` bytes, which readers of bits may look at.
    private let pending: MutableBuffer
    private var pendingCount = 0
    private static let pendingStart = 16
    /// Bytes of input that were taken.
    private var position = 0

    /// What was decompressed, the oldest that a match may reach first.
    private var window: MutableBuffer
    private var windowCount = 0
    /// Bytes of `window` that the caller has.
    private var drained = 0

    /// - Parameter windowLimit: frames that ask for a larger window are refused.
    /// - Throws: when there is no memory.
    package init(windowLimit: Int = defaultWindowLimit) throws(AllocationError) {
      self.windowLimit = windowLimit
      workspace = try Workspace()
      pending = try MutableBuffer(
        byteCount: Self.pendingStart + maximumBlockByteCount + literalSlack)
      unsafe pending.start.initializeMemory(
        as: UInt8.self, repeating: 0, count: Self.pendingStart)
      window = try MutableBuffer(byteCount: maximumBlockByteCount + outputSlack)
    }

    /// Whether the input may end here.
    package var isAtEnd: Bool {
      if case .member = phase { return pendingCount == 0 && drained == windowCount }
      return false
    }

    /// Takes bytes of `input` and fills `output` with what they decompress to, until one of the two
    /// is used up.
    ///
    /// - Throws: as `Zstandard.decompress(_:limit:)`, offsets counted from the first byte of all
    ///   input; `.limitExceeded` for a window above the limit. The stream is of no use then.
    package func decompress(
      _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>
    ) throws(DecodingError) -> Progress {
      var progress = Progress(read: 0, written: 0)
      while true {
        drain(into: &output, &progress)
        guard drained == windowCount else { return progress }
        guard try advance(input, &progress) else { return progress }
      }
    }

    /// Fails when the input must not end here.
    package func finish() throws(DecodingError) {
      guard isAtEnd else { throw .truncated(offset: position, needed: 1) }
    }

    private func drain(into output: inout MutableSpan<UInt8>, _ progress: inout Progress) {
      let count = min(windowCount - drained, output.count - progress.written)
      guard count > 0 else { return }
      unsafe output.withUnsafeMutableBytes { target in
        // SAFETY: `count` bytes are there on both sides.
        if let base = target.baseAddress {
          unsafe (base + progress.written).copyMemory(
            from: window.start + drained, byteCount: count)
        }
      }
      drained += count
      progress.written += count
    }

    /// Does what comes next. False when that takes more input.
    private func advance(
      _ input: Span<UInt8>, _ progress: inout Progress
    ) throws(DecodingError) -> Bool {
      switch phase {
      case .member:
        return try readMember(input, &progress)
      case .skippable(let left):
        let count = min(left, input.count - progress.read)
        progress.read += count
        position += count
        phase = count == left ? .member : .skippable(left - count)
        return count == left
      case .blockHeader:
        guard gather(BlockHeader.byteCount, input, &progress) else { return false }
        try readPending { (reader) throws(DecodingError) in
          self.phase = .block(try BlockHeader(&reader, limit: self.frame.blockLimit))
        }
      case .block(let header):
        guard gather(header.contentByteCount, input, &progress) else { return false }
        try decode(header)
      case .checksum:
        guard gather(4, input, &progress) else { return false }
        try readPending { (reader) throws(DecodingError) in
          let declared = try reader.readLittleEndian(UInt32.self)
          guard declared == UInt32(truncatingIfNeeded: self.checksum.value) else {
            throw .invalidValue(offset: 0)
          }
        }
        phase = .member
      }
      pendingCount = 0
      return true
    }

    /// Takes input until `count` bytes are pending.
    private func gather(_ count: Int, _ input: Span<UInt8>, _ progress: inout Progress) -> Bool {
      let taken = min(max(count - pendingCount, 0), input.count - progress.read)
      unsafe input.withUnsafeBytes { bytes in
        // SAFETY: at most a block is gathered; the input has `taken` more bytes.
        if taken > 0, let base = bytes.baseAddress {
          unsafe (pending.start + Self.pendingStart + pendingCount).copyMemory(
            from: base + progress.read, byteCount: taken)
        }
      }
      pendingCount += taken
      progress.read += taken
      position += taken
      return pendingCount >= count
    }

    /// Lends a reader over what is pending; errors are counted from the start of all input.
    private func readPending<T>(
      _ body: (inout ByteReader) throws(DecodingError) -> T
    ) throws(DecodingError) -> T {
      // SAFETY: so many bytes are pending, and nothing is taken while they are read.
      let bytes = unsafe Span<UInt8>(
        _unsafeStart: (pending.start + Self.pendingStart).assumingMemoryBound(to: UInt8.self),
        count: pendingCount)
      var reader = ByteReader(bytes)
      do throws(DecodingError) {
        return try body(&reader)
      } catch { throw error.shifted(by: position - pendingCount) }
    }

    /// Reads a member's header, whose length only its own bytes tell.
    private func readMember(
      _ input: Span<UInt8>, _ progress: inout Progress
    ) throws(DecodingError) -> Bool {
      var missing = 4 - min(pendingCount, 3)
      while gather(pendingCount + missing, input, &progress) {
        let member: Member? = try readPending { (reader) throws(DecodingError) in
          do throws(DecodingError) {
            return try Zstandard.readMember(&reader)
          } catch {
            guard case .truncated(_, let needed) = error else { throw error }
            missing = needed
            return nil
          }
        }
        guard let member else { continue }
        switch member {
        case .skippable(let byteCount): phase = .skippable(byteCount)
        case .frame(let header): try begin(header)
        }
        pendingCount = 0
        return true
      }
      return false
    }

    private func begin(_ header: FrameHeader) throws(DecodingError) {
      guard header.windowByteCount <= windowLimit else {
        throw .limitExceeded(
          offset: position - pendingCount, declared: header.windowByteCount, limit: windowLimit)
      }
      frame = header
      frameByteCount = 0
      checksum = XXH64()
      windowCount = 0
      drained = 0
      workspace.beginFrame()
      phase = .blockHeader
    }

    private func decode(_ header: BlockHeader) throws(DecodingError) {
      try makeRoom()
      let before = windowCount
      let contentOffset = position - pendingCount
      // SAFETY: `makeRoom` has made the room that `limit` says; `pendingStart` bytes stand before
      // the content, which has `contentByteCount` bytes.
      var target = unsafe Target(
        start: window.start.assumingMemoryBound(to: UInt8.self), written: windowCount,
        limit: windowCount + frame.blockLimit, capacity: window.capacity)
      do throws(DecodingError) {
        try unsafe workspace.decodeBlock(
          header,
          UnsafeRawBufferPointer(
            start: pending.start + Self.pendingStart, count: header.contentByteCount),
          limit: frame.blockLimit, into: &target)
      } catch { throw error.shifted(by: contentOffset) }
      windowCount = unsafe target.written
      frameByteCount += windowCount - before

      if frame.hasChecksum {
        // SAFETY: the block has just been written there.
        checksum.update(
          unsafe Span<UInt8>(
            _unsafeStart: window.start.assumingMemoryBound(to: UInt8.self) + before,
            count: windowCount - before))
      }
      if let declared = frame.contentByteCount {
        guard header.isLast ? frameByteCount == declared : frameByteCount <= declared else {
          throw .invalidValue(offset: position)
        }
      }
      phase = !header.isLast ? .blockHeader : frame.hasChecksum ? .checksum : .member
    }

    /// Makes room for a block: by more memory, or by letting go of what is out of reach.
    ///
    /// All that is in the window is drained before.
    private func makeRoom() throws(DecodingError) {
      let wanted = windowCount + frame.blockLimit + outputSlack
      guard wanted > window.capacity else { return }
      let reach = frame.windowByteCount
      let spare = max(frame.blockLimit, min(reach, max(reach / 2, 16 << 20)))
      let largest = reach + spare + outputSlack
      if window.capacity < largest {
        window.setByteCount(windowCount)
        do throws(AllocationError) {
          try window.reserve(min(max(wanted, 2 * window.capacity), largest))
        } catch { throw .outOfMemory(byteCount: error.byteCount) }
      }
      guard wanted > window.capacity else { return }
      let kept = min(windowCount, reach)
      // `copyMemory` allows that both ranges overlap.
      unsafe window.start.copyMemory(
        from: window.start + (windowCount - kept), byteCount: kept)
      windowCount = kept
      drained = kept
    }
  }
}
