internal import PFCore

/// Why bytes are no text of an encoding.
package struct TextEncodingError: Error, Equatable, Sendable {
  /// The encoding that was expected.
  package let encoding: TextEncoding
  /// Where the ill-formed sequence begins, counted from the first byte that was given.
  package let offset: Int
  /// Whether the input ends within a character.
  package let isTruncated: Bool
}

/// Turns text of an encoding into UTF-8, piece by piece.
///
/// A character may be cut anywhere by the borders of pieces. UTF-8 itself is checked and copied.
package struct Transcoder: Sendable {
  /// What is done where bytes are no character.
  package enum Treatment: Sendable {
    /// An error says where.
    case refuse
    /// U+FFFD stands for each ill-formed sequence, as Python's `errors="replace"` and the WHATWG
    /// Encoding Standard have it.
    case replace
    /// The byte 0xFF, which no UTF-8 has, stands for each ill-formed sequence.
    case mark
  }

  /// What a call took and gave.
  package struct Progress: Equatable, Sendable {
    /// Bytes of the input that were taken.
    package var read = 0
    /// Bytes of the output that were written.
    package var written = 0

    /// Nothing yet.
    package init() {}
  }

  /// The encoding of the input.
  package let encoding: TextEncoding
  private let treatment: Treatment
  /// The first bytes of a character that was cut, the first lowest; at most four.
  private var pending: UInt32 = 0
  private var pendingCount = 0
  /// Bytes of the input before those that are pending.
  private var position: Int

  /// The room that the output must have, so that a call makes progress.
  package static let smallestOutput = 4

  /// Errors count the `offset` bytes of the input that come before the first piece.
  package init(_ encoding: TextEncoding, _ treatment: Treatment, offset: Int = 0) {
    self.encoding = encoding
    self.treatment = treatment
    position = offset
  }

  /// Takes bytes of `input` until it is used up or fewer than `smallestOutput` bytes are left of
  /// `output`. What is taken of a character that `input` cuts is kept.
  ///
  /// SAFETY: both regions are valid for the call and do not overlap. No allocation.
  /// - Throws: with `.refuse`, at bytes that are no character; the transcoder is of no use then.
  package mutating func transcode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(TextEncodingError) -> Progress {
    var progress = Progress()
    guard let source = unsafe input.baseAddress?.assumingMemoryBound(to: UInt8.self),
      let target = unsafe output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    else { return progress }

    while true {
      guard output.count &- progress.written >= Self.smallestOutput else { return progress }
      if pendingCount > 0 {
        guard try unsafe completePending(source, input.count, target, &progress) else {
          return progress
        }
        continue
      }
      unsafe copyRun(source, input.count, target, output.count, &progress)
      guard output.count &- progress.written >= Self.smallestOutput else { return progress }
      let left = input.count &- progress.read
      guard left > 0 else { return progress }
      let step = unsafe CharacterStep.next(source + progress.read, left, encoding)
      if step.byteCount == 0 {
        // Fewer bytes than a character are left: they wait for the next piece.
        for index in 0..<left {
          unsafe keep(source[progress.read &+ index])
        }
        progress.read &+= left
        return progress
      }
      unsafe progress.written &+= try put(step, target + progress.written)
      progress.read &+= step.byteCount
      position &+= step.byteCount
    }
  }

  /// Says that no more input will come, and writes what is pending; a character that was cut
  /// becomes U+FFFD. Call it until nothing is written.
  ///
  /// SAFETY: as `transcode`; `output` has `smallestOutput` bytes.
  /// - Throws: with `.refuse`, where a character was cut.
  /// - Returns: the bytes written.
  package mutating func finish(
    into output: UnsafeMutableRawBufferPointer
  ) throws(TextEncodingError) -> Int {
    precondition(output.count >= Self.smallestOutput, "the output region is too small")
    guard pendingCount > 0,
      let target = unsafe output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    else { return 0 }
    let step = pendingStep
    if step.byteCount > 0 { return try unsafe putPending(step, target) }
    let written = try unsafe putWrong(target, isTruncated: true)
    position += pendingCount
    (pending, pendingCount) = (0, 0)
    return written
  }

  private mutating func keep(_ byte: UInt8) {
    pending |= UInt32(byte) << UInt32(8 * pendingCount)
    pendingCount += 1
  }

  /// The character that the pending bytes begin with.
  private var pendingStep: CharacterStep {
    let bytes = pending.littleEndian
    let count = pendingCount
    let encoding = encoding
    // SAFETY: `count` bytes, four at most, are in the word.
    return unsafe withUnsafeBytes(of: bytes) { word -> CharacterStep in
      guard let start = unsafe word.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
        return .incomplete
      }
      return unsafe CharacterStep.next(start, count, encoding)
    }
  }

  /// Writes the character that the pending bytes begin with; others may stay behind what is
  /// ill-formed.
  private mutating func putPending(
    _ step: CharacterStep, _ target: UnsafeMutablePointer<UInt8>
  ) throws(TextEncodingError) -> Int {
    let written = try unsafe put(step, target)
    pending = step.byteCount == 4 ? 0 : pending >> UInt32(8 * step.byteCount)
    pendingCount -= step.byteCount
    position += step.byteCount
    return written
  }

  /// Adds bytes of the input to those pending until they tell a character, and writes that. False
  /// when the input does not suffice.
  private mutating func completePending(
    _ source: UnsafePointer<UInt8>, _ count: Int, _ target: UnsafeMutablePointer<UInt8>,
    _ progress: inout Progress
  ) throws(TextEncodingError) -> Bool {
    while true {
      let step = pendingStep
      if step.byteCount > 0 {
        unsafe progress.written += try putPending(step, target + progress.written)
        return true
      }
      guard progress.read < count else { return false }
      unsafe keep(source[progress.read])
      progress.read += 1
    }
  }

  /// Writes a character, or what stands for none.
  @inline(__always)
  private func put(
    _ step: CharacterStep, _ target: UnsafeMutablePointer<UInt8>
  ) throws(TextEncodingError) -> Int {
    if let scalar = step.scalar { return unsafe Self.encode(scalar, target) }
    return try unsafe putWrong(target, isTruncated: false)
  }

  /// Writes what stands for an ill-formed sequence.
  private func putWrong(
    _ target: UnsafeMutablePointer<UInt8>, isTruncated: Bool
  ) throws(TextEncodingError) -> Int {
    switch treatment {
    case .refuse:
      throw TextEncodingError(encoding: encoding, offset: position, isTruncated: isTruncated)
    case .replace: return unsafe Self.encode(0xFFFD, target)
    case .mark:
      // SAFETY: there is room for four bytes.
      unsafe target.pointee = 0xFF
      return 1
    }
  }

  /// Writes a character as UTF-8. SAFETY: there is room for four bytes.
  @inline(__always)
  private static func encode(_ scalar: UInt32, _ target: UnsafeMutablePointer<UInt8>) -> Int {
    func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: scalar >> shift) & 0x3F }
    if scalar < 0x80 {
      unsafe target[0] = UInt8(truncatingIfNeeded: scalar)
      return 1
    }
    if scalar < 0x800 {
      unsafe target[0] = 0xC0 | UInt8(truncatingIfNeeded: scalar >> 6)
      unsafe target[1] = tail(0)
      return 2
    }
    if scalar < 0x10000 {
      unsafe target[0] = 0xE0 | UInt8(truncatingIfNeeded: scalar >> 12)
      unsafe target[1] = tail(6)
      unsafe target[2] = tail(0)
      return 3
    }
    unsafe target[0] = 0xF0 | UInt8(truncatingIfNeeded: scalar >> 18)
    unsafe target[1] = tail(12)
    unsafe target[2] = tail(6)
    unsafe target[3] = tail(0)
    return 4
  }
}

extension Transcoder {
  /// Copies what needs no look at single characters: ASCII, or all that is well-formed in UTF-8.
  @inline(__always)
  private mutating func copyRun(
    _ source: UnsafePointer<UInt8>, _ count: Int, _ target: UnsafeMutablePointer<UInt8>,
    _ capacity: Int, _ progress: inout Progress
  ) {
    let start = progress.read
    switch encoding {
    case .utf8:
      let length = unsafe Self.wellFormedLength(
        source + start, min(count &- start, capacity &- progress.written))
      unsafe (target + progress.written).update(from: source + start, count: length)
      progress.read &+= length
      progress.written &+= length
    case .latin1, .windows1252:
      while count &- progress.read >= 16, capacity &- progress.written >= 16 {
        let bytes = unsafe UnsafeRawPointer(source + progress.read).loadUnaligned(
          as: SIMD16<UInt8>.self)
        let words = unsafe unsafeBitCast(bytes, to: SIMD2<UInt64>.self)
        guard (words[0] | words[1]) & DigitWords.highBits == 0 else { break }
        unsafe UnsafeMutableRawPointer(target + progress.written).storeBytes(
          of: bytes, as: SIMD16<UInt8>.self)
        progress.read &+= 16
        progress.written &+= 16
      }
    case .utf16LittleEndian, .utf16BigEndian:
      // The places of bits that no ASCII unit has.
      let foreign: UInt16 = encoding == .utf16LittleEndian ? 0xFF80 : 0x80FF
      let shift: UInt16 = encoding == .utf16LittleEndian ? 0 : 8
      while count &- progress.read >= 16, capacity &- progress.written >= 8 {
        let units = unsafe UnsafeRawPointer(source + progress.read).loadUnaligned(
          as: SIMD8<UInt16>.self)
        let marked = units & SIMD8(repeating: foreign)
        let words = unsafe unsafeBitCast(marked, to: SIMD2<UInt64>.self)
        guard words[0] | words[1] == 0 else { break }
        let bytes = SIMD8<UInt8>(truncatingIfNeeded: units &>> SIMD8(repeating: shift))
        unsafe UnsafeMutableRawPointer(target + progress.written).storeBytes(
          of: bytes, as: SIMD8<UInt8>.self)
        progress.read &+= 16
        progress.written &+= 8
      }
    }
    position &+= progress.read &- start
  }

  /// The length of the well-formed UTF-8 at the start of `count` bytes.
  ///
  /// SAFETY: the caller promises that they are readable.
  private static func wellFormedLength(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
    do throws(DecodingError) {
      try unsafe UTF8Validation.check(start, byteCount: count)
      return count
    } catch { return error.offset }
  }
}
