internal import PFArrow
internal import PFCore

/// Distinct byte strings in the order in which they first came, each with its index.
@safe struct ByteArrayInterner: ~Copyable {
  private(set) var count = 0
  /// The bytes of all values.
  private(set) var byteCount = 0
  private var data: MutableBuffer
  /// The end of each value, behind a 0.
  private var offsets: MutableBuffer
  /// Open addressing: the upper half of the hash over the index plus 1, 0 where there is none.
  private var table: MutableBuffer
  private var mask: Int
  // WHY random: a writer who knew it could make all values collide.
  private let seed = UInt64.random(in: .min ... .max)

  init() throws(DecodingError) {
    let mask = (1 << 8) - 1
    let data = try MutableBuffer.decoding(byteCount: 1 << 12)
    let offsets = try MutableBuffer.decoding(byteCount: 1 << 10)
    let table = try Self.emptyTable(mask: mask)
    unsafe offsets.start.storeBytes(of: 0, as: Int32.self)
    self.mask = mask
    self.data = consume data
    self.offsets = consume offsets
    self.table = consume table
  }

  private static func emptyTable(mask: Int) throws(DecodingError) -> MutableBuffer {
    var table = try MutableBuffer.decoding(byteCount: (mask + 1) * 8)
    try table.fillForDecoding(upTo: (mask + 1) * 8)
    return table
  }

  private var ends: UnsafeMutablePointer<Int32> {
    unsafe offsets.start.assumingMemoryBound(to: Int32.self)
  }

  private var buckets: UnsafeMutablePointer<UInt64> {
    unsafe table.start.assumingMemoryBound(to: UInt64.self)
  }

  /// The index of `value`, which becomes the last one if it is new.
  ///
  /// SAFETY: the bytes of `value` are readable.
  /// - Precondition: the bytes of all values stay below 2 GiB.
  mutating func index(of value: UnsafeRawBufferPointer) throws(DecodingError) -> UInt32 {
    let hash = unsafe hash(value) & Self.hashMask
    var bucket = Int(truncatingIfNeeded: hash >> 32) & mask
    while true {
      let entry = unsafe buckets[bucket]
      if entry == 0 { break }
      if entry & Self.hashMask == hash {
        let index = UInt32(truncatingIfNeeded: entry) &- 1
        if unsafe isEqual(Int(index), value) { return index }
      }
      bucket = (bucket &+ 1) & mask
    }
    let index = UInt32(truncatingIfNeeded: count)
    try unsafe append(value)
    unsafe buckets[bucket] = hash | UInt64(index &+ 1)
    // Half full at most.
    if count * 2 > mask { try growTable() }
    return index
  }

  private static let hashMask: UInt64 = 0xFFFF_FFFF_0000_0000

  private func isEqual(_ index: Int, _ value: UnsafeRawBufferPointer) -> Bool {
    let start = unsafe Int(ends[index])
    guard unsafe Int(ends[index + 1]) - start == value.count else { return false }
    guard let bytes = value.baseAddress else { return true }
    let known = unsafe data.start + start
    var offset = 0
    while value.count &- offset >= 8 {
      let left = unsafe known.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let right = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      if left != right { return false }
      offset &+= 8
    }
    while offset < value.count {
      if unsafe known.load(fromByteOffset: offset, as: UInt8.self) != value[offset] {
        return false
      }
      offset &+= 1
    }
    return true
  }

  /// Makes `value` the last one, whether or not it is there already.
  ///
  /// SAFETY: as `index(of:)`.
  mutating func append(_ value: UnsafeRawBufferPointer) throws(DecodingError) {
    try data.reserveForDecoding(byteCount + value.count, keeping: byteCount)
    try offsets.reserveForDecoding((count + 2) * 4, keeping: (count + 1) * 4)
    if let bytes = value.baseAddress {
      unsafe (data.start + byteCount).copyMemory(from: bytes, byteCount: value.count)
    }
    byteCount += value.count
    count += 1
    unsafe ends[count] = Int32(truncatingIfNeeded: byteCount)
  }

  private mutating func growTable() throws(DecodingError) {
    let larger = (mask + 1) * 4 - 1
    let made = try Self.emptyTable(mask: larger)
    let target = unsafe made.start.assumingMemoryBound(to: UInt64.self)
    for old in 0...mask {
      let entry = unsafe buckets[old]
      if entry == 0 { continue }
      var bucket = Int(truncatingIfNeeded: entry >> 32) & larger
      while unsafe target[bucket] != 0 { bucket = (bucket &+ 1) & larger }
      unsafe target[bucket] = entry
    }
    table = consume made
    mask = larger
  }

  /// Multiplies and folds eight bytes at a time.
  private func hash(_ value: UnsafeRawBufferPointer) -> UInt64 {
    let count = value.count
    var state = seed ^ UInt64(truncatingIfNeeded: count)
    guard let bytes = value.baseAddress else { return Self.mix(state, 0) }
    var offset = 0
    while count &- offset >= 8 {
      state = unsafe Self.mix(state, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset &+= 8
    }
    var rest: UInt64 = 0
    while offset < count {
      rest = unsafe rest << 8 | UInt64(bytes.load(fromByteOffset: offset, as: UInt8.self))
      offset &+= 1
    }
    return Self.mix(Self.mix(state, rest), 0)
  }

  @inline(__always)
  private static func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
    let (high, low) = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return (high ^ low) &+ state
  }

  /// Checks that the values from `first` on are UTF-8, each by itself.
  ///
  /// - Throws: `.invalidValue`.
  func validate(from first: Int) throws(DecodingError) {
    let start = unsafe Int(ends[first])
    let content = try unsafe UTF8Validation.check(
      data.start + start, byteCount: byteCount - start)
    if content == .ascii { return }
    for index in first..<count where unsafe Int(ends[index]) < byteCount {
      let byte = unsafe data.start.load(fromByteOffset: Int(ends[index]), as: UInt8.self)
      guard byte & 0xC0 != 0x80 else { throw .invalidValue(offset: 0) }
    }
  }

  /// The values as an array of strings or bytes.
  consuming func array(of type: DataType) -> ArrowArray {
    offsets.setByteCount((count + 1) * 4)
    data.setByteCount(byteCount)
    let count = count
    let ends = offsets.freeze()
    return ArrowArray(
      type: type, length: count, nullCount: 0, buffers: [nil, ends, data.freeze()])
  }
}
