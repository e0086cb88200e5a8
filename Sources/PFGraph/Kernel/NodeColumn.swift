public import PFArrow
public import PFCore

/// An element of a column of a kernel's answer.
public protocol ColumnElement: BitwiseCopyable, Sendable {
  /// The Arrow type that has the same bits.
  static var arrowType: DataType { get }
}

extension Int32: ColumnElement {
  /// `int32`.
  public static var arrowType: DataType { .int32 }
}
extension Int64: ColumnElement {
  /// `int64`.
  public static var arrowType: DataType { .int64 }
}
extension Float: ColumnElement {
  /// `float32`.
  public static var arrowType: DataType { .float32 }
}
extension Double: ColumnElement {
  /// `float64`.
  public static var arrowType: DataType { .float64 }
}

/// Values that a kernel found, one for each node (or edge, where the kernel says so).
///
/// It is an Arrow array without nulls, and leaves as one without a copy.
public struct NodeColumn<Element: ColumnElement>: Sendable {
  /// The values, back to back.
  public let buffer: Buffer

  package init(_ buffer: Buffer) { self.buffer = buffer }

  /// The number of values.
  public var count: Int { buffer.byteCount / MemoryLayout<Element>.stride }

  /// The values, borrowed.
  public var span: Span<Element> {
    @_lifetime(borrow self)
    get { buffer.span(of: Element.self) }
  }

  /// The value of a node. Precondition: `0 <= node < count`.
  public subscript(node: Int) -> Element { span[node] }

  /// The values as an Arrow array that shares the memory.
  public var array: ArrowArray {
    ArrowArray(type: Element.arrowType, length: count, nullCount: 0, buffers: [nil, buffer])
  }
}

extension NodeColumn<Double> {
  /// The mean of the values, which are added one after the other; 0 without any.
  public var mean: Double {
    var sum = 0.0
    for index in 0..<count { sum += self[index] }
    return sum / Double(max(count, 1))
  }
}

extension NodeColumn<Int32> {
  /// Nodes from a column of integers without nulls.
  ///
  /// - Throws: `.wrongType`, `.nullValue`, `.outOfMemory`.
  package init(nodes: ArrowArray) throws(GraphError) {
    guard case .int32(let buffer) = try NodeIDs(nodes, column: "node") else {
      throw .wrongType(
        column: "node", type: "\(nodes.type)", expected: "integers of 32 bits at most")
    }
    self.init(buffer)
  }
}

extension NodeColumn: Equatable where Element: Equatable {
  /// Whether both hold the same bits.
  public static func == (left: NodeColumn, right: NodeColumn) -> Bool {
    left.buffer == right.buffer
  }
}

extension Array where Element: ColumnElement {
  /// A copy of a column.
  public init(_ column: NodeColumn<Element>) {
    self = [Element](capacity: column.count) { output in
      for index in 0..<column.count { output.append(column.span[index]) }
    }
  }
}

extension Adjacency {
  /// Where the neighbours of each node begin, as an Arrow array.
  package var offsetColumn: ArrowArray { NodeColumn<Int64>(offsetBuffer).array }

  /// The neighbours, as an Arrow array.
  package var neighborColumn: ArrowArray { NodeColumn<Int32>(neighborBuffer).array }

  /// The weights, as an Arrow array.
  package var weightColumn: ArrowArray? {
    switch weights {
    case nil: nil
    case .float32(let buffer): NodeColumn<Float>(buffer).array
    case .float64(let buffer): NodeColumn<Double>(buffer).array
    }
  }
}
