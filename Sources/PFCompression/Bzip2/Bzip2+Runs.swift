internal import PFCore

extension Bzip2 {
  /// Appends the bytes of a block to `output`: where four in a row are the same, the next byte says
  /// how many more there are.
  ///
  /// SAFETY: `block` has `count` bytes, and `Workspace.blockSlack` readable ones behind them.
  /// - Throws: `.limitExceeded`, `.invalidValue` where the last count is missing, `.outOfMemory`.
  static func expandRuns(
    _ block: UnsafePointer<UInt8>, count: Int, into output: inout MutableBuffer, limit: Int,
    offset: Int
  ) throws(DecodingError) {
    let source = unsafe UnsafeRawPointer(block)
    var written = output.byteCount
    try output.reserveForDecompression(written + count, slack: runSlack)
    var read = 0
    while true {
      // SAFETY: there is room for what is left of the block, and for a run of 255 behind it.
      let run = unsafe copyToRun(
        source, from: &read, count: count, to: output.start, at: &written)
      guard let run else { break }
      guard read <= count else { throw .invalidValue(offset: offset) }
      guard written <= limit - run else {
        throw .limitExceeded(offset: offset, declared: written + run, limit: limit)
      }
      written += run
      output.setByteCount(written)
      try output.reserveForDecompression(written + count - read, slack: runSlack)
    }
    guard written <= limit else {
      throw .limitExceeded(offset: offset, declared: written, limit: limit)
    }
    output.setByteCount(written)
  }

  /// The longest run behind four bytes, and what vectors write too much.
  private static let runSlack = 255 + 64

  /// Copies up to the next run that is stored with a count, the copies of the byte included, and
  /// gives this count; nil at the end of the block. `read` is behind the count, above `count` where
  /// it is missing; `written` is behind the four bytes.
  @inline(__always)
  private static func copyToRun(
    _ source: UnsafeRawPointer, from read: inout Int, count: Int,
    to target: UnsafeMutableRawPointer, at written: inout Int
  ) -> Int? {
    while read < count {
      // Four in a row begin where a byte equals the three behind it.
      let word = unsafe source.loadUnaligned(fromByteOffset: read, as: UInt64.self)
      let second = unsafe source.loadUnaligned(fromByteOffset: read &+ 1, as: UInt64.self)
      let third = unsafe source.loadUnaligned(fromByteOffset: read &+ 2, as: UInt64.self)
      let fourth = unsafe source.loadUnaligned(fromByteOffset: read &+ 3, as: UInt64.self)
      let differences = (word ^ second) | (second ^ third) | (third ^ fourth)
      let zeros =
        (differences &- 0x0101_0101_0101_0101) & ~differences & 0x8080_8080_8080_8080
      unsafe target.storeBytes(of: word, toByteOffset: written, as: UInt64.self)
      if zeros == 0 {
        let part = min(8, count &- read)
        read &+= part
        written &+= part
        continue
      }
      // The lowest mark is right; those above it need not be.
      let before = UInt64(littleEndian: zeros).trailingZeroBitCount &>> 3
      // SAFETY: where the block ends before the run does, less than twelve bytes are left.
      unsafe target.storeBytes(
        of: source.loadUnaligned(fromByteOffset: read &+ 8, as: UInt64.self),
        toByteOffset: written &+ 8, as: UInt64.self)
      guard before &+ 4 <= count &- read else {
        written &+= count &- read
        read = count
        return nil
      }
      read &+= before &+ 4
      written &+= before &+ 4
      let byte = unsafe source.load(fromByteOffset: read &- 1, as: UInt8.self)
      let more = unsafe Int(source.load(fromByteOffset: read, as: UInt8.self))
      read &+= 1
      let vector = SIMD16<UInt8>(repeating: byte)
      var done = 0
      while done < more {
        unsafe target.storeBytes(
          of: vector, toByteOffset: written &+ done, as: SIMD16<UInt8>.self)
        done &+= 16
      }
      return more
    }
    return nil
  }
}
