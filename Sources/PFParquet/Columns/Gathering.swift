internal import PFCore

/// Loops over values of one width.
///
/// WHY `@specialized`: methods of a generic class are compiled once for all widths and would copy
/// each value through a witness; these loops are compiled for each width.
enum Gathering {
  /// The entries that the next `count` indices mean.
  ///
  /// SAFETY: `entryCount` entries, room for `count` values.
  /// - Throws: what `indices` throws; `.invalidValue` for an index that is not below `entryCount`.
  @specialized(where T == UInt8)
  @specialized(where T == UInt16)
  @specialized(where T == UInt32)
  @specialized(where T == UInt64)
  @specialized(where T == SIMD2<UInt64>)
  @specialized(where T == SIMD4<UInt64>)
  static func gather<T: BitwiseCopyable>(
    _ indices: inout RLEHybridReader, count: Int, from entries: UnsafeMutablePointer<T>,
    entryCount: Int, scratch: IndexScratch, into target: UnsafeMutablePointer<T>
  ) throws(DecodingError) {
    var done = 0
    while done < count {
      switch try unsafe indices.next(limit: count - done) {
      case .repeated(let index, let run):
        guard index < entryCount else { throw .invalidValue(offset: 0) }
        unsafe fill(target + done, with: entries + Int(index), count: run)
        done += run
      case .packed(let source, let byteCount, let start, let run):
        var unpacked = 0
        while unpacked < run {
          let block = min(run - unpacked, IndexScratch.capacity)
          unsafe BitUnpacking.unpack(
            source, byteCount: byteCount, bitWidth: indices.bitWidth, start: start + unpacked,
            count: block, into: scratch.indices)
          try unsafe gather(
            entries, entryCount: entryCount, scratch.indices, count: block, into: target + done)
          unpacked += block
          done += block
        }
      }
    }
  }

  /// `target[i] = entries[indices[i]]`.
  ///
  /// SAFETY: `entryCount` entries, `count` indices, room for as many values.
  /// - Throws: `.invalidValue` for an index that is not below `entryCount`.
  @specialized(where T == UInt8)
  @specialized(where T == UInt16)
  @specialized(where T == UInt32)
  @specialized(where T == UInt64)
  @specialized(where T == SIMD2<UInt64>)
  @specialized(where T == SIMD4<UInt64>)
  static func gather<T: BitwiseCopyable>(
    _ entries: UnsafeMutablePointer<T>, entryCount: Int, _ indices: UnsafeMutablePointer<UInt32>,
    count: Int, into target: UnsafeMutablePointer<T>
  ) throws(DecodingError) {
    let limit = UInt32(truncatingIfNeeded: entryCount)
    for slot in 0..<count {
      let index = unsafe indices[slot]
      guard index < limit else { throw .invalidValue(offset: 0) }
      unsafe target[slot] = entries[Int(truncatingIfNeeded: index)]
    }
  }

  /// `target[i] = value[0]`.
  ///
  /// SAFETY: room for `count` values.
  @specialized(where T == UInt8)
  @specialized(where T == UInt16)
  @specialized(where T == UInt32)
  @specialized(where T == UInt64)
  @specialized(where T == SIMD2<UInt64>)
  @specialized(where T == SIMD4<UInt64>)
  static func fill<T: BitwiseCopyable>(
    _ target: UnsafeMutablePointer<T>, with value: UnsafeMutablePointer<T>, count: Int
  ) {
    unsafe target.update(repeating: value.pointee, count: count)
  }

  /// The low bytes of each of `count` 32-bit values.
  ///
  /// SAFETY: `4 * count` readable bytes, room for as many values; `T` has 4 bytes at most.
  @specialized(where T == UInt8)
  @specialized(where T == UInt16)
  @specialized(where T == UInt32)
  @specialized(where T == UInt64)
  @specialized(where T == SIMD2<UInt64>)
  @specialized(where T == SIMD4<UInt64>)
  static func truncate<T: BitwiseCopyable>(
    _ source: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<T>
  ) {
    for index in 0..<count {
      unsafe target[index] = source.loadUnaligned(fromByteOffset: index &* 4, as: T.self)
    }
  }
}
