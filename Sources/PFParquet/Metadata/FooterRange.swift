/// Where a struct or list that is decoded only when asked lies in the footer's bytes.
///
/// Half the size of a `Range<Int>`, for a wide file keeps several for each of a hundred thousand
/// column chunks. Footers are below 4 GiB: their size is stored in 32 bits.
package struct FooterRange: Hashable, Sendable {
  package let offset: UInt32
  package let byteCount: UInt32

  package init(_ range: Range<Int>) {
    offset = UInt32(truncatingIfNeeded: range.lowerBound)
    byteCount = UInt32(truncatingIfNeeded: range.count)
  }

  /// The range of what a file leaves out. Nothing that is present is empty.
  package static let absent = FooterRange(0..<0)

  package var isAbsent: Bool { byteCount == 0 }

  /// The same range for use with a span.
  package var bounds: Range<Int> { Int(offset)..<(Int(offset) + Int(byteCount)) }
}
