import PFCore
import PFParquet

/// Columns with random values, nulls, pages and encodings; all of it right.
enum RandomColumn {
  static func make(
    _ name: String, _ type: PhysicalType, isOptional: Bool, rowCount: Int, codec: Int64,
    using random: inout SeededGenerator
  ) -> FileBuilder.Column {
    let entries = (0..<20).map { _ in value(of: type, using: &random) }
    var pages: [FileBuilder.Page] = []
    if type != .boolean { pages.append(.dictionary(20, entries.flatMap { $0 })) }
    var left = rowCount
    while left > 0 {
      let count = min(left, Int.random(in: 1...900, using: &random))
      left -= count
      var valid = [Bool](repeating: true, count: count)
      if isOptional {
        let nulls = Double.random(in: 0...1, using: &random)
        for index in valid.indices {
          valid[index] = Double.random(in: 0..<1, using: &random) >= nulls
        }
      }
      let valueCount = valid.count { $0 }
      let isDictionary = type != .boolean && Bool.random(using: &random)
      var values: [UInt8]
      if isDictionary {
        values = Encode.indices(
          (0..<valueCount).map { _ in UInt32.random(in: 0..<20, using: &random) }, bitWidth: 5)
      } else if type == .boolean {
        values = Encode.bits(
          (0..<valueCount).map { _ in UInt32.random(in: 0...1, using: &random) }, 1)
      } else {
        values = []
        for _ in 0..<valueCount { values += value(of: type, using: &random) }
      }
      pages.append(
        FileBuilder.Page(
          kind: Bool.random(using: &random) ? .data : .dataV2, count: Int64(count),
          encoding: isDictionary
            ? FileBuilder.Encoding.rleDictionary : FileBuilder.Encoding.plain,
          levels: isOptional ? Encode.levels(valid) : nil, values: values,
          numNulls: Int64(count - valueCount)))
    }
    return FileBuilder.Column(
      name: name, type: type, typeLength: type == .fixedLenByteArray ? 5 : nil,
      isOptional: isOptional, codec: codec, pages: pages)
  }

  private static func value(
    of type: PhysicalType, using random: inout SeededGenerator
  ) -> [UInt8] {
    let count =
      switch type {
      case .boolean: 1
      case .int32, .float: 4
      case .int64, .double: 8
      case .int96: 12
      case .fixedLenByteArray: 5
      case .byteArray: Int.random(in: 0...40, using: &random)
      }
    let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    return type == .byteArray ? Encode.byteArrays([bytes]) : bytes
  }
}

extension CallbackSource {
  /// Bytes behind a callback.
  convenience init(reading bytes: [UInt8]) {
    self.init(name: "callback", byteCount: bytes.count) { offset, target in
      for index in target.indices { target[index] = bytes[offset + index] }
    }
  }
}
