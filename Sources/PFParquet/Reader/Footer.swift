internal import PFCore
internal import Synchronization

/// The bytes of a footer and where the data before it ends (README of parquet-format, "File
/// format").
///
/// A long footer is read when it is asked for, and of its first bytes no more than that: a file of
/// thousands of columns may have fifty megabytes of it, of which the schema is a hundredth. May be
/// used from any threads at once.
final class Footer: Sendable {
  /// The file offset of the footer: column chunks end before.
  let offset: Int
  /// The bytes of Thrift.
  let byteCount: Int

  private let source: any ByteSource
  /// All of the bytes, once they were read.
  private let whole = AtomicLazyReference<Bytes>()

  private final class Bytes: Sendable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }
  }

  /// Most footers come with the first read; where reads are slow, longer ones too.
  private static func tailByteCount(of source: any ByteSource) -> Int {
    source.prefersLargeReads ? 32 << 10 : 8 << 10
  }

  /// How much of a long footer is tried for what stands at its start, in this order.
  private static let headByteCounts = [256 << 10, 4 << 20]

  /// The memory that is asked for to read such a part; no more of it is touched than is read.
  ///
  /// WHY: the allocators of Linux keep what was freed for the next call only up to a limit that
  /// rises with the largest block that was freed. Each call would else pay a fault for every page
  /// of what it makes of the schema: 380 of them for the Arrow schema of 5 000 columns.
  private static let headCapacity = 4 << 20

  /// Finds the footer; reads it only if it is short, and decodes nothing.
  ///
  /// - Throws: `.malformed` or `.inconsistent` for what is no Parquet file; `.unsupported` for an
  ///   encrypted footer.
  init(of source: any ByteSource) throws(ReadError) {
    self.source = source
    let fileByteCount = source.byteCount
    guard fileByteCount >= 12 else {
      throw ReadError(
        .inconsistent("not a Parquet file: \(fileByteCount) bytes, the least is 12"),
        at: .init(offset: 0))
    }
    let tailCount = min(fileByteCount, Self.tailByteCount(of: source))
    let tail = try Self.read(source, at: fileByteCount - tailCount, count: tailCount)
    let magic = tail.suffix(4)
    if magic.elementsEqual("PARE".utf8) {
      throw ReadError(
        .unsupported(feature: "modular encryption (encrypted footer)"),
        at: .init(offset: fileByteCount - 4))
    }
    guard magic.elementsEqual("PAR1".utf8) else {
      throw ReadError(
        .inconsistent("not a Parquet file: it does not end with PAR1"),
        at: .init(offset: fileByteCount - 4))
    }
    let length = tail.dropLast(4).suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    // The file begins with four bytes of magic.
    guard length <= fileByteCount - 12 else {
      throw ReadError(
        .malformed(
          .limitExceeded(
            offset: fileByteCount - 8, declared: length, limit: fileByteCount - 12)))
    }
    offset = fileByteCount - 8 - length
    byteCount = length
    if length + 8 <= tailCount {
      _ = whole.storeIfNil(Bytes(Array(tail[(tailCount - 8 - length)..<(tailCount - 8)])))
    }
  }

  /// From this size on a footer is worth the start of a second thread.
  static let parallelByteCount = 1 << 20

  /// How much of such a footer a thread reads at a time.
  private static let partByteCount = 512 << 10

  /// All of the bytes, read now if they were not before.
  ///
  /// - Parameter threads: The most threads to read them with.
  /// - Returns: `byteCount` bytes.
  /// - Throws: what the source does.
  func bytes(threads: Int = 1) throws(ReadError) -> [UInt8] {
    if let whole = whole.load() { return whole.bytes }
    let isLong = byteCount >= Self.parallelByteCount && !source.prefersLargeReads
    let read = try Self.read(
      source, at: offset, count: byteCount, threads: isLong ? threads : 1)
    return whole.storeIfNil(Bytes(read)).bytes
  }

  /// What `decode` makes of the footer, of as few of its first bytes as do.
  ///
  /// `decode` reads forwards: what it makes of the first bytes, it makes of all of them.
  ///
  /// - Returns: its result, or its error for the whole.
  func decodeHead<Value>(
    _ decode: (Span<UInt8>) throws(DecodingError) -> Value
  ) throws(ReadError) -> Result<Value, DecodingError> {
    if whole.load() == nil {
      for count in Self.headByteCounts where count < byteCount {
        let head = try Self.read(
          source, at: offset, count: count, capacity: max(count, Self.headCapacity))
        if let value = try? decode(head.span) { return .success(value) }
      }
    }
    let bytes = try bytes()
    return Result { () throws(DecodingError) in try decode(bytes.span) }
  }

  /// Whether the footer is so long that a walk over it is quicker than to read it whole.
  var isWalked: Bool {
    byteCount >= Self.parallelByteCount && byteCount <= Int(UInt32.max)
      && !source.prefersLargeReads && whole.load() == nil
  }

  /// Reads bytes of the footer, which are not kept, to the first of `target`.
  ///
  /// - Precondition: `range` is within the footer and no longer than `target`.
  func read(_ range: Range<Int>, into target: inout MutableSpan<UInt8>) throws(ReadError) {
    do throws(SourceError) {
      var part = target._mutatingExtracting(first: range.count)
      try source.read(at: offset + range.lowerBound, into: &part)
    } catch { throw ReadError(error).at(.init(offset: offset + range.lowerBound)) }
  }

  /// Bytes of the footer, which are not kept.
  func read(_ range: Range<Int>) throws(ReadError) -> [UInt8] {
    try Self.read(source, at: offset + range.lowerBound, count: range.count)
  }

  private static func read(
    _ source: any ByteSource, at offset: Int, count: Int, capacity: Int? = nil, threads: Int = 1
  ) throws(ReadError) -> [UInt8] {
    do throws(SourceError) {
      // Not zeroed before: footers have been met of 50 MB.
      return try [UInt8](capacity: capacity ?? count) {
        (target: inout OutputSpan<UInt8>) throws(SourceError) in
        try unsafe target.withUnsafeMutableBufferPointer {
          (memory, initializedCount) throws(SourceError) in
          let parts = unsafe Parts(memory, count: count, of: source, at: offset)
          let size = threads > 1 ? partByteCount : max(count, 1)
          _ = try ParallelLoop.run(
            count: (count + size - 1) / size, threads: threads, makeScratch: {}
          ) { (part, _) throws(SourceError) in
            try parts.read((part * size)..<min(count, (part + 1) * size))
          }
          initializedCount = count
        }
      }
    } catch { throw ReadError(error).at(.init(offset: offset)) }
  }

  /// Memory that several threads fill, each a part of it.
  @safe private struct Parts: Sendable {
    // SAFETY: `count` writable bytes of a trivial type, until the loop over the parts has ended;
    // no two parts overlap, and the source fills all of a part or throws.
    private nonisolated(unsafe) let memory: UnsafeMutableBufferPointer<UInt8>
    private let source: any ByteSource
    private let offset: Int

    /// - Precondition: `memory` holds `count` elements or more.
    @unsafe init(
      _ memory: UnsafeMutableBufferPointer<UInt8>, count: Int, of source: any ByteSource,
      at offset: Int
    ) {
      unsafe self.memory = unsafe .init(start: memory.baseAddress, count: count)
      self.source = source
      self.offset = offset
    }

    func read(_ range: Range<Int>) throws(SourceError) {
      var span = unsafe MutableSpan(_unsafeElements: memory.extracting(range))
      try source.read(at: offset + range.lowerBound, into: &span)
    }
  }
}
