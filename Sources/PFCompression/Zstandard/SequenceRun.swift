/// The sequences of one block on their way into the output (RFC 8878, section 3.1.1.4).
@unsafe struct SequenceRun {
  /// The next literal, with `Zstandard.literalSlack` readable bytes behind the last.
  var literals: UnsafePointer<UInt8>
  var literalCount: Int
  var repeats: RepeatOffsets
  /// The first byte that a match may copy.
  let start: UnsafeMutablePointer<UInt8>
  /// Bytes behind `start` that are written, and that may become output.
  var written: Int
  let limit: Int
  /// Up to here behind `start`, copies may write `outputSlack` bytes too much.
  let fastLimit: Int
  private var count: Int

  init(
    literals: UnsafePointer<UInt8>, literalCount: Int, target: Zstandard.Target, room: Int,
    repeats: RepeatOffsets, count: Int
  ) {
    unsafe self.literals = literals
    unsafe self.literalCount = literalCount
    unsafe self.repeats = repeats
    unsafe start = target.start
    unsafe written = target.written
    unsafe limit = target.written + room
    unsafe fastLimit = min(target.written + room, target.capacity - Zstandard.outputSlack)
    unsafe self.count = count
  }

  /// Decodes and executes all sequences. False when one is not possible or when they do not take
  /// the stream to its last bit.
  ///
  /// SAFETY: every table leads from state to state below `1 << log`. Before a copy on the fast
  /// path, the literals are there, `written` stays within `fastLimit`, and `1 <= distance` reaches
  /// no farther back than `start`. The sum of extra bits is at most 63 and that of state bits 26,
  /// so that `left` is never negative with a refill in between where 30 extra bits are passed.
  @inline(never)
  mutating func decode(
    _ stream: BackwardBits, _ tables: SequenceTables, logs: InlineArray<3, Int>
  ) -> Bool {
    var bits = unsafe stream
    guard unsafe bits.refill() else { return false }
    var lengthState = unsafe bits.read(logs[0])
    var offsetState = unsafe bits.read(logs[1])
    var matchState = unsafe bits.read(logs[2])
    let base = unsafe UnsafeMutableRawPointer(start)
    var target = unsafe base + written
    let fastEnd = unsafe base + fastLimit
    var source = unsafe UnsafeRawPointer(literals)
    let sourceEnd = unsafe source + literalCount
    var (first, second, third) = unsafe (repeats.first, repeats.second, repeats.third)
    var left = unsafe count
    var last: UInt64 = 0
    var isLastKnown = false

    while true {
      guard unsafe bits.refill() else { return false }
      let offsetWidth = tables.extraWidth(.offset, offsetState)
      let matchWidth = tables.extraWidth(.matchLength, matchState)
      let lengthWidth = tables.extraWidth(.literalLength, lengthState)
      var distance = unsafe tables.value(.offset, offsetState) &+ tables.read(&bits, offsetWidth)
      var matchCount = tables.value(.matchLength, matchState)
      var length = tables.value(.literalLength, lengthState)
      // Most lengths are short, and have no extra bits.
      if ((matchWidth &+ lengthWidth) &<< 5) &+ offsetWidth > 30 {
        unsafe matchCount &+= tables.read(&bits, matchWidth)
        if offsetWidth &+ matchWidth &+ lengthWidth > 30 {
          guard unsafe bits.refill() else { return false }
        }
        unsafe length &+= tables.read(&bits, lengthWidth)
      }

      if offsetWidth > 1 {
        third = second
        second = first
        first = distance
      } else {
        let choice = distance &+ (length == 0 ? 1 : 0)
        // Which one of these comes in no order: they are chosen without a branch.
        let older = choice == 2 ? third : first &- 1
        third = choice < 2 ? third : second
        let other = choice == 1 ? second : older
        second = choice == 0 ? second : first
        first = choice == 0 ? first : other
        distance = first
      }

      left &-= 1
      if left > 0 {
        lengthState = unsafe tables.next(.literalLength, lengthState, &bits)
        matchState = unsafe tables.next(.matchLength, matchState, &bits)
        offsetState = unsafe tables.next(.offset, offsetState, &bits)
      }

      let matchTarget = unsafe target + length
      // A distance of 0 is above all others here.
      guard unsafe length <= sourceEnd - source,
        unsafe UInt(bitPattern: distance &- 1) < UInt(bitPattern: matchTarget - base)
      else { return false }
      if unsafe length &+ matchCount > fastEnd - target {
        guard unsafe length &+ matchCount <= limit &- (target - base) else { return false }
        unsafe Self.copyExactly(
          source, to: target, count: length, distance: distance, matchCount: matchCount)
        isLastKnown = false
      } else if _fastPath(distance >= 16) {
        isLastKnown = false
        unsafe MatchCopy.copyAhead(source, to: target, count: length)
        unsafe MatchCopy.copyAhead(
          MatchCopy.source(of: matchTarget, distance), to: matchTarget, count: matchCount)
      } else if (distance &- 1) | (matchCount &- 1) | length < 8, unsafe target - base >= 8 {
        // Short and near, as in columns of integers: the last 8 bytes stay in a register. From
        // memory, each load would span several stores that are still on their way.
        if !isLastKnown {
          last = unsafe (target - 8).loadUnaligned(as: UInt64.self)
          isLastKnown = true
        }
        let literal = unsafe source.loadUnaligned(as: UInt64.self)
        unsafe target.storeBytes(of: literal, as: UInt64.self)
        // Two shifts, so that none is by 64 where there are no literals.
        let shift = UInt64(truncatingIfNeeded: length &<< 3)
        last = (last &>> shift) | ((literal &<< 1) &<< (63 &- shift))
        let pattern = MatchCopy.repeated(
          last &>> UInt64(truncatingIfNeeded: 64 &- (distance &<< 3)), distance)
        unsafe matchTarget.storeBytes(of: pattern, as: UInt64.self)
        let turn = UInt64(truncatingIfNeeded: matchCount &<< 3)
        last = ((last &>> 1) &>> (turn &- 1)) | (pattern &<< (64 &- turn))
      } else {
        isLastKnown = false
        unsafe MatchCopy.copyAhead(source, to: target, count: length)
        unsafe Self.copyNearMatch(to: matchTarget, distance: distance, count: matchCount)
      }
      unsafe source += length
      unsafe target = matchTarget + matchCount
      if left == 0 { break }
    }
    unsafe literals = source.assumingMemoryBound(to: UInt8.self)
    unsafe literalCount = sourceEnd - source
    unsafe written = target - base
    unsafe repeats = RepeatOffsets(first: first, second: second, third: third)
    return unsafe bits.remaining == 0
  }

  /// Copies a sequence near the end of the output, and not a byte more.
  @inline(never)
  private static func copyExactly(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int, distance: Int,
    matchCount: Int
  ) {
    unsafe target.copyMemory(from: source, byteCount: count)
    let match = unsafe target + count
    for index in 0..<matchCount {
      unsafe match.storeBytes(
        of: (match - distance).load(fromByteOffset: index, as: UInt8.self), toByteOffset: index,
        as: UInt8.self)
    }
  }

  /// Appends what the sequences left. False when there is no room.
  mutating func appendLastLiterals() -> Bool {
    guard unsafe literalCount <= limit - written else { return false }
    unsafe MatchCopy.copyLiterals(literals, to: start + written, count: literalCount)
    unsafe written += literalCount
    return true
  }

  /// Copies `count` bytes from `distance < 16` before `target`, and up to 15 more.
  @inline(__always)
  private static func copyNearMatch(
    to target: UnsafeMutableRawPointer, distance: Int, count: Int
  ) {
    if distance < 8 {
      unsafe MatchCopy.extendPattern(to: target, distance, count)
      return
    }
    let source = unsafe MatchCopy.source(of: target, distance)
    var done = 0
    repeat {
      unsafe MatchCopy.copyWord(source, to: target, at: done)
      done &+= 8
    } while done < count
  }
}
