internal import PFCore

/// Bitmaps are little-endian by bit: slot `i` is bit `i % 8` of byte `i / 8` (Arrow columnar
/// format, "Validity bitmaps").
extension Span<UInt8> {
  /// Bit `index`. Precondition: it lies inside the span.
  package func bit(at index: Int) -> Bool {
    self[index >> 3] & (1 << UInt8(truncatingIfNeeded: index & 7)) != 0
  }

  /// The set bits among those of `range`. Precondition: they lie inside the span.
  package func countBits(in range: Range<Int>) -> Int {
    guard !range.isEmpty else { return 0 }
    let first = range.lowerBound >> 3
    let last = (range.upperBound - 1) >> 3
    let head = UInt8(truncatingIfNeeded: 0xFF << (range.lowerBound & 7))
    let tail = UInt8(truncatingIfNeeded: 0xFF >> (7 - ((range.upperBound - 1) & 7)))
    if first == last { return (self[first] & head & tail).nonzeroBitCount }
    var count = (self[first] & head).nonzeroBitCount + (self[last] & tail).nonzeroBitCount
    var index = first + 1
    let raw = RawSpan(_elements: self)
    while index + 8 <= last {
      // Checked against the bounds of the span; any alignment is fine.
      count += unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
        .nonzeroBitCount
      index += 8
    }
    while index < last {
      count += self[index].nonzeroBitCount
      index += 1
    }
    return count
  }
}
