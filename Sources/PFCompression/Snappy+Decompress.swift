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
        from, count: input.count, into: to, capacity: output.count, byteCount: byteCount,
        &position)
    }
    guard position.read <= input.count else {
      throw .truncated(offset: input.count, needed: position.read - input.count)
    }
    let target = unsafe UnsafeMutableRawBufferPointer(rebasing: output.prefix(byteCount))
      .bindMemory(to: UInt8.self)
    var span = unsafe MutableSpan(_unsafeElements: target)
    try decodeChecked(reader.bytes, into: &span, from: position)
  }

  /// Where both sides stand between two elements.
  struct Position: Equatable {
    var read: Int
    var written: Int
  }

  /// Bytes that the fast loop may read behind a tag: the longest short literal, as four vectors.
  private static let inputSlack = 64

  /// Runs the fast loop over all of the input but its end, then over a padded copy of the end.
  ///
  /// Moves `position` past every element that it could prove good; the checked decoder goes on
  /// from there, and is the one that throws.
  private static func decodeFast(
    _ input: UnsafeRawPointer, count: Int, into output: UnsafeMutableRawPointer, capacity: Int,
    byteCount: Int, _ position: inout Position
  ) {
    let outputLimit = min(byteCount, capacity - outputSlack)
    guard outputLimit > 0 else { return }
    if count - position.read > inputSlack {
      unsafe decodeElements(
        input, count: count, tagLimit: count - inputSlack, into: output, limit: outputLimit,
        &position)
    }
    let tailCount = count - position.read
    guard tailCount > 0, tailCount <= inputSlack else { return }

    // SAFETY: `tailCount` bytes are left in the input and fit the first half of the copy.
    var tail = InlineArray<8, SIMD16<UInt8>>(repeating: .zero)
    unsafe withUnsafeMutableBytes(of: &tail) { padded in
      guard let start = padded.baseAddress else { return }
      unsafe start.copyMemory(from: input + position.read, byteCount: tailCount)
      var inner = Position(read: 0, written: position.written)
      unsafe decodeElements(
        UnsafeRawPointer(start), count: tailCount, tagLimit: tailCount, into: output,
        limit: outputLimit, &inner)
      position = Position(read: position.read + inner.read, written: inner.written)
    }
  }

  /// The hot loop: elements whose tag lies before `tagLimit` and whose bytes end before `limit`.
  ///
  /// It stops, with `position` before the element, at everything that it would have to refuse.
  ///
  /// SAFETY: `input` is readable up to `tagLimit + inputSlack`, `output` writable up to
  /// `limit + outputSlack`. A pass reads at most `inputSlack` bytes behind its tag and writes fewer
  /// than `outputSlack` bytes from `written`, where `written <= limit`; it copies from behind the
  /// start of the output only.
  /// WHY: ...
  @inline(never)
  private static func decodeElements(
    _ input: UnsafeRawPointer, count: Int, tagLimit: Int, into output: UnsafeMutableRawPointer,
    limit: Int, _ position: inout Position
  ) {
    let table = tagTable.span
    unsafe table.withUnsafeBufferPointer { table in
      var ip = unsafe input + position.read
      var written = position.written
      let ipLimit = unsafe input + tagLimit
      let ipEnd = unsafe input + count
      while unsafe ip < ipLimit {
        let tag = Int(unsafe ip.load(as: UInt8.self))
        let kind = tag & 3
        let entry = unsafe table[tag]
        let word = Int(unsafe ip.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
        let length = Int(entry.length)
        let distance =
          Int(entry.upperDistance) &+ (word & (0xFFFF_00FF_0000 >> (kind &<< 4)) & 0xFFFF)
        let op = unsafe output + written

        if distance < Int(entry.nearest) {
          if kind == 0 {
            // literal with an explicit length
            let extra = (tag >> 2) &- 59
            let mask = (1 &<< (extra &<< 3)) &- 1
            let long = (word & mask) &+ 1
            let from = unsafe ip + 1 + extra
            guard unsafe long <= ipEnd - from, long <= limit - written else { break }
            unsafe op.copyMemory(from: from, byteCount: long)
            unsafe ip = from + long
            written &+= long
            continue
          }
          if kind == 3 {
            let long = (tag >> 2) &+ 1
            guard word >= long, word <= written, long <= limit &- written else { break }
            unsafe copy64(from: op - word, to: op, long)
            unsafe ip += 5
            written &+= long
            continue
          }
          guard distance > 0, distance <= written, length <= limit &- written else { break }
          if distance > 8 || length > 8 || written < 8 {
            unsafe extendPattern(to: op, distance: distance, count: length)
            written &+= length
            unsafe ip += 1 + kind
            continue
          }
          var tail = unsafe (op - 8).loadUnaligned(as: UInt64.self)
          var d = distance, l = length, k = kind
          while true {
            var v = (tail &>> UInt64(64 &- (d &<< 3))) &* (unsafe patternRepeater[unchecked: d])
            unsafe output.storeBytes(of: v, toByteOffset: written, as: UInt64.self)
            var s = UInt64(l &<< 3)
            tail = l == 8 ? v : (tail &>> s) | (v &<< (64 &- s))
            written &+= l
            unsafe ip += 1 + k
            guard unsafe ip < ipLimit else { break }
            var tag = Int(unsafe ip.load(as: UInt8.self))
            if tag & 3 == 0 {
              l = (tag &>> 2) &+ 1
              guard l <= 8, l <= limit &- written else { break }
              v = unsafe ip.loadUnaligned(fromByteOffset: 1, as: UInt64.self)
              unsafe output.storeBytes(of: v, toByteOffset: written, as: UInt64.self)
              s = UInt64(l &<< 3)
              tail = l == 8 ? v : (tail &>> s) | (v &<< (64 &- s))
              written &+= l
              unsafe ip += 1 + l
              guard unsafe ip < ipLimit else { break }
              tag = Int(unsafe ip.load(as: UInt8.self))
            }
            k = tag & 3
            let word = Int(unsafe ip.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
            d = word & (0xFFFF_00FF_0000 >> (k &<< 4)) & 0xFFFF
            let entry = unsafe table[tag]
            d &+= Int(entry.upperDistance)
            l = Int(entry.length)
            guard d > 0, d <= 8, l <= 8, l <= limit &- written else { break }
          }
          continue
        }
        guard length <= limit &- written else { break }
        var from = unsafe UnsafeRawPointer(op) - distance
        if kind == 0 {
          unsafe from = ip + 1
        } else if distance > written {
          break
        }
        unsafe ip += 1 + (kind == 0 ? length : kind)
        unsafe copy64(from: from, to: op, length)
        written &+= length
      }
      position.read = unsafe ip - input
      position.written = written
    }
  }

  /// Copies 32 or 64 bytes, of which the caller wants `count <= 64`, in ascending vectors of 16.
  @inline(__always)
  private static func copy64(
    from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, _ count: Int
  ) {
    typealias Vector = SIMD16<UInt8>
    unsafe target.storeBytes(of: source.loadUnaligned(as: Vector.self), as: Vector.self)
    unsafe target.storeBytes(
      of: source.loadUnaligned(fromByteOffset: 16, as: Vector.self), toByteOffset: 16,
      as: Vector.self)
    if count > 32 {
      unsafe target.storeBytes(
        of: source.loadUnaligned(fromByteOffset: 32, as: Vector.self), toByteOffset: 32,
        as: Vector.self)
      unsafe target.storeBytes(
        of: source.loadUnaligned(fromByteOffset: 48, as: Vector.self), toByteOffset: 48,
        as: Vector.self)
    }
  }

  /// Continues the pattern of `distance` bytes that ends at `target` for `count <= 64` bytes.
  ///
  /// Reads 16 bytes from the pattern's start and writes fewer than `count + 16`.
  @inline(__always)
  private static func extendPattern(
    to target: UnsafeMutableRawPointer, distance: Int, count: Int
  ) {
    let source = unsafe UnsafeRawPointer(target) - distance
    if distance >= 16 {
      unsafe copy64(from: source, to: target, count)
      return
    }
    // The pattern is repeated in a register: a load from bytes that were stored just now, but not
    // by one store, would wait for all of them.
    var low = unsafe source.loadUnaligned(as: UInt64.self)
    var high: UInt64
    let step: Int
    if distance > 8 {
      let bits = UInt64((distance &- 8) &<< 3)
      high = unsafe source.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
      high = (high & ((1 &<< bits) &- 1)) | (low &<< bits)
      step = distance
    } else {
      step = Int(unsafe patternStep[unchecked: distance])
      let mask = UInt64.max &>> UInt64(64 &- (distance &<< 3))
      let repeater = unsafe patternRepeater[unchecked: distance]
      low &= mask
      let shift = UInt64((8 % distance) &<< 3)
      high = ((low &>> shift) | (low &<< (UInt64(distance &<< 3) &- shift))) & mask
      low = low &* repeater
      high = high &* repeater
    }
    let vector = SIMD2<UInt64>(low, high)
    var at = 0
    repeat {
      unsafe target.storeBytes(of: vector, toByteOffset: at, as: SIMD2<UInt64>.self)
      at &+= step
    } while at < count
  }

  private static let patternStep: InlineArray<9, UInt8> = [16, 16, 16, 15, 16, 15, 12, 14, 16]
  private static let patternRepeater: InlineArray<9, UInt64> = [
    0, 0x0101_0101_0101_0101, 0x0001_0001_0001_0001, 0x0001_0000_0100_0001, 0x0000_0001_0000_0001,
    0x0000_0100_0000_0001, 0x0001_0000_0000_0001, 0x0100_0000_0000_0001, 1,
  ]

  struct Tag {
    var length: UInt8
    var nearest: UInt8
    var upperDistance: UInt16
  }
  private static let tagTable: [Tag] = (0..<256).map { (tag: Int) -> Tag in
    let upper = tag >> 2
    func entry(_ length: Int, _ high: Int) -> Tag {
      Tag(length: UInt8(length), nearest: UInt8(min(max(length, 9), 16)), upperDistance: UInt16(high << 8))
    }
    switch tag & 3 {
    case 0: return upper < 60 ? Tag(length: UInt8(upper + 1), nearest: 0, upperDistance: 0) : Tag(length: 255, nearest: 255, upperDistance: 0)
    case 1: return entry(4 + (upper & 7), tag >> 5)
    case 2: return entry(upper + 1, 0)
    default: return Tag(length: 255, nearest: 255, upperDistance: 0)
    }
  }
}
