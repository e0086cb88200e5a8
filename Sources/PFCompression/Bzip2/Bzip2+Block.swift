internal import PFCore

extension Bzip2.Workspace {
  /// Decodes a block behind its checksum into `block`, the runs of bytes not expanded; gives the
  /// bytes of it.
  ///
  /// - Throws: `.truncated`, `.invalidValue`, `.unsupported`, `.outOfMemory`.
  func decodeBlock(_ reader: inout Bzip2.BitReader) throws(DecodingError) -> Int {
    guard try reader.take(1) == 0 else {
      throw .unsupported(.bzip2Randomised, offset: reader.offset)
    }
    let origin = try reader.take(24)
    let byteCount = try readList(&reader)
    let codeCount = try reader.take(3)
    guard (2...Bzip2.Code.maximumCount).contains(codeCount) else {
      throw .invalidValue(offset: reader.offset)
    }
    let selectorCount = try readSelectors(&reader, codeCount: codeCount)
    var longCodes = InlineArray<6, Bzip2.Code.LongCodes>(repeating: .init())
    for index in 0..<codeCount {
      longCodes[index] = try readCode(index, &reader, symbolCount: byteCount + 2)
    }
    let count = unsafe decodeSymbols(
      &reader, longCodes, selectors: selectors, selectorCount: selectorCount, entries: entries,
      list: list, counts: counts, into: block)
    if reader.isOverdrawn { throw reader.truncation }
    guard let count, origin < count else { throw .invalidValue(offset: reader.offset) }
    try invert(count: count, origin: origin)
    return count
  }

  /// Reads which bytes there are; gives how many, at least one.
  private func readList(_ reader: inout Bzip2.BitReader) throws(DecodingError) -> Int {
    let ranges = try reader.take(16)
    let list = unsafe list
    var count = 0
    for range in 0..<16 where ranges >> (15 - range) & 1 == 1 {
      let bytes = try reader.take(16)
      for byte in 0..<16 where bytes >> (15 - byte) & 1 == 1 {
        unsafe list[count] = UInt8(range << 4 | byte)
        count += 1
      }
    }
    guard count > 0 else { throw .invalidValue(offset: reader.offset) }
    // Places that no symbol names.
    for place in count..<256 { unsafe list[place] = 0 }
    return count
  }

  /// Reads the code of each group; gives how many groups there can be.
  private func readSelectors(
    _ reader: inout Bzip2.BitReader, codeCount: Int
  ) throws(DecodingError) -> Int {
    let selectorCount = try reader.take(15)
    guard selectorCount > 0 else { throw .invalidValue(offset: reader.offset) }
    let selectors = unsafe selectors
    var order: InlineArray<8, UInt8> = [0, 1, 2, 3, 4, 5, 6, 7]
    for index in 0..<selectorCount {
      if reader.count < 8 { reader.refill() }
      let place = (~reader.bits).leadingZeroBitCount
      guard place < codeCount else { throw .invalidValue(offset: reader.offset) }
      reader.skip(place + 1)
      let code = order[place]
      for moved in stride(from: place, to: 0, by: -1) { order[moved] = order[moved - 1] }
      order[0] = code
      // Some writers round their number up; no block needs more.
      if index < Bzip2.Code.maximumSelectorCount { unsafe selectors[index] = code }
    }
    if reader.isOverdrawn { throw reader.truncation }
    return min(selectorCount, Bzip2.Code.maximumSelectorCount)
  }

  /// Reads the widths of a code, each told from the one before, and makes its tables.
  private func readCode(
    _ index: Int, _ reader: inout Bzip2.BitReader, symbolCount: Int
  ) throws(DecodingError) -> Bzip2.Code.LongCodes {
    var widths = InlineArray<258, UInt8>(repeating: 0)
    var width = try reader.take(5)
    for symbol in 0..<symbolCount {
      while true {
        guard (1...Bzip2.Code.longest).contains(width) else {
          throw .invalidValue(offset: reader.offset)
        }
        if reader.count < 2 { reader.refill() }
        let bits = reader.bits &>> 62
        guard bits >= 2 else { break }
        width += bits == 2 ? 1 : -1
        reader.skip(2)
      }
      reader.skip(1)
      widths[symbol] = UInt8(width)
    }
    if reader.isOverdrawn { throw reader.truncation }
    guard let long = code(index).make(widths.span.extracting(first: symbolCount)) else {
      throw .invalidValue(offset: reader.offset)
    }
    return long
  }

  /// The hot loop: symbols to the end of the block; gives the bytes of the block, nil for what is
  /// malformed.
  ///
  /// A symbol either names a byte by its place in the list, or is a digit of a number that says how
  /// often the first one comes. The digit at place `k` of that number stands for `digit << k`: so
  /// it can be executed by itself, and both kinds are one without a branch: a byte moves to the
  /// front (the first one does so, too), and is written a number of times.
  ///
  /// SAFETY: a group of symbols starts with no more than `blockLimit` bytes written, and writes at
  /// most 16 for each of its symbols on the short path, where the long one checks for more. Entries
  /// are looked up with as many bits as there are; places are below 256 or the end. The list may be
  /// written from 16 bytes before it on.
  @inline(never)
  private func decodeSymbols(
    _ reader: inout Bzip2.BitReader, _ longCodes: InlineArray<6, Bzip2.Code.LongCodes>,
    selectors: UnsafePointer<UInt8>, selectorCount: Int, entries: UnsafePointer<UInt16>,
    list: UnsafeMutablePointer<UInt8>, counts: UnsafeMutablePointer<UInt32>,
    into block: UnsafeMutablePointer<UInt8>
  ) -> Int? {
    unsafe counts.update(repeating: 0, count: 256)
    let limit = blockLimit
    let places = UnsafeMutableRawPointer(list)
    // The first eight of the list; what stands for them in memory is rubbish.
    var front = unsafe UInt64(littleEndian: places.loadUnaligned(as: UInt64.self))
    var target = UnsafeMutableRawPointer(block)
    let end = unsafe target + limit
    var digit: UInt64 = 0
    var source = reader
    defer { reader = source }

    for group in 0..<selectorCount {
      guard unsafe target <= end, !source.isOverdrawn else { return nil }
      let index = Int(unsafe selectors[group])
      let table = unsafe entries + index &* Bzip2.Code.entryCount
      for _ in 0..<10 {
        source.refill()
        // Five codes of ten bits.
        for _ in 0..<5 {
          var entry = unsafe UInt64(
            table[Int(truncatingIfNeeded: source.bits &>> UInt64(64 - Bzip2.Code.log))])
          if _slowPath(entry & 15 == 0) {
            source.refill()
            guard let long = findLong(source.bits, longCodes[index], index) else { return nil }
            source.skip(long.width)
            source.refill()
            entry = UInt64(long.entry)
          } else {
            source.skip(Int(truncatingIfNeeded: entry & 15))
          }
          let place = entry &>> 7
          let isDigit = (entry &>> 4) & 1
          digit &= 0 &- isDigit
          let count = ((entry &>> 5) & 3) &<< digit
          digit &+= isDigit

          if place < 8 {
            let shift = place &<< 3
            let byte = (front &>> shift) & 0xFF
            let behind = (UInt64.max &- 0xFF) &<< shift
            front = (front & behind) | ((front &<< 8) & ~behind) | byte
          } else {
            let place = Int(truncatingIfNeeded: place)
            guard place != Bzip2.Code.end else {
              let count = unsafe target - UnsafeMutableRawPointer(block)
              return count <= limit ? count : nil
            }
            let byte = unsafe list[place]
            var next = place
            repeat {
              unsafe MatchCopy.copyVector(places + (next - 16), to: places + (next - 15), at: 0)
              next &-= 16
            } while next > 8
            unsafe list[8] = UInt8(truncatingIfNeeded: front &>> 56)
            front = (front &<< 8) | UInt64(byte)
          }

          let first = UInt8(truncatingIfNeeded: front)
          let vector = SIMD16<UInt8>(repeating: first)
          if count > 16 {
            guard digit < 24, unsafe Int(count) <= end - target else { return nil }
            var done = 0
            while done < Int(count) {
              unsafe target.storeBytes(of: vector, toByteOffset: done, as: SIMD16<UInt8>.self)
              done &+= 16
            }
          } else {
            unsafe target.storeBytes(of: vector, as: SIMD16<UInt8>.self)
          }
          unsafe target += Int(truncatingIfNeeded: count)
          unsafe counts[Int(first)] &+= UInt32(truncatingIfNeeded: count)
        }
      }
    }
    return nil
  }

  /// Finds the symbol of a code longer than `Code.log`; nil where there is none.
  @inline(never)
  private func findLong(
    _ bits: UInt64, _ long: Bzip2.Code.LongCodes, _ index: Int
  ) -> (entry: UInt16, width: Int)? {
    let bits = UInt32(truncatingIfNeeded: bits &>> UInt64(64 - Bzip2.Code.longest))
    for width in (Bzip2.Code.log + 1)...Bzip2.Code.longest where bits < long.limits[width] {
      let place = Int(bits &>> UInt32(Bzip2.Code.longest - width)) + Int(long.offsets[width])
      // SAFETY: the code is one of this width, so it has a place.
      return unsafe (code(index).sorted[place], width)
    }
    return nil
  }
}
