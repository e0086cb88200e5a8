internal import PFCore

/// One 16-byte view of a binary or UTF-8 view array (Arrow columnar format, "Variable-size Binary
/// View Layout"): a length, then either the bytes themselves or four of them, the index of a data
/// buffer and an offset into it.
struct View {
  /// The longest value that lies in the view itself.
  static let inlineByteCount = 12

  let byteCount: Int
  /// Among the data buffers. Means nothing when the value is inline.
  let bufferIndex: Int
  /// Into that data buffer. Means nothing when the value is inline.
  let offset: Int
}

extension ArrowArray {
  /// The view in slot `index`. Precondition: a view array with that slot.
  func view(at index: Int) -> View {
    let words = elements(of: Int32.self)
    let first = (offset + index) * 4
    return View(
      byteCount: Int(words[first]), bufferIndex: Int(words[first + 2]),
      offset: Int(words[first + 3]))
  }
}
