@testable import PFParquet

/// ALP, written for tests from AlpEncoding.md.
extension Encode {
  /// Vectors of `1 << sizeLogarithm` values, all with one exponent and factor.
  static func alp<Value: TestFloat>(
    _ values: [Value], exponent: Int, factor: Int, sizeLogarithm: Int = 10
  ) -> [UInt8] {
    let size = 1 << sizeLogarithm
    let vectors = stride(from: 0, to: values.count, by: size).map {
      alpVector(values[$0..<min($0 + size, values.count)], exponent: exponent, factor: factor)
    }
    var offset = vectors.count * 4
    var bytes = [0, 0, UInt8(sizeLogarithm)] + plain([Int32(values.count)])
    for vector in vectors {
      bytes += plain([UInt32(offset)])
      offset += vector.count
    }
    return bytes + vectors.flatMap { $0 }
  }

  private static func alpVector<Value: TestFloat>(
    _ values: ArraySlice<Value>, exponent: Int, factor: Int
  ) -> [UInt8] {
    let mask = UInt64.max >> UInt64(64 - Value.width * 8)
    var encoded = values.map { value -> Int64? in
      let scaled =
        (value * Value.powersOfTen[exponent] * Value.negativePowersOfTen[factor]).rounded()
      // Integers that the value holds exactly are in the range of the encoded type.
      guard abs(scaled) < Value(1 << UInt64(Value.significandBitCount)) else { return nil }
      let integer = Int64(scaled)
      let decoded =
        Value(integer) * Value.powersOfTen[factor] * Value.negativePowersOfTen[exponent]
      return decoded.bits == value.bits ? integer : nil
    }
    let exceptions = encoded.indices.filter { encoded[$0] == nil }
    let placeholder = encoded.lazy.compactMap { $0 }.first ?? 0
    for index in exceptions { encoded[index] = placeholder }
    let integers = encoded.compactMap { $0 }
    let least = integers.min() ?? 0
    let deltas = integers.map { UInt64(bitPattern: $0 &- least) & mask }
    let bitWidth = 64 - (deltas.max() ?? 0).leadingZeroBitCount
    var bytes = [UInt8(exponent), UInt8(factor)] + plain([UInt16(exceptions.count)])
    bytes += plain([least]).prefix(Value.width) + [UInt8(bitWidth)] + wideBits(deltas, bitWidth)
    bytes += plain(exceptions.map { UInt16($0) })
    for index in exceptions {
      bytes += plain([values[values.startIndex + index].bits]).prefix(Value.width)
    }
    return bytes
  }
}

/// FLOAT and DOUBLE, told apart by their bits.
protocol TestFloat: ALPValue {
  static var width: Int { get }
  var bits: UInt64 { get }
}

extension Double: TestFloat {
  static var width: Int { 8 }
  var bits: UInt64 { bitPattern }
}

extension Float: TestFloat {
  static var width: Int { 4 }
  var bits: UInt64 { UInt64(bitPattern) }
}
