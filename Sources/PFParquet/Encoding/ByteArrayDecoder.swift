internal import PFCore

/// Decodes the byte arrays of a page whose lengths come apart from their bytes.
///
/// SAFETY: whoever makes one promises that the bytes of the page outlive it. It reads only inside
/// them.
protocol ByteArrayDecoder: AnyObject {
  /// Values of the page that are not decoded yet.
  var valuesLeft: Int { get }

  /// The lengths of the next values: of one at least, unless none is left. None is negative.
  ///
  /// Valid until it is called again.
  func lengthsAhead() throws(DecodingError) -> UnsafeBufferPointer<Int32>

  /// Decodes the next `count` values, back to back.
  ///
  /// SAFETY: `count` lengths are ahead; `capacity` bytes are writable at `target`, and the values
  /// fit. Bytes behind them may be written, too.
  func decode(
    _ count: Int, into target: UnsafeMutableRawPointer, capacity: Int
  ) throws(DecodingError)
}

/// Byte arrays that must all have one length: FIXED_LEN_BYTE_ARRAY.
@safe final class FixedLengthDecoder: FixedWidthDecoder {
  private let values: any ByteArrayDecoder
  let width: Int

  init(_ values: any ByteArrayDecoder, width: Int) {
    self.values = values
    self.width = width
  }

  var valuesLeft: Int { values.valuesLeft }

  func decode(_ count: Int, into target: UnsafeMutableRawPointer) throws(DecodingError) {
    var done = 0
    while done < count {
      let lengths = try unsafe values.lengthsAhead()
      let block = min(lengths.count, count - done)
      guard block > 0 else { throw .truncated(offset: 0, needed: count - done) }
      for index in 0..<block where unsafe Int(lengths[index]) != width {
        throw .invalidValue(offset: 0)
      }
      try unsafe values.decode(
        block, into: target + done * width, capacity: (count - done) * width)
      done += block
    }
  }
}
