/// The inner loops over decoded levels. Branch-free: levels are noise to the branch predictor.
enum LevelKernels {
  /// What one depth of a repeated column makes of a stretch of levels.
  struct Depth {
    /// The depth whose slots are made, of lists whose elements lie one deeper.
    let depth: UInt8
    /// The definition levels from which on there is a slot, and an element in it.
    let slotLevel: UInt8
    let elementLevel: UInt8
    /// Whether no repeated node is below the elements.
    let isDeepest: Bool
    /// The elements of all slots before.
    var elementCount: Int32
    /// Whether the entry before lies in an element.
    var isInside: Bool
  }

  /// Writes for each slot of a depth the elements before it to `offsets` and its definition level
  /// to `slotLevels`; returns the slots, or nil for levels that fit no row: an element goes on
  /// where no element is.
  ///
  /// SAFETY: `count` levels at `repetitions` and `definitions`; room for `count + 1` values at
  /// `offsets` and `slotLevels`. The element count plus `count` does not overflow.
  static func split(
    _ repetitions: UnsafePointer<UInt8>, _ definitions: UnsafePointer<UInt8>, count: Int,
    _ state: inout Depth, offsets: UnsafeMutablePointer<Int32>,
    slotLevels: UnsafeMutablePointer<UInt8>
  ) -> Int? {
    // WHY: a column with one repeated node is by far the most frequent, and needs fewer tests.
    if state.isDeepest, state.depth == 0 {
      return unsafe split(
        repetitions, definitions, count, &state, isOnly: true, offsets, slotLevels)
    }
    return unsafe split(
      repetitions, definitions, count, &state, isOnly: false, offsets, slotLevels)
  }

  @inline(__always)
  private static func split(
    _ repetitions: UnsafePointer<UInt8>, _ definitions: UnsafePointer<UInt8>, _ count: Int,
    _ state: inout Depth, isOnly: Bool, _ offsets: UnsafeMutablePointer<Int32>,
    _ slotLevels: UnsafeMutablePointer<UInt8>
  ) -> Int? {
    let (depth, slotLevel, elementLevel) = (state.depth, state.slotLevel, state.elementLevel)
    var slots = 0
    var elements = state.elementCount
    var wasInside: UInt8 = state.isInside ? 1 : 0
    var isWrong: UInt8 = 0
    for index in 0..<count {
      let repetition = unsafe repetitions[index]
      let definition = unsafe definitions[index]
      let begins: UInt8 = repetition <= depth ? 1 : 0
      let isInside: UInt8 = definition >= elementLevel ? 1 : 0
      isWrong |= (begins | (isInside & wasInside)) ^ 1
      wasInside = isInside
      unsafe offsets[slots] = elements
      unsafe slotLevels[slots] = definition
      if isOnly {
        slots &+= Int(truncatingIfNeeded: begins)
        elements &+= Int32(truncatingIfNeeded: isInside)
      } else {
        let isThere: UInt8 = definition >= slotLevel ? 1 : 0
        let beginsElement: UInt8 = repetition <= depth &+ 1 ? 1 : 0
        slots &+= Int(truncatingIfNeeded: begins & isThere)
        elements &+= Int32(truncatingIfNeeded: isInside & beginsElement)
      }
    }
    state.elementCount = elements
    state.isInside = wasInside == 1
    return isWrong == 0 ? slots : nil
  }

  /// Copies the levels from `least` on to `target`, densely; returns how many.
  ///
  /// SAFETY: `count` levels at `levels`; room for `count + 1` at `target`.
  static func compact(
    _ levels: UnsafePointer<UInt8>, count: Int, atLeast least: UInt8,
    into target: UnsafeMutablePointer<UInt8>
  ) -> Int {
    var kept = 0
    for index in 0..<count {
      let level = unsafe levels[index]
      unsafe target[kept] = level
      kept &+= level >= least ? 1 : 0
    }
    return kept
  }

  /// Sets bit `i` where level `i` is `least` or above; returns how many are.
  ///
  /// SAFETY: levels of up to 127; `count` of them at `levels`, readable up to a multiple of 8,
  /// and as many writable bits at `bits`, whole bytes.
  static func compare(
    _ levels: UnsafePointer<UInt8>, count: Int, atLeast least: UInt8,
    into bits: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let source = unsafe UnsafeRawPointer(levels)
    let highBits: UInt64 = 0x8080_8080_8080_8080
    let threshold = UInt64(least) &* 0x0101_0101_0101_0101
    var ones = 0
    var index = 0
    while index < count {
      let word = unsafe source.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      // The high bit of each byte stays where its level reaches the threshold.
      var reached = ((word | highBits) &- threshold) & highBits
      let left = count &- index
      if left < 8 { reached &= ~0 >> UInt64(truncatingIfNeeded: 64 &- left &* 8) }
      // Each high bit moves to a place of its own in the top byte.
      let gathered = (reached >> 7) &* 0x0102_0408_1020_4080
      unsafe bits[index >> 3] = UInt8(truncatingIfNeeded: gathered >> 56)
      let counted = (reached >> 7) &* 0x0101_0101_0101_0101
      ones &+= Int(truncatingIfNeeded: counted >> 56)
      index &+= 8
    }
    return ones
  }
}
