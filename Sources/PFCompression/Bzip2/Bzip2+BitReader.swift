internal import PFCore

extension Bzip2 {
  /// The bits of the input, the highest of a byte first.
  ///
  /// Behind the end of the input there are zeros without end; `isOverdrawn` when they were taken.
  ///
  /// Invariant: `0 <= count < 64`; the first `count` bits of `bits` come before byte `position`.
  /// Those behind them are zero, or what the next refill puts there.
  ///
  /// SAFETY: who makes one keeps the input readable while it is used.
  @safe struct BitReader {
    var bits: UInt64 = 0
    var count = 0
    /// Bytes that were loaded, those behind the end included.
    var position = 0
    private let input: UnsafeRawBufferPointer
    /// Bytes of the input.
    private let byteCount: Int

    init(_ input: UnsafeRawBufferPointer) {
      unsafe self.input = input
      byteCount = input.count
    }

    /// The bytes taken, one of which some bits were taken included.
    var offset: Int { min(position - count / 8, byteCount) }

    /// Whether more was taken than there is.
    var isOverdrawn: Bool { position * 8 - count > byteCount * 8 }

    /// The error of an input that ends too early.
    var truncation: DecodingError {
      .truncated(offset: byteCount, needed: max(1, (position * 8 - count + 7) / 8 - byteCount))
    }

    /// Makes 56 bits available.
    @inline(__always)
    mutating func refill() {
      if byteCount - position >= 8 {
        // SAFETY: eight bytes are left.
        let word = unsafe input.loadUnaligned(fromByteOffset: position, as: UInt64.self)
        bits |= UInt64(bigEndian: word) &>> UInt64(count)
        position &+= (63 &- count) &>> 3
        count |= 56
      } else {
        self = refilledBytewise()
      }
    }

    /// WHY not in place: the hot loop keeps its reader in registers, but none whose address is taken.
    @inline(never)
    private func refilledBytewise() -> BitReader {
      var reader = self
      while reader.count < 56 {
        if reader.position < byteCount {
          reader.bits |= UInt64(unsafe input[reader.position]) &<< UInt64(56 - reader.count)
        }
        reader.position += 1
        reader.count += 8
      }
      return reader
    }

    /// The next `width` bits, 1 to 32.
    ///
    /// - Throws: `.truncated`.
    mutating func take(_ width: Int) throws(DecodingError) -> Int {
      if count < width { refill() }
      let value = Int(bits &>> UInt64(64 - width))
      skip(width)
      if isOverdrawn { throw truncation }
      return value
    }

    /// Passes `width <= count` bits.
    @inline(__always)
    mutating func skip(_ width: Int) {
      bits &<<= UInt64(width)
      count &-= width
    }

    /// Passes the rest of a byte of which bits were taken.
    mutating func alignToByte() { skip(count & 7) }

    /// Passes the zeros that come next, from a whole byte on; false at the end of the input.
    mutating func passZeros() -> Bool {
      position -= count / 8
      bits = 0
      count = 0
      while position < byteCount, unsafe input[position] == 0 { position += 1 }
      return position < byteCount
    }
  }
}
