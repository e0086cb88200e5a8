public import PFArrow
internal import PFCore

/// Edges as they come from outside: a column of sources, one of targets, perhaps one of weights.
///
/// The columns are borrowed: nothing is copied before the graph is made, but for ids of 8 or 16
/// bits, and ids of 32 bits beside others of 64.
public struct EdgeList: Sendable {
  let sources: NodeIDs
  let targets: NodeIDs
  let weights: EdgeWeights?

  /// The number of edges.
  public var count: Int { sources.count }

  /// Edges from Arrow columns of one length without nulls: integers of any width, and numbers or
  /// nil for the weights.
  ///
  /// - Throws: `.lengthMismatch`, `.wrongType`, `.nullValue`.
  public init(sources: ArrowArray, targets: ArrowArray, weights: ArrowArray? = nil)
    throws(GraphError)
  {
    guard sources.length == targets.length else {
      throw .lengthMismatch(
        first: "source", count: sources.length, second: "target", otherCount: targets.length)
    }
    if let weights, weights.length != sources.length {
      throw .lengthMismatch(
        first: "source", count: sources.length, second: "weight", otherCount: weights.length)
    }
    (self.sources, self.targets) = try NodeIDs.ofOneWidth(
      NodeIDs(sources, column: "source"), NodeIDs(targets, column: "target"))
    self.weights = try weights.map { (array) throws(GraphError) in try EdgeWeights(array) }
  }

  /// Edges from Swift arrays, which are copied.
  ///
  /// - Throws: `.lengthMismatch`, `.outOfMemory`.
  public init(sources: [Int32], targets: [Int32], weights: [Double]? = nil) throws(GraphError) {
    guard sources.count == targets.count else {
      throw .lengthMismatch(
        first: "source", count: sources.count, second: "target", otherCount: targets.count)
    }
    if let weights, weights.count != sources.count {
      throw .lengthMismatch(
        first: "source", count: sources.count, second: "weight", otherCount: weights.count)
    }
    do throws(AllocationError) {
      self.sources = .int32(try Buffer(copying: sources))
      self.targets = .int32(try Buffer(copying: targets))
      self.weights = try weights.map { (values) throws(AllocationError) in
        .float64(try Buffer(copying: values))
      }
    } catch {
      throw .outOfMemory(byteCount: error.byteCount)
    }
  }
}

/// Ids of nodes as 32-bit or 64-bit integers; an unsigned one that does not fit the signed type of
/// its width is out of range anyway, and seen as negative.
enum NodeIDs: Sendable {
  case int32(Buffer)
  case int64(Buffer)

  var count: Int {
    switch self {
    case .int32(let buffer): buffer.byteCount / 4
    case .int64(let buffer): buffer.byteCount / 8
    }
  }

  /// Both in the wider of their types; one of them is copied where they differ.
  static func ofOneWidth(_ first: NodeIDs, _ second: NodeIDs) throws(GraphError) -> (
    NodeIDs, NodeIDs
  ) {
    switch (first, second) {
    case (.int32(let buffer), .int64):
      (.int64(try buffer.widened(from: Int32.self, to: Int64.self)), second)
    case (.int64, .int32(let buffer)):
      (first, .int64(try buffer.widened(from: Int32.self, to: Int64.self)))
    default: (first, second)
    }
  }

  init(_ array: ArrowArray, column: String) throws(GraphError) {
    let data = try array.numbers(column: column, expected: "integers")
    switch array.type {
    case .int32, .uint32: self = .int32(data)
    case .int64, .uint64: self = .int64(data)
    case .int8: self = .int32(try data.widened(from: Int8.self, to: Int32.self))
    case .int16: self = .int32(try data.widened(from: Int16.self, to: Int32.self))
    case .uint8: self = .int32(try data.widened(from: UInt8.self, to: Int32.self))
    case .uint16: self = .int32(try data.widened(from: UInt16.self, to: Int32.self))
    default:
      throw .wrongType(column: column, type: "\(array.type)", expected: "integers")
    }
  }
}

extension EdgeWeights {
  /// Weights from a column of numbers; integers become `float64`, where 64-bit ones are rounded to
  /// nearest.
  init(_ array: ArrowArray) throws(GraphError) {
    let data = try array.numbers(column: "weight", expected: "numbers")
    switch array.type {
    case .float64: self = .float64(data)
    case .float32: self = .float32(data)
    case .int8: self = .float64(try data.widened(from: Int8.self))
    case .int16: self = .float64(try data.widened(from: Int16.self))
    case .int32: self = .float64(try data.widened(from: Int32.self))
    case .int64: self = .float64(try data.widened(from: Int64.self))
    case .uint8: self = .float64(try data.widened(from: UInt8.self))
    case .uint16: self = .float64(try data.widened(from: UInt16.self))
    case .uint32: self = .float64(try data.widened(from: UInt32.self))
    case .uint64: self = .float64(try data.widened(from: UInt64.self))
    default:
      throw .wrongType(column: "weight", type: "\(array.type)", expected: "numbers")
    }
  }
}

extension ArrowArray {
  /// The bytes of the values of a column of numbers.
  ///
  /// - Throws: `.nullValue` with the first null; `.wrongType` where it is not made of numbers.
  fileprivate func numbers(column: String, expected: String) throws(GraphError) -> Buffer {
    guard let width = type.byteWidth, buffers.count == 2 else {
      throw .wrongType(column: column, type: "\(type)", expected: expected)
    }
    if nullCount > 0 {
      throw .nullValue(
        column: column, position: (0..<length).first { !isValid($0) } ?? 0)
    }
    guard length > 0, let data = buffers[1] else { return .empty }
    return data.slice(offset: offset * width, byteCount: length * width)
  }
}

extension Buffer {
  /// The elements as another type of integers that holds all of them.
  fileprivate func widened<From: FixedWidthInteger & BitwiseCopyable, To>(
    from _: From.Type, to _: To.Type
  ) throws(GraphError) -> Buffer where To: FixedWidthInteger & BitwiseCopyable {
    try mapped { (value: From) in To(truncatingIfNeeded: value) }
  }

  /// The elements as `float64`.
  fileprivate func widened<From: FixedWidthInteger & BitwiseCopyable>(from _: From.Type)
    throws(GraphError) -> Buffer
  {
    try mapped { (value: From) in Double(value) }
  }

  private func mapped<From: BitwiseCopyable, To: BitwiseCopyable>(_ body: (From) -> To)
    throws(GraphError) -> Buffer
  {
    let values = span(of: From.self)
    do throws(AllocationError) {
      var result = try MutableBuffer(byteCount: values.count * MemoryLayout<To>.stride)
      for index in values.indices { result.append(body(values[index])) }
      return result.freeze()
    } catch {
      throw .outOfMemory(byteCount: error.byteCount)
    }
  }
}
