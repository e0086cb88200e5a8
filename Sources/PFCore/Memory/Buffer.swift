/// Immutable, shared bytes: a buffer of an Arrow array, or a piece of a file in memory.
///
/// Copies share the memory, which lives until the last of them is gone. Buffers of our own are
/// aligned to 64 bytes and padded with zeros to a multiple of 64 (Arrow columnar format,
/// "Buffer Alignment and Padding").
@safe public struct Buffer: Sendable {
  /// Keeps the memory alive.
  private let owner: (any AnyObject & Sendable)?
  // SAFETY: the memory is never written after a Buffer of it exists, and `owner` keeps it.
  private nonisolated(unsafe) let start: UnsafeRawPointer?
  /// The bytes in use, padding not counted.
  public let byteCount: Int

  /// A view of memory that `owner` keeps alive and nobody writes.
  ///
  /// SAFETY: the caller promises `byteCount` readable bytes at `start` as long as `owner` lives.
  @unsafe package init(
    start: UnsafeRawPointer?, byteCount: Int, owner: (any AnyObject & Sendable)?
  ) {
    self.owner = owner
    unsafe self.start = start
    self.byteCount = unsafe start == nil ? 0 : byteCount
  }

  /// No bytes.
  public static var empty: Buffer { unsafe Buffer(start: nil, byteCount: 0, owner: nil) }

  /// The bytes, borrowed.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get { span(of: UInt8.self) }
  }

  /// The bytes as whole elements of `T`; a rest that fills no element is left out.
  ///
  /// - Precondition: the memory is aligned for `T`.
  @_lifetime(borrow self)
  package func span<T: BitwiseCopyable>(of _: T.Type) -> Span<T> {
    let base = unsafe address
    let aligned = UInt(bitPattern: base) % UInt(MemoryLayout<T>.alignment) == 0
    precondition(aligned, "buffer is not aligned for its element type")
    // SAFETY: `byteCount` readable bytes at an aligned address; `self` keeps them alive.
    let span = unsafe Span<T>(
      _unsafeStart: base.assumingMemoryBound(to: T.self),
      count: byteCount / MemoryLayout<T>.stride)
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// Where the bytes are; an aligned dummy address when there are none (some consumers of Arrow
  /// want no null). Valid while a copy lives.
  @unsafe package var address: UnsafeRawPointer {
    unsafe start ?? Self.nowhere.start
  }

  /// 64 zero bytes that are never freed.
  @safe private struct Nowhere: Sendable {
    // SAFETY: written once here, read-only afterwards.
    nonisolated(unsafe) let start: UnsafeRawPointer

    init() {
      let memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
      unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: 64)
      unsafe start = UnsafeRawPointer(memory)
    }
  }

  private static let nowhere = Nowhere()

  /// `count` bytes from `offset`, sharing the memory.
  ///
  /// - Precondition: the range lies inside the buffer.
  package func slice(offset: Int, byteCount count: Int) -> Buffer {
    precondition(
      offset >= 0 && count >= 0 && offset <= byteCount && count <= byteCount - offset,
      "slice outside the buffer")
    return unsafe Buffer(start: address + offset, byteCount: count, owner: owner)
  }
}

extension Buffer {
  /// A copy of `bytes` in aligned, padded memory.
  ///
  /// - Throws: `AllocationError` when there is no memory.
  public init(copying bytes: Span<UInt8>) throws(AllocationError) {
    var copy = try MutableBuffer(byteCount: bytes.count)
    copy.append(bytes)
    self = copy.freeze()
  }

  /// A copy of the elements of `values` in aligned, padded memory.
  ///
  /// - Throws: `AllocationError` when there is no memory.
  public init<T: BitwiseCopyable>(copying values: [T]) throws(AllocationError) {
    var copy = try MutableBuffer(byteCount: values.count * MemoryLayout<T>.stride)
    for value in values { copy.append(value) }
    self = copy.freeze()
  }
}

extension Buffer: Equatable {
  /// Whether both hold the same bytes.
  public static func == (left: Buffer, right: Buffer) -> Bool {
    guard left.byteCount == right.byteCount else { return false }
    let (left, right) = (left.bytes, right.bytes)
    for index in left.indices where left[index] != right[index] { return false }
    return true
  }
}
