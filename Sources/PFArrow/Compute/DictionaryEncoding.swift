package import PFCore

extension ArrowArray {
  /// The values of the array as indices into those that are different, in the order in which they
  /// come first; nil where these are more than the indices can tell, or their bytes more than the
  /// layout holds.
  ///
  /// - Precondition: `target` is a dictionary whose values are those of the array, strings or bytes
  ///   in another layout maybe; the array is of strings, of bytes or of values of one size.
  /// - Throws: `AllocationError` when there is no memory.
  package func dictionaryEncoded(as target: DataType) throws(AllocationError) -> ArrowArray? {
    guard case .dictionary(let index, let value, _) = target, let width = index.byteWidth else {
      preconditionFailure("not a dictionary")
    }
    let bytes = asBytes
    let (indices, firsts) = try bytes.distinctValues()
    let limit = width < 8 ? 1 << (width * 8 - (index.isSigned ? 1 : 0)) : Int.max
    guard firsts.count <= limit, let values = try bytes.taking(firsts, as: storedType),
      let dictionary = values.type == value ? values : try values.inLayout(of: value)
    else { return nil }
    let (bitmap, nulls) = try valueValidity()
    return ArrowArray(
      type: target, length: length, nullCount: nulls,
      buffers: [bitmap, try Self.narrowed(indices, count: length, width: width)],
      dictionary: dictionary)
  }

  /// The type that values are collected as.
  private var storedType: DataType {
    switch type.holdsText {
    case true?: .utf8
    case false?: .binary
    case nil: type
    }
  }

  /// The array, numbers and the like as the bytes that they are.
  private var asBytes: ArrowArray {
    guard let width = type.byteWidth else { return self }
    return ArrowArray(
      type: .fixedSizeBinary(byteWidth: width), length: length, nullCount: nullCount,
      offset: offset, buffers: buffers)
  }

  /// The different values: for each slot which it has, and for each value the first slot that has
  /// it.
  private func distinctValues() throws(AllocationError) -> (indices: Buffer, firsts: [Int]) {
    var table = ByteTable()
    var indices = try MutableBuffer(byteCount: length * 4)
    var firsts: [Int] = []
    for slot in 0..<length {
      guard let text = bytes(at: slot) else {
        indices.append(Int32(0))
        continue
      }
      let hash = ByteTable.hash(text)
      var place = table.place(of: hash)
      var found = firsts.count
      while let known = table.candidate(&place, hash) {
        if isSame(firsts[known], slot) {
          found = known
          break
        }
      }
      if found == firsts.count {
        table.insert(found, at: place, hash)
        firsts.append(slot)
      }
      indices.append(Int32(truncatingIfNeeded: found))
    }
    return (indices.freeze(), firsts)
  }

  /// The values of some slots, none of which is null, as an array of `target`; nil where their
  /// bytes are more than its offsets tell.
  private func taking(
    _ slots: [Int], as target: DataType
  ) throws(AllocationError) -> ArrowArray? {
    let isFixed = target.byteWidth != nil
    var byteCount = 0
    for slot in slots { byteCount += bytes(at: slot)?.count ?? 0 }
    guard isFixed || byteCount <= Int(Int32.max) else { return nil }
    var offsets = try MutableBuffer(byteCount: isFixed ? 0 : (slots.count + 1) * 4)
    var data = try MutableBuffer(byteCount: byteCount)
    if !isFixed { offsets.append(Int32(0)) }
    for slot in slots {
      if let value = bytes(at: slot) { data.append(value) }
      if !isFixed { offsets.append(Int32(truncatingIfNeeded: data.byteCount)) }
    }
    return ArrowArray(
      type: target, length: slots.count, nullCount: 0,
      buffers: isFixed ? [nil, data.freeze()] : [nil, offsets.freeze(), data.freeze()])
  }

  /// Whether two slots hold the same bytes.
  private func isSame(_ first: Int, _ second: Int) -> Bool {
    guard let left = bytes(at: first), let right = bytes(at: second), left.count == right.count
    else { return false }
    for index in left.indices where left[index] != right[index] { return false }
    return true
  }

  /// Indices of 32 bits in another width.
  private static func narrowed(
    _ wide: Buffer, count: Int, width: Int
  ) throws(AllocationError) -> Buffer {
    if width == 4 { return wide }
    var narrow = try MutableBuffer(byteCount: count * width)
    let indices = wide.span(of: Int32.self)
    for slot in 0..<count {
      switch width {
      case 1: narrow.append(UInt8(truncatingIfNeeded: indices[slot]))
      case 2: narrow.append(UInt16(truncatingIfNeeded: indices[slot]))
      default: narrow.append(UInt64(truncatingIfNeeded: indices[slot]))
      }
    }
    return narrow.freeze()
  }
}

extension DataType {
  /// Whether integers of the type have a sign.
  fileprivate var isSigned: Bool {
    switch self {
    case .int8, .int16, .int32, .int64: true
    default: false
    }
  }
}

/// Finds bytes among those that were seen, by their hash.
private struct ByteTable {
  /// A position for each place, and the hash that it has there; -1 where there is none.
  private var slots: [(position: Int32, hash: UInt32)]
  private var count = 0

  init() { slots = Array(repeating: (-1, 0), count: 64) }

  /// Where to look for bytes of this hash first.
  func place(of hash: UInt32) -> Int { Int(hash) & (slots.count - 1) }

  /// The next position that has the hash, and the place behind it; nil, and a free place, behind
  /// the last.
  func candidate(_ place: inout Int, _ hash: UInt32) -> Int? {
    while slots[place].position >= 0 {
      let slot = slots[place]
      place = (place + 1) & (slots.count - 1)
      if slot.hash == hash { return Int(slot.position) }
    }
    return nil
  }

  /// Puts a position at a free place.
  mutating func insert(_ position: Int, at place: Int, _ hash: UInt32) {
    slots[place] = (Int32(truncatingIfNeeded: position), hash)
    count += 1
    if count * 2 > slots.count { grow() }
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: (-1, 0), count: old.count * 2)
    for slot in old where slot.position >= 0 {
      var place = Int(slot.hash) & (slots.count - 1)
      while slots[place].position >= 0 { place = (place + 1) & (slots.count - 1) }
      slots[place] = slot
    }
  }

  /// Seeded by the process: no file can be made of texts that all collide.
  static func hash(_ bytes: Span<UInt8>) -> UInt32 {
    var hasher = Hasher()
    for index in bytes.indices { hasher.combine(bytes[index]) }
    return UInt32(truncatingIfNeeded: hasher.finalize())
  }
}
