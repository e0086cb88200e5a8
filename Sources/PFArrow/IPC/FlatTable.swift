internal import PFCore

/// FlatBuffers bytes that are read, with what may still be spent on following them.
///
/// Offsets may point to one place from many, so that a small message could unfold without end:
/// each table, vector and string costs its size, and all of them together no more than a small
/// multiple of the bytes.
final class FlatBytes {
  let buffer: Buffer
  private var budget: Int

  init(_ buffer: Buffer) {
    self.buffer = buffer
    budget = 4 * buffer.byteCount + 64
  }

  /// The table at the root (FlatBuffers internals, "File layout").
  func root() throws(DecodingError) -> FlatTable {
    try FlatTable(self, at: try follow(0))
  }

  func load<T: FixedWidthInteger & BitwiseCopyable>(
    _: T.Type = T.self, at position: Int
  ) throws(DecodingError) -> T {
    try check(position, byteCount: MemoryLayout<T>.size)
    // SAFETY: the range lies in the buffer, which lives as long as this; any alignment is fine.
    // WHY: a schema of thousands of columns takes a dozen loads for each.
    return T(
      littleEndian: unsafe buffer.address.loadUnaligned(fromByteOffset: position, as: T.self))
  }

  /// Where the offset at `position` points to.
  func follow(_ position: Int) throws(DecodingError) -> Int {
    let target = position + Int(try load(UInt32.self, at: position))
    guard target < buffer.byteCount else { throw .invalidValue(offset: position) }
    return target
  }

  func check(_ position: Int, byteCount: Int) throws(DecodingError) {
    guard position >= 0, byteCount >= 0, position <= buffer.byteCount,
      byteCount <= buffer.byteCount - position
    else { throw .truncated(offset: max(0, position), needed: max(0, byteCount)) }
  }

  func spend(_ byteCount: Int, at position: Int) throws(DecodingError) {
    guard byteCount <= budget else {
      throw .limitExceeded(offset: position, declared: byteCount, limit: budget)
    }
    budget -= byteCount
  }
}

/// A vector of tables in FlatBuffers bytes.
struct FlatTables {
  fileprivate let bytes: FlatBytes
  fileprivate let start: Int
  let count: Int

  /// - Precondition: `0 <= index < count`.
  subscript(index: Int) -> FlatTable {
    get throws(DecodingError) { try FlatTable(bytes, at: try bytes.follow(start + 4 * index)) }
  }
}

/// A table in FlatBuffers bytes. Fields are named by their place in the schema, from 0.
struct FlatTable {
  private let bytes: FlatBytes
  let start: Int
  private let byteCount: Int
  private let vtable: Int
  private let vtableByteCount: Int

  init(_ bytes: FlatBytes, at start: Int) throws(DecodingError) {
    self.bytes = bytes
    self.start = start
    vtable = start - Int(try bytes.load(Int32.self, at: start))
    vtableByteCount = Int(try bytes.load(UInt16.self, at: vtable))
    byteCount = Int(try bytes.load(UInt16.self, at: vtable + 2))
    try bytes.check(vtable, byteCount: vtableByteCount)
    try bytes.check(start, byteCount: byteCount)
    try bytes.spend(4, at: start)
  }

  /// Where a field is; nil where it has its default.
  private func position(of field: Int, byteCount size: Int) throws(DecodingError) -> Int? {
    let entry = 4 + 2 * field
    guard entry + 2 <= vtableByteCount else { return nil }
    let offset = Int(try bytes.load(UInt16.self, at: vtable + entry))
    guard offset > 0 else { return nil }
    guard offset + size <= byteCount else { throw .invalidValue(offset: vtable + entry) }
    return start + offset
  }

  func integer<T: FixedWidthInteger & BitwiseCopyable>(
    _ field: Int, default value: T
  ) throws(DecodingError) -> T {
    guard let position = try position(of: field, byteCount: MemoryLayout<T>.size) else {
      return value
    }
    return try bytes.load(at: position)
  }

  func bool(_ field: Int) throws(DecodingError) -> Bool {
    try integer(field, default: UInt8(0)) != 0
  }

  func table(_ field: Int) throws(DecodingError) -> FlatTable? {
    guard let position = try position(of: field, byteCount: 4) else { return nil }
    return try FlatTable(bytes, at: try bytes.follow(position))
  }

  /// The text of a field; bytes that are no UTF-8 are repaired.
  func string(_ field: Int) throws(DecodingError) -> String? {
    guard let vector = try vector(field, elementByteCount: 1) else { return nil }
    let text = bytes.buffer.slice(offset: vector.start, byteCount: vector.count)
    return String(repairing: text.bytes)
  }

  func tables(_ field: Int) throws(DecodingError) -> [FlatTable] {
    let vector = try lazyTables(field)
    var tables: [FlatTable] = []
    tables.reserveCapacity(vector.count)
    for index in 0..<vector.count { tables.append(try vector[index]) }
    return tables
  }

  /// A vector of tables, each looked at when it is asked for.
  func lazyTables(_ field: Int) throws(DecodingError) -> FlatTables {
    let vector = try vector(field, elementByteCount: 4)
    return FlatTables(bytes: bytes, start: vector?.start ?? 0, count: vector?.count ?? 0)
  }

  /// Whether a field is there.
  func has(_ field: Int) throws(DecodingError) -> Bool {
    try position(of: field, byteCount: 4) != nil
  }

  /// Whether a vector is there and has elements.
  func hasElements(_ field: Int) throws(DecodingError) -> Bool {
    guard let position = try position(of: field, byteCount: 4) else { return false }
    return try bytes.load(UInt32.self, at: try bytes.follow(position)) > 0
  }

  func integers<T: FixedWidthInteger & BitwiseCopyable>(
    _ field: Int, of _: T.Type
  ) throws(DecodingError) -> [T]? {
    guard let vector = try vector(field, elementByteCount: MemoryLayout<T>.size) else { return nil }
    var values: [T] = []
    for index in 0..<vector.count {
      values.append(try bytes.load(at: vector.start + MemoryLayout<T>.size * index))
    }
    return values
  }

  /// A vector of structs of two 64-bit integers.
  func pairs(_ field: Int) throws(DecodingError) -> [(Int64, Int64)] {
    guard let vector = try vector(field, elementByteCount: 16) else { return [] }
    var pairs: [(Int64, Int64)] = []
    for index in 0..<vector.count {
      let position = vector.start + 16 * index
      pairs.append((try bytes.load(at: position), try bytes.load(at: position + 8)))
    }
    return pairs
  }

  private func vector(
    _ field: Int, elementByteCount: Int
  ) throws(DecodingError) -> (start: Int, count: Int)? {
    guard let position = try position(of: field, byteCount: 4) else { return nil }
    let start = try bytes.follow(position)
    let count = Int(try bytes.load(UInt32.self, at: start))
    try bytes.check(start + 4, byteCount: count * elementByteCount)
    try bytes.spend(4 + count * elementByteCount, at: start)
    return (start + 4, count)
  }
}
