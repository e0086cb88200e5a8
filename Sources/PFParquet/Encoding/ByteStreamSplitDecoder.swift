internal import PFCore

/// Values whose first bytes come first, then their second bytes, and so on (Encodings.md, "Byte
/// Stream Split").
@safe final class ByteStreamSplitDecoder: FixedWidthDecoder {
  /// Bytes of values that are put together at once: with both halves of the scratch, they stay in
  /// the first-level cache.
  private static let blockByteCount = 8192

  private let base: UnsafeRawPointer
  let width: Int
  private let valueCount: Int
  private var position = 0
  private var scratch: MutableBuffer

  /// - Precondition: `width > 0`.
  /// - Throws: `.invalidValue` when the streams differ in length, `.limitExceeded` when they are
  ///   longer than `limit`.
  init(_ bytes: UnsafeRawBufferPointer, width: Int, limit: Int) throws(DecodingError) {
    unsafe base = bytes.baseAddress ?? Buffer.empty.address
    self.width = width
    valueCount = bytes.count / width
    guard valueCount * width == bytes.count else { throw .invalidValue(offset: 0) }
    guard valueCount <= limit else {
      throw .limitExceeded(offset: 0, declared: valueCount, limit: limit)
    }
    scratch = try MutableBuffer.decoding(byteCount: 2 * Self.blockByteCount)
  }

  var valuesLeft: Int { valueCount - position }

  func decode(_ count: Int, into target: UnsafeMutableRawPointer) throws(DecodingError) {
    guard count <= valuesLeft else {
      throw .truncated(offset: valueCount * width, needed: (count - valuesLeft) * width)
    }
    let source = unsafe base + position
    switch width {
    case 1: unsafe target.copyMemory(from: source, byteCount: count)
    case 2, 4, 8, 16: unsafe interleave(source, count: count, into: target)
    default:
      unsafe Self.gather(
        source, streamLength: valueCount, width: width, count: count, into: target)
    }
    position += count
  }

  /// Interleaves each stream of the first half with one of the second, and so on until one stream
  /// is left: the values.
  ///
  /// SAFETY: `count` bytes in each stream, room for `count` values. Precondition: the width is a
  /// power of two from 2 to 16.
  private func interleave(
    _ source: UnsafeRawPointer, count: Int, into target: UnsafeMutableRawPointer
  ) {
    let block = Self.blockByteCount / width
    var done = 0
    while done < count {
      let values = min(block, count - done)
      var input = unsafe source + done
      var stride = valueCount
      var streamCount = width
      var length = values
      var isFirstHalf = true
      while streamCount > 1 {
        streamCount /= 2
        let output =
          unsafe streamCount == 1
          ? target + done * width : scratch.start + (isFirstHalf ? 0 : Self.blockByteCount)
        for stream in 0..<streamCount {
          unsafe Interleaving.bytes(
            input + stream * stride, input + (stream + streamCount) * stride, count: length,
            into: output + stream * 2 * length)
        }
        length *= 2
        unsafe input = UnsafeRawPointer(output)
        stride = length
        isFirstHalf.toggle()
      }
      done += values
    }
  }

  /// One byte after the other, for any width.
  ///
  /// SAFETY: `count` bytes in each of `width` streams, room for `count` values.
  private static func gather(
    _ source: UnsafeRawPointer, streamLength: Int, width: Int, count: Int,
    into target: UnsafeMutableRawPointer
  ) {
    let streams = unsafe source.assumingMemoryBound(to: UInt8.self)
    let bytes = unsafe target.assumingMemoryBound(to: UInt8.self)
    let block = max(1, blockByteCount / width)
    for first in stride(from: 0, to: count, by: block) {
      for stream in 0..<width {
        var output = unsafe bytes + (first &* width &+ stream)
        let input = unsafe streams + (stream &* streamLength)
        for index in first..<min(first &+ block, count) {
          unsafe output.pointee = input[index]
          unsafe output += width
        }
      }
    }
  }
}

/// Two streams of bytes as one.
enum Interleaving {
  /// Writes `first[0], second[0], first[1], second[1]` and so on, `2 * count` bytes.
  ///
  /// WHY never inlined: alone, a step becomes two instructions; a step inlined behind another one,
  /// a hundred.
  /// SAFETY: `count` readable bytes each, room for twice as many, which overlaps neither.
  @inline(never)
  static func bytes(
    _ first: UnsafeRawPointer, _ second: UnsafeRawPointer, count: Int,
    into target: UnsafeMutableRawPointer
  ) {
    var index = 0
    while index &+ 16 <= count {
      var both = SIMD32<UInt8>()
      unsafe both.evenHalf = first.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
      unsafe both.oddHalf = second.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
      unsafe target.storeBytes(of: both, toByteOffset: 2 &* index, as: SIMD32<UInt8>.self)
      index &+= 16
    }
    while index < count {
      unsafe target.storeBytes(
        of: first.load(fromByteOffset: index, as: UInt8.self), toByteOffset: 2 &* index,
        as: UInt8.self)
      unsafe target.storeBytes(
        of: second.load(fromByteOffset: index, as: UInt8.self), toByteOffset: 2 &* index &+ 1,
        as: UInt8.self)
      index &+= 1
    }
  }
}
