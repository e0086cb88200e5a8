internal import PFArrow
internal import PFCore

extension ArrowArray {
  /// The strings or bytes of the array as indices into those that are different, in the order in
  /// which they come first.
  ///
  /// - Precondition: the array is of `utf8` or `binary`, and `target` a dictionary.
  /// - Throws: `AllocationError`, also where the indices do not fit their type.
  func dictionaryEncoded(as target: DataType) throws(AllocationError) -> ArrowArray {
    guard case .dictionary(let index, let value, _) = target, let width = index.byteWidth else {
      preconditionFailure("not a dictionary")
    }
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
    var offsets = try MutableBuffer(byteCount: (firsts.count + 1) * 4)
    var data = try MutableBuffer(byteCount: 0)
    offsets.append(Int32(0))
    for slot in firsts {
      if let text = bytes(at: slot) {
        try data.reserve(data.byteCount + text.count)
        data.append(text)
      }
      offsets.append(Int32(truncatingIfNeeded: data.byteCount))
    }
    let values = ArrowArray(
      type: type, length: firsts.count, nullCount: 0,
      buffers: [nil, offsets.freeze(), data.freeze()])
    let dictionary = try values.inLayout(of: value) ?? values
    let wide = indices.freeze()
    return ArrowArray(
      type: target, length: length, nullCount: nullCount,
      buffers: [
        validity,
        try Self.narrowed(
          wide, count: length, width: width, isSigned: index.isSigned, limit: firsts.count),
      ], dictionary: dictionary)
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
    _ wide: Buffer, count: Int, width: Int, isSigned: Bool, limit: Int
  ) throws(AllocationError) -> Buffer {
    if width == 4 { return wide }
    guard width == 8 || limit <= 1 << (width * 8 - (isSigned ? 1 : 0)) else {
      throw AllocationError(byteCount: limit)
    }
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
