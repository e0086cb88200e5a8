internal import PFCore

/// Floating-point numbers that are decimals, as bit-packed integers with exceptions
/// (AlpEncoding.md).
@safe final class ALPDecoder: FixedWidthDecoder {
  private static let headerByteCount = 7

  /// The offset array, and behind it the vectors.
  private let base: UnsafeRawPointer
  private let byteCount: Int
  let width: Int
  private let vectorSize: Int
  private let vectorCount: Int
  private let valueCount: Int
  private var position = 0

  /// What a header asks for beyond the specification of today, nil for nothing.
  static func unknownMode(of bytes: UnsafeRawBufferPointer) -> String? {
    guard bytes.count >= 2 else { return nil }
    let (compression, integers) = unsafe (bytes[0], bytes[1])
    guard compression != 0 || integers != 0 else { return nil }
    return "encoding ALP with compression mode \(compression) and integer encoding \(integers)"
  }

  /// At most `limit` values of `width` bytes: 4 for FLOAT, 8 for DOUBLE.
  ///
  /// - Precondition: the mode is known.
  /// - Throws: `.invalidValue` for a header that the specification does not allow,
  ///   `.limitExceeded` for a value count above `limit`.
  init(_ bytes: UnsafeRawBufferPointer, width: Int, limit: Int) throws(DecodingError) {
    self.width = width
    guard bytes.count > 0 else {
      // A page of nulls alone.
      unsafe base = Buffer.empty.address
      (byteCount, vectorSize, vectorCount, valueCount) = (0, 8, 0, 0)
      return
    }
    guard bytes.count >= Self.headerByteCount else {
      throw .truncated(offset: bytes.count, needed: Self.headerByteCount - bytes.count)
    }
    let sizeLogarithm = unsafe Int(bytes[2])
    let count = unsafe Int(bytes.loadUnaligned(fromByteOffset: 3, as: Int32.self))
    guard 3...15 ~= sizeLogarithm else { throw .invalidValue(offset: 2) }
    guard 0...max(0, limit) ~= count else {
      throw .limitExceeded(offset: 3, declared: count, limit: limit)
    }
    let vectors = unsafe UnsafeRawBufferPointer(rebasing: bytes[Self.headerByteCount...])
    unsafe base = vectors.baseAddress ?? Buffer.empty.address
    byteCount = vectors.count
    vectorSize = 1 << sizeLogarithm
    vectorCount = (count + vectorSize - 1) >> sizeLogarithm
    valueCount = count
    guard vectorCount <= byteCount / 4 else {
      throw .truncated(offset: bytes.count, needed: vectorCount * 4 - byteCount)
    }
  }

  var valuesLeft: Int { valueCount - position }

  func decode(_ count: Int, into target: UnsafeMutableRawPointer) throws(DecodingError) {
    guard count <= valuesLeft else {
      throw .truncated(offset: byteCount, needed: count - valuesLeft)
    }
    var done = 0
    while done < count {
      let vector = try vector(position / vectorSize)
      let first = position % vectorSize
      let run = min(vector.valueCount - first, count - done)
      if width == 8 {
        let slots = unsafe target.assumingMemoryBound(to: Double.self) + done
        try unsafe decode(vector, first..<(first + run), into: slots)
      } else {
        let slots = unsafe target.assumingMemoryBound(to: Float.self) + done
        try unsafe decode(vector, first..<(first + run), into: slots)
      }
      position += run
      done += run
    }
  }

  /// A vector whose sections are known to be there.
  private struct Vector {
    var valueCount: Int
    var exponent: Int
    var factor: Int
    var frameOfReference: UInt64
    var bitWidth: Int
    var packedOffset: Int
    var packedByteCount: Int
    var exceptionCount: Int
    var exceptionOffset: Int
  }

  private func vector(_ index: Int) throws(DecodingError) -> Vector {
    // SAFETY: `index < vectorCount`, whose offsets are there; what follows lies before `end`,
    // which lies inside the bytes.
    let start = unsafe Int(base.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
    let end =
      unsafe index + 1 < vectorCount
      ? Int(base.loadUnaligned(fromByteOffset: index * 4 + 4, as: UInt32.self)) : byteCount
    let headerByteCount = 5 + width
    guard start >= vectorCount * 4, end <= byteCount, end >= start else {
      throw .invalidValue(offset: index * 4)
    }
    guard headerByteCount <= end - start else {
      throw .truncated(offset: end, needed: headerByteCount - (end - start))
    }
    func byte(_ offset: Int) -> Int {
      unsafe Int(base.load(fromByteOffset: start + offset, as: UInt8.self))
    }
    let frame =
      unsafe width == 8
      ? base.loadUnaligned(fromByteOffset: start + 4, as: UInt64.self)
      : UInt64(base.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self))
    var vector = Vector(
      valueCount: min(vectorSize, valueCount - index * vectorSize), exponent: byte(0),
      factor: byte(1), frameOfReference: frame, bitWidth: byte(headerByteCount - 1),
      packedOffset: start + headerByteCount, packedByteCount: 0,
      exceptionCount: byte(2) | byte(3) << 8, exceptionOffset: 0)
    guard vector.exponent <= (width == 8 ? 18 : 10), vector.factor <= vector.exponent,
      vector.bitWidth <= width * 8, vector.exceptionCount <= vector.valueCount
    else { throw .invalidValue(offset: start) }
    vector.packedByteCount = (vector.valueCount * vector.bitWidth + 7) >> 3
    vector.exceptionOffset = vector.packedOffset + vector.packedByteCount
    let needed = vector.packedByteCount + vector.exceptionCount * (2 + width)
    guard needed <= end - vector.packedOffset else {
      throw .truncated(offset: end, needed: needed - (end - vector.packedOffset))
    }
    return vector
  }

  /// Decodes the values `range` of a vector.
  ///
  /// SAFETY: room for as many; `range` lies inside the vector.
  private func decode<Value: ALPValue>(
    _ vector: Vector, _ range: Range<Int>, into target: UnsafeMutablePointer<Value>
  ) throws(DecodingError) {
    // Integers first, in the place of the values: a loop of each width for both types of values
    // would be 45 KB of code.
    let factor = Value.powersOfTen[vector.factor]
    let fraction = Value.negativePowersOfTen[vector.exponent]
    let integers = unsafe UnsafeMutableRawPointer(target).assumingMemoryBound(
      to: Value.Integer.self)
    if vector.bitWidth == 0 {
      unsafe integers.update(repeating: 0, count: range.count)
    } else {
      var numbers = PackedNumbers<Value.Integer>()
      unsafe BitUnpacking.unpack(
        base + vector.packedOffset, byteCount: byteCount - vector.packedOffset,
        bitWidth: vector.bitWidth,
        start: range.lowerBound, count: range.count, into: integers, through: &numbers)
    }
    // SAFETY: an integer has the size of its value and any bits are one, so each is read before its
    // place is written. Two products, in this order: the specification wants the same bits from
    // every reader.
    for index in 0..<range.count {
      let packed = unsafe UInt64(truncatingIfNeeded: integers[index])
      unsafe target[index] =
        Value(integer: packed &+ vector.frameOfReference) * factor * fraction
    }
    let values = vector.exceptionOffset + vector.exceptionCount * 2
    for index in 0..<vector.exceptionCount {
      let position = unsafe Int(
        base.loadUnaligned(
          fromByteOffset: vector.exceptionOffset + index * 2, as: UInt16.self))
      guard position < vector.valueCount else {
        throw .invalidValue(offset: vector.exceptionOffset + index * 2)
      }
      if range.contains(position) {
        unsafe target[position - range.lowerBound] = base.loadUnaligned(
          fromByteOffset: values + index * MemoryLayout<Value>.size, as: Value.self)
      }
    }
  }
}

/// FLOAT or DOUBLE as ALP has it.
protocol ALPValue: BinaryFloatingPoint, BitwiseCopyable {
  /// The unsigned integers of its width.
  associatedtype Integer: FixedWidthInteger & BitwiseCopyable
  /// The number of an integer in as many of the low bits as the value has.
  init(integer: UInt64)
  static var powersOfTen: [Self] { get }
  /// `1e-0`, `1e-1` and so on.
  static var negativePowersOfTen: [Self] { get }
}

extension Double: ALPValue {
  typealias Integer = UInt64

  @inline(__always)
  init(integer: UInt64) { self.init(Int64(bitPattern: integer)) }

  static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18,
  ]
  static let negativePowersOfTen: [Double] = [
    1e-0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14,
    1e-15, 1e-16, 1e-17, 1e-18,
  ]
}

extension Float: ALPValue {
  typealias Integer = UInt32

  @inline(__always)
  init(integer: UInt64) { self.init(Int32(truncatingIfNeeded: integer)) }

  static let powersOfTen: [Float] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10]
  static let negativePowersOfTen: [Float] = [
    1e-0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10,
  ]
}
