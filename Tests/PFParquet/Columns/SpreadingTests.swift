import PFArrow
import PFCore
@testable import PFParquet
import Testing

@Suite struct `spreading and gathering` {
  @Test("move values to the valid slots, wherever these begin", arguments: 0..<20)
  func spread(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    for slotCount in [1, 2, 7, 8, 9, 63, 64, 65, 127, 128, 129, 500] {
      let start = Int.random(in: 0...70, using: &random)
      let share = Double.random(in: 0...1, using: &random)
      let valid = (0..<slotCount).map { _ in Double.random(in: 0..<1, using: &random) < share }
      let count = valid.count { $0 }
      // Bits in front and behind belong to others.
      let bits = Encode.bits(
        (0..<start).map { _ in 1 } + valid.map { $0 ? 1 : 0 } + [1, 0, 1], 1)
      expectSpread(UInt8.self, valid, count, bits, start, filler: 0)
      expectSpread(UInt16.self, valid, count, bits, start, filler: 7)
      expectSpread(UInt32.self, valid, count, bits, start, filler: 0)
      expectSpread(UInt64.self, valid, count, bits, start, filler: 9)
      expectOffsets(valid, count, bits, start)
    }
  }

  private func expectSpread<T: FixedWidthInteger & BitwiseCopyable & Sendable>(
    _: T.Type, _ valid: [Bool], _ count: Int, _ bits: [UInt8], _ start: Int, filler: T
  ) {
    var values = (0..<valid.count).map { $0 < count ? T(truncatingIfNeeded: $0 + 1) : T.max }
    var next = 0
    let expected: [T] = valid.map { isValid in
      guard isValid else { return filler }
      next += 1
      return T(truncatingIfNeeded: next)
    }
    values.append(T.max - 1)
    unsafe values.withUnsafeMutableBufferPointer { target in
      unsafe bits.withUnsafeBufferPointer { bits in
        guard let target = target.baseAddress, let bits = bits.baseAddress else {
          return
        }
        unsafe Spreading.spread(
          target, valueCount: count, slotCount: valid.count, filler: filler, bits: bits,
          start: start)
      }
    }
    #expect(values.removeLast() == T.max - 1, "a slot too many")
    #expect(values == expected)
  }

  private func expectOffsets(_ valid: [Bool], _ count: Int, _ bits: [UInt8], _ start: Int) {
    // Value `i` is `i` bytes long.
    var ends: [Int32] = [100]
    for value in 0..<valid.count {
      ends.append(value < count ? ends[value] + Int32(value) : -1)
    }
    var expected: [Int32] = [100]
    var next: Int32 = 0
    for isValid in valid {
      expected.append((expected.last ?? 0) + (isValid ? next : 0))
      if isValid { next += 1 }
    }
    unsafe ends.withUnsafeMutableBufferPointer { target in
      unsafe bits.withUnsafeBufferPointer { bits in
        guard let target = target.baseAddress, let bits = bits.baseAddress else {
          return
        }
        unsafe Spreading.spreadOffsets(
          target + 1, valueCount: count, slotCount: valid.count, bits: bits, start: start)
      }
    }
    #expect(ends == expected)
  }

  @Test func `gather refuses an index beyond the entries`() throws {
    var entries: [UInt64] = [10, 20, 30]
    for (indices, expected) in [([2, 0, 1, 1], [30, 10, 20, 20]), ([], [])]
      as [([UInt32], [UInt64])]
    {
      #expect(try gather(&entries, indices) == expected)
    }
    for wrong: UInt32 in [3, 4, 1 << 31, .max] {
      #expect(throws: DecodingError.invalidValue(offset: 0)) {
        try gather(&entries, [0, wrong])
      }
    }
  }

  private func gather(_ entries: inout [UInt64], _ indices: [UInt32]) throws -> [UInt64] {
    var indices = indices + [0]
    var target = [UInt64](repeating: 0, count: indices.count)
    try unsafe entries.withUnsafeMutableBufferPointer { entries in
      try unsafe indices.withUnsafeMutableBufferPointer { indices in
        try unsafe target.withUnsafeMutableBufferPointer { target in
          guard let from = entries.baseAddress, let at = indices.baseAddress,
            let to = target.baseAddress
          else { return }
          try unsafe Gathering.gather(
            from, entryCount: entries.count, at, count: indices.count - 1, into: to)
        }
      }
    }
    return target.dropLast()
  }
}

@Suite struct `values of a width of their own` {
  @Test("big-endian integers of any length are sign-extended or refused", arguments: 0...40)
  func bigEndian(length: Int) throws {
    var random = SeededGenerator(seed: UInt64(length))
    for width in [16, 32] {
      for round in 0..<50 {
        var source = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
        // Half of them small, so that longer ones fit, too.
        if round & 1 == 0, length > 1 {
          let sign: UInt8 = round & 2 == 0 ? 0 : 0xFF
          for index in 0..<(length - 1) { source[index] = sign }
        }
        let sign: UInt8 = (source.first ?? 0) >= 0x80 ? 0xFF : 0
        let extended = [UInt8](repeating: sign, count: 64) + source
        let expected = Array(extended.suffix(width).reversed())
        let cut = extended.dropLast(width)
        let fits = cut.allSatisfy { $0 == sign } && (expected[width - 1] >= 0x80) == (sign == 0xFF)
        var target = [UInt8](repeating: 0xAA, count: width + 1)
        func write() throws {
          try unsafe source.withUnsafeBytes { source in
            try unsafe target.withUnsafeMutableBytes { target in
              guard let base = target.baseAddress else { return }
              try unsafe BigEndianInteger.write(source, to: base, width: width)
            }
          }
        }
        if fits {
          try write()
          #expect(Array(target.dropLast()) == expected)
        } else {
          #expect(throws: DecodingError.integerOverflow(offset: 0)) { try write() }
        }
        #expect(target[width] == 0xAA)
      }
    }
  }

  static let timestamps: [(nanoseconds: Int64, day: Int32, expected: [Int64?])] = [
    // Seconds, milliseconds, microseconds, nanoseconds.
    (0, 2_440_588, [0, 0, 0, 0]),
    (1, 2_440_588, [0, 0, 0, 1]),
    (86_399_999_999_999, 2_440_587, [-1, -1, -1, -1]),
    (1_500_000_000, 2_440_589, [86_401, 86_401_500, 86_401_500_000, 86_401_500_000_000]),
    // 2262-04-11T23:47:16.854775807 is the last one in nanoseconds.
    (
      85_636_854_775_807, 2_547_339,
      [9_223_372_036, 9_223_372_036_854, 9_223_372_036_854_775, .max]
    ),
    (
      85_636_854_775_808, 2_547_339, [9_223_372_036, 9_223_372_036_854, 9_223_372_036_854_775, nil]
    ),
    // Negative nanoseconds of the day are rounded down.
    (-1, 2_440_588, [-1, -1, -1, -1]),
  ]

  @Test func `INT96 timestamps are days and nanoseconds, or an overflow`() throws {
    let units: [TimeUnit] = [.second, .millisecond, .microsecond, .nanosecond]
    for (nanoseconds, day, expected) in Self.timestamps {
      let bytes = Encode.plain([nanoseconds]) + Encode.plain([day])
      for (unit, expected) in zip(units, expected) {
        let value = unsafe bytes.withUnsafeBytes { source in
          unsafe source.baseAddress.flatMap { base in
            try? unsafe Int96.timestamp(at: base, in: unit)
          }
        }
        #expect(value == expected, "\(day) \(nanoseconds) \(unit)")
      }
    }
    // The widest: seconds and milliseconds fit, microseconds and nanoseconds do not always.
    for (day, nanoseconds) in [(Int32.max, Int64.max), (.min, .min), (.max, .min), (.min, .max)] {
      let bytes = Encode.plain([nanoseconds]) + Encode.plain([day])
      for (unit, perSecond) in zip(units, [1, 1000, 1_000_000, 1_000_000_000] as [Int128]) {
        let all = (Int128(day) - 2_440_588) * 86_400 * perSecond
        let divisor = 1_000_000_000 / perSecond
        let (quotient, rest) = Int128(nanoseconds).quotientAndRemainder(dividingBy: divisor)
        let exact = Int64(exactly: all + quotient - (rest < 0 ? 1 : 0))
        let value = unsafe bytes.withUnsafeBytes { source in
          unsafe source.baseAddress.flatMap { base in
            try? unsafe Int96.timestamp(at: base, in: unit)
          }
        }
        // An overflow of the days alone is refused as well.
        if let value {
          #expect(value == exact)
        } else {
          #expect(Int64(exactly: all) == nil || exact == nil)
        }
      }
    }
  }
}
