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
    _ stream: BackwardBits, literalLengths: SequenceTable, offsets: SequenceTable,
    matchLengths: SequenceTable
  ) -> Bool {
    var bits = unsafe stream
    guard unsafe bits.refill() else { return false }
    var lengthState = unsafe bits.read(literalLengths.log)
    var offsetState = unsafe bits.read(offsets.log)
    var matchState = unsafe bits.read(matchLengths.log)
    let lengthTable = unsafe literalLengths.states
    let offsetTable = unsafe offsets.states
    let matchTable = unsafe matchLengths.states
    let base = unsafe UnsafeMutableRawPointer(start)
    var target = unsafe base + written
    let fastEnd = unsafe base + fastLimit
    var source = unsafe UnsafeRawPointer(literals)
    let sourceEnd = unsafe source + literalCount
    var (first, second, third) = unsafe (repeats.first, repeats.second, repeats.third)
    var left = unsafe count

    while true {
      guard unsafe bits.refill() else { return false }
      let lengthEntry = unsafe lengthTable[lengthState]
      let offsetEntry = unsafe offsetTable[offsetState]
      let matchEntry = unsafe matchTable[matchState]
      let offsetWidth = Int(offsetEntry &>> 8 & 0xFF)
      let matchWidth = Int(matchEntry &>> 8 & 0xFF)
      let lengthWidth = Int(lengthEntry &>> 8 & 0xFF)
      var distance = Int(offsetEntry &>> 32) &+ (unsafe bits.read(offsetWidth))
      let matchCount = Int(matchEntry &>> 32) &+ (unsafe bits.read(matchWidth))
      if offsetWidth &+ matchWidth &+ lengthWidth > 30 {
        guard unsafe bits.refill() else { return false }
      }
      let length = Int(lengthEntry &>> 32) &+ (unsafe bits.read(lengthWidth))

      if offsetWidth > 1 {
        third = second
        second = first
        first = distance
      } else {
        let choice = distance &+ (length == 0 ? 1 : 0)
        if choice == 0 {
          distance = first
        } else {
          distance = choice == 1 ? second : choice == 2 ? third : first &- 1
          third = choice == 1 ? third : second
          second = first
          first = distance
        }
      }

      left &-= 1
      if left > 0 {
        lengthState =
          Int(lengthEntry &>> 16 & 0xFFFF) &+ (unsafe bits.read(Int(lengthEntry & 0xFF)))
        matchState = Int(matchEntry &>> 16 & 0xFFFF) &+ (unsafe bits.read(Int(matchEntry & 0xFF)))
        offsetState =
          Int(offsetEntry &>> 16 & 0xFFFF) &+ (unsafe bits.read(Int(offsetEntry & 0xFF)))
      }

      let matchTarget = unsafe target + length
      guard unsafe length <= sourceEnd - source, distance > 0,
        unsafe distance <= matchTarget - base
      else { return false }
      if unsafe length &+ matchCount <= fastEnd - target {
        unsafe Self.copyLiterals(source, to: target, count: length)
        unsafe Self.copyMatch(to: matchTarget, distance: distance, count: matchCount)
      } else {
        guard unsafe length &+ matchCount <= limit &- (target - base) else { return false }
        unsafe target.copyMemory(from: source, byteCount: length)
        for index in 0..<matchCount {
          unsafe matchTarget.storeBytes(
            of: (matchTarget - distance).load(fromByteOffset: index, as: UInt8.self),
            toByteOffset: index, as: UInt8.self)
        }
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

  /// Appends what the sequences left. False when there is no room.
  mutating func appendLastLiterals() -> Bool {
    guard unsafe literalCount <= limit - written else { return false }
    unsafe UnsafeMutableRawPointer(start + written).copyMemory(
      from: literals, byteCount: literalCount)
    unsafe written += literalCount
    return true
  }

  /// Copies `count` bytes, and up to 31 more.
  @inline(__always)
  private static func copyLiterals(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int
  ) {
    unsafe copyVector(source, to: target, at: 0)
    if count > 16 {
      unsafe copyVector(source, to: target, at: 16)
      var done = 32
      while done < count {
        unsafe copyVector(source, to: target, at: done)
        unsafe copyVector(source, to: target, at: done &+ 16)
        done &+= 32
      }
    }
  }

  /// Copies `count` bytes from `distance` before `target`, and up to 31 more.
  ///
  /// Ascending vectors are right from a distance of 16 on: each reads only what is written.
  @inline(__always)
  private static func copyMatch(
    to target: UnsafeMutableRawPointer, distance: Int, count: Int
  ) {
    let source = unsafe UnsafeRawPointer(target) - distance
    guard distance >= 16 else {
      unsafe extendPattern(to: target, distance: distance, count: count)
      return
    }
    unsafe copyVector(source, to: target, at: 0)
    if count > 16 {
      unsafe copyVector(source, to: target, at: 16)
      var done = 32
      while done < count {
        unsafe copyVector(source, to: target, at: done)
        unsafe copyVector(source, to: target, at: done &+ 16)
        done &+= 32
      }
    }
  }

  /// Continues the pattern of `distance < 16` bytes that ends at `target`, and up to 15 more.
  @inline(__always)
  private static func extendPattern(
    to target: UnsafeMutableRawPointer, distance: Int, count: Int
  ) {
    if distance < 8 {
      unsafe Snappy.extendPattern(to: target, distance: distance, count: count)
      return
    }
    let source = unsafe UnsafeRawPointer(target) - distance
    var done = 0
    repeat {
      unsafe target.storeBytes(
        of: source.loadUnaligned(fromByteOffset: done, as: UInt64.self), toByteOffset: done,
        as: UInt64.self)
      done &+= 8
    } while done < count
  }

  @inline(__always)
  private static func copyVector(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, at offset: Int
  ) {
    let vector = unsafe source.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
    unsafe target.storeBytes(of: vector, toByteOffset: offset, as: SIMD16<UInt8>.self)
  }
}
