internal import PFCore

extension Brotli {
  /// The blocks of one kind (RFC 7932, section 6): literals, commands or distances.
  @safe struct Blocks {
    private(set) var typeCount = 1
    /// The type of the block, and of the one before it.
    private(set) var type = 0
    private var typeBefore = 1
    /// Elements that are left of the block.
    var left = 1 << 24
    private let types: UnsafeMutablePointer<UInt32>
    private let counts: UnsafeMutablePointer<UInt32>

    /// Reads the header of the kind `index` (section 9.2).
    init(_ bits: inout BrotliBits, _ tables: Tables, kind index: Int) throws(DecodingError) {
      unsafe types = tables.small + 2 * index * Tables.smallStride
      unsafe counts = types + Tables.smallStride
      typeCount = Brotli.readCount(&bits)
      guard typeCount > 1 else { return }
      try unsafe BrotliPrefixCode.read(
        &bits, symbolCount: typeCount + 2, table: types, lengths: tables.lengths)
      try unsafe BrotliPrefixCode.read(
        &bits, symbolCount: 26, table: counts, lengths: tables.lengths)
      readLength(&bits)
    }

    /// Begins the next block.
    mutating func readSwitch(_ bits: inout BrotliBits) throws(DecodingError) {
      guard typeCount > 1 else { throw bits.invalid() }
      bits.refill()
      let code = unsafe bits.symbol(types)
      let next =
        switch code {
        case 0: typeBefore
        case 1: type + 1 == typeCount ? 0 : type + 1
        default: code - 2
        }
      (typeBefore, type) = (type, next)
      readLength(&bits)
    }

    private mutating func readLength(_ bits: inout BrotliBits) {
      bits.refill()
      let code = unsafe bits.symbol(counts)
      left = Self.lengths[code].offset + bits.take(Self.lengths[code].width)
    }

    /// By block count code (section 6): its extra bits, and the least count.
    private static let lengths: [26 of (width: Int, offset: Int)] = {
      let widths: [26 of Int] = [
        2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 7, 8, 9, 10, 11, 12, 13, 24,
      ]
      var lengths = [26 of (width: Int, offset: Int)](repeating: (2, 1))
      for code in 1..<26 {
        lengths[code] = (widths[code], lengths[code - 1].offset + 1 << lengths[code - 1].width)
      }
      return lengths
    }()
  }

  /// A number from 1 to 256 (section 9.2, NBLTYPES).
  static func readCount(_ bits: inout BrotliBits) -> Int {
    guard bits.read(1) == 1 else { return 1 }
    let width = bits.read(3)
    return 1 + 1 << width + bits.read(width)
  }

  /// Reads a context map of `size` entries (section 7.3) and returns how many codes it uses.
  ///
  /// What is written is the place of a code's table, of which each has `stride` entries.
  static func readContextMap(
    _ bits: inout BrotliBits, _ tables: Tables, size: Int, stride: Int,
    into map: UnsafeMutablePointer<UInt32>
  ) throws(DecodingError) -> Int {
    let count = readCount(&bits)
    unsafe map.update(repeating: 0, count: size)
    guard count > 1 else { return 1 }

    let longestRun = bits.read(1) == 0 ? 0 : bits.read(4) + 1
    let table = unsafe tables.small + 6 * Tables.smallStride
    try unsafe BrotliPrefixCode.read(
      &bits, symbolCount: count + longestRun, table: table, lengths: tables.lengths)
    var index = 0
    while index < size {
      bits.refill()
      let symbol = unsafe bits.symbol(table)
      if symbol == 0 {
        index += 1
      } else if symbol <= longestRun {
        index += 1 << symbol + bits.take(symbol)
        guard index <= size else { throw bits.invalid() }
      } else {
        unsafe map[index] = UInt32(symbol - longestRun)
        index += 1
      }
    }
    if bits.read(1) == 1 { unsafe undoMoveToFront(map, size) }
    guard !bits.isOverrun else { throw bits.truncated() }
    for index in 0..<size { unsafe map[index] *= UInt32(stride) }
    return count
  }

  /// The inverse move-to-front transform of section 7.3; all values are below 256.
  private static func undoMoveToFront(_ map: UnsafeMutablePointer<UInt32>, _ size: Int) {
    var recent = [256 of UInt32](repeating: 0)
    for value in recent.indices { recent[value] = UInt32(value) }
    for index in 0..<size {
      let place = Int(unsafe map[index])
      let value = recent[place]
      unsafe map[index] = value
      for later in stride(from: place, to: 0, by: -1) { recent[later] = recent[later - 1] }
      recent[0] = value
    }
  }
}
