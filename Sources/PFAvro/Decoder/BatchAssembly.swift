internal import PFArrow
internal import PFCore

extension Columns {
  /// The batch of what was written; the columns are empty behind it.
  ///
  /// - Throws: `.invalidText` with the column of a string that is not UTF-8; `.limitExceeded` where
  ///   the budget does not have the memory; `.outOfMemory`.
  func batch(_ root: ColumnNode, _ schema: Schema) throws(ReadError) -> RecordBatch {
    defer { clear() }
    let batch = try assembled(root, schema)
    try settle()
    return batch
  }

  private func assembled(_ root: ColumnNode, _ schema: Schema) throws(ReadError) -> RecordBatch {
    let rowCount = count(level: 0)
    if case .record(let members) = root.shape, root.validity == nil, schema.isOf(members) {
      var arrays: [ArrowArray] = []
      for member in members {
        do throws(ReadError) {
          arrays.append(try array(member.node, count: rowCount))
        } catch { throw error.under(member.field.name) }
      }
      return RecordBatch(schema: schema, columns: arrays, rowCount: rowCount)
    }
    guard !schema.fields.isEmpty else {
      return RecordBatch(schema: schema, columns: [], rowCount: rowCount)
    }
    do throws(ReadError) {
      return RecordBatch(
        schema: schema, columns: [try array(root, count: rowCount)], rowCount: rowCount)
    } catch { throw error.under("value") }
  }

  private func array(_ node: ColumnNode, count rowCount: Int) throws(ReadError) -> ArrowArray {
    var nullCount = 0
    var buffers: [Buffer?] = []
    do throws(AllocationError) {
      var validity: Buffer?
      if let slot = node.validity {
        let bits = try take(slot).values
        nullCount = rowCount - bits.bytes.countBits(in: 0..<rowCount)
        validity = nullCount == 0 ? nil : bits
      }
      if node.dataType.hasValidity { buffers.append(validity) }
    } catch { throw ReadError(error) }

    var children: [ArrowArray] = []
    do throws(AllocationError) {
      switch node.shape {
      case .null: nullCount = rowCount
      case .leaf(let slot):
        let (values, data) = try take(slot)
        buffers.append(values)
        if case .bytes = shapes[slot].content { buffers.append(data) }
      case .array(let slot, _, _), .map(let slot, _, _, _):
        buffers.append(try take(slot).values)
      case .record, .branches: break
      case .union(let slot, _):
        buffers.append(try take(slot).values)
        buffers.append(try take(slot + 1).values)
      }
    } catch { throw ReadError(error) }

    switch node.shape {
    case .null: break
    case .leaf:
      if case .utf8 = node.dataType, let offsets = buffers[1], let data = buffers[2] {
        try Self.checkText(offsets, data, count: rowCount)
      }
    case .record(let members):
      for member in members {
        do throws(ReadError) {
          children.append(try array(member.node, count: rowCount))
        } catch { throw error.under(member.field.name) }
      }
    case .branches(let nodes):
      for branch in nodes {
        do throws(ReadError) {
          children.append(try array(branch, count: rowCount))
        } catch { throw error.under(branch.type.branchName) }
      }
    case .array(_, let level, let item):
      do throws(ReadError) {
        children = [try array(item, count: count(level: level))]
      } catch { throw error.under("item") }
    case .map(_, let level, let keys, let value):
      children = [try entries(node, level, keys, value)]
    case .union(_, let branches):
      for branch in branches {
        do throws(ReadError) {
          children.append(try array(branch.node, count: count(level: branch.level)))
        } catch { throw error.under(branch.node.type.branchName) }
      }
    }
    return ArrowArray(
      type: node.dataType, length: rowCount, nullCount: nullCount, buffers: buffers,
      children: children, dictionary: node.dictionary)
  }

  /// The keys and values of maps.
  private func entries(
    _ node: ColumnNode, _ level: Int, _ keys: Int, _ value: ColumnNode
  ) throws(ReadError) -> ArrowArray {
    let entryCount = count(level: level)
    let offsets: Buffer
    let data: Buffer
    do throws(AllocationError) {
      (offsets, data) = try take(keys)
    } catch { throw ReadError(error) }
    do throws(ReadError) {
      try Self.checkText(offsets, data, count: entryCount)
    } catch { throw error.under("key") }
    let names = ArrowArray(
      type: .utf8, length: entryCount, nullCount: 0, buffers: [nil, offsets, data])
    let values: ArrowArray
    do throws(ReadError) {
      values = try array(value, count: entryCount)
    } catch { throw error.under("value") }
    return ArrowArray(
      type: node.dataType.children[0].type, length: entryCount, nullCount: 0, buffers: [nil],
      children: [names, values])
  }

  /// Checks that strings are UTF-8: all their bytes at once, and where they begin.
  ///
  /// - Throws: `.invalidText`.
  private static func checkText(
    _ offsets: Buffer, _ data: Buffer, count: Int
  ) throws(ReadError) {
    let content: UTF8Validation.Content
    do throws(DecodingError) {
      // SAFETY: `data` is readable for its length.
      content = try unsafe UTF8Validation.check(data.address, byteCount: data.byteCount)
    } catch { throw ReadError(.invalidText(encoding: "UTF-8")) }
    guard content == .multibyte else { return }
    let places = offsets.span(of: Int32.self)
    let bytes = data.bytes
    for index in 0..<count {
      let start = Int(places[index])
      if start < bytes.count, bytes[start] & 0xC0 == 0x80 {
        throw ReadError(.invalidText(encoding: "UTF-8"))
      }
    }
  }
}

extension Schema {
  /// Whether the fields are those of a record, and not one column for it.
  fileprivate func isOf(_ members: [(field: AvroField, node: ColumnNode)]) -> Bool {
    fields.count == members.count && zip(fields, members).allSatisfy { $0.name == $1.field.name }
  }
}

extension ReadError {
  /// The error with a name before the path of its column.
  fileprivate func under(_ name: String) -> ReadError {
    var error = self
    error.place.column = place.column.map { "\(name).\($0)" } ?? name
    return error
  }
}
