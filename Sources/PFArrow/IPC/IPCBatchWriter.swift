internal import PFCore

/// The parts of one `RecordBatch` of Message.fbs: slices are cut to their slots, offsets start at 0
/// and bitmaps at bit 0.
struct IPCBatchWriter {
  private var nodes: [(Int64, Int64)] = []
  private var buffers: [Buffer] = []
  private var variadicCounts: [Int64] = []

  /// A batch of `columns`.
  ///
  /// - Throws: `.outOfMemory`.
  init(columns: [ArrowArray]) throws(ReadError) {
    do throws(AllocationError) {
      for column in columns { try append(column) }
    } catch { throw ReadError(error) }
  }

  /// The bytes of all buffers with their padding.
  var bodyByteCount: Int {
    buffers.reduce(0) { $0 + IPCFormat.padded($1.byteCount) }
  }

  /// Writes the `RecordBatch` table.
  func writeHeader(_ writer: inout FlatBufferWriter, rowCount: Int) -> Int {
    var ranges: [(Int64, Int64)] = []
    var offset = 0
    for buffer in buffers {
      ranges.append((Int64(offset), Int64(buffer.byteCount)))
      offset += IPCFormat.padded(buffer.byteCount)
    }
    let nodes = writer.vector(pairs: nodes)
    let list = writer.vector(pairs: ranges)
    let variadic = variadicCounts.isEmpty ? nil : writer.vector(variadicCounts)
    return writer.table([
      .int64(Int64(rowCount)), .offset(nodes), .offset(list), .offset(nil), .offset(variadic),
    ])
  }

  /// Writes the body: each buffer and zeros up to the alignment.
  func writeBody(_ write: (Span<UInt8>) throws(ReadError) -> Void) throws(ReadError) {
    let zeros = [UInt8](repeating: 0, count: IPCFormat.alignment)
    for buffer in buffers {
      if buffer.byteCount > 0 { try write(buffer.bytes) }
      let padding = IPCFormat.padded(buffer.byteCount) - buffer.byteCount
      if padding > 0 { try write(zeros.span.extracting(first: padding)) }
    }
  }

  private mutating func append(_ array: ArrowArray) throws(AllocationError) {
    nodes.append((Int64(array.length), Int64(array.nullCount)))
    let (start, end) = (array.offset, array.offset + array.length)
    if array.type.hasValidity {
      buffers.append(
        array.nullCount == 0
          ? .empty : try (array.validity ?? .empty).bits(in: start..<end))
    }
    switch array.type {
    case .null: break
    case .boolean: buffers.append(try array.buffer(1).bits(in: start..<end))
    case .binary, .utf8:
      buffers.append(array.buffer(2).slice(of: try appendOffsets(array, Int32.self)))
    case .largeBinary, .largeUTF8:
      buffers.append(array.buffer(2).slice(of: try appendOffsets(array, Int64.self)))
    case .list, .map:
      try append(array.children[0].slice(of: try appendOffsets(array, Int32.self)))
    case .largeList:
      try append(array.children[0].slice(of: try appendOffsets(array, Int64.self)))
    case .binaryView, .utf8View:
      buffers.append(array.buffer(1).slice(of: (start * 16)..<(end * 16)))
      let data = array.buffers.dropFirst(2)
      variadicCounts.append(Int64(data.count))
      buffers.append(contentsOf: data.map { $0 ?? .empty })
    case .fixedSizeList(_, let count):
      try append(array.children[0].slice(of: (start * count)..<(end * count)))
    case .structure:
      for child in array.children { try append(child.slice(of: start..<end)) }
    case .union(.sparse, _, _):
      buffers.append(array.buffer(0).slice(of: start..<end))
      for child in array.children { try append(child.slice(of: start..<end)) }
    case .union(.dense, _, let typeIDs): try appendDense(array, typeIDs)
    default:
      let width = array.type.byteWidth ?? 0
      buffers.append(array.buffer(1).slice(of: (start * width)..<(end * width)))
    }
  }

  /// Appends the offsets of the array's slots, from 0 on, and gives what they span.
  private mutating func appendOffsets<T: FixedWidthInteger & BitwiseCopyable>(
    _ array: ArrowArray, _: T.Type
  ) throws(AllocationError) -> Range<Int> {
    let width = MemoryLayout<T>.size
    guard array.length > 0 else {
      buffers.append(try Buffer(copying: [T(0)]))
      return 0..<0
    }
    let offsets = array.elements(of: T.self)
    let (start, end) = (array.offset, array.offset + array.length)
    let (first, last) = (offsets[start], offsets[end])
    if first == 0 {
      buffers.append(array.buffer(1).slice(of: (start * width)..<((end + 1) * width)))
    } else {
      var rebased = try MutableBuffer(byteCount: (array.length + 1) * width)
      for slot in start...end { rebased.append(offsets[slot] - first) }
      buffers.append(rebased.freeze())
    }
    return Int(first)..<Int(last)
  }

  /// Appends a dense union; each child is cut to the slots that are pointed to.
  private mutating func appendDense(
    _ array: ArrowArray, _ typeIDs: [Int8]
  ) throws(AllocationError) {
    let (start, end) = (array.offset, array.offset + array.length)
    let (codes, offsets) = (
      array.elements(of: Int8.self, buffer: 0), array.elements(of: Int32.self)
    )
    var used = [Range<Int32>?](repeating: nil, count: 128)
    for slot in start..<end {
      let (code, offset) = (Int(codes[slot]), offsets[slot])
      let range = used[code] ?? offset..<offset
      used[code] = min(range.lowerBound, offset)..<max(range.upperBound, offset + 1)
    }
    var rebased = try MutableBuffer(byteCount: array.length * 4)
    for slot in start..<end {
      rebased.append(offsets[slot] - (used[Int(codes[slot])]?.lowerBound ?? 0))
    }
    buffers.append(array.buffer(0).slice(of: start..<end))
    buffers.append(rebased.freeze())
    for (child, code) in zip(array.children, typeIDs) {
      let range = used[Int(code)] ?? 0..<0
      try append(child.slice(of: Int(range.lowerBound)..<Int(range.upperBound)))
    }
  }
}

extension ArrowArray {
  fileprivate func buffer(_ index: Int) -> Buffer { buffers[index] ?? .empty }

  fileprivate func slice(of range: Range<Int>) -> ArrowArray {
    slice(start: range.lowerBound, count: range.count)
  }
}

extension Buffer {
  fileprivate func slice(of range: Range<Int>) -> Buffer {
    range.isEmpty ? .empty : slice(offset: range.lowerBound, byteCount: range.count)
  }

  /// The bits of `range` from bit 0 on; what follows the last is 0 where they had to be moved.
  fileprivate func bits(in range: Range<Int>) throws(AllocationError) -> Buffer {
    guard !range.isEmpty else { return .empty }
    let first = range.lowerBound / 8
    let byteCount = (range.count + 7) / 8
    let shift = UInt8(range.lowerBound % 8)
    guard shift > 0 else { return slice(offset: first, byteCount: byteCount) }
    let source = bytes
    var moved = try MutableBuffer(byteCount: byteCount)
    for index in 0..<byteCount {
      let next = first + index + 1
      let upper = next < source.count ? source[next] << (8 - shift) : 0
      moved.append(source[first + index] >> shift | upper)
    }
    return moved.freeze()
  }
}
