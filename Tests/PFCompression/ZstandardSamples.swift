import Foundation
import PFCompression
import PFCore

/// Every way to decompress `input` agrees on this; nil where one does not, or where a byte behind
/// the output region was touched.
func decompressZstandard(
  _ input: [UInt8], byteCount: Int? = nil, slacks: [Int] = [0, 1, 40, Zstandard.outputSlack],
  pieces: [(input: Int, output: Int)] = [(1, 1000), (7, 3), (1 << 20, 1 << 20)]
) -> Result<[UInt8], DecodingError>? {
  let expected: Result<[UInt8], DecodingError>
  do throws(DecodingError) {
    expected = .success(try Zstandard.decompress(input.span, limit: 1 << 22))
  } catch { expected = .failure(error) }

  guard let workspace = try? Zstandard.Workspace() else { return nil }
  let size = byteCount ?? (try? expected.get().count) ?? 1 << 22
  for slack in slacks {
    var region = [UInt8](repeating: 0xA5, count: size + slack + 16)
    var result: Result<[UInt8], DecodingError>
    do throws(DecodingError) {
      var whole = region.mutableSpan
      var target = whole._mutatingExtracting(first: size + slack)
      try Zstandard.decompress(
        input.span, into: &target, byteCount: size, workspace: workspace)
      result = .success(Array(region[..<size]))
    } catch { result = .failure(error) }
    guard region[(size + slack)...].allSatisfy({ $0 == 0xA5 }) else { return nil }
    guard isSame(result, expected) else { return nil }
  }
  for piece in pieces {
    let result = decompressPieces(input, of: piece.input, into: piece.output)
    guard isSame(result, expected) else { return nil }
  }
  return expected
}

/// Offsets of errors may differ: a stream notices some of them later.
private func isSame(
  _ first: Result<[UInt8], DecodingError>, _ second: Result<[UInt8], DecodingError>
) -> Bool {
  switch (first, second) {
  case (.success(let first), .success(let second)): first == second
  case (.failure, .failure): true
  default: false
  }
}

/// Feeds a stream by pieces of `inputCount`, and takes at most `outputCount` bytes at once.
func decompressPieces(
  _ input: [UInt8], of inputCount: Int, into outputCount: Int, windowLimit: Int = 128 << 20
) -> Result<[UInt8], DecodingError> {
  guard let stream = try? Zstandard.Stream(windowLimit: windowLimit) else {
    return .failure(.outOfMemory(byteCount: 0))
  }
  var output: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: outputCount)
  var read = 0
  do throws(DecodingError) {
    while true {
      let end = min(read + inputCount, input.count)
      var target = piece.mutableSpan
      let progress = try stream.decompress(input.span.extracting(read..<end), into: &target)
      read += progress.read
      output += piece[..<progress.written]
      guard read == input.count, progress.written < outputCount else { continue }
      try stream.finish()
      return .success(output)
    }
  } catch { return .failure(error) }
}

/// A file of Tests/Fixtures/zstd.
func zstandardFixture(_ name: String) throws -> [UInt8] {
  let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  return try [UInt8](Data(contentsOf: tests.appending(path: "Fixtures/zstd/\(name).zst")))
}

/// Frames written by hand, as RFC 8878 lays them out.
enum ZstandardFrame {
  static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

  enum Block {
    case raw([UInt8])
    case runLength(UInt8, count: Int)
    case compressed([UInt8])
    case reserved
  }

  /// A frame with its size in four bytes and a window of 128 KiB.
  static func make(_ byteCount: Int, _ blocks: [Block]) -> [UInt8] {
    magic + [0x80, 7 << 3] + little(byteCount, 4) + bytes(of: blocks)
  }

  static func bytes(of blocks: [Block]) -> [UInt8] {
    blocks.indices.flatMap { index in
      let last = index == blocks.count - 1 ? 1 : 0
      return switch blocks[index] {
      case .raw(let content): little(content.count << 3 | last, 3) + content
      case .runLength(let byte, let count): little(count << 3 | 2 | last, 3) + [byte]
      case .compressed(let content): little(content.count << 3 | 4 | last, 3) + content
      case .reserved: little(6 | last, 3)
      }
    }
  }

  static func little(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
