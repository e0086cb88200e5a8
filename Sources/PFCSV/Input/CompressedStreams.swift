internal import PFCompression
internal import PFCore

/// A compression of whole files that their first bytes tell.
package enum FileCompression: Hashable, Sendable {
  /// RFC 1952.
  case gzip
  /// RFC 8878.
  case zstandard

  /// The compression of an input that begins with `bytes`, four or all there are; nil where it is
  /// none of these.
  package static func recognise(_ bytes: Span<UInt8>) -> FileCompression? {
    if bytes.count >= 2, bytes[0] == 0x1F, bytes[1] == 0x8B { return .gzip }
    guard bytes.count >= 4 else { return nil }
    let magic =
      UInt32(bytes[0]) | UInt32(bytes[1]) << 8 | UInt32(bytes[2]) << 16 | UInt32(bytes[3]) << 24
    // A frame, or one to skip, which tools put before others (section 3.1.2).
    return magic == 0xFD2F_B528 || magic & 0xFFFF_FFF0 == 0x184D_2A50 ? .zstandard : nil
  }
}

/// What the members of a GZIP file decompress to, in bounded memory.
final class GzipStream: ByteStream {
  private var state: State

  init(_ source: any ByteSource) throws(ReadError) { state = try State(source) }

  func read(into target: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
    try unsafe state.read(into: target)
  }

  private struct State: ~Copyable {
    private var pieces: SourcePieces
    private var reader = Deflate.StreamReader(.gzip)
    /// What the reader gave and the caller did not take.
    private var kept: MutableBuffer
    private var keptStart = 0
    private var isFinished = false

    init(_ source: any ByteSource) throws(ReadError) {
      pieces = SourcePieces(source)
      do throws(AllocationError) {
        kept = try MutableBuffer(byteCount: 1 << 16 + 1 << 10)
      } catch { throw ReadError(error).at(.init(file: source.name)) }
    }

    mutating func read(into target: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
      guard let start = target.baseAddress, target.count > 0 else { return 0 }
      while true {
        let left = kept.byteCount - keptStart
        if left > 0 {
          let count = min(left, target.count)
          // SAFETY: so many bytes are kept, and fit.
          unsafe start.copyMemory(from: kept.start + keptStart, byteCount: count)
          keptStart += count
          return count
        }
        guard !isFinished else { return 0 }
        let written = try unsafe decompress(into: target)
        if written > 0 { return written }
      }
    }

    /// Decompresses a batch: into `target` where it fits, else it is kept.
    private mutating func decompress(
      into target: UnsafeMutableRawBufferPointer
    ) throws(ReadError) -> Int {
      let input = try pieces.current()
      do throws(DecodingError) {
        if input.byteCount == 0 {
          try reader.finish()
          isFinished = true
          return 0
        }
        var taken = 0
        keptStart = 0
        let count = try unsafe Self.readBatch(input, &taken, from: &reader, into: target, or: &kept)
        pieces.use(taken)
        return count
      } catch { throw pieces.failure(error) }
    }

    /// The bytes written to `target`; none where the batch went to `kept`, or is empty.
    private static func readBatch(
      _ input: Buffer, _ taken: inout Int, from reader: inout Deflate.StreamReader,
      into target: UnsafeMutableRawBufferPointer, or kept: inout MutableBuffer
    ) throws(DecodingError) -> Int {
      let output = try reader.read(input.bytes, taken: &taken)
      let count = output.count
      kept.setByteCount(0)
      guard count > 0 else { return 0 }
      guard count <= target.count, let start = target.baseAddress else {
        kept.append(output)
        return 0
      }
      // SAFETY: `count` bytes on both sides.
      unsafe output.withUnsafeBytes { bytes in
        if let base = bytes.baseAddress { unsafe start.copyMemory(from: base, byteCount: count) }
      }
      return count
    }
  }
}

/// What the frames of a Zstandard file decompress to, in bounded memory.
final class ZstandardStream: ByteStream {
  private var pieces: SourcePieces
  private let stream: Zstandard.Stream

  init(_ source: any ByteSource) throws(ReadError) {
    pieces = SourcePieces(source)
    do throws(AllocationError) {
      stream = try Zstandard.Stream()
    } catch { throw ReadError(error).at(.init(file: source.name)) }
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
    guard let start = target.baseAddress, target.count > 0 else { return 0 }
    while true {
      let input = try pieces.current()
      // SAFETY: the writable bytes that the caller lends.
      var output = unsafe MutableSpan<UInt8>(
        _unsafeStart: start.assumingMemoryBound(to: UInt8.self), count: target.count)
      do throws(DecodingError) {
        let progress = try stream.decompress(input.bytes, into: &output)
        pieces.use(progress.read)
        if progress.written > 0 { return progress.written }
        guard input.byteCount == 0 else { continue }
        try stream.finish()
        return 0
      } catch { throw pieces.failure(error) }
    }
  }
}
