internal import PFCore

/// The bytes of a footer and where the data before it ends (README of parquet-format, "File
/// format").
struct Footer: Sendable {
  /// The Thrift bytes.
  let bytes: [UInt8]
  /// The file offset of the footer: column chunks end before.
  let offset: Int

  /// Most footers come with the first read.
  private static let tailByteCount = 32 << 10

  /// Reads the footer's bytes; decodes nothing.
  ///
  /// - Throws: `.malformed` or `.inconsistent` for what is no Parquet file; `.unsupported` for an
  ///   encrypted footer.
  init(of source: any ByteSource) throws(ReadError) {
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
    if length + 8 <= tailCount {
      bytes = Array(tail[(tailCount - 8 - length)..<(tailCount - 8)])
    } else {
      bytes = try Self.read(source, at: offset, count: length)
    }
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
