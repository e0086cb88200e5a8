public import PFCore

/// An array of the Arrow columnar format: immutable, shared, of any type.
///
/// Shapes: `buffers` are those of the C Data Interface for the type, in its order (validity first
/// for all types but null and union), without the sizes that end those of views. They hold
/// `offset + length` slots.
/// Invariant: buffers are long enough for that, and offsets lie inside their data; whoever makes
/// an array from foreign memory checks it first.
public struct ArrowArray: Sendable {
  /// The type of the values.
  public let type: DataType
  /// The number of slots.
  public let length: Int
  /// The slots that are null. Exact.
  public let nullCount: Int
  /// Slots of the buffers that come before the first slot of the array.
  public let offset: Int
  /// Buffers in the order of the layout; nil where a validity bitmap is left out.
  public let buffers: [Buffer?]
  /// Arrays of nested types.
  public let children: [ArrowArray]
  private let dictionaryBox: [ArrowArray]

  /// An array over buffers that satisfy the invariant.
  package init(
    type: DataType, length: Int, nullCount: Int, offset: Int = 0, buffers: [Buffer?],
    children: [ArrowArray] = [], dictionary: ArrowArray? = nil
  ) {
    self.type = type
    self.length = length
    self.nullCount = nullCount
    self.offset = offset
    self.buffers = buffers
    self.children = children
    dictionaryBox = dictionary.map { [$0] } ?? []
  }

  /// The values that the indices of a dictionary array mean.
  public var dictionary: ArrowArray? { dictionaryBox.first }

  /// The validity bitmap; nil when no slot is null or the type has none.
  public var validity: Buffer? {
    type.hasValidity ? buffers.first.flatMap { $0 } : nil
  }

  /// Whether slot `index` holds a value. Precondition: `0 <= index < length`.
  public func isValid(_ index: Int) -> Bool {
    precondition(index >= 0 && index < length, "slot outside the array")
    if case .null = type { return false }
    guard let validity else { return true }
    return validity.bytes.bit(at: offset + index)
  }

  /// Slots `start ..< start + count`, sharing memory.
  ///
  /// Children of lists, maps and dense unions are shared whole; those of structs, sparse unions
  /// and fixed-size lists are, too: the offset of the parent applies to them (Arrow columnar
  /// format, "Struct Layout").
  ///
  /// - Precondition: the range lies inside the array.
  /// - Complexity: O(count / 64) where there are nulls to count, else O(1).
  public func slice(start: Int, count: Int) -> ArrowArray {
    precondition(
      start >= 0 && count >= 0 && start <= length && count <= length - start,
      "slice outside the array")
    if start == 0, count == length { return self }
    let nulls =
      if nullCount == 0 { 0 } else if nullCount == length { count } else if let validity {
        count - validity.bytes.countBits(in: (offset + start)..<(offset + start + count))
      } else { 0 }
    return ArrowArray(
      type: type, length: count, nullCount: nulls, offset: offset + start, buffers: buffers,
      children: children, dictionary: dictionary)
  }
}
