internal import PFCore

extension LZ4 {
  /// Where a block's bytes go in the output region: from `start` on, none at or behind `end`.
  struct Region {
    /// Matches reach back to here: to `start`, or further where blocks are linked.
    var history: Int
    var start: Int
    var end: Int
  }

  /// Decodes one block and returns where its bytes end in `output`.
  ///
  /// Unsafe precondition: both regions are valid for the call and do not overlap;
  /// `0 <= history <= start <= end <= output.count`.
  static func decodeBlock(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, _ region: Region
  ) throws(DecodingError) -> Int {
    var position = Position(read: 0, written: region.start)
    if let from = input.baseAddress, let to = output.baseAddress {
      unsafe decodeFast(
        from, count: input.count, into: to, history: region.history,
        limit: min(region.end, output.count - outputSlack), &position)
      if position.read == input.count, position.read > 0 { return position.written }
    }
    let target = unsafe UnsafeMutableRawBufferPointer(rebasing: output[..<region.end])
      .bindMemory(to: UInt8.self)
    var span = unsafe MutableSpan(_unsafeElements: target)
    let bytes = unsafe Span(_unsafeElements: input.bindMemory(to: UInt8.self))
    try decodeChecked(bytes, into: &span, history: region.history, from: &position)
    return position.written
  }

  /// The same for a block that stands `offset` bytes behind where errors count from.
  ///
  /// Unsafe precondition: of `output`, as there.
  static func decodeBlock(
    _ block: Span<UInt8>, at offset: Int, into output: UnsafeMutableRawBufferPointer,
    _ region: Region
  ) throws(DecodingError) -> Int {
    do throws(DecodingError) {
      return try unsafe block.withUnsafeBytes { source throws(DecodingError) in
        try unsafe decodeBlock(source, into: output, region)
      }
    } catch { throw error.shifted(by: offset) }
  }

  /// Bytes behind a token that a pass may read: short literals in a vector, and a distance.
  private static let inputSlack = 32
  /// What the literals and the match of one sequence make when its token holds both lengths.
  private static let shortSequence = 14 + 18

  /// Runs the hot loop as far as it goes, then the careful one to the end, over a padded copy.
  ///
  /// Moves `position` past the sequences that were decoded; the checked decoder goes on from there
  /// and is the one that throws.
  private static func decodeFast(
    _ input: UnsafeRawPointer, count: Int, into output: UnsafeMutableRawPointer, history: Int,
    limit: Int, _ position: inout Position
  ) {
    if count > inputSlack {
      unsafe decodeSequences(
        input, tokenLimit: count - inputSlack, into: output, history: history,
        limit: limit, &position)
      unsafe decodeLastSequences(
        input, count: count, tokenLimit: count - inputSlack, into: output, history: history,
        limit: limit, &position)
    }
    let tailCount = count - position.read
    guard tailCount > 0, tailCount <= inputSlack else { return }

    // SAFETY: the `tailCount` bytes that are left fill at most the first half of the copy.
    var tail = InlineArray<4, SIMD16<UInt8>>(repeating: .zero)
    unsafe withUnsafeMutableBytes(of: &tail) { padded in
      guard let start = padded.baseAddress else { return }
      unsafe start.copyMemory(from: input + position.read, byteCount: tailCount)
      var inner = Position(read: 0, written: position.written)
      unsafe decodeLastSequences(
        UnsafeRawPointer(start), count: tailCount, tokenLimit: tailCount, into: output,
        history: history, limit: limit, &inner)
      position = Position(read: position.read + inner.read, written: inner.written)
    }
  }

  /// The hot loop: sequences whose token is before `tokenLimit` and whose bytes end within `limit`.
  ///
  /// Stops before the first sequence that it would have to refuse, and near both ends.
  ///
  /// SAFETY: `input` is readable up to `tokenLimit + inputSlack`, `output` writable up to
  /// `limit + outputSlack`. Behind a token, the first byte of a longer length, or 16 bytes of
  /// literals, then a distance and again such a byte are read unseen; longer literals end before
  /// `tokenLimit`, and so do other bytes of a length. A short sequence begins `shortSequence`
  /// before `limit`; a longer part is compared with what is left up to `limit`. A store ends less
  /// than `outputSlack` behind the length of its part. Before every match
  /// `1 <= distance <= to - history`.
  /// WHY: ten times the speed of the checked twin. `_fastPath` keeps what is usual in one line of
  /// code, without jumps: a fifth of the speed.
  @inline(never)
  private static func decodeSequences(
    _ input: UnsafeRawPointer, tokenLimit: Int, into output: UnsafeMutableRawPointer,
    history: Int, limit: Int, _ position: inout Position
  ) {
    let next = unsafe input + tokenLimit
    let limit = unsafe output + limit
    let shortLimit = unsafe limit - shortSequence
    let history = unsafe output + history
    var done = unsafe input + position.read
    var target = unsafe output + position.written
    defer { position = unsafe Position(read: done - input, written: target - output) }

    while unsafe done < next, unsafe target <= shortLimit {
      let token = Int(unsafe done.load(as: UInt8.self))
      var from = unsafe done + 1
      var to = unsafe target
      let literalCount = token &>> 4
      if _fastPath(literalCount < 15) {
        unsafe MatchCopy.copyVector(from, to: to, at: 0)
        unsafe from += literalCount
        unsafe to += literalCount
      } else {
        let byte = Int(unsafe from.load(as: UInt8.self))
        let count = byte &+ 15
        if _fastPath(byte < 255) {
          unsafe from += 1
          guard unsafe count <= next - from, unsafe count <= shortLimit - to else { return }
          unsafe MatchCopy.copyAhead(from, to: to, count: count)
          unsafe from += count
          unsafe to += count
        } else {
          guard unsafe copyLongLiterals(&from, next, next, to: &to, shortLimit) else { return }
        }
      }

      let distance = Int(unsafe from.loadUnaligned(as: UInt16.self))
      unsafe from += 2
      // Addresses are compared, not pointers: there may be nothing so far back. A distance of 0 is
      // left to the paths of near matches.
      guard UInt(bitPattern: to) &- UInt(distance) >= UInt(bitPattern: history) else { return }
      let source = unsafe MatchCopy.source(of: to, distance)
      var matchCount = token & 15 &+ 4
      if _fastPath(matchCount < 19) {
        if _fastPath(distance > 8) {
          // In words, not vectors: what a vector loads was often written by several stores just
          // before, and waits for them.
          unsafe MatchCopy.copyWord(source, to: to, at: 0)
          unsafe MatchCopy.copyWord(source, to: to, at: 8)
          // Few are longer: a jump, but one that is guessed, and most loads need not wait.
          if matchCount > 16 {
            let last = unsafe source.loadUnaligned(fromByteOffset: 16, as: UInt16.self)
            unsafe to.storeBytes(of: last, toByteOffset: 16, as: UInt16.self)
          }
        } else if matchCount < 8, unsafe to - history >= 8, distance > 0 {
          unsafe decodeNearChain(
            &from, next, to: &to, shortLimit, distance: distance, count: matchCount)
          unsafe (done, target) = (from, to)
          continue
        } else {
          guard distance > 0 else { return }
          unsafe MatchCopy.extendPattern(to: to, distance, matchCount)
        }
      } else {
        let byte = Int(unsafe from.load(as: UInt8.self))
        unsafe from += 1
        matchCount &+= byte
        if byte == 255 {
          guard let more = unsafe readLength(&from, next) else { return }
          matchCount &+= more
        }
        guard unsafe matchCount <= limit - to else { return }
        if _fastPath(distance >= 16) {
          unsafe MatchCopy.copyAhead(source, to: to, count: matchCount)
        } else {
          guard distance > 0 else { return }
          unsafe MatchCopy.extendPattern(to: to, distance, matchCount)
        }
      }
      unsafe (done, target) = (from, to + matchCount)
    }
  }

  /// The careful twin of `decodeSequences`, which goes up to both ends.
  ///
  /// SAFETY: as there, but every part is compared with what is left.
  @inline(never)
  private static func decodeLastSequences(
    _ input: UnsafeRawPointer, count: Int, tokenLimit: Int, into output: UnsafeMutableRawPointer,
    history: Int, limit: Int, _ position: inout Position
  ) {
    let next = unsafe input + tokenLimit
    let end = unsafe input + count
    let limit = unsafe output + limit
    let history = unsafe output + history
    var done = unsafe input + position.read
    var target = unsafe output + position.written
    defer { position = unsafe Position(read: done - input, written: target - output) }

    while unsafe done < next {
      let token = Int(unsafe done.load(as: UInt8.self))
      var from = unsafe done + 1
      var to = unsafe target
      let literalCount = token &>> 4
      if literalCount < 15 {
        guard unsafe literalCount <= end - from, unsafe literalCount <= limit - to else { return }
        unsafe MatchCopy.copyVector(from, to: to, at: 0)
        unsafe from += literalCount
        unsafe to += literalCount
      } else {
        guard unsafe copyLongLiterals(&from, next, end, to: &to, limit) else { return }
      }
      guard unsafe end - from > 2 else {
        // The last sequence has literals only.
        if unsafe from == end { unsafe (done, target) = (from, to) }
        return
      }

      let distance = Int(unsafe from.loadUnaligned(as: UInt16.self))
      unsafe from += 2
      guard unsafe isInside(distance, to - history) else { return }
      var matchCount = token & 15 &+ 4
      if matchCount == 19 {
        guard let more = unsafe readLength(&from, end) else { return }
        matchCount &+= more
      }
      // Another sequence follows a match, if only with literals.
      guard unsafe from < end, unsafe matchCount <= limit - to else { return }
      unsafe MatchCopy.copy(to: to, distance: distance, count: matchCount)
      unsafe (done, target) = (from, to + matchCount)
    }
  }

  /// Decodes a short match from the last 8 bytes and what follows in its manner, as in columns of
  /// integers that share their upper bytes: a few literals, such a match, a few literals, …
  ///
  /// The last 8 bytes stay in a register. From memory, each load would span several stores that
  /// are still on their way, and wait for them: twice the time.
  ///
  /// SAFETY: as `decodeSequences`; 8 bytes are before `to`, and the caller checked the first match.
  @inline(__always)
  private static func decodeNearChain(
    _ from: inout UnsafeRawPointer, _ next: UnsafeRawPointer, to: inout UnsafeMutableRawPointer,
    _ shortLimit: UnsafeMutableRawPointer, distance: Int, count: Int
  ) {
    var (distance, count) = (distance, count)
    var last = unsafe (to - 8).loadUnaligned(as: UInt64.self)
    while true {
      // `distance` is 1 to 8 and `count` 4 to 7.
      let match = MatchCopy.repeated(last &>> UInt64(64 &- distance &<< 3), distance)
      unsafe to.storeBytes(of: match, as: UInt64.self)
      let matchBits = UInt64(count &<< 3)
      last = (last &>> matchBits) | (match &<< (64 &- matchBits))
      unsafe to += count

      guard unsafe from < next, unsafe to <= shortLimit else { return }
      let token = Int(unsafe from.load(as: UInt8.self))
      let literalCount = token &>> 4
      count = token & 15 &+ 4
      guard literalCount < 8, count < 8 else { return }
      distance = Int(
        unsafe from.loadUnaligned(fromByteOffset: literalCount &+ 1, as: UInt16.self))
      guard isInside(distance, 8) else { return }
      let literals = unsafe from.loadUnaligned(fromByteOffset: 1, as: UInt64.self)
      unsafe to.storeBytes(of: literals, as: UInt64.self)
      let literalBits = UInt64(literalCount &<< 3)
      last = (last &>> literalBits) | ((literals &<< 1) &<< (63 &- literalBits))
      unsafe from += literalCount &+ 3
      unsafe to += literalCount
    }
  }

  /// Copies literals whose count goes on behind the token; false, and nothing copied, when they
  /// end behind `end` or `limit`.
  @inline(__always)
  private static func copyLongLiterals(
    _ from: inout UnsafeRawPointer, _ next: UnsafeRawPointer, _ end: UnsafeRawPointer,
    to: inout UnsafeMutableRawPointer, _ limit: UnsafeMutableRawPointer
  ) -> Bool {
    guard let more = unsafe readLength(&from, end) else { return false }
    let count = more &+ 15
    guard unsafe count <= end - from, unsafe count <= limit - to else { return false }
    if unsafe count <= next - from, count <= 1024 {
      var copied = 0
      repeat {
        unsafe MatchCopy.copyVector(from, to: to, at: copied)
        unsafe MatchCopy.copyVector(from, to: to, at: copied &+ 16)
        copied &+= 32
      } while copied < count
    } else {
      unsafe MatchCopy.copyLiterals(from, to: to, count: count)
    }
    unsafe from += count
    unsafe to += count
    return true
  }

  /// Whether `1 <= distance <= limit`, in one comparison.
  @inline(__always)
  private static func isInside(_ distance: Int, _ limit: Int) -> Bool {
    UInt(bitPattern: distance &- 1) < UInt(bitPattern: limit)
  }

  /// The bytes that continue a length of 15; nil when `end` comes first.
  @inline(__always)
  private static func readLength(_ from: inout UnsafeRawPointer, _ end: UnsafeRawPointer) -> Int? {
    var sum = 0
    while unsafe end - from >= 8, unsafe from.loadUnaligned(as: UInt64.self) == .max {
      sum &+= 8 * 255
      unsafe from += 8
    }
    while unsafe from < end {
      let byte = Int(unsafe from.load(as: UInt8.self))
      unsafe from += 1
      sum &+= byte
      if byte < 255 { return sum }
    }
    return nil
  }
}
