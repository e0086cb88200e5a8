internal import PFCore

/// The offsets and validity that builders of lists and maps share.
private struct ChildOffsets: ~Copyable {
  private var offsets = GrowingBuffer()
  private var validity = ValidityBuilder()
  private var failure: BuildError?
  private let isLarge: Bool

  init(isLarge: Bool) {
    self.isLarge = isLarge
    appendOffset(0)
  }

  var count: Int { validity.count }

  mutating func append(upTo childCount: Int) {
    appendOffset(childCount)
    validity.appendValid()
  }

  mutating func appendNull(upTo childCount: Int) {
    appendOffset(childCount)
    validity.appendNull()
  }

  private mutating func appendOffset(_ offset: Int) {
    if isLarge {
      offsets.append(Int64(offset))
    } else if let offset = Int32(exactly: offset) {
      offsets.append(offset)
    } else {
      failure = failure ?? .offsetOverflow
    }
  }

  mutating func finish(_ type: DataType, child: ArrowArray) throws(BuildError) -> ArrowArray {
    if let failure { throw failure }
    let (bitmap, length, nullCount) = try validity.take()
    let buffers = [bitmap, try offsets.take()]
    appendOffset(0)
    return ArrowArray(
      type: type, length: length, nullCount: nullCount, buffers: buffers, children: [child])
  }
}

/// Builds arrays of lists.
///
/// ```swift
/// let builder = ListBuilder(PrimitiveBuilder<Int64>())
/// builder.values.append(1)
/// builder.values.append(2)
/// builder.append()  // [1, 2]
/// ```
public final class ListBuilder<Values: ArrayBuilder>: ArrayBuilder {
  /// The builder of the values in the lists.
  public let values: Values
  /// The type of the array.
  public let type: DataType
  private var offsets: ChildOffsets

  /// A builder of `list`, or of `largeList` for more than 2³¹ values. Values are called `name`.
  public init(_ values: Values, name: String = "item", isLarge: Bool = false) {
    self.values = values
    let field = Field(name, values.type)
    type = isLarge ? .largeList(field) : .list(field)
    offsets = ChildOffsets(isLarge: isLarge)
  }

  /// The slots that were appended.
  public var count: Int { offsets.count }

  /// Appends a list of the values appended since the last slot.
  public func append() { offsets.append(upTo: values.count) }

  /// Appends a null. Values appended since the last slot lie under it, unseen.
  public func appendNull() { offsets.appendNull(upTo: values.count) }

  /// The array; the builder is then empty.
  ///
  /// - Throws: `.offsetOverflow`, `.outOfMemory`, what the values throw.
  public func finish() throws(BuildError) -> ArrowArray {
    try offsets.finish(type, child: try values.finish())
  }
}

/// Builds arrays of lists of one length.
public final class FixedSizeListBuilder<Values: ArrayBuilder>: ArrayBuilder {
  /// The builder of the values in the lists.
  public let values: Values
  /// The type of the array.
  public let type: DataType
  private let valueCount: Int
  private var validity = ValidityBuilder()
  private var failure: BuildError?

  /// A builder of lists of `count` values. Precondition: that is not negative.
  public init(_ values: Values, count: Int, name: String = "item") {
    precondition(count >= 0, "a negative list size")
    self.values = values
    valueCount = count
    type = .fixedSizeList(Field(name, values.type), count: count)
  }

  /// The slots that were appended.
  public var count: Int { validity.count }

  /// Appends a list of the values appended since the last slot. Another number of them is a
  /// failure.
  public func append() {
    validity.appendValid()
    check()
  }

  /// Appends a null, with nulls under it.
  public func appendNull() {
    for _ in 0..<valueCount { values.appendNull() }
    validity.appendNull()
    check()
  }

  private func check() {
    let expected = validity.count.multipliedReportingOverflow(by: valueCount).partialValue
    if values.count != expected {
      failure = failure ?? .childCount(values.count, expected: expected)
    }
  }

  /// The array; the builder is then empty.
  ///
  /// - Throws: `.childCount`, `.outOfMemory`, what the values throw.
  public func finish() throws(BuildError) -> ArrowArray {
    if let failure { throw failure }
    let (bitmap, length, nullCount) = try validity.take()
    return ArrowArray(
      type: type, length: length, nullCount: nullCount, buffers: [bitmap],
      children: [try values.finish()])
  }
}

/// Builds arrays of maps.
public final class MapBuilder<Keys: ArrayBuilder, Values: ArrayBuilder>: ArrayBuilder {
  /// The builder of the keys. Keys are not null.
  public let keys: Keys
  /// The builder of the values.
  public let values: Values
  /// The type of the array.
  public let type: DataType
  private let entries: Field
  private var offsets = ChildOffsets(isLarge: false)
  private var failure: BuildError?

  /// A builder. `keysSorted` promises that the keys of each map are in order.
  public init(keys: Keys, values: Values, keysSorted: Bool = false) {
    self.keys = keys
    self.values = values
    let fields = [Field("key", keys.type, isNullable: false), Field("value", values.type)]
    entries = Field("entries", .structure(fields), isNullable: false)
    type = .map(entries: entries, keysSorted: keysSorted)
  }

  /// The slots that were appended.
  public var count: Int { offsets.count }

  /// Appends a map of the keys and values appended since the last slot. Another number of values
  /// than of keys is a failure.
  public func append() {
    check()
    offsets.append(upTo: keys.count)
  }

  /// Appends a null. Entries appended since the last slot lie under it, unseen.
  public func appendNull() {
    check()
    offsets.appendNull(upTo: keys.count)
  }

  private func check() {
    if values.count != keys.count {
      failure = failure ?? .childCount(values.count, expected: keys.count)
    }
  }

  /// The array; the builder is then empty.
  ///
  /// - Throws: `.childCount`, `.offsetOverflow`, `.outOfMemory`, what keys and values throw.
  public func finish() throws(BuildError) -> ArrowArray {
    check()
    if let failure { throw failure }
    let children = [try keys.finish(), try values.finish()]
    let entries = ArrowArray(
      type: entries.type, length: children[0].length, nullCount: 0, buffers: [nil],
      children: children)
    return try offsets.finish(type, child: entries)
  }
}
