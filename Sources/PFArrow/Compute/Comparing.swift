internal import PFCore

/// Loops that compare values with one bound and give a bit for each.
///
/// SAFETY, for all of them: the caller promises `count` readable values of `T` at `values`, at any
/// alignment.
enum Comparing {
  /// The bits of `values[i] <comparison> bound`, in words.
  @specialized(where T == Int8)
  @specialized(where T == Int16)
  @specialized(where T == Int32)
  @specialized(where T == Int64)
  @specialized(where T == UInt8)
  @specialized(where T == UInt16)
  @specialized(where T == UInt32)
  @specialized(where T == UInt64)
  @specialized(where T == Float)
  @specialized(where T == Double)
  @specialized(where T == Int128)
  @specialized(where T == Int256)
  static func compare<T: Comparable & BitwiseCopyable>(
    _ values: UnsafeRawPointer, count: Int, _ comparison: ComparisonOperator, _ bound: T
  ) -> [UInt64] {
    switch comparison {
    case .equal: unsafe bits(values, count, T.self) { $0 == bound }
    case .notEqual: unsafe bits(values, count, T.self) { $0 != bound }
    case .less: unsafe bits(values, count, T.self) { $0 < bound }
    case .lessOrEqual: unsafe bits(values, count, T.self) { $0 <= bound }
    case .greater: unsafe bits(values, count, T.self) { $0 > bound }
    case .greaterOrEqual: unsafe bits(values, count, T.self) { $0 >= bound }
    }
  }

  /// The bits of `values[i]` being one of `list`, which is sorted.
  @specialized(where T == Int8)
  @specialized(where T == Int16)
  @specialized(where T == Int32)
  @specialized(where T == Int64)
  @specialized(where T == UInt8)
  @specialized(where T == UInt16)
  @specialized(where T == UInt32)
  @specialized(where T == UInt64)
  @specialized(where T == Int128)
  @specialized(where T == Int256)
  static func contains<T: Comparable & BitwiseCopyable>(
    _ values: UnsafeRawPointer, count: Int, _ list: [T]
  ) -> [UInt64] {
    // WHY one by one for short lists: such a pass has no branches.
    if list.count <= 4 {
      var result = [UInt64](repeating: 0, count: (count + 63) >> 6)
      for value in list {
        let hits = unsafe bits(values, count, T.self) { $0 == value }
        for index in result.indices { result[index] |= hits[index] }
      }
      return result
    }
    return unsafe bits(values, count, T.self) { value in
      var (low, high) = (0, list.count)
      while low < high {
        let middle = (low &+ high) >> 1
        if list[middle] < value { low = middle &+ 1 } else { high = middle }
      }
      return low < list.count && list[low] == value
    }
  }

  /// A bit for each value, by `test`.
  ///
  /// WHY bytes first: a loop that stores a byte for each value becomes vector instructions, one
  /// that shifts bits into a word does not; a multiplication gathers eight bytes into bits.
  @inline(__always)
  private static func bits<T: BitwiseCopyable>(
    _ values: UnsafeRawPointer, _ count: Int, _: T.Type, _ test: (T) -> Bool
  ) -> [UInt64] {
    let wordCount = (count + 63) >> 6
    return unsafe [UInt64](unsafeUninitializedCapacity: wordCount) { words, initialized in
      unsafe withUnsafeTemporaryAllocation(byteCount: 64, alignment: 64) { flags in
        for word in 0..<wordCount {
          let first = word << 6
          let source = unsafe values + first &* MemoryLayout<T>.stride
          let stretch = min(64, count &- first)
          if stretch < 64 { unsafe flags.initializeMemory(as: UInt8.self, repeating: 0) }
          for slot in 0..<stretch {
            let value = unsafe source.loadUnaligned(
              fromByteOffset: slot &* MemoryLayout<T>.stride, as: T.self)
            unsafe flags.storeBytes(of: test(value) ? 1 : 0, toByteOffset: slot, as: UInt8.self)
          }
          unsafe words.initializeElement(at: word, to: gather(flags))
        }
      }
      initialized = wordCount
    }
  }

  /// Byte `i`, 0 or 1, as bit `i`. SAFETY: 64 readable bytes.
  @inline(__always)
  private static func gather(_ flags: UnsafeMutableRawBufferPointer) -> UInt64 {
    var word: UInt64 = 0
    for group in 0..<8 {
      let eight = unsafe UInt64(
        littleEndian: flags.loadUnaligned(fromByteOffset: group &* 8, as: UInt64.self))
      // Byte i goes to bit 56 + i by the factor's bit 56 - 7i; no two terms share a bit.
      let bits = (eight &* 0x0102_0408_1020_4080) >> 56
      word |= bits << UInt64(truncatingIfNeeded: group &* 8)
    }
    return word
  }
}

/// Byte strings in the order of their bytes.
///
/// SAFETY, for all of them: the caller promises as many readable bytes as it says.
enum ByteOrder {
  static func areEqual(
    _ left: UnsafeRawPointer, _ leftCount: Int, _ right: UnsafeRawPointer, _ rightCount: Int
  ) -> Bool {
    guard leftCount == rightCount else { return false }
    var offset = 0
    while offset <= leftCount &- 8 {
      let (a, b) = unsafe (
        left.loadUnaligned(fromByteOffset: offset, as: UInt64.self),
        right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      )
      if a != b { return false }
      offset &+= 8
    }
    while offset < leftCount {
      let (a, b) = unsafe (
        left.load(fromByteOffset: offset, as: UInt8.self),
        right.load(fromByteOffset: offset, as: UInt8.self)
      )
      if a != b { return false }
      offset &+= 1
    }
    return true
  }

  /// Negative where `left` comes first, 0 where the two are equal.
  static func order(
    _ left: UnsafeRawPointer, _ leftCount: Int, _ right: UnsafeRawPointer, _ rightCount: Int
  ) -> Int {
    let shared = min(leftCount, rightCount)
    var offset = 0
    while offset <= shared &- 8 {
      let (a, b) = unsafe (
        UInt64(bigEndian: left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
        UInt64(bigEndian: right.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      )
      if a != b { return a < b ? -1 : 1 }
      offset &+= 8
    }
    while offset < shared {
      let (a, b) = unsafe (
        left.load(fromByteOffset: offset, as: UInt8.self),
        right.load(fromByteOffset: offset, as: UInt8.self)
      )
      if a != b { return a < b ? -1 : 1 }
      offset &+= 1
    }
    return leftCount - rightCount
  }
}
