public import PFCore

/// The weights of edges: `float32` as they were given, or `float64`, to which all else is widened.
public enum EdgeWeights: Sendable {
  /// IEEE 754 binary32 values, back to back.
  case float32(Buffer)
  /// IEEE 754 binary64 values, back to back.
  case float64(Buffer)

  /// The number of weights.
  public var count: Int {
    switch self {
    case .float32(let buffer): buffer.byteCount / MemoryLayout<Float>.stride
    case .float64(let buffer): buffer.byteCount / MemoryLayout<Double>.stride
    }
  }

  /// The weight at a position. Precondition: `0 <= index < count`.
  public subscript(index: Int) -> Double {
    switch self {
    case .float32(let buffer): Double(buffer.span(of: Float.self)[index])
    case .float64(let buffer): buffer.span(of: Double.self)[index]
    }
  }

  var buffer: Buffer {
    switch self {
    case .float32(let buffer), .float64(let buffer): buffer
    }
  }

  /// The same type of weights over other bytes.
  func replacing(_ buffer: Buffer) -> EdgeWeights {
    switch self {
    case .float32: .float32(buffer)
    case .float64: .float64(buffer)
    }
  }
}

/// A type in which weights are stored. Kernels that use weights are written for both.
package protocol WeightElement: BinaryFloatingPoint, BitwiseCopyable, Sendable {}
extension Float: WeightElement {}
extension Double: WeightElement {}
