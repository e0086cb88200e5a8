internal import PFCore

/// Moves densely decoded values to the slots that are valid.
///
/// Pages hold no bytes for nulls. Values are decoded to the front of the page's slots in the final
/// buffer and moved from the back, in place: a value's slot never comes before its dense position.
enum Spreading {
  /// Spreads `valueCount` values over `slotCount` slots; null slots become `filler`.
  ///
  /// SAFETY: `slotCount` elements at `values`, bits `start ..< start + slotCount` at `bits`, of
  /// which `valueCount` are set.
  @specialized(where T == UInt8)
  @specialized(where T == UInt16)
  @specialized(where T == UInt32)
  @specialized(where T == UInt64)
  @specialized(where T == SIMD2<UInt64>)
  @specialized(where T == SIMD4<UInt64>)
  static func spread<T: BitwiseCopyable>(
    _ values: UnsafeMutablePointer<T>, valueCount: Int, slotCount: Int, filler: T,
    bits: UnsafePointer<UInt8>, start: Int
  ) {
    var dense = valueCount
    var slots = slotCount
    while slots > dense {
      let count = min(64, slots)
      slots -= count
      let word = unsafe Bits.word(bits, start: start + slots, count: count)
      let ones = word.nonzeroBitCount
      if ones == count {
        dense -= count
        unsafe (values + slots).update(from: values + dense, count: count)
      } else if ones == 0 {
        unsafe (values + slots).update(repeating: filler, count: count)
      } else {
        // WHY every slot is stored, and nulls once more: validity is noise to the branch
        // predictor, and no dense value that is still to be moved lies at or behind a null slot.
        var rest = word << UInt64(truncatingIfNeeded: 64 &- count)
        var index = slots &+ count
        while index > slots {
          index &-= 1
          dense &-= Int(truncatingIfNeeded: rest >> 63)
          rest <<= 1
          unsafe values[index] = values[dense]
        }
        var nulls = ~word
        if count < 64 { nulls &= (1 << UInt64(truncatingIfNeeded: count)) &- 1 }
        while nulls != 0 {
          unsafe values[slots &+ nulls.trailingZeroBitCount] = filler
          nulls &= nulls &- 1
        }
      }
    }
  }

  /// Spreads the end offsets of `valueCount` byte strings over `slotCount` slots; a null slot ends
  /// where the value before it does.
  ///
  /// SAFETY: as `spread`, for `ends`, which has one element more in front.
  static func spreadOffsets(
    _ ends: UnsafeMutablePointer<Int32>, valueCount: Int, slotCount: Int,
    bits: UnsafePointer<UInt8>, start: Int
  ) {
    // The end before the first slot stands right before it.
    let before = unsafe ends - 1
    var dense = valueCount
    var slots = slotCount
    while slots > dense {
      let count = min(64, slots)
      slots -= count
      let word = unsafe Bits.word(bits, start: start + slots, count: count)
      var rest = word << UInt64(truncatingIfNeeded: 64 &- count)
      var index = slots &+ count
      while index > slots {
        index &-= 1
        unsafe ends[index] = before[dense]
        dense &-= Int(truncatingIfNeeded: rest >> 63)
        rest <<= 1
      }
    }
  }
}
