internal import PFArrow
internal import PFCore

/// The columns that `key=value` directories stand for, dictionary-encoded as in pyarrow: values are
/// `int32` where all of a key's texts are such numbers, otherwise `utf8`.
struct PartitionColumns: Sendable {
  let fields: [Field]
  /// For each column its values, each once, in the order in which the files have them.
  private let dictionaries: [ArrowArray]
  /// For each file the index of its value in each column; nil for null.
  private let indices: [[Int32?]]

  init(_ files: [DatasetPath]) throws(ReadError) {
    var keys: [String] = []
    for file in files {
      for value in file.partition where !keys.contains(value.key) { keys.append(value.key) }
    }
    var fields: [Field] = []
    var dictionaries: [ArrowArray] = []
    var indices = [[Int32?]](repeating: [], count: files.count)
    for key in keys {
      // Of one key several times on a path the innermost counts.
      let texts = files.map { $0.partition.last { $0.key == key }?.value }
      let numbers = texts.map { $0.map { Int32($0) ?? nil } ?? nil }
      let isNumeric = zip(texts, numbers).allSatisfy { text, number in
        text == nil || number != nil && text?.utf8.first != UInt8(ascii: "+")
      }
      guard texts.contains(where: { $0 != nil }) else {
        fields.append(Self.field(key, .utf8))
        dictionaries.append(try Self.dictionary { StringBuilder() })
        for file in files.indices { indices[file].append(nil) }
        continue
      }
      // Numbers that are written in two ways are one value.
      var known: [String: Int32] = [:]
      var values: [String] = []
      for (file, text) in texts.enumerated() {
        let value = isNumeric ? numbers[file].map(String.init) : text
        indices[file].append(
          value.map { value in
            if let index = known[value] { return index }
            let index = Int32(truncatingIfNeeded: values.count)
            known[value] = index
            values.append(value)
            return index
          })
      }
      fields.append(Self.field(key, isNumeric ? .int32 : .utf8))
      dictionaries.append(
        try Self.dictionary {
          if isNumeric {
            let builder = PrimitiveBuilder<Int32>()
            builder.append(contentsOf: values.map { Int32($0) })
            return builder
          }
          let builder = StringBuilder()
          builder.append(contentsOf: values)
          return builder
        })
    }
    self.fields = fields
    self.dictionaries = dictionaries
    self.indices = indices
  }

  private static func field(_ key: String, _ value: DataType) -> Field {
    Field(key, .dictionary(index: .int32, value: value, isOrdered: false))
  }

  private static func dictionary(
    _ build: () -> any ArrayBuilder
  ) throws(ReadError) -> ArrowArray {
    do throws(BuildError) {
      return try build().finish()
    } catch {
      throw ReadError(.inconsistent("the values of a partition: \(error)"))
    }
  }

  /// Column `column` for `count` rows of a file.
  func array(_ column: Int, file: Int, count: Int) throws(AllocationError) -> ArrowArray {
    let type = fields[column].type
    guard let index = indices[file][column] else {
      let nulls = try ArrowArray.nulls(type, count: count)
      return ArrowArray(
        type: type, length: count, nullCount: count, buffers: nulls.buffers,
        dictionary: dictionaries[column])
    }
    var values = try MutableBuffer(byteCount: 4 * count)
    for _ in 0..<count { values.append(index) }
    return ArrowArray(
      type: type, length: count, nullCount: 0, buffers: [nil, values.freeze()],
      dictionary: dictionaries[column])
  }
}
