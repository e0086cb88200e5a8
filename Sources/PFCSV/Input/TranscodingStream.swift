internal import PFCore

/// A stream of text in any encoding as UTF-8.
final class TranscodingStream: ByteStream {
  private let base: any ByteStream
  private let name: String
  private var transcoder: Transcoder
  private var input: MutableBuffer
  private var used = 0
  private var isFinished = false
  /// What fits no output of fewer than four bytes.
  private var rest: UInt64 = 0
  private var restCount = 0

  /// `first` was read already and comes before the bytes of `base`; before both come `offset`
  /// bytes, a byte order mark, which count in errors.
  init(
    _ base: any ByteStream, _ encoding: TextEncoding, _ treatment: Transcoder.Treatment,
    first: [UInt8], offset: Int, name: String
  ) throws(ReadError) {
    self.base = base
    self.name = name
    transcoder = Transcoder(encoding, treatment, offset: offset)
    do throws(AllocationError) {
      input = try MutableBuffer(byteCount: SourcePieces.byteCount)
    } catch { throw ReadError(error).at(.init(file: name)) }
    input.append(first.span)
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
    guard target.count > 0 else { return 0 }
    if restCount > 0 { return unsafe takeRest(target) }
    guard target.count >= Transcoder.smallestOutput else { return try unsafe readFew(target) }
    while true {
      if used == input.byteCount {
        guard !isFinished else { return 0 }
        used = 0
        // SAFETY: all of the buffer's memory is writable and ours.
        let count = try unsafe base.read(
          into: UnsafeMutableRawBufferPointer(start: input.start, count: input.capacity))
        input.setByteCount(count)
        if count == 0 { isFinished = true }
      }
      do throws(TextEncodingError) {
        if isFinished { return try unsafe transcoder.finish(into: target) }
        // SAFETY: the bytes from `used` on were read.
        let progress = try unsafe transcoder.transcode(
          UnsafeRawBufferPointer(start: input.start + used, count: input.byteCount - used),
          into: target)
        used += progress.read
        if progress.written > 0 { return progress.written }
      } catch { throw failure(error) }
    }
  }

  /// Reads for a target of one to three bytes.
  private func readFew(_ target: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
    var few: UInt64 = 0
    // One character at most is written to four bytes, or four of ASCII.
    var count = 0
    try unsafe withUnsafeMutableBytes(of: &few) { bytes throws(ReadError) in
      count = try unsafe read(
        into: UnsafeMutableRawBufferPointer(
          start: bytes.baseAddress, count: Transcoder.smallestOutput))
    }
    rest = few
    restCount = count
    return unsafe takeRest(target)
  }

  private func takeRest(_ target: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(restCount, target.count)
    unsafe withUnsafeBytes(of: rest) { bytes in
      // SAFETY: `count` bytes are there on both sides.
      if let start = target.baseAddress, let base = bytes.baseAddress {
        unsafe start.copyMemory(from: base, byteCount: count)
      }
    }
    rest >>= UInt64(8 * count)
    restCount -= count
    return count
  }

  private func failure(_ error: TextEncodingError) -> ReadError {
    ReadError(
      .invalidText(encoding: error.encoding.name), at: .init(file: name, offset: error.offset))
  }
}
