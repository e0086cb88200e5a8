internal import PFCore

/// A window that moves forward over a source: its bytes lie in memory that is used again.
///
/// Behind its bytes there are `spare` more that may be read; those behind the end of the source are
/// zeros.
@safe final class Window {
  static let spare = 64
  /// Positions in a window have 31 bits.
  static let largest = 1 << 30

  private var buffer: MutableBuffer
  /// A segment whose bytes are those of the window, so that none is copied.
  private var segment: SegmentSource?
  private var source: any ByteSource
  /// Where the input ends for this reader, in the source.
  private(set) var end: Int
  /// The offset of the first byte of the window in the source.
  private(set) var base = 0
  /// Bytes of the window.
  private(set) var count = 0

  init(_ source: any ByteSource) throws(ReadError) {
    self.source = source
    end = source.byteCount
    do throws(AllocationError) {
      buffer = try MutableBuffer(byteCount: 2 * Self.spare)
    } catch { throw ReadError(error) }
  }

  /// The bytes. Valid until the window moves or grows.
  @unsafe var bytes: UnsafePointer<UInt8> {
    if let segment { return unsafe segment.start + (base - segment.base) }
    return unsafe UnsafePointer(buffer.start.assumingMemoryBound(to: UInt8.self))
  }

  /// Whether nothing comes behind the window.
  var isAtEnd: Bool { base + count >= end && !hasMore }

  /// Whether more comes behind the source, which is not to be had from it.
  private var hasMore = false

  /// The bytes that can be scanned: what follows each of them is known.
  var scannable: Int { isAtEnd ? count : max(0, count - 1) }

  /// Goes on with another source, from its begin.
  func open(_ source: any ByteSource, hasMore: Bool = false) {
    self.source = source
    segment = source as? SegmentSource
    self.hasMore = hasMore
    end = source.byteCount
    base = 0
    count = 0
  }

  /// Lets go of a segment.
  func close() {
    segment = nil
    (base, count, end) = (0, 0, 0)
  }

  /// Begins the window at `offset` and fills it with `wanted` bytes, or what is left of the input.
  ///
  /// - Throws: what the source throws; `.outOfMemory`.
  func move(to offset: Int, wanted: Int) throws(ReadError) {
    if let segment {
      base = max(segment.base, min(offset, end))
      count = 0
      return try fill(to: wanted)
    }
    let skipped = offset - base
    if skipped > 0, skipped < count {
      let kept = count - skipped
      // SAFETY: both lie in the buffer.
      unsafe buffer.start.copyMemory(from: buffer.start + skipped, byteCount: kept)
      count = kept
    } else if skipped != 0 || count == 0 {
      count = 0
    }
    base = offset
    try fill(to: wanted)
  }

  /// Reads on until the window has `wanted` bytes, or reaches the end of the input.
  ///
  /// - Throws: what the source throws; `.outOfMemory`; `.limitExceeded` for what is too large.
  func fill(to wanted: Int) throws(ReadError) {
    let target = min(wanted, end - base)
    guard target > count else { return finish() }
    guard target <= Self.largest else {
      throw ReadError(
        .limitExceeded(limit: "the bytes of a record", declared: target, maximum: Self.largest),
        at: .init(file: source.name, offset: base))
    }
    guard segment == nil else {
      count = target
      return
    }
    do throws(AllocationError) {
      buffer.setByteCount(count)
      try buffer.reserve(target + Self.spare)
    } catch { throw ReadError(error) }
    do throws(SourceError) {
      // SAFETY: the buffer has room for `target` bytes.
      var span = unsafe MutableSpan<UInt8>(
        _unsafeStart: buffer.start.assumingMemoryBound(to: UInt8.self) + count,
        count: target - count)
      try source.read(at: base + count, into: &span)
    } catch { throw ReadError(error).at(.init(file: source.name)) }
    count = target
    finish()
  }

  private func finish() {
    guard segment == nil else { return }
    // SAFETY: the buffer has `spare` bytes behind the window.
    unsafe (buffer.start + count).initializeMemory(as: UInt8.self, repeating: 0, count: Self.spare)
  }
}
