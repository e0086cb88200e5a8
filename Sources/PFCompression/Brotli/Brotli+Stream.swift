internal import PFCore

extension Brotli {
  /// The state of a stream between two meta-blocks.
  ///
  /// Invariant: `0 <= written <= byteCount <= output.count`, and the first `written` bytes of
  /// `output` are made.
  @safe struct Decoder {
    var bits: BrotliBits
    let tables: Tables
    let output: UnsafeMutableRawBufferPointer
    let byteCount: Int
    var written = 0
    /// No copy comes from farther back.
    var window = 0
    /// The last four distances (section 4), a ring that ends at `newest`, modulo 4.
    var recent: [4 of Int] = [16, 15, 11, 4]
    var newest = 3

    init(
      bits: BrotliBits, tables: Tables, output: UnsafeMutableRawBufferPointer, byteCount: Int
    ) {
      self.bits = bits
      self.tables = tables
      unsafe self.output = output
      self.byteCount = byteCount
    }

    /// Sections 9.1 and 9.2.
    mutating func decodeStream() throws(DecodingError) {
      window = (1 << (try readWindowBits())) - 16
      var isLast = false
      while !isLast {
        isLast = bits.read(1) == 1
        if isLast, bits.read(1) == 1 { break }
        try decodeMetaBlock(isLast: isLast)
        guard !bits.isOverrun else { throw bits.truncated() }
      }
      guard !bits.isOverrun else { throw bits.truncated() }
      try bits.alignToByte()
      guard bits.isAtEnd else { throw bits.invalid() }
      guard written == byteCount else { throw bits.truncated() }
    }

    /// WBITS, 10 to 24.
    private mutating func readWindowBits() throws(DecodingError) -> Int {
      if bits.read(1) == 0 { return 16 }
      let high = bits.read(3)
      if high > 0 { return 17 + high }
      let low = bits.read(3)
      guard low != 1 else { throw .unsupported(.brotliLargeWindow, offset: 0) }
      return low == 0 ? 17 : 8 + low
    }

    private mutating func decodeMetaBlock(isLast: Bool) throws(DecodingError) {
      let start = bits.byteOffset
      let nibbleCount = 4 + bits.read(2)
      if nibbleCount == 7 { return try skipMetadata() }
      var count = 0
      for index in 0..<nibbleCount {
        let nibble = bits.read(4)
        guard nibble > 0 || index < 4 || index + 1 < nibbleCount else { throw bits.invalid() }
        count |= nibble << (4 * index)
      }
      count += 1
      guard !bits.isOverrun else { throw bits.truncated() }
      guard count <= byteCount - written else {
        throw .limitExceeded(offset: start, declared: count, limit: byteCount - written)
      }
      if !isLast, bits.read(1) == 1 {
        try bits.alignToByte()
        let source = try unsafe bits.readBytes(count)
        unsafe UnsafeMutableRawBufferPointer(rebasing: output[written..<(written + count)])
          .copyMemory(from: source)
        written += count
      } else {
        var block = try MetaBlock(&bits, tables)
        try decodeCommands(of: &block, end: written + count)
      }
    }

    private mutating func skipMetadata() throws(DecodingError) {
      guard bits.read(1) == 0 else { throw bits.invalid() }
      let sizeByteCount = bits.read(2)
      var count = 0
      for index in 0..<sizeByteCount {
        let byte = bits.read(8)
        guard byte > 0 || index == 0 || index + 1 < sizeByteCount else { throw bits.invalid() }
        count |= byte << (8 * index)
      }
      guard !bits.isOverrun else { throw bits.truncated() }
      try bits.alignToByte()
      if sizeByteCount > 0 { _ = try unsafe bits.readBytes(count + 1) }
    }
  }

  /// The header of a compressed meta-block (section 9.2); its codes and maps are in the tables.
  struct MetaBlock {
    var literals: Blocks
    var commands: Blocks
    var distances: Blocks
    /// NPOSTFIX (section 4).
    let postfixBitCount: Int

    init(_ bits: inout BrotliBits, _ tables: Tables) throws(DecodingError) {
      literals = try Blocks(&bits, tables, kind: 0)
      commands = try Blocks(&bits, tables, kind: 1)
      distances = try Blocks(&bits, tables, kind: 2)
      postfixBitCount = bits.read(2)
      let directCount = bits.read(4) << postfixBitCount
      Self.makeDistances(tables, postfixBitCount, directCount)
      for type in 0..<literals.typeCount {
        unsafe tables.contextModes[type] = UInt8(truncatingIfNeeded: bits.read(2))
      }
      let literalCount = try unsafe Brotli.readContextMap(
        &bits, tables, size: 64 * literals.typeCount, stride: Tables.literalStride,
        into: tables.literalMap)
      let distanceCount = try unsafe Brotli.readContextMap(
        &bits, tables, size: 4 * distances.typeCount, stride: Tables.distanceStride,
        into: tables.distanceMap)
      for type in 0..<literals.typeCount {
        let contexts = unsafe tables.literalMap + 64 * type
        var isTrivial: UInt8 = 1
        for context in 1..<64 where unsafe contexts[context] != contexts[0] { isTrivial = 0 }
        unsafe tables.isTrivial[type] = isTrivial
      }

      func readCodes(
        _ count: Int, symbolCount: Int, stride: Int, at first: UnsafeMutablePointer<UInt32>
      ) throws(DecodingError) {
        for index in 0..<count {
          try unsafe BrotliPrefixCode.read(
            &bits, symbolCount: symbolCount, table: first + index * stride,
            lengths: tables.lengths)
        }
      }
      try unsafe readCodes(
        literalCount, symbolCount: 256, stride: Tables.literalStride, at: tables.literals)
      try unsafe readCodes(
        commands.typeCount, symbolCount: 704, stride: Tables.commandStride, at: tables.commands)
      try unsafe readCodes(
        distanceCount, symbolCount: 16 + directCount + 48 << postfixBitCount,
        stride: Tables.distanceStride, at: tables.distances)
    }

    /// What the distance codes from 16 on mean (section 4): the least distance, and how many extra
    /// bits are added to it, `postfixBitCount` bits up.
    private static func makeDistances(_ tables: Tables, _ postfixBitCount: Int, _ directCount: Int)
    {
      for code in 16..<(16 + directCount) { unsafe tables.distanceLengths[code] = (code - 15, 0) }
      for index in 0..<(48 << postfixBitCount) {
        let high = index >> postfixBitCount
        let width = 1 + high >> 1
        let offset = (2 + high & 1) << width - 4
        let low = index & (1 << postfixBitCount - 1)
        unsafe tables.distanceLengths[16 + directCount + index] = (
          offset << postfixBitCount + low + directCount + 1, width
        )
      }
    }
  }
}
