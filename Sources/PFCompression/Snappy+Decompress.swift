package import PFCore

extension Snappy {
  /// `decompress(_:into:byteCount:)` over raw memory, for output that is not initialised yet.
  ///
  /// Unsafe precondition: both regions are valid for the call and do not overlap.
  package static func decompress(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, byteCount: Int
  ) throws(DecodingError) {
    precondition(byteCount >= 0 && byteCount <= output.count, "the output region is too small")
    let source = unsafe input.bindMemory(to: UInt8.self)
    var reader = unsafe ByteReader(Span(_unsafeElements: source))
    guard try readPreamble(&reader) == byteCount else { throw .invalidValue(offset: 0) }

    var position = Position(read: reader.offset, written: 0)
    if let from = input.baseAddress, let to = output.baseAddress {
      unsafe decodeFast(
        from, count: input.count, into: to, limit: min(byteCount, output.count - outputSlack),
        &position)
    }
    guard position.read <= input.count else {
      throw .truncated(offset: input.count, needed: position.read - input.count)
    }
    let target = unsafe UnsafeMutableRawBufferPointer(rebasing: output[..<byteCount])
      .bindMemory(to: UInt8.self)
    var span = unsafe MutableSpan(_unsafeElements: target)
    try decodeChecked(reader.bytes, into: &span, from: position)
  }

  /// Decompresses `input` into `output`, in the place of what it holds.
  ///
  /// The buffer grows to the size that is declared, which is never above what the input could
  /// expand to, and has `slack` bytes of room behind it. Its content is unspecified on failure.
  /// - Throws: as `decompress(_:limit:)`, and `.outOfMemory`.
  package static func decompress(
    _ input: Span<UInt8>, into output: inout MutableBuffer, limit: Int, slack: Int
  ) throws(DecodingError) {
    output.setByteCount(0)
    let byteCount = try decompressedByteCount(of: input)
    guard byteCount <= limit else {
      throw .limitExceeded(offset: 0, declared: byteCount, limit: limit)
    }
    try output.reserveForDecompression(byteCount, slack: max(slack, outputSlack))
    try unsafe input.withUnsafeBytes { source throws(DecodingError) in
      // SAFETY: the buffer is ours alone, and not the input.
      try unsafe decompress(
        source, into: UnsafeMutableRawBufferPointer(start: output.start, count: output.capacity),
        byteCount: byteCount)
    }
    output.setByteCount(byteCount)
  }

  /// Bytes behind a tag that a pass may read: the longest short literal in whole vectors.
  private static let inputSlack = 64

  /// Runs the hot loop over all of the input but its end, then over a padded copy of the end.
  ///
  /// Moves `position` past the elements that it decoded; the checked decoder goes on from there and
  /// is the one that throws. Only an element cut off by the end of the input is passed: `read` is
  /// then where it should have ended, above `count`.
  private static func decodeFast(
    _ input: UnsafeRawPointer, count: Int, into output: UnsafeMutableRawPointer, limit: Int,
    _ position: inout Position
  ) {
    if position.read < count - inputSlack {
      unsafe decodeElements(
        input, count: count, tagLimit: count - inputSlack, into: output, limit: limit, &position)
    }
    let tailCount = count - position.read
    guard tailCount > 0, tailCount <= inputSlack else { return }

    // SAFETY: the `tailCount` bytes that are left fill at most the first half of the copy.
    var tail = InlineArray<8, SIMD16<UInt8>>(repeating: .zero)
    unsafe withUnsafeMutableBytes(of: &tail) { padded in
      guard let start = padded.baseAddress else { return }
      unsafe start.copyMemory(from: input + position.read, byteCount: tailCount)
      var inner = Position(read: 0, written: position.written)
      unsafe decodeElements(
        UnsafeRawPointer(start), count: tailCount, tagLimit: tailCount, into: output,
        limit: limit, &inner)
      position = Position(read: position.read + inner.read, written: inner.written)
    }
  }

  /// The hot loop: elements whose tag is before `tagLimit` and whose bytes end within `limit`.
  ///
  /// Stops before the first element that it would have to refuse.
  ///
  /// SAFETY: `input` is readable up to `tagLimit + inputSlack`, `output` writable up to
  /// `limit + outputSlack`. Tags are read below `tagLimit` only, and nothing more than `inputSlack`
  /// behind them; before every store `length <= limit - written`, and a store ends less than
  /// `outputSlack` behind `written`; before every copy `1 <= distance <= written`.
  /// WHY: three to ten times the speed of the checked twin.
  ///
  /// Literal or copy is a branch, because it is well predicted (a copy follows a literal), but the
  /// kinds of copy come in no order: they share one path, driven by a table of tags.
  @inline(never)
  private static func decodeElements(
    _ input: UnsafeRawPointer, count: Int, tagLimit: Int, into output: UnsafeMutableRawPointer,
    limit: Int, _ position: inout Position
  ) {
    let copyTags = copyTags.span
    let next = unsafe input + tagLimit
    var from = unsafe input + position.read
    var written = position.written
    defer { position = unsafe Position(read: from - input, written: written) }

    while unsafe from < next {
      var tag = Int(unsafe from.load(as: UInt8.self))
      if tag & 3 == 0 {
        let length = (tag &>> 2) &+ 1
        guard length <= 60 else {
          let width = length &- 60
          let bytes = unsafe from + 1 + width
          let long =
            (Int(unsafe from.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
              & ((1 &<< (width &<< 3)) &- 1)) &+ 1
          guard unsafe long <= input + count - bytes, long <= limit &- written else { return }
          unsafe MatchCopy.copyLiterals(bytes, to: output + written, count: long)
          unsafe from = bytes + long
          written &+= long
          continue
        }
        guard length <= limit &- written else { return }
        unsafe MatchCopy.copyVector(from + 1, to: output + written, at: 0)
        if length > 16 { unsafe copyVectors(from + 1, to: output + written, count: length) }
        unsafe from += 1 + length
        written &+= length
        guard unsafe from < next else { return }
        tag = Int(unsafe from.load(as: UInt8.self))
      }

      // SAFETY: a tag is below 256, the length of the table.
      let entry = unsafe copyTags[unchecked: tag]
      var size = (tag & 3) &+ 1
      var length = Int(entry.length)
      var distance =
        Int(entry.upperDistance)
        &+ Int(unsafe from.loadUnaligned(fromByteOffset: 1, as: UInt16.self) & entry.distanceMask)
      if distance >= Int(entry.easyDistance) {
        guard distance <= written, length <= limit &- written else { return }
        let target = unsafe output + written
        unsafe MatchCopy.copyVector(target - distance, to: target, at: 0)
        unsafe copyVectors(target - distance, to: target, count: length)
        unsafe from += size
        written &+= length
        continue
      }

      if size == 1 { continue }  // a literal after a literal
      if size == 4 {  // the rare copy with an offset of four bytes
        size = 5
        length = (tag &>> 2) &+ 1
        distance = Int(unsafe from.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
      }
      guard distance > 0, distance <= written, length <= limit &- written else { return }
      if distance <= 8, length <= 8, written >= 8 {
        unsafe decodeNearChain(
          &from, next, into: output, &written, limit: limit, size: size, length: length,
          distance: distance)
      } else {
        unsafe copyFew(to: output + written, distance: distance, count: length)
        unsafe from += size
        written &+= length
      }
    }
  }

  /// Decodes a short copy from the last 8 bytes and what follows in its manner, as in columns of
  /// integers that share their upper bytes: a short literal, such a copy, a short literal, …
  ///
  /// The last 8 bytes stay in a register. From memory, each load would span several stores that
  /// are still on their way, and wait for them: twice the time.
  ///
  /// SAFETY: as `decodeElements`; `written >= 8`, and the first copy was checked by the caller.
  @inline(__always)
  private static func decodeNearChain(
    _ from: inout UnsafeRawPointer, _ next: UnsafeRawPointer, into output: UnsafeMutableRawPointer,
    _ written: inout Int, limit: Int, size: Int, length: Int, distance: Int
  ) {
    var (size, length, distance) = (size, length, distance)
    var last = unsafe (output - 8).loadUnaligned(fromByteOffset: written, as: UInt64.self)

    func append(_ bytes: UInt64, size: Int) {
      unsafe output.storeBytes(of: bytes, toByteOffset: written, as: UInt64.self)
      let bits = UInt64(length &<< 3)
      last = length == 8 ? bytes : (last &>> bits) | (bytes &<< (64 &- bits))
      unsafe from += size
      written &+= length
    }

    while true {
      let pattern = last &>> UInt64(64 &- (distance &<< 3))
      append(MatchCopy.repeated(pattern, distance), size: size)
      guard unsafe from < next else { return }
      var tag = Int(unsafe from.load(as: UInt8.self))
      if tag & 3 == 0 {
        length = (tag &>> 2) &+ 1
        guard length <= 8, length <= limit &- written else { return }
        append(
          unsafe from.loadUnaligned(fromByteOffset: 1, as: UInt64.self), size: length &+ 1)
        guard unsafe from < next else { return }
        tag = Int(unsafe from.load(as: UInt8.self))
      }
      switch tag & 3 {
      case 1:
        size = 2
        length = ((tag &>> 2) & 7) &+ 4
        distance =
          (tag &>> 5) &<< 8 | Int(unsafe from.load(fromByteOffset: 1, as: UInt8.self))
      case 2:
        size = 3
        length = (tag &>> 2) &+ 1
        distance = Int(unsafe from.loadUnaligned(fromByteOffset: 1, as: UInt16.self))
      default: return
      }
      guard distance > 0, distance <= 8, length <= 8, length <= limit &- written else { return }
    }
  }

  /// Copies `count <= 64` bytes from `distance` before `target`, and fewer than 48 more.
  @inline(__always)
  private static func copyFew(
    to target: UnsafeMutableRawPointer, distance: Int, count: Int
  ) {
    if distance < 16 { return unsafe MatchCopy.extendPattern(to: target, distance, count) }
    let source = unsafe MatchCopy.source(of: target, distance)
    unsafe MatchCopy.copyVector(source, to: target, at: 0)
    unsafe copyVectors(source, to: target, count: count)
  }

  /// Copies on after the first vector, in ascending order, so that the source may be the target's
  /// own bytes from 16 on: 16 bytes, and 32 more when `count` (at most 64) needs them.
  @inline(__always)
  private static func copyVectors(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int
  ) {
    unsafe MatchCopy.copyVector(source, to: target, at: 16)
    if count > 32 {
      unsafe MatchCopy.copyVector(source, to: target, at: 32)
      unsafe MatchCopy.copyVector(source, to: target, at: 48)
    }
  }

  /// What the tag of a copy with an offset of one or two bytes says.
  private struct CopyTag {
    var length: UInt16
    /// From this distance on, the copy is right in ascending vectors of 16 bytes, and not so near
    /// that `decodeNearChain` is worth while. 255 keeps all other tags away.
    var easyDistance: UInt16
    var upperDistance: UInt16
    var distanceMask: UInt16
  }

  private static let copyTags: [CopyTag] = (0..<256).map { (tag: Int) -> CopyTag in
    func copy(length: Int, upper: Int, mask: UInt16) -> CopyTag {
      CopyTag(
        length: UInt16(length), easyDistance: UInt16(min(max(length, 9), 16)),
        upperDistance: UInt16(upper), distanceMask: mask)
    }
    return switch tag & 3 {
    case 1: copy(length: 4 + ((tag >> 2) & 7), upper: (tag >> 5) << 8, mask: 0x00FF)
    case 2: copy(length: 1 + (tag >> 2), upper: 0, mask: 0xFFFF)
    default: CopyTag(length: 0, easyDistance: .max, upperDistance: 0, distanceMask: 0)
    }
  }
}
