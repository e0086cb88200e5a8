internal import PFCore

/// Makes an array slot by slot, straight into its final buffers.
///
/// Appending never throws: the first failure is kept, and `finish()` throws it. Builders of nested
/// types hold builders for their children, to which values are appended first; `append()` of the
/// parent then closes the slot.
public protocol ArrayBuilder: AnyObject {
  /// The type of the array.
  var type: DataType { get }

  /// The slots that were appended.
  var count: Int { get }

  /// Appends a null.
  func appendNull()

  /// The array of what was appended; the builder is then empty. After a throw it is of no use.
  ///
  /// - Throws: the first failure since the builder was made.
  func finish() throws(BuildError) -> ArrowArray
}

/// A builder whose slots are single Swift values.
public protocol ValueBuilder: ArrayBuilder {
  /// What a slot is made of.
  associatedtype Value: Hashable

  /// Appends a value.
  func append(_ value: Value)
}

extension ValueBuilder {
  /// Appends values and nulls.
  public func append(contentsOf values: some Sequence<Value?>) {
    for value in values {
      if let value { append(value) } else { appendNull() }
    }
  }
}

/// Why an array could not be built.
public enum BuildError: Error, Equatable, Sendable {
  /// The values need larger offsets than 32 bits; the type with 64-bit offsets holds them.
  case offsetOverflow
  /// A value has `byteCount` bytes where the type has `expected`.
  case wrongByteCount(Int, expected: Int)
  /// A decimal has another scale than the type, or more digits than its width holds.
  case decimalOutOfRange(DecimalValue)
  /// Children have not as many slots as the parent's slot closes.
  case childCount(Int, expected: Int)
  /// There was no memory.
  case outOfMemory(byteCount: Int)

  init(_ error: AllocationError) { self = .outOfMemory(byteCount: error.byteCount) }
}

extension BuildError: CustomStringConvertible {
  /// One clause for people.
  public var description: String {
    switch self {
    case .offsetOverflow: "the values need offsets of 64 bits"
    case .wrongByteCount(let byteCount, let expected):
      "a value has \(byteCount) bytes, \(expected) are expected"
    case .decimalOutOfRange(let value): "the decimal \(value) does not fit the type"
    case .childCount(let count, let expected):
      "a child has \(count) slots where the parent needs \(expected)"
    case .outOfMemory(let byteCount): "no memory for \(byteCount) bytes"
    }
  }
}
