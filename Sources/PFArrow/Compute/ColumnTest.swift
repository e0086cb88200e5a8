/// A condition on the values of one column, its literals brought to the column's own type.
package enum ColumnTest: Sendable {
  /// Whether there is no value.
  case isNull
  /// Unknown for every row.
  case unknown
  /// The same for every value; unknown for nulls.
  case constant(Bool)
  /// A comparison with a value of the column's type; unknown for nulls.
  case compare(ComparisonOperator, Scalar)
  /// Whether the value is one of `values`, which are sorted and distinct; `includesNull` for nulls.
  case isIn(values: [Scalar], includesNull: Bool)

  /// What the test says of a null; nil for unknown.
  package var truthOfNull: Bool? {
    switch self {
    case .isNull: true
    case .isIn(_, let includesNull): includesNull
    case .unknown, .constant, .compare: nil
    }
  }
}

/// A value of a column's own type.
///
/// Dates, times and the like are their integers. Comparing two of one column never traps.
package enum Scalar: Equatable, Sendable {
  case boolean(Bool)
  case integer(Int128)
  /// Exactly a value of the column's width.
  case double(Double)
  /// The unscaled integer at the column's scale.
  case decimal(Int256)
  case bytes([UInt8])
}

/// Where a literal stands among the values that a type has.
enum Placement: Equatable {
  case exactly(Scalar)
  /// Between two values; `next` is the smallest above it, nil where there is none.
  case between(next: Scalar?)
  /// NaN.
  case unordered
  case null
}

extension ColumnTest {
  /// A comparison of a column of `type`; nil where such a literal cannot be compared with it.
  package init?(_ comparison: ComparisonOperator, _ literal: Literal, type: DataType) {
    guard let placement = literal.placement(in: type) else { return nil }
    switch placement {
    case .exactly(let scalar): self = .compare(comparison, scalar)
    case .unordered: self = .constant(comparison == .notEqual)
    case .null: self = .unknown
    case .between(let next):
      switch (comparison, next) {
      case (.equal, _), (.greater, nil), (.greaterOrEqual, nil): self = .constant(false)
      case (.notEqual, _), (.less, nil), (.lessOrEqual, nil): self = .constant(true)
      case (.less, let next?), (.lessOrEqual, let next?): self = .compare(.less, next)
      case (.greater, let next?), (.greaterOrEqual, let next?):
        self = .compare(.greaterOrEqual, next)
      }
    }
  }

  /// Membership in a list, of a column of `type`; nil where a literal cannot be compared with it.
  package init?(isIn literals: [Literal], type: DataType) {
    var values: [Scalar] = []
    var includesNull = false
    for literal in literals {
      guard let placement = literal.listPlacement(in: type) else { return nil }
      switch placement {
      case .exactly(let scalar): values.append(scalar)
      case .null: includesNull = true
      case .between, .unordered: break
      }
    }
    values.sort(by: Scalar.precedes)
    var distinct: [Scalar] = []
    for value in values {
      if let last = distinct.last, !Scalar.precedes(last, value) { continue }
      distinct.append(value)
    }
    self = .isIn(values: distinct, includesNull: includesNull)
  }
}

extension Scalar {
  /// An order in which values of one column are sorted and searched. Floating point numbers are
  /// in the order of their bits, as a list tells 0.0 from -0.0.
  package static func precedes(_ left: Scalar, _ right: Scalar) -> Bool {
    switch (left, right) {
    case (.boolean(let left), .boolean(let right)): !left && right
    case (.integer(let left), .integer(let right)): left < right
    case (.double(let left), .double(let right)): left.bitPattern < right.bitPattern
    case (.decimal(let left), .decimal(let right)): left < right
    case (.bytes(let left), .bytes(let right)): left.lexicographicallyPrecedes(right)
    default: false
    }
  }
}
