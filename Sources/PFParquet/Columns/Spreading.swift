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
        for index in stride(from: count - 1, through: 0, by: -1) {
          let isValid = (word >> UInt64(truncatingIfNeeded: index)) & 1
          dense &-= Int(truncatingIfNeeded: isValid)
          // WHY no branch: validity is noise to the branch predictor.
          let value = unsafe values[dense]
          unsafe values[slots &+ index] = isValid == 1 ? value : filler
        }
      }
    }
  }

  /// Spreads the end offsets of `valueCount` byte strings over `slotCount` slots; a null slot ends
  /// where the value before it does, at `base` when there is none.
  ///
  /// SAFETY: as `spread`, for `ends`.
  static func spreadOffsets(
    _ ends: UnsafeMutablePointer<Int32>, base: Int32, valueCount: Int, slotCount: Int,
    bits: UnsafePointer<UInt8>, start: Int
  ) {
    var dense = valueCount
    var slots = slotCount
    while slots > dense {
      let count = min(64, slots)
      slots -= count
      let word = unsafe Bits.word(bits, start: start + slots, count: count)
      for index in stride(from: count - 1, through: 0, by: -1) {
        let end = unsafe dense > 0 ? ends[dense &- 1] : base
        unsafe ends[slots &+ index] = end
        dense &-= Int(truncatingIfNeeded: (word >> UInt64(truncatingIfNeeded: index)) & 1)
      }
    }
  }
}
