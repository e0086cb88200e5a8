package import PFCore

/// A foreign `struct ArrowArray` that was moved here; released with the last buffer that needs it.
@safe private final class ForeignArray: Sendable {
  // SAFETY: nobody writes the struct until `deinit`, and release may be called from any thread
  // (Arrow C data interface, "Release callback semantics -- for consumers").
  nonisolated(unsafe) private let storage: UnsafeMutablePointer<CArrowArray>

  /// Moves the struct at `source`, which then counts as released.
  init(moving source: UnsafeMutablePointer<CArrowArray>) {
    unsafe storage = .allocate(capacity: 1)
    unsafe storage.initialize(to: source.pointee)
    unsafe source.pointee.release = nil
  }

  var root: UnsafePointer<CArrowArray> { unsafe UnsafePointer(storage) }

  deinit {
    unsafe storage.releaseContent()
    unsafe storage.deallocate()
  }
}

/// Reads a moved `struct ArrowArray` of a known type.
///
/// The interface carries no buffer sizes: they follow from the length, and for data behind offsets
/// from the last offset. Everything else is checked.
private struct ArrayImporter {
  let owner: ForeignArray

  /// The types that are followed come from a schema, which bounds depth and number of structs.
  func array(
    _ pointer: UnsafePointer<CArrowArray>, type: DataType
  ) throws(ReadError) -> ArrowArray {
    let array = unsafe pointer.pointee
    guard unsafe array.release != nil else {
      throw ReadError(.inconsistent("the array was released before"))
    }
    let nullCount = unsafe array.nullCount
    guard let length = unsafe Int(exactly: array.length), length >= 0,
      let offset = unsafe Int(exactly: array.offset), offset >= 0,
      offset <= ArrowArray.maximumLength - length,
      nullCount >= -1, nullCount <= length
    else {
      throw ReadError(
        .inconsistent(
          "an array has \(unsafe array.length) slots, \(nullCount) nulls and an offset of "
            + "\(unsafe array.offset)"))
    }
    let children = try unsafe children(of: array, types: type.children.map(\.type))
    let dictionary = try unsafe dictionary(of: array, type: type)
    let buffers = try unsafe buffers(of: array, type: type, slots: offset + length)
    if type.hasValidity, nullCount > 0, case .some(.none) = buffers.first {
      throw ReadError(.inconsistent("an array has \(nullCount) nulls and no validity bitmap"))
    }
    return try ArrowArray(
      checking: type, length: length, offset: offset, buffers: buffers, children: children,
      dictionary: dictionary)
  }

  private func children(
    of array: CArrowArray, types: [DataType]
  ) throws(ReadError) -> [ArrowArray] {
    guard unsafe array.childCount == Int64(types.count) else {
      throw ReadError(
        .inconsistent(
          "an array has \(unsafe array.childCount) children where its type has \(types.count)"))
    }
    var children: [ArrowArray] = []
    for (index, type) in types.enumerated() {
      guard let child = unsafe array.children?[index] else {
        throw ReadError(.inconsistent("child \(index) of an array is a null pointer"))
      }
      children.append(try unsafe self.array(child, type: type))
    }
    return children
  }

  private func dictionary(
    of array: CArrowArray, type: DataType
  ) throws(ReadError) -> ArrowArray? {
    guard case .dictionary(_, let value, _) = type else {
      guard unsafe array.dictionary == nil else {
        throw ReadError(.inconsistent("an array has a dictionary where its type has none"))
      }
      return nil
    }
    guard let dictionary = unsafe array.dictionary else {
      throw ReadError(.inconsistent("an array lacks the dictionary that its type has"))
    }
    return try unsafe self.array(dictionary, type: value)
  }

  private func buffers(
    of array: CArrowArray, type: DataType, slots: Int
  ) throws(ReadError) -> [Buffer?] {
    let (fixed, declared) = (type.bufferCount, unsafe array.bufferCount)
    // A view array may have any number of data buffers, and their sizes behind them.
    guard type.isView ? declared > fixed && declared <= 1 << 20 : declared == fixed else {
      throw ReadError(.inconsistent("an array has \(declared) buffers where its type has \(fixed)"))
    }
    guard declared > 0 else { return [] }
    guard let pointers = unsafe array.buffers else {
      throw ReadError(.inconsistent("an array has no pointer to its buffers"))
    }
    func buffer(_ index: Int, byteCount: Int) -> Buffer? {
      unsafe pointers[index].map {
        unsafe Buffer(start: $0, byteCount: byteCount, owner: owner)
      }
    }

    var buffers: [Buffer?] = []
    for index in 0..<fixed {
      let byteCount: Int
      if let known = try type.byteCount(ofBuffer: index, slots: slots) {
        byteCount = known
      } else {
        byteCount = try unsafe lastOffset(in: pointers[1], type: type, slots: slots)
        guard unsafe byteCount == 0 || pointers[index] != nil else {
          throw ReadError(.inconsistent("an array has offsets, but a null pointer to its data"))
        }
      }
      buffers.append(buffer(index, byteCount: byteCount))
    }
    guard type.isView else { return buffers }
    let dataCount = Int(declared) - fixed - 1
    let sizes = unsafe pointers[fixed + dataCount]
    for index in 0..<dataCount {
      let size = unsafe sizes?.loadUnaligned(fromByteOffset: index * 8, as: Int64.self) ?? -1
      guard size >= 0, unsafe size == 0 || pointers[fixed + index] != nil else {
        throw ReadError(.inconsistent("data buffer \(index) of a view array has no valid size"))
      }
      buffers.append(buffer(fixed + index, byteCount: Int(size)))
    }
    return buffers
  }

  /// The end of the data behind offsets.
  private func lastOffset(
    in offsets: UnsafeRawPointer?, type: DataType, slots: Int
  ) throws(ReadError) -> Int {
    guard let offsets = unsafe offsets, slots > 0 else { return 0 }
    let last =
      type.alignment(ofBuffer: 1) == 8
      ? unsafe offsets.loadUnaligned(fromByteOffset: slots * 8, as: Int64.self)
      : Int64(unsafe offsets.loadUnaligned(fromByteOffset: slots * 4, as: Int32.self))
    guard last >= 0 else {
      throw ReadError(.inconsistent("an array has a negative offset"))
    }
    return Int(last)
  }
}

extension ArrowArray {
  /// Takes over the `struct ArrowArray` at `source`, of type `type`: it is moved, and released
  /// when its memory is needed no more. On failure it is released at once.
  ///
  /// The buffers are shared; one whose alignment is too small is copied. The null count is
  /// counted. UTF-8 is not checked: text that breaks it is repaired where it becomes a `String`.
  ///
  /// - Throws: `.inconsistent` when the struct breaks the interface or its type; `.outOfMemory`.
  package init(importing source: UnsafeMutableRawPointer, type: DataType) throws(ReadError) {
    let owner = unsafe ForeignArray(moving: source.assumingMemoryBound(to: CArrowArray.self))
    self = try unsafe ArrayImporter(owner: owner).array(owner.root, type: type)
  }
}

extension Table {
  /// Takes over the `struct ArrowSchema` at `schema` and `arrayCount` arrays of it, one behind the
  /// other, each a batch. On failure all are released.
  ///
  /// - Throws: what `Schema.init(importing:)` and `RecordBatch.init(importing:schema:)` throw.
  package init(
    importing schema: UnsafeMutableRawPointer, arrays: UnsafeMutableRawPointer?, arrayCount: Int
  ) throws(ReadError) {
    let structs = unsafe arrays?.assumingMemoryBound(to: CArrowArray.self)
    defer {
      // Those that were taken over are marked as released.
      for index in 0..<arrayCount { unsafe structs.map { unsafe ($0 + index).releaseContent() } }
    }
    let field = try unsafe Field(importing: schema)
    let schema = Schema(of: field)
    var batches: [RecordBatch] = []
    for index in 0..<arrayCount {
      guard let array = unsafe structs.map({ unsafe $0 + index }) else { break }
      batches.append(try unsafe RecordBatch(importing: array, of: field, schema: schema))
    }
    self.init(schema: schema, batches: batches)
  }
}

extension RecordBatch {
  /// Takes over the `struct ArrowArray` at `source`, of the type of `field`, of which `schema` was
  /// made.
  init(
    importing source: UnsafeMutableRawPointer, of field: Field, schema: Schema
  ) throws(ReadError) {
    if case .structure = field.type {
      try unsafe self.init(importing: source, schema: schema)
    } else {
      let column = try unsafe ArrowArray(importing: source, type: field.type)
      self.init(schema: schema, columns: [column], rowCount: column.length)
    }
  }

  /// Takes over the `struct ArrowArray` of struct type at `source`, as `ArrowArray.init` does.
  ///
  /// - Throws: as that; `.unsupported` where whole rows are null.
  package init(importing source: UnsafeMutableRawPointer, schema: Schema) throws(ReadError) {
    try self.init(
      unsafe ArrowArray(importing: source, type: .structure(schema.fields)), schema: schema)
  }

  /// The batch that `array`, of struct type, is.
  init(_ array: ArrowArray, schema: Schema) throws(ReadError) {
    guard array.nullCount == 0 else {
      throw ReadError(.unsupported(feature: "a record batch with null rows"))
    }
    let columns = array.children.map { $0.slice(start: array.offset, count: array.length) }
    self.init(schema: schema, columns: columns, rowCount: array.length)
  }
}
