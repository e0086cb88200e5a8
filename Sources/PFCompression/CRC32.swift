/// The CRC-32 of ISO-HDLC (ITU-T V.42, RFC 1952 section 8): Parquet page checksums, GZIP, Avro's
/// Snappy blocks.
public struct CRC32: Equatable, Sendable {
  /// The checksum of all bytes so far.
  public private(set) var value: UInt32 = 0

  /// The checksum of no bytes, which is 0.
  public init() {}

  /// The checksum of `bytes`.
  public static func checksum(of bytes: Span<UInt8>) -> UInt32 {
    var crc = CRC32()
    crc.update(bytes)
    return crc.value
  }

  /// Appends `bytes` to what was summed; any split of an input gives the same value.
  ///
  /// - Complexity: O(`bytes.count`); no allocation.
  public mutating func update(_ bytes: Span<UInt8>) {
    let raw = RawSpan(_elements: bytes)
    var crc = ~value
    if raw.byteCount < Self.foldingThreshold {
      crc = Self.sumByTables(raw, after: crc)
    } else {
      crc = Self.sumByFolding(raw, after: crc)
    }
    value = ~crc
  }
}

// MARK: - Tables

extension CRC32 {
  /// Sixteen bytes a step, each through a table of its own.
  private static func sumByTables(_ raw: RawSpan, after crc: UInt32) -> UInt32 {
    let tables = tables.span
    var crc = crc
    var offset = 0
    // SAFETY: the loads are checked against the span's bounds; every bit pattern is an integer.
    while offset <= raw.byteCount - 16 {
      let low =
        UInt64(
          littleEndian: unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        ^ UInt64(crc)
      let high = UInt64(
        littleEndian: unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
      crc = step(low, tables, from: 15) ^ step(high, tables, from: 7)
      offset += 16
    }
    while offset < raw.byteCount {
      let byte = unsafe raw.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      crc = tables[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8
      offset += 1
    }
    return crc
  }

  /// The part of eight bytes, the first of which stands `table` bytes before the end of a step.
  @inline(__always)
  private static func step(_ word: UInt64, _ tables: Span<UInt32>, from table: Int) -> UInt32 {
    var crc: UInt32 = 0
    for byte in 0..<8 {
      let index = (table - byte) << 8 | Int(UInt8(truncatingIfNeeded: word >> (8 * UInt64(byte))))
      // SAFETY: `table` is 7 or 15, so the index is within the 16 tables of 256.
      crc ^= unsafe tables[unchecked: index]
    }
    return crc
  }

  /// Shape: 16 tables of 256. Table `k` holds the checksum step of a byte with `k` zeros behind it.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 16 * 256)
    for byte in 0..<256 {
      var crc = UInt32(byte)
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1) &* 0xEDB8_8320 }
      tables[byte] = crc
    }
    for index in 256..<tables.count {
      let before = tables[index - 256]
      tables[index] = tables[Int(before & 0xFF)] ^ before >> 8
    }
    return tables
  }()
}

// MARK: - Folding

extension CRC32 {
  /// A unit of folding: 128 bits of the message.
  private typealias Block = SIMD2<UInt64>

  /// How many blocks the folding of one reaches ahead.
  ///
  /// x^300 + x^155 + x^117 + x^89 + 1 is a multiple of the checksum's polynomial, the first of five
  /// terms that has one (found by search). So is its 128th power, and squaring keeps the number of
  /// terms: a block weighs as much as its copies 145, 183, 211 and 300 blocks further on. Exclusive
  /// or alone thus moves the whole message into its last 300 blocks.
  private static var reach: Int { 300 }

  /// Blocks folded between two moves of the last `reach` ones to the front: `2 * reach` at least.
  private static var stride: Int { 600 }

  /// From this many bytes on, folding is the faster way.
  private static var foldingThreshold: Int { 3 * 16 * reach }

  /// Folds `raw`, `foldingThreshold` bytes at least, until `reach` blocks and less than another one
  /// are left, and sums these by tables.
  private static func sumByFolding(_ raw: RawSpan, after crc: UInt32) -> UInt32 {
    var folded = InlineArray<900, Block>(repeating: .zero)
    let foldedCount = raw.byteCount / 16 - reach
    unsafe raw.withUnsafeBytes { message in
      unsafe withUnsafeMutableBytes(of: &folded) { scratch in
        guard let message = message.baseAddress, let scratch = scratch.baseAddress else { return }
        unsafe fold(message, count: foldedCount, in: scratch, after: crc)
      }
    }
    let last = RawSpan(_elements: folded.span.extracting(stride...))
    return sumByTables(
      raw.extracting((foldedCount + reach) * 16..<raw.byteCount), after: sumByTables(last, after: 0)
    )
  }

  /// Folds `count` blocks of `message` into the `reach` blocks behind them, and leaves these at the
  /// end of `scratch`.
  ///
  /// SAFETY: `message` holds `count + reach` blocks, `scratch` `reach + stride` zeroed ones, and
  /// `stride >= 2 * reach`; a block reads the scratch up to `reach` blocks before its own place,
  /// which is at `reach` at least.
  @inline(never)
  private static func fold(
    _ message: UnsafeRawPointer, count: Int, in scratch: UnsafeMutableRawPointer, after crc: UInt32
  ) {
    /// What the blocks before put on the one that stands at `place`.
    @inline(__always)
    func folded(onto place: UnsafeMutableRawPointer) -> Block {
      unsafe (place - 145 * 16).loadUnaligned(as: Block.self)
        ^ (place - 183 * 16).loadUnaligned(as: Block.self)
        ^ (place - 211 * 16).loadUnaligned(as: Block.self)
        ^ (place - 300 * 16).loadUnaligned(as: Block.self)
    }

    var from = unsafe message
    var pending = Block(UInt64(crc), 0)
    var left = count
    let first = unsafe scratch + reach * 16
    while left > 0 {
      let end = unsafe first + min(left, stride) * 16
      var place = unsafe first
      while unsafe place < end {
        let block = unsafe from.loadUnaligned(as: Block.self) ^ folded(onto: place) ^ pending
        pending = .zero
        unsafe place.storeBytes(of: block, as: Block.self)
        unsafe place += 16
        unsafe from += 16
      }
      unsafe scratch.copyMemory(from: end - reach * 16, byteCount: reach * 16)
      left -= stride
    }
    // The rest only takes what is put on it; nothing is passed on.
    for index in 0..<reach {
      let place = unsafe first + index * 16
      unsafe place.storeBytes(of: Block.zero, as: Block.self)
      let block = unsafe from.loadUnaligned(as: Block.self) ^ folded(onto: place)
      unsafe (place + reach * 16).storeBytes(of: block, as: Block.self)
      unsafe from += 16
    }
  }
}
