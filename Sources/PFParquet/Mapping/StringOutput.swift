package import PFArrow

/// The Arrow layout that BYTE_ARRAY columns of strings or bytes are read into.
///
/// The raw value is the name of the layout in options.
public enum StringOutput: String, Sendable, CaseIterable {
  /// Offsets of 32 bits: `utf8`, `binary`.
  case utf8
  /// Offsets of 64 bits: `largeUTF8`, `largeBinary`.
  case largeUTF8 = "large_utf8"
  /// Views, which leave the bytes of pages and dictionaries where they are: `utf8View`,
  /// `binaryView`.
  case utf8View = "utf8_view"
  /// Indices of 32 bits into a dictionary, which may differ from batch to batch.
  case dictionary

  /// The layout for values of `type`; nil for a type that is neither strings nor bytes.
  package func type(for type: DataType) -> DataType? {
    switch type {
    case .utf8, .largeUTF8, .utf8View: isText(true)
    case .binary, .largeBinary, .binaryView: isText(false)
    // A dictionary that is asked for again keeps its index and its order.
    case .dictionary(_, let value, _) where self != .dictionary: self.type(for: value)
    default: nil
    }
  }

  private func isText(_ isText: Bool) -> DataType {
    switch self {
    case .utf8: isText ? .utf8 : .binary
    case .largeUTF8: isText ? .largeUTF8 : .largeBinary
    case .utf8View: isText ? .utf8View : .binaryView
    case .dictionary:
      .dictionary(index: .int32, value: isText ? .utf8 : .binary, isOrdered: false)
    }
  }
}
