package import PFArrow
internal import PFCore

extension Kernel {
  /// A column of labels, taken one by one from other columns.
  ///
  /// - Parameters:
  ///   - type: The type of the labels, not a dictionary.
  ///   - count: How many there are.
  ///   - place: The column and the index in it for each; nil for null.
  /// - Returns: The column; text and bytes with offsets of 64 bits where 32 do not do.
  /// - Throws: `.outOfMemory`, `.cancelled`.
  func labels(
    _ type: DataType, count: Int, from place: @Sendable (Int) -> (LabelColumn, Int)?
  ) throws(GraphError) -> ArrowArray {
    let grain = 1 << 13
    let validity = try slots(repeating: UInt8(0), count: (count + 7) / 8)
    let nulls = try sum(count: count, grain: grain) { range, _ in
      var nulls = 0
      for index in range {
        if place(index) == nil { nulls += 1 } else { validity[index / 8] |= 1 << UInt8(index % 8) }
      }
      return nulls
    }
    let bitmap = take(validity)
    func array(_ type: DataType, _ buffers: [Buffer]) -> ArrowArray {
      ArrowArray(
        type: type, length: count, nullCount: nulls, buffers: [nulls > 0 ? bitmap : nil] + buffers)
    }
    if let width = type.byteWidth {
      let (byteCount, overflow) = count.multipliedReportingOverflow(by: width)
      guard !overflow else { throw .outOfMemory(byteCount: .max) }
      let values = try slots(repeating: UInt8(0), count: byteCount)
      try forEach(count: count, grain: grain) { range, _ in
        for index in range {
          guard let (column, source) = place(index) else { continue }
          let target = index * width..<(index + 1) * width
          if column.isBytes {
            values.copy(target, from: column.bytes(source), at: 0)
          } else {
            let word = column.word(source)
            for byte in 0..<width {
              values[target][byte] = UInt8(truncatingIfNeeded: word >> UInt64(8 * byte))
            }
          }
        }
      }
      return array(type, [take(values)])
    }

    let offsets = try slots(of: Int.self, count: count + 1)
    try forEach(count: count, grain: grain) { range, _ in
      for index in range {
        offsets[index] = place(index).map { column, source in column.bytes(source).count } ?? 0
      }
    }
    // Lengths → offsets, in place.
    var byteCount = 0
    for index in 0..<count {
      let length = offsets[index]
      offsets[index] = byteCount
      byteCount += length
    }
    offsets[count] = byteCount
    let data = try slots(of: UInt8.self, count: byteCount)
    try forEach(count: count, grain: grain) { range, _ in
      for index in range {
        guard let (column, source) = place(index) else { continue }
        data.copy(offsets[index]..<offsets[index + 1], from: column.bytes(source), at: 0)
      }
    }
    let isText = type.labelIsText == true
    guard byteCount <= Int(Int32.max) else {
      return array(isText ? .largeUTF8 : .largeBinary, [take(offsets), take(data)])
    }
    let narrow = try slots(of: UInt32.self, count: count + 1)
    for index in 0...count { narrow[index] = UInt32(truncatingIfNeeded: offsets[index]) }
    free(offsets)
    return array(isText ? .utf8 : .binary, [take(narrow), take(data)])
  }
}

extension ArrowArray {
  /// Columns of labels of one type as one; that of the only one, as it is.
  ///
  /// - Throws: `.wrongType`, `.nullValue`, `.outOfMemory`, `.cancelled`.
  package static func joinedLabels(
    _ parts: [ArrowArray], _ type: DataType, _ running: KernelOptions
  ) throws(GraphError) -> ArrowArray {
    if parts.count == 1 { return parts[0] }
    return try Kernel.run(running) { (kernel) throws(GraphError) in
      var batches: [LabelBatch] = []
      var count = 0
      for part in parts {
        let column = try LabelColumn(part, column: "label", from: count, kernel)
        batches.append(
          LabelBatch(firstEdge: count, count: part.length, sources: column, targets: column))
        count += part.length
      }
      let places = try kernel.slots(of: LabelBatch.self, count: parts.count)
      for index in parts.indices { places[index] = batches[index] }
      return try withExtendedLifetime(parts) { () throws(GraphError) in
        try kernel.labels(type.labelType, count: count) { places.label(at: 2 * $0) }
      }
    }
  }
}
