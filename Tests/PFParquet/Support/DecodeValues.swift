import PFCore
@testable import PFParquet
import Testing

/// Runs decoders over bytes, for tests.
enum DecodeValues {
  /// `count` values of a fixed width, `step` at a time.
  static func fixedWidth<Value: FixedWidthInteger>(
    _ bytes: [UInt8], as type: Value.Type, count: Int, step: Int = .max,
    by make: (UnsafeRawBufferPointer) throws -> any FixedWidthDecoder
  ) throws -> [Value] {
    let width = Value.bitWidth / 8
    let all = try unsafe fixedWidth(bytes, width: width, count: count, step: step, by: make)
    return (0..<count).map { index in
      (0..<width).reduce(0) { $0 | Value(truncatingIfNeeded: all[index * width + $1]) << ($1 * 8) }
    }
  }

  /// The bytes of `count` values of `width` bytes.
  static func fixedWidth(
    _ bytes: [UInt8], width: Int, count: Int, step: Int = .max,
    by make: (UnsafeRawBufferPointer) throws -> any FixedWidthDecoder
  ) throws -> [UInt8] {
    try unsafe bytes.withUnsafeBytes { source in
      let decoder = try unsafe make(source)
      #expect(decoder.width == width)
      let room = UnsafeMutableRawBufferPointer.allocate(
        byteCount: count * width + 1, alignment: 16)
      defer { unsafe room.deallocate() }
      unsafe room[count * width] = 0xA5
      var done = 0
      while done < count, let base = room.baseAddress {
        let part = min(step, count - done)
        let left = decoder.valuesLeft
        try unsafe decoder.decode(part, into: base + done * width)
        #expect(decoder.valuesLeft == left - part)
        done += part
      }
      #expect(unsafe room[count * width] == 0xA5, "a byte too many")
      return unsafe Array(room.prefix(count * width))
    }
  }

  /// All byte arrays, at most `step` at a time, with `spare` bytes behind them.
  static func byteArrays(
    _ bytes: [UInt8], step: Int = .max, spare: Int = 64, limit: Int = 1 << 20,
    by make: (UnsafeRawBufferPointer, Int) throws -> any ByteArrayDecoder
  ) throws -> [[UInt8]] {
    try unsafe bytes.withUnsafeBytes { source in
      let decoder = try unsafe make(source, limit)
      var values: [[UInt8]] = []
      while decoder.valuesLeft > 0 {
        let lengths = try unsafe Array(decoder.lengthsAhead()).prefix(step).map { Int($0) }
        let byteCount = lengths.reduce(0, +)
        let room = UnsafeMutableRawBufferPointer.allocate(
          byteCount: byteCount + spare + 1, alignment: 1)
        defer { unsafe room.deallocate() }
        unsafe room[byteCount + spare] = 0xA5
        guard let base = room.baseAddress else { break }
        try unsafe decoder.decode(lengths.count, into: base, capacity: byteCount + spare)
        #expect(unsafe room[byteCount + spare] == 0xA5, "a byte too many")
        var offset = 0
        for length in lengths {
          unsafe values.append(Array(room[offset..<(offset + length)]))
          offset += length
        }
      }
      return values
    }
  }

  /// Whether `decode` fails for every strict prefix of `bytes`, and ends, right or wrong, with each
  /// of its bits changed.
  static func checkDamage(_ bytes: [UInt8], _ decode: ([UInt8]) throws -> Void) {
    for count in 0..<bytes.count {
      #expect(throws: DecodingError.self, "the first \(count) bytes") {
        try decode(Array(bytes[..<count]))
      }
    }
    var changed = bytes
    for bit in 0..<(bytes.count * 8) {
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      do { try decode(changed) } catch { #expect(error is DecodingError) }
      changed[bit / 8] = bytes[bit / 8]
    }
  }
}
