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

  /// Most footers come with the first read.
  private static let tailByteCount = 32 << 10

  /// How much of a long footer is tried for what stands at its start, in this order.
  private static let headByteCounts = [256 << 10, 4 << 20]

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
    let tailCount = min(fileByteCount, Self.tailByteCount)
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

  /// All of the bytes, read now if they were not before.
  func bytes() throws(ReadError) -> [UInt8] {
    if let whole = whole.load() { return whole.bytes }
    return whole.storeIfNil(Bytes(try Self.read(source, at: offset, count: byteCount))).bytes
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
        let head = try Self.read(source, at: offset, count: count)
        if let value = try? decode(head.span) { return .success(value) }
      }
    }
    let bytes = try bytes()
    return Result { () throws(DecodingError) in try decode(bytes.span) }
  }

  private static func read(
    _ source: any ByteSource, at offset: Int, count: Int
  ) throws(ReadError) -> [UInt8] {
    do throws(SourceError) {
      // Not zeroed before: footers have been met of 50 MB.
      return try [UInt8](capacity: count) { (target: inout OutputSpan<UInt8>) throws(SourceError) in
        try unsafe target.withUnsafeMutableBufferPointer {
          (memory, initializedCount) throws(SourceError) in
          // SAFETY: `count` writable bytes of a trivial type; the source fills all or throws.
          var span = unsafe MutableSpan(_unsafeElements: memory)
          try source.read(at: offset, into: &span)
          initializedCount = count
        }
      }
    } catch { throw ReadError(error).at(.init(offset: offset)) }
  }
}
