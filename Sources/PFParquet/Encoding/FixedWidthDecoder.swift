internal import PFCore

/// Decodes the fixed-width values of a page to the bytes that PLAIN has for them, any number at a
/// time.
///
/// SAFETY: whoever makes one promises that the bytes of the page outlive it. It reads only inside
/// them.
protocol FixedWidthDecoder: AnyObject {
  /// Bytes of a value.
  var width: Int { get }
  /// Values of the page that are not decoded yet.
  var valuesLeft: Int { get }

  /// Decodes the next `count` values.
  ///
  /// SAFETY: room for as many at `target`, which is aligned as they are.
  /// - Throws: `.truncated` when there are fewer; what is wrong with them.
  func decode(_ count: Int, into target: UnsafeMutableRawPointer) throws(DecodingError)
}
