internal import PFArrow
internal import PFCore

extension ColumnMapping {
  /// The ways in which PLAIN may store a value, without the length of a byte array; nil where they
  /// cannot all be told.
  func plainBytes(of value: Scalar) throws(ReadError) -> [[UInt8]]? {
    guard let candidates = candidates(for: value) else { return nil }
    // Only what a read would make this value of is surely how the value is stored: types that are
    // restored from other files' schemas may be stored in another unit.
    guard let array = try array(ofPlain: candidates) else { return nil }
    let truth = array.truth(of: .compare(.equal, value))
    return candidates.indices.allSatisfy { truth[$0] == true } ? candidates : nil
  }

  private func candidates(for value: Scalar) -> [[UInt8]]? {
    switch (leaf.physicalType, value) {
    case (.int32, .integer(let number)):
      return (Int32(exactly: number).map { UInt32(bitPattern: $0) } ?? UInt32(exactly: number))
        .map { [Self.littleEndian($0)] }
    case (.int64, .integer(let number)):
      return (Int64(exactly: number).map { UInt64(bitPattern: $0) } ?? UInt64(exactly: number))
        .map { [Self.littleEndian($0)] }
    case (.int32, .decimal(let number)):
      return number.int128.flatMap { Int32(exactly: $0) }.map { [Self.littleEndian($0)] }
    case (.int64, .decimal(let number)):
      return number.int128.flatMap { Int64(exactly: $0) }.map { [Self.littleEndian($0)] }
    case (.fixedLenByteArray, .decimal(let number)):
      let all = Self.littleEndian(number.low) + Self.littleEndian(number.high)
      let width = leaf.typeLength
      guard width <= all.count else { return nil }
      return [Array(all.prefix(width).reversed())]
    case (.float, .double(let number)) where !number.isNaN:
      let zeros: [Float] = [0.0, -0.0]
      return (number == 0 ? zeros : [Float(number)]).map { Self.littleEndian($0.bitPattern) }
    case (.double, .double(let number)) where !number.isNaN:
      let zeros: [Double] = [0.0, -0.0]
      return (number == 0 ? zeros : [number]).map { Self.littleEndian($0.bitPattern) }
    case (.byteArray, .bytes(let bytes)): return [bytes]
    case (.fixedLenByteArray, .bytes(let bytes)) where bytes.count == leaf.typeLength:
      return [bytes]
    default: return nil
    }
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<(value.bitWidth / 8)).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }
}
