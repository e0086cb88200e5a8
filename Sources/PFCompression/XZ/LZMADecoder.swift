extension XZ {
  /// Where in the probabilities things are.
  enum LZMALayout {
    static let isMatch = 0
    static let isRepeat = isMatch + 12 << 4
    static let isLaterRepeat = isRepeat + 12
    static let isThirdRepeat = isLaterRepeat + 12
    static let isFourthRepeat = isThirdRepeat + 12
    static let isLongRepeat = isFourthRepeat + 12
    static let distanceSlots = isLongRepeat + 12 << 4
    static let distances = distanceSlots + 4 << 6
    static let alignment = distances + 128
    static let lengths = alignment + 16
    static let repeatLengths = lengths + lengthCount
    static let literals = repeatLengths + lengthCount

    /// In the code of lengths: two choices, then trees of 8, 8 and 256.
    static let shortLengths = 2
    static let middleLengths = shortLengths + 16 << 3
    static let longLengths = middleLengths + 16 << 3
    static let lengthCount = longLengths + 256

    /// With four bits of literal context and position, the most that LZMA2 allows.
    static let probabilityCount = literals + 0x300 << 4

    /// Bytes of input behind a chunk that may be read: 22 for what began before its end, and one
    /// ahead.
    static let inputSlack = 32
  }

  /// The decoder of LZMA (section 5.3.1 names it, Igor Pavlov's specification says it), chunk by
  /// chunk: a range coder over adaptive probabilities, and what lasts from one chunk to the next.
  ///
  /// SAFETY: who makes one keeps the probabilities writable while it is used. A state of 7 or more
  /// follows a match only, whose distance was within the dictionary; a new dictionary comes with a
  /// reset.
  @safe struct LZMADecoder {
    private let probabilities: UnsafeMutablePointer<UInt16>
    private var contextBits = 0
    private var literalPositionMask = 0
    private var positionMask = 0
    /// What the last symbols were: below 7 after a literal.
    private var state = 0
    /// The last four distances, less one.
    private var repeats = InlineArray<4, Int>(repeating: 0)

    init(_ probabilities: UnsafeMutablePointer<UInt16>) {
      unsafe self.probabilities = probabilities
    }

    /// Sets how contexts are made; false for what LZMA2 does not allow.
    mutating func setProperties(_ byte: UInt8) -> Bool {
      let (context, position) = (Int(byte) % 9, Int(byte) / 9 % 5)
      guard byte < 225, context + position <= 4 else { return false }
      contextBits = context
      literalPositionMask = 1 << position - 1
      positionMask = 1 << (Int(byte) / 45) - 1
      return true
    }

    /// Forgets what was learned.
    mutating func reset() {
      state = 0
      repeats = InlineArray(repeating: 0)
      unsafe probabilities.update(repeating: 1 << 10, count: LZMALayout.probabilityCount)
    }

    /// Decodes a chunk of `count` bytes behind what is written of the dictionary; false when it is
    /// malformed.
    ///
    /// SAFETY: `inputSlack` bytes behind `packed` are readable, `count` bytes from `start` on and
    /// `XZ.outputSlack` more writable; those from `dictionary` to `start` are written. A symbol
    /// begins only when no byte behind `packed` was read, and takes 48 bits of probabilities and
    /// so 22 bytes at most. Before every copy `1 <= distance <= target - dictionary`, and its end
    /// is within `count`. Places of probabilities are bounded by their construction: states are
    /// below 12, positions within their masks, and a tree of `n` bits has `1 << n` places.
    ///

    @inline(never)
    mutating func decode(
      _ packed: UnsafeRawBufferPointer, to start: UnsafeMutableRawPointer, count: Int,
      dictionary: UnsafeMutableRawPointer
    ) -> Bool {
      guard packed.count >= 5, let input = packed.baseAddress,
        unsafe input.load(as: UInt8.self) == 0
      else { return false }
      var coder = unsafe RangeCoder(input)
      let sourceEnd = unsafe input + packed.count

      var target = unsafe start
      let end = unsafe start + count
      let base = unsafe probabilities
      let literals = unsafe base + LZMALayout.literals
      let (contextShift, positionMask) = (8 - contextBits, positionMask)
      let (contextBits, literalPositionMask) = (contextBits, literalPositionMask)
      var state = state
      var (repeat0, repeat1, repeat2, repeat3) = (
        repeats[0], repeats[1], repeats[2], repeats[3]
      )
      var previous =
        unsafe target > dictionary ? Int(target.load(fromByteOffset: -1, as: UInt8.self)) : 0

      while unsafe target < end {
        guard unsafe coder.source <= sourceEnd else { return false }
        let written = unsafe target - dictionary
        let position = written & positionMask
        if unsafe !coder.bit(base + (LZMALayout.isMatch &+ state &<< 4 &+ position)) {
          let context =
            (written & literalPositionMask) &<< contextBits &+ previous &>> contextShift
          let places = unsafe literals + context &* 0x300
          let symbol: Int
          if state < 7 {
            symbol = unsafe coder.tree8(places)
            state = state < 4 ? 0 : state &- 3
          } else {
            let foretold = unsafe Int((target - (repeat0 &+ 1)).load(as: UInt8.self))
            symbol = unsafe coder.tree8(places, foretold: foretold)
            state = state < 10 ? state &- 3 : state &- 6
          }
          previous = symbol & 0xFF
          unsafe target.storeBytes(of: UInt8(truncatingIfNeeded: symbol), as: UInt8.self)
          unsafe target += 1
          continue
        }

        let isNew = unsafe !coder.bit(base + (LZMALayout.isRepeat &+ state))
        if isNew {
          (repeat3, repeat2, repeat1) = (repeat2, repeat1, repeat0)
        } else {
          if unsafe !coder.bit(base + (LZMALayout.isLaterRepeat &+ state)) {
            if unsafe !coder.bit(base + (LZMALayout.isLongRepeat &+ state &<< 4 &+ position)) {
              guard repeat0 < written else { return false }
              state = state < 7 ? 9 : 11
              let byte = unsafe (target - (repeat0 &+ 1)).load(as: UInt8.self)
              previous = Int(byte)
              unsafe target.storeBytes(of: byte, as: UInt8.self)
              unsafe target += 1
              continue
            }
          } else if unsafe !coder.bit(base + (LZMALayout.isThirdRepeat &+ state)) {
            (repeat1, repeat0) = (repeat0, repeat1)
          } else if unsafe !coder.bit(base + (LZMALayout.isFourthRepeat &+ state)) {
            (repeat2, repeat1, repeat0) = (repeat1, repeat0, repeat2)
          } else {
            (repeat3, repeat2, repeat1, repeat0) = (repeat2, repeat1, repeat0, repeat3)
          }
        }
        let count = unsafe coder.length(
          base + (isNew ? LZMALayout.lengths : LZMALayout.repeatLengths), position)
        if isNew {
          state = state < 7 ? 7 : 10
          let row = min(count &- 2, 3) &<< 6
          let slot = unsafe coder.tree6(base + (LZMALayout.distanceSlots &+ row)) &- 64
          if slot < 4 {
            repeat0 = slot
          } else {
            let width = slot &>> 1 &- 1
            var distance = (2 | slot & 1) &<< width
            if slot < 14 {
              let places = unsafe base + (LZMALayout.distances &+ distance &- slot)
              unsafe distance &+= coder.reversedTree(places, width)
            } else {
              let direct = coder.directBits(width &- 4)
              unsafe distance &+= direct &<< 4 &+ coder.reversedTree4(base + LZMALayout.alignment)
            }
            repeat0 = distance
          }
        } else {
          state = state < 7 ? 8 : 11
        }
        guard repeat0 < written, unsafe count <= end - target else { return false }
        unsafe MatchCopy.copy(to: target, distance: repeat0 &+ 1, count: count)
        unsafe target += count
        previous = unsafe Int(target.load(fromByteOffset: -1, as: UInt8.self))
      }

      coder.normalize()
      self.state = state
      repeats = [repeat0, repeat1, repeat2, repeat3]
      return unsafe coder.source == sourceEnd && coder.code == 0
    }
  }
}
