internal import PFCore

/// What one exported `ArrowArray` points to; freed by its release callback.
@safe private final class ArrayNode {
  /// Keeps the memory of the buffers.
  let buffers: [Buffer?]
  /// The byte counts of the data buffers of a view array.
  let variadicCounts: UnsafeMutablePointer<Int64>?
  /// The `buffers` member of the struct.
  let pointers: UnsafeMutablePointer<UnsafeRawPointer?>
  let pointerCount: Int
  let children: CChildren<CArrowArray>

  init(buffers: [Buffer?], type: DataType, children: CChildren<CArrowArray>) {
    self.buffers = buffers
    unsafe self.children = unsafe children
    pointerCount = buffers.count + (type.isView ? 1 : 0)
    unsafe pointers = .allocate(capacity: max(1, pointerCount))
    for (index, buffer) in buffers.enumerated() {
      // Only validity may be NULL; no bytes at all still means a first offset of 0.
      let missing = type.hasValidity && index == 0 ? nil : Buffer.empty
      let shown = if let buffer, buffer.byteCount > 0 { buffer } else { missing }
      unsafe (pointers + index).initialize(to: shown.map { unsafe $0.address })
    }
    guard type.isView else {
      unsafe variadicCounts = nil
      return
    }
    let data = buffers.dropFirst(2)
    let counts = UnsafeMutablePointer<Int64>.allocate(capacity: max(1, data.count))
    for (index, buffer) in data.enumerated() {
      unsafe (counts + index).initialize(to: Int64(buffer?.byteCount ?? 0))
    }
    unsafe (pointers + buffers.count).initialize(to: UnsafeRawPointer(counts))
    unsafe variadicCounts = counts
  }

  deinit {
    unsafe pointers.deallocate()
    unsafe variadicCounts?.deallocate()
  }
}

private func releaseArray(_ raw: UnsafeMutableRawPointer?) {
  guard let array = unsafe raw?.assumingMemoryBound(to: CArrowArray.self),
    unsafe array.pointee.release != nil, let node = unsafe array.pointee.privateData
  else { return }
  unsafe array.pointee.release = nil
  unsafe array.pointee.privateData = nil
  unsafe Unmanaged<ArrayNode>.fromOpaque(node).release()
}

extension CArrowArray {
  /// A struct that owns its content; whoever holds it calls `release` once, from any thread.
  fileprivate init(exporting array: ArrowArray) {
    let children = unsafe CChildren<CArrowArray>(
      childCount: array.children.count, hasDictionary: array.dictionary != nil
    ) { index in
      let child = index < array.children.count ? array.children[index] : array.dictionary ?? array
      return unsafe CArrowArray(exporting: child)
    }
    let node = unsafe ArrayNode(buffers: array.buffers, type: array.type, children: children)
    unsafe self.init(
      length: Int64(array.length), nullCount: Int64(array.nullCount),
      offset: Int64(array.offset), bufferCount: Int64(node.pointerCount),
      childCount: Int64(array.children.count), buffers: node.pointers,
      children: array.children.isEmpty ? nil : children.pointers, dictionary: children.dictionary,
      release: releaseArray, privateData: Unmanaged.passRetained(node).toOpaque())
  }
}

extension ArrowArray {
  /// Writes the array as a `struct ArrowArray` to `target`, whose content is overwritten.
  ///
  /// Nothing is copied: the struct shares the buffers. The consumer owns it and calls `release`
  /// once.
  package func export(to target: UnsafeMutableRawPointer) {
    unsafe target.initializeMemory(as: CArrowArray.self, to: CArrowArray(exporting: self))
  }
}

extension RecordBatch {
  /// The batch as one array of struct type.
  var structure: ArrowArray {
    ArrowArray(
      type: .structure(schema.fields), length: rowCount, nullCount: 0, buffers: [nil],
      children: columns)
  }

  /// Writes the batch as a `struct ArrowArray` of struct type to `target`, whose content is
  /// overwritten.
  ///
  /// Nothing is copied. The consumer owns the struct and calls `release` once.
  package func export(to target: UnsafeMutableRawPointer) {
    unsafe structure.export(to: target)
  }
}
