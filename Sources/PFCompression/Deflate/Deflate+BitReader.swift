extension Deflate {
  /// The bits of the input, lowest first (RFC 1951, section 3.1.1), over one piece after the other.
  ///
  /// Invariant: `0 <= position <= piece.count`; `0 <= count < 64`; `bits` is zero above `count`.
  ///
  /// SAFETY: who calls `supply` keeps the piece readable until the next one or the last read.
  @safe struct BitReader {
    /// Bits that were loaded but not taken. They may come from the piece before.
    var bits: UInt64 = 0
    var count = 0
    /// The input at hand, and how much of it was loaded.
    private(set) var piece: UnsafeRawBufferPointer
    var position = 0
    /// Bytes of all pieces before.
    private var base = 0

    init() { unsafe piece = UnsafeRawBufferPointer(start: nil, count: 0) }

    /// Goes on with `piece`; the one before was loaded to its end.
    mutating func supply(_ piece: UnsafeRawBufferPointer) {
      base += position
      position = 0
      unsafe self.piece = piece
    }

    /// Bytes of the piece that were not loaded.
    var left: Int { unsafe piece.count - position }

    /// The bytes taken of all pieces, a byte of which some bits were taken included.
    var offset: Int { base + position - count / 8 }

    /// Loads up to 63 bits: 56 or more where the piece has them.
    @inline(__always)
    mutating func refill() {
      if left >= 8 {
        // SAFETY: eight bytes are left.
        let word = unsafe piece.loadUnaligned(fromByteOffset: position, as: UInt64.self)
        bits |= UInt64(littleEndian: word) &<< UInt64(count)
        position += (63 - count) >> 3
        count |= 56
        bits &= (1 &<< UInt64(count)) - 1
      } else {
        while count < 56, left > 0 {
          bits |= UInt64(unsafe piece[position]) &<< UInt64(count)
          position += 1
          count += 8
        }
      }
    }

    /// Takes `width <= 32` bits; nil, and nothing is taken, where there are fewer.
    @inline(__always)
    mutating func take(_ width: Int) -> Int? {
      if count < width {
        refill()
        guard count >= width else { return nil }
      }
      let value = bits & ((1 &<< UInt64(width)) - 1)
      skip(width)
      return Int(value)
    }

    /// Passes `width <= count` bits.
    @inline(__always)
    mutating func skip(_ width: Int) {
      bits &>>= UInt64(width)
      count -= width
    }

    /// Passes the rest of a byte of which bits were taken.
    mutating func alignToByte() { skip(count & 7) }

    /// Copies whole bytes to `output`, until it is full, the piece ends or `wanted` are copied.
    mutating func copyBytes(_ wanted: Int, to output: inout Output) -> Int {
      let wanted = min(wanted, output.room)
      var done = 0
      while done < wanted, count >= 8 {
        unsafe output.next.storeBytes(of: UInt8(truncatingIfNeeded: bits), as: UInt8.self)
        output.count += 1
        skip(8)
        done += 1
      }
      let rest = min(wanted - done, left)
      if rest > 0, let start = unsafe piece.baseAddress {
        // SAFETY: `rest` is at most what the piece and the output have left.
        unsafe MatchCopy.copyLiterals(start + position, to: output.next, count: rest)
        output.count += rest
        position += rest
      }
      return done + max(rest, 0)
    }
  }

  /// Where decompressed bytes go.
  ///
  /// Invariant: `0 <= history <= count <= capacity` and `limit <= capacity`. `count` may pass
  /// `limit`, by what the fast loop writes until it sees it.
  ///
  /// SAFETY: who makes one keeps `start` writable for `capacity` bytes while it is used.
  @safe struct Output {
    let start: UnsafeMutableRawPointer
    let capacity: Int
    /// The bytes written, and how many are wanted.
    var count: Int
    let limit: Int
    /// From here on, written bytes may be copied: the start of the stream.
    var history: Int

    /// Bytes that are wanted yet.
    var room: Int { max(limit - count, 0) }

    /// Where the next byte goes.
    @unsafe var next: UnsafeMutableRawPointer { unsafe start + count }
  }
}
