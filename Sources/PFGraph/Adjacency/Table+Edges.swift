package import PFArrow
internal import PFCore

extension Table {
  /// The arrays of a column, one of each batch; one at least.
  package func parts(at index: Int) throws(GraphError) -> [ArrowArray] {
    let parts = batches.map { $0.columns[index] }
    guard parts.isEmpty else { return parts }
    do throws(AllocationError) {
      return [try ArrowArray.nulls(schema.fields[index].type, count: 0)]
    } catch { throw .outOfMemory(byteCount: error.byteCount) }
  }

  /// A column of numbers as one array: that of the only batch, or a copy of all.
  package func numbers(at index: Int) throws(GraphError) -> ArrowArray {
    let parts = try parts(at: index)
    if parts.count == 1 { return parts[0] }
    let (name, type) = (schema.fields[index].name, schema.fields[index].type)
    guard let width = type.byteWidth else {
      throw .wrongType(column: name, type: "\(type)", expected: "numbers")
    }
    if let part = parts.firstIndex(where: { $0.nullCount > 0 }) {
      let before = parts[..<part].reduce(0) { $0 + $1.length }
      let null = (0..<parts[part].length).first { !parts[part].isValid($0) } ?? 0
      throw .nullValue(column: name, position: before + null)
    }
    let count = parts.reduce(0) { $0 + $1.length }
    do throws(AllocationError) {
      var all = try MutableBuffer(byteCount: count * width)
      for part in parts where part.length > 0 {
        guard let data = part.buffers[1] else { continue }
        all.append(data.slice(offset: part.offset * width, byteCount: part.length * width).bytes)
      }
      return ArrowArray(
        type: type, length: count, nullCount: 0, buffers: [nil, all.freeze()])
    } catch { throw .outOfMemory(byteCount: error.byteCount) }
  }
}
