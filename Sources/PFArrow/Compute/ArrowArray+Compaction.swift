package import PFCore

extension ArrowArray {
  /// The selected slots, in order, in memory of their own; dictionaries and the data behind views
  /// are shared.
  ///
  /// The cost is that of a pass over the slots, however short the stretches of selected ones are.
  ///
  /// - Precondition: the mask is one of `length` rows.
  /// - Throws: `AllocationError` when there is no memory.
  package func filter(_ mask: RowMask) throws(AllocationError) -> ArrowArray {
    precondition(mask.rowCount == length, "a mask of other rows")
    if mask.isAll { return self }
    let count = mask.selectedCount
    let nulls = validityWords.map { BitWords.compact($0, mask) }
    let ones = nulls?.reduce(0) { $0 + $1.nonzeroBitCount } ?? count
    let bitmap =
      ones == count
      ? nil
      : try nulls.map { (words) throws(AllocationError) in
        try BitWords.buffer(words, count: count)
      }
    func made(_ buffers: [Buffer?], _ children: [ArrowArray] = []) -> ArrowArray {
      ArrowArray(
        type: type, length: count, nullCount: count - ones, buffers: buffers,
        children: children, dictionary: dictionary)
    }
    switch type {
    case .boolean:
      let bits = BitWords.read(buffers[1] ?? .empty, start: offset, count: length)
      return made([bitmap, try BitWords.buffer(BitWords.compact(bits, mask), count: count)])
    case .utf8, .binary:
      let (offsets, bytes) = try compactStrings(mask, Int32.self)
      return made([bitmap, offsets, bytes])
    case .largeUTF8, .largeBinary:
      let (offsets, bytes) = try compactStrings(mask, Int64.self)
      return made([bitmap, offsets, bytes])
    case .utf8View, .binaryView:
      return made([bitmap, try compactValues(mask, SIMD16<UInt8>.self)] + buffers.dropFirst(2))
    case .structure:
      var kept: [ArrowArray] = []
      for child in children {
        kept.append(try child.slice(start: offset, count: length).filter(mask))
      }
      return made([bitmap], kept)
    case .null, .list, .map, .largeList, .fixedSizeList, .union:
      return try take(mask.selection.ranges)
    default:
      switch type.byteWidth {
      case 1: return made([bitmap, try compactValues(mask, UInt8.self)])
      case 2: return made([bitmap, try compactValues(mask, UInt16.self)])
      case 4: return made([bitmap, try compactValues(mask, UInt32.self)])
      case 8: return made([bitmap, try compactValues(mask, UInt64.self)])
      case 16: return made([bitmap, try compactValues(mask, SIMD16<UInt8>.self)])
      default: return try take(mask.selection.ranges)
      }
    }
  }

  /// The selected values, each as wide as `T`.
  private func compactValues<T: BitwiseCopyable>(
    _ mask: RowMask, _: T.Type
  ) throws(AllocationError) -> Buffer {
    let width = MemoryLayout<T>.size
    let source = buffers[1] ?? .empty
    precondition((offset + length) * width <= source.byteCount, "values outside the buffer")
    let byteCount = mask.selectedCount * width
    var target = try MutableBuffer(byteCount: byteCount)
    // SAFETY: the source has a value for each row of the mask (precondition above), the target room
    // for each selected one.
    unsafe Compaction.values(
      source.address + offset * width, mask.words, to: target.start, T.self)
    target.setByteCount(byteCount)
    return target.freeze()
  }

  /// The selected byte strings: their offsets, from 0 on, and their bytes.
  private func compactStrings<T: FixedWidthInteger & BitwiseCopyable>(
    _ mask: RowMask, _: T.Type
  ) throws(AllocationError) -> (offsets: Buffer, bytes: Buffer) {
    let width = MemoryLayout<T>.size
    let (source, data) = (buffers[1] ?? .empty, buffers[2] ?? .empty)
    precondition(
      length == 0 || (offset + length + 1) * width <= source.byteCount, "offsets outside the buffer"
    )
    let offsetByteCount = (mask.selectedCount + 1) * width
    var offsets = try MutableBuffer(byteCount: offsetByteCount)
    // SAFETY: the source has an offset for each row of the mask and one more, the target room for
    // one behind each selected row and the first.
    let byteCount = unsafe Compaction.offsets(
      source.address + offset * width, mask.words, to: offsets.start, T.self)
    offsets.setByteCount(offsetByteCount)
    var bytes = try MutableBuffer(byteCount: byteCount + Compaction.slack)
    // SAFETY: the offsets lie inside the data (invariant of the array); the target has room for the
    // lengths' sum and the slack.
    unsafe Compaction.bytes(
      data.address, byteCount: data.byteCount, source.address + offset * width, mask.words,
      to: bytes.start, T.self)
    bytes.setByteCount(byteCount)
    return (offsets.freeze(), bytes.freeze())
  }
}

/// The loops over a mask's words that close the gaps between selected slots.
enum Compaction {
  /// Bytes behind the last string that `bytes` may write to.
  static let slack = 16

  /// SAFETY: `source` has a readable value for each bit of the words, `target` a writable one for
  /// each that is set.
  @inline(__always)
  static func values<T: BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ words: [UInt64], to target: UnsafeMutableRawPointer, _: T.Type
  ) {
    let width = MemoryLayout<T>.size
    var end = unsafe target
    for index in words.indices {
      var word = words[index]
      let base = unsafe source + index &* (64 &* width)
      if word == ~0 {
        unsafe end.copyMemory(from: base, byteCount: 64 &* width)
        unsafe end += 64 &* width
        continue
      }
      while word != 0 {
        let slot = word.trailingZeroBitCount
        let value = unsafe base.loadUnaligned(fromByteOffset: slot &* width, as: T.self)
        unsafe end.storeBytes(of: value, as: T.self)
        unsafe end += width
        word &= word &- 1
      }
    }
  }

  /// Writes 0 and the end of each selected string among the selected ones; gives the last.
  ///
  /// SAFETY: `source` has a readable offset for each bit and one more, `target` a writable one for
  /// each that is set and one more.
  @inline(__always)
  static func offsets<T: FixedWidthInteger & BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ words: [UInt64], to target: UnsafeMutableRawPointer, _: T.Type
  ) -> Int {
    let source = unsafe source.assumingMemoryBound(to: T.self)
    var next = unsafe target.assumingMemoryBound(to: T.self)
    unsafe next.pointee = 0
    var end: T = 0
    for index in words.indices {
      var word = words[index]
      while word != 0 {
        let slot = unsafe source + (index << 6 &+ word.trailingZeroBitCount)
        unsafe end &+= slot[1] &- slot[0]
        unsafe next += 1
        unsafe next.pointee = end
        word &= word &- 1
      }
    }
    return Int(end)
  }

  /// Copies the selected strings one behind the other.
  ///
  /// SAFETY: each of `offsets`, of which there is one for each bit and one more, lies inside the
  /// `byteCount` readable bytes of `source`; `target` has room for the selected strings and `slack`.
  @inline(__always)
  static func bytes<T: FixedWidthInteger & BitwiseCopyable>(
    _ source: UnsafeRawPointer, byteCount: Int, _ offsets: UnsafeRawPointer, _ words: [UInt64],
    to target: UnsafeMutableRawPointer, _: T.Type
  ) {
    let offsets = unsafe offsets.assumingMemoryBound(to: T.self)
    var end = unsafe target
    for index in words.indices {
      var word = words[index]
      let first = unsafe offsets + index << 6
      if word == ~0 {
        let start = unsafe Int(first[0])
        let count = unsafe Int(first[64]) &- start
        unsafe end.copyMemory(from: source + start, byteCount: count)
        unsafe end += count
        continue
      }
      while word != 0 {
        let slot = word.trailingZeroBitCount
        word &= word &- 1
        let start = unsafe Int(first[slot])
        let count = unsafe Int(first[slot &+ 1]) &- start
        // WHY: most strings are short, and a call for each is most of their cost.
        if count <= slack, start &+ slack <= byteCount {
          let value = unsafe (source + start).loadUnaligned(as: SIMD16<UInt8>.self)
          unsafe end.storeBytes(of: value, as: SIMD16<UInt8>.self)
        } else {
          unsafe end.copyMemory(from: source + start, byteCount: count)
        }
        unsafe end += count
      }
    }
  }
}

extension BitWords {
  /// The bits of `words` that the mask selects, one behind the other.
  ///
  /// - Precondition: the mask has as many rows.
  static func compact(_ words: [UInt64], _ mask: RowMask) -> [UInt64] {
    precondition(words.count == mask.words.count, "a mask of other rows")
    var result: [UInt64] = []
    result.reserveCapacity((mask.selectedCount + 63) >> 6)
    var pending: UInt64 = 0
    var count = 0
    for index in words.indices {
      let selected = mask.words[index]
      let bits = compact(words[index], selected)
      pending |= bits << UInt64(truncatingIfNeeded: count)
      let added = selected.nonzeroBitCount
      guard count &+ added >= 64 else {
        count &+= added
        continue
      }
      result.append(pending)
      pending = count == 0 ? 0 : bits >> UInt64(truncatingIfNeeded: 64 &- count)
      count = count &+ added &- 64
    }
    if count > 0 { result.append(pending) }
    return result
  }

  /// The bits of `word` that `mask` has, moved together at the low end, in a fixed number of steps
  /// (Warren, "Hacker's Delight", 7-4: each bit moves by the binary digits of its distance).
  @inline(__always)
  static func compact(_ word: UInt64, _ mask: UInt64) -> UInt64 {
    var (bits, mask) = (word & mask, mask)
    // Bits that have an odd number of dropped ones below them, digit by digit.
    var dropped = ~mask << 1
    for step in 0..<6 {
      var parity = dropped ^ dropped << 1
      parity ^= parity << 2
      parity ^= parity << 4
      parity ^= parity << 8
      parity ^= parity << 16
      parity ^= parity << 32
      let moved = parity & mask
      let distance = UInt64(1) << UInt64(truncatingIfNeeded: step)
      mask = mask ^ moved | moved >> distance
      let moving = bits & moved
      bits = bits ^ moving | moving >> distance
      dropped &= ~parity
    }
    return bits
  }

  /// A bitmap of `count` bits. Precondition: the words have them, and none set behind.
  static func buffer(_ words: [UInt64], count: Int) throws(AllocationError) -> Buffer {
    var target = try MutableBuffer(byteCount: words.count * 8)
    for index in words.indices { target.append(words[index].littleEndian) }
    target.setByteCount((count + 7) >> 3)
    return target.freeze()
  }
}
