internal import PFCompression
internal import PFCore

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// `pfbench --codecs`: decompresses files that `Benchmarks/codecs` wrote, as it asks for them.
///
/// A request is a line of standard input, `CODEC BYTECOUNT MILLISECONDS PATH`; its answer is a line
/// with the nanoseconds of the fastest call within that time and the CRC-32 of what came out.
func serveCodecs() throws {
  let decoders = try CodecDecoders()
  while let line = readLine() {
    let words = line.split(separator: " ", maxSplits: 3)
    guard words.count == 4, let byteCount = Int(words[1]), let milliseconds = Int(words[2]) else {
      throw CodecWorkerError.badRequest(line)
    }
    let source = try FileSource(path: String(words[3]))
    var packed = [UInt8](repeating: 0, count: source.byteCount)
    var span = packed.mutableSpan
    try source.read(at: 0, into: &span)
    var output = [UInt8](repeating: 0, count: byteCount + CodecDecoders.outputSlack)
    let deadline = ContinuousClock.now + .milliseconds(milliseconds)
    var fastest = Duration.seconds(3600)
    repeat {
      let time = try ContinuousClock().measure {
        var target = output.mutableSpan
        try decoders.decompress(
          String(words[0]), packed.span, into: &target, byteCount: byteCount)
      }
      fastest = min(fastest, time)
    } while ContinuousClock.now < deadline
    let sum = CRC32.checksum(of: output.span.extracting(first: byteCount))
    print(Int(fastest / .nanoseconds(1)), sum)
    // All streams: the one of standard output is a global variable.
    _ = fflush(nil)
  }
}

enum CodecWorkerError: Error {
  case badRequest(String)
  case unknownCodec(String)
}

/// The decompressors by name, with the memory that they keep between calls.
private final class CodecDecoders {
  static let outputSlack = 128
  let zstandard: Zstandard.Workspace
  let brotli = Brotli.Workspace()
  let blocks = BlockCodec.Workspace()
  /// Of the codecs that do not say how large their output gets.
  private var block: MutableBuffer

  init() throws {
    zstandard = try Zstandard.Workspace()
    block = try MutableBuffer(byteCount: 0)
  }

  func decompress(
    _ codec: String, _ packed: Span<UInt8>, into output: inout MutableSpan<UInt8>, byteCount: Int
  ) throws {
    switch codec {
    case "snappy": try Snappy.decompress(packed, into: &output, byteCount: byteCount)
    case "lz4": try LZ4.decompress(packed, into: &output, byteCount: byteCount)
    case "gzip": try Gzip.decompress(packed, into: &output, byteCount: byteCount)
    case "brotli": try Brotli.decompress(packed, into: &output, byteCount: byteCount, brotli)
    case "zstd":
      try Zstandard.decompress(packed, into: &output, byteCount: byteCount, workspace: zstandard)
    case "bzip2": try decompressBlock(.bzip2, packed, into: &output, byteCount: byteCount)
    case "xz": try decompressBlock(.xz, packed, into: &output, byteCount: byteCount)
    default: throw CodecWorkerError.unknownCodec(codec)
    }
  }

  /// Into the block's own buffer, and from there to `output`, where the checksum is taken. The copy
  /// counts.
  private func decompressBlock(
    _ codec: BlockCodec, _ packed: Span<UInt8>, into output: inout MutableSpan<UInt8>,
    byteCount: Int
  ) throws {
    try codec.decompress(packed, into: &block, limit: byteCount, slack: 0, blocks)
    unsafe output.withUnsafeMutableBytes { target in
      // SAFETY: no more than `byteCount` bytes came out, and `output` has more.
      unsafe target.baseAddress?.copyMemory(from: block.start, byteCount: block.byteCount)
    }
  }
}
