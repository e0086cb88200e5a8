package import PFCore

/// Skips the structs of a long list at the speed of a comparison.
///
/// Most column chunks of a footer differ in numbers and texts alone: every field, every length and
/// every integer's width is that of a chunk before. So each struct that was skipped field by field
/// leaves a *shape*: its bytes, and a mask of the bits among them that decide where it ends. Bytes
/// that agree with a shape under its mask are read by a parser in just the same steps, so they are
/// as valid as the shape was, and end where it did. Nothing is guessed.
///
/// A wide footer is passed over five times as fast as field by field.
package struct StructShapes {
  /// Shapes are found by trial: more of them would cost more than they save.
  private static let countLimit = 64
  /// The longest struct that is worth a shape; whole steps.
  private static let wordLimit = 64
  /// The words that are compared at a time.
  private static let stepWordCount = 4

  /// Where a shape's words are in `words`: those of bytes, then as many of masks, both filled up to
  /// whole steps with words that decide nothing.
  private struct Shape {
    let start: Int
    let wordCount: Int
    /// `wordCount`, rounded up to whole steps.
    let paddedCount: Int
    let byteCount: Int
    /// The shapes that came behind this one the last two times they differed.
    var successor: Int
    var otherSuccessor: Int
  }

  private var shapes: [Shape] = []
  private var words: [UInt64] = []
  private var last = 0

  package init() {}

  /// Where the struct that starts at `offset` ends.
  ///
  /// - Throws: what `ThriftReader.skip` throws for a struct.
  package mutating func end(
    of bytes: Span<UInt8>, from offset: Int
  ) throws(DecodingError) -> Int {
    if !shapes.isEmpty {
      let (likely, other) = (shapes[last].successor, shapes[last].otherSuccessor)
      if matches(likely, bytes, at: offset) { return pass(likely, from: offset) }
      if other != likely, matches(other, bytes, at: offset) { return pass(other, from: offset) }
      for index in shapes.indices where index != likely && index != other {
        if matches(index, bytes, at: offset) { return pass(index, from: offset) }
      }
    }
    let end = try ThriftReader.endOfStruct(in: bytes, from: offset)
    add(bytes, offset..<end)
    return end
  }

  private mutating func pass(_ index: Int, from offset: Int) -> Int {
    follow(with: index)
    return offset &+ shapes[index].byteCount
  }

  private mutating func follow(with index: Int) {
    if shapes[last].successor != index {
      shapes[last].otherSuccessor = shapes[last].successor
      shapes[last].successor = index
    }
    last = index
  }

  /// Whether the bytes at `offset` agree with a shape in all that decides its end.
  @inline(__always)
  private func matches(_ index: Int, _ bytes: Span<UInt8>, at offset: Int) -> Bool {
    let shape = shapes[index]
    guard shape.wordCount &* 8 <= bytes.count &- offset else { return false }
    // SAFETY: `wordCount` words are readable from `offset` on (guard; `offset` is inside `bytes`),
    // and `words` holds `paddedCount` twice from `start` on, which is no less (`add`).
    return unsafe bytes.withUnsafeBytes { source in
      unsafe words.withUnsafeBufferPointer { words in
        guard let base = source.baseAddress, let words = words.baseAddress else {
          return false
        }
        let input = unsafe base + offset
        let expected = unsafe words + shape.start
        let mask = unsafe expected + shape.paddedCount
        var difference: UInt64 = 0
        for word in 0..<shape.wordCount {
          let value = unsafe input.loadUnaligned(fromByteOffset: word &* 8, as: UInt64.self)
          difference |= unsafe (value ^ expected[word]) & mask[word]
        }
        return difference == 0
      }
    }
  }

  /// Keeps the shape of a struct that was found valid.
  private mutating func add(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    let wordCount = (range.count + 7) / 8
    guard wordCount <= Self.wordLimit, shapes.count < Self.countLimit,
      let mask = try? ShapeMask(of: bytes, range).bits
    else { return }
    let paddedCount = (wordCount + Self.stepWordCount - 1) / Self.stepWordCount * Self.stepWordCount
    shapes.append(
      Shape(
        start: words.count, wordCount: wordCount, paddedCount: paddedCount,
        byteCount: range.count, successor: 0, otherSuccessor: 0))
    follow(with: shapes.count - 1)
    let start = words.count
    words.append(contentsOf: repeatElement(0, count: 2 * paddedCount))
    for (position, index) in range.enumerated() {
      let shift = UInt64(position % 8 * 8)
      words[start + position / 8] |= UInt64(bytes[index]) << shift
      words[start + paddedCount + position / 8] |= UInt64(mask[position]) << shift
    }
  }
}

// MARK: - Many structs at a time

extension StructShapes {
  /// What must be left of the bytes behind a struct's start, for any shape to be compared there.
  package static var room: Int { wordLimit * 8 }

  /// Moves over structs while each of them, and `room` behind its start, is within `bytes`.
  ///
  /// - Parameters:
  ///   - count: The most structs to pass.
  ///   - bytes: What they are in.
  ///   - offset: Where the first of them starts; then where the first that was not passed does.
  /// - Returns: how many were passed. It ends early also before a struct that is no valid Thrift.
  package mutating func pass(
    _ count: Int, of bytes: Span<UInt8>, from offset: inout Int
  ) -> Int {
    var passed = 0
    while passed < count, offset <= bytes.count &- Self.room {
      passed &+= follow(count &- passed, of: bytes, from: &offset)
      guard passed < count, offset <= bytes.count &- Self.room,
        let end = try? end(of: bytes, from: offset)
      else { break }
      offset = end
      passed &+= 1
    }
    return passed
  }

  /// As `pass`, but only while a struct has a shape that came behind the one before it.
  private mutating func follow(
    _ count: Int, of bytes: Span<UInt8>, from offset: inout Int
  ) -> Int {
    guard !shapes.isEmpty, bytes.count >= Self.room else { return 0 }
    var (passed, position, last) = (0, offset, last)
    let limit = bytes.count &- Self.room
    // Not copied: taken out, changed and put back.
    var shapes: [Shape] = []
    swap(&shapes, &self.shapes)
    var changing = shapes.mutableSpan
    // SAFETY: no more than `room` bytes are read from `position` on, which is at or below `limit`;
    // `words` holds `paddedCount` words twice from each shape's `start` on (`add`).
    // WHY: a footer of 5 000 columns and 10 row groups has 50 000 of these structs.
    unsafe bytes.withUnsafeBytes { source in
      unsafe words.withUnsafeBytes { words in
        guard let base = source.baseAddress, let words = words.baseAddress else { return }
        while passed < count, position <= limit {
          let input = unsafe base + position
          var next = changing[last].successor
          if unsafe !Self.agrees(input, changing[next], words) {
            let other = changing[last].otherSuccessor
            guard other != next, unsafe Self.agrees(input, changing[other], words) else { break }
            changing[last].otherSuccessor = next
            changing[last].successor = other
            next = other
          }
          position &+= changing[next].byteCount
          last = next
          passed &+= 1
        }
      }
    }
    swap(&shapes, &self.shapes)
    self.last = last
    offset = position
    return passed
  }

  /// Whether the bytes at `input` agree with a shape in all that decides its end.
  ///
  /// - Precondition: `room` bytes are readable at `input`; `words` is the start of those of `shape`.
  @inline(__always)
  private static func agrees(
    _ input: UnsafeRawPointer, _ shape: Shape, _ words: UnsafeRawPointer
  ) -> Bool {
    let byteCount = shape.paddedCount &* 8
    // SAFETY: the precondition; `paddedCount` is `wordLimit` at most.
    let expected = unsafe words + shape.start &* 8
    let mask = unsafe expected + byteCount
    var difference = SIMD4<UInt64>.zero
    var offset = 0
    while offset < byteCount {
      let value = unsafe input.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
      let want = unsafe expected.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
      let bits = unsafe mask.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
      difference |= (value ^ want) & bits
      offset &+= 32
    }
    let half = difference.lowHalf | difference.highHalf
    return half.x | half.y == 0
  }
}

/// The bits of a valid struct that decide where its values and its end are.
private struct ShapeMask {
  /// One byte for each of the struct; a bit is set where it decides.
  private(set) var bits: [UInt8]
  private let start: Int

  /// The mask of the struct in `range`, which was skipped before without an error.
  init(of bytes: Span<UInt8>, _ range: Range<Int>) throws(DecodingError) {
    start = range.lowerBound
    bits = [UInt8](repeating: 0xFF, count: range.count)
    var thrift = ThriftReader(bytes, at: start)
    try passStruct(&thrift)
  }

  private mutating func passStruct(_ thrift: inout ThriftReader) throws(DecodingError) {
    while true {
      let offset = thrift.offset
      let header = try thrift.readByte()
      if header == 0 { return }
      if header & 0xF0 == 0 { _ = try thrift.readVarint() }
      guard let type = ThriftReader.WireType(header: header) else {
        throw .invalidValue(offset: offset)
      }
      if type != .boolTrue && type != .boolFalse { try pass(type, &thrift) }
    }
  }

  /// Values of types that are not named here count in full.
  private mutating func pass(
    _ type: ThriftReader.WireType, _ thrift: inout ThriftReader
  ) throws(DecodingError) {
    let offset = thrift.offset
    switch type {
    case .i16, .i32, .i64:
      _ = try thrift.readVarint()
      // The tenth byte of an integer may not have any value.
      for index in offset..<min(thrift.offset, offset &+ 9) { bits[index &- start] = 0x80 }
    case .binary: ignore(try thrift.readBinaryElement())
    case .double:
      try thrift.skipElement(type)
      ignore(offset..<thrift.offset)
    case .structure: try passStruct(&thrift)
    case .list:
      let list = try thrift.readListHeader()
      for _ in 0..<list.count { try pass(list.element, &thrift) }
    default: try thrift.skipElement(type)
    }
  }

  private mutating func ignore(_ range: Range<Int>) {
    for index in range { bits[index &- start] = 0 }
  }
}
