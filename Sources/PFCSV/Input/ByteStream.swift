package import PFCore

/// Bytes that come one after the other and cannot be asked for twice.
package protocol ByteStream: AnyObject {
  /// Fills the start of `target`, which is not empty.
  ///
  /// SAFETY: the caller promises that `target` is writable during the call.
  /// - Returns: the bytes written; 0 at the end, and from then on.
  /// - Throws: what the source says, or what is malformed, with the offset in the source. Nothing
  ///   may be read afterwards.
  func read(into target: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int
}

/// The bytes of a source from a place on.
final class SourceStream: ByteStream {
  private let source: any ByteSource
  private var position: Int

  init(_ source: any ByteSource, from offset: Int = 0) {
    self.source = source
    position = min(offset, source.byteCount)
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
    let count = min(target.count, source.byteCount - position)
    guard count > 0, let start = target.baseAddress else { return 0 }
    // SAFETY: `count` of the writable bytes that the caller lends.
    var span = unsafe MutableSpan<UInt8>(
      _unsafeStart: start.assumingMemoryBound(to: UInt8.self), count: count)
    do throws(SourceError) {
      try source.read(at: position, into: &span)
    } catch { throw ReadError(error).at(.init(file: source.name, offset: position)) }
    position += count
    return count
  }
}

/// Pieces of a source, for decoders that take a span and say how much of it they used.
struct SourcePieces: ~Copyable {
  /// What is asked of the source at once.
  static let byteCount = 256 << 10

  private let source: any ByteSource
  private var piece = Buffer.empty
  /// Where the piece begins in the source, and the bytes of it that were used.
  private var start = 0
  private(set) var used = 0

  init(_ source: any ByteSource) { self.source = source }

  /// Whether all bytes of the source were used.
  var isAtEnd: Bool { used == piece.byteCount && start + used == source.byteCount }

  /// What is left of the piece, or the next one where nothing is; empty at the end of the source.
  mutating func current() throws(ReadError) -> Buffer {
    if used == piece.byteCount {
      start += used
      used = 0
      let count = min(Self.byteCount, source.byteCount - start)
      piece = count == 0 ? .empty : try source.bytes(at: start, byteCount: count)
    }
    return piece.slice(offset: used, byteCount: piece.byteCount - used)
  }

  /// Says that so many bytes of `current()` were used.
  mutating func use(_ count: Int) { used += count }

  /// The error of a decoder that counts from the start of the source.
  func failure(_ error: DecodingError) -> ReadError {
    ReadError(error, at: .init(file: source.name))
  }
}
