internal import PFCore

/// Builds arrays of structs.
///
/// ```swift
/// let (ids, names) = (PrimitiveBuilder<Int64>(), StringBuilder())
/// let rows = StructBuilder([("id", ids), ("name", names)])
/// ids.append(1)
/// names.append("a")
/// rows.append()  // {id: 1, name: "a"}
/// ```
public final class StructBuilder: ArrayBuilder {
  /// The type of the array.
  public let type: DataType
  private let children: [any ArrayBuilder]
  private var validity = ValidityBuilder()
  private var failure: BuildError?

  /// A builder over builders for the fields.
  public init(_ fields: [(name: String, builder: any ArrayBuilder)]) {
    type = .structure(fields.map { Field($0.name, $0.builder.type) })
    children = fields.map(\.builder)
  }

  /// The slots that were appended.
  public var count: Int { validity.count }

  /// Closes a struct. A field without exactly one more value is a failure.
  public func append() {
    validity.appendValid()
    check()
  }

  /// Appends a null, with nulls under it.
  public func appendNull() {
    for child in children { child.appendNull() }
    validity.appendNull()
    check()
  }

  private func check() {
    for child in children where child.count != validity.count {
      failure = failure ?? .childCount(child.count, expected: validity.count)
    }
  }

  /// The array; the builder is then empty.
  ///
  /// - Throws: `.childCount`, `.outOfMemory`, what the fields throw.
  public func finish() throws(BuildError) -> ArrowArray {
    check()
    if let failure { throw failure }
    let (bitmap, length, nullCount) = try validity.take()
    return ArrowArray(
      type: type, length: length, nullCount: nullCount, buffers: [bitmap],
      children: try children.finishAll())
  }
}

/// Builds arrays of dense unions; the type id of a member is its index.
public final class DenseUnionBuilder: ArrayBuilder {
  /// The type of the array.
  public let type: DataType
  private let members: [any ArrayBuilder]
  private var typeIDs = GrowingBuffer()
  private var offsets = GrowingBuffer()
  private var failure: BuildError?

  /// The slots that were appended.
  public private(set) var count = 0

  /// A builder over builders for the members. Precondition: there are 1 to 128.
  public init(_ members: [(name: String, builder: any ArrayBuilder)]) {
    precondition(!members.isEmpty && members.count <= 128, "a union has 1 to 128 members")
    self.members = members.map(\.builder)
    type = .union(
      .dense, members.map { Field($0.name, $0.builder.type) },
      typeIDs: members.indices.map { Int8($0) })
  }

  /// Appends the value that was appended last to the builder of member `index`.
  ///
  /// - Precondition: the member exists.
  public func append(member index: Int) {
    typeIDs.append(Int8(index))
    let last = members[index].count - 1
    if last < 0 {
      failure = failure ?? .childCount(0, expected: 1)
    } else if let last = Int32(exactly: last) {
      offsets.append(last)
    } else {
      failure = failure ?? .offsetOverflow
    }
    count += 1
  }

  /// Appends a null of the first member: unions have none of their own.
  public func appendNull() {
    members[0].appendNull()
    append(member: 0)
  }

  /// The array; the builder is then empty.
  ///
  /// - Throws: `.childCount`, `.offsetOverflow`, `.outOfMemory`, what the members throw.
  public func finish() throws(BuildError) -> ArrowArray {
    if let failure { throw failure }
    defer { count = 0 }
    return ArrowArray(
      type: type, length: count, nullCount: 0, buffers: [try typeIDs.take(), try offsets.take()],
      children: try members.finishAll())
  }
}

/// Builds arrays in which each distinct value is kept once, behind `int32` indices.
public final class DictionaryBuilder<Values: ValueBuilder>: ValueBuilder {
  /// The type of the array.
  public let type: DataType
  private let values: Values
  private let indices = PrimitiveBuilder<Int32>()
  private var positions: [Values.Value: Int32] = [:]
  private var failure: BuildError?

  /// A builder that keeps distinct values, in the order of their first use, in `values`.
  ///
  /// - Precondition: `values` is empty and not used otherwise.
  public init(_ values: Values) {
    precondition(values.count == 0, "the builder of a dictionary is empty at first")
    self.values = values
    type = .dictionary(index: .int32, value: values.type, isOrdered: false)
  }

  /// The slots that were appended.
  public var count: Int { indices.count }

  /// Appends a value.
  public func append(_ value: Values.Value) {
    if let position = positions[value] { return indices.append(position) }
    guard let position = Int32(exactly: values.count) else {
      failure = failure ?? .offsetOverflow
      return
    }
    values.append(value)
    positions[value] = position
    indices.append(position)
  }

  /// Appends a null.
  public func appendNull() { indices.appendNull() }

  /// The array; the builder is then empty.
  ///
  /// - Throws: `.offsetOverflow`, `.outOfMemory`, what the values throw.
  public func finish() throws(BuildError) -> ArrowArray {
    if let failure { throw failure }
    positions = [:]
    let indices = try indices.finish()
    return ArrowArray(
      type: type, length: indices.length, nullCount: indices.nullCount, buffers: indices.buffers,
      dictionary: try values.finish())
  }
}

extension [any ArrayBuilder] {
  fileprivate func finishAll() throws(BuildError) -> [ArrowArray] {
    var arrays: [ArrowArray] = []
    for builder in self { arrays.append(try builder.finish()) }
    return arrays
  }
}
