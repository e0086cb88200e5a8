/// A condition on the rows of a table.
///
///     let wanted: RowPredicate = .column("price") > 100 && .column("city").isIn(["Rome", "Oslo"])
///
/// A row is kept where the condition is true. What a null is compared with is unknown, neither true
/// nor false, and the rules of three-valued logic apply: `!unknown` is unknown, `false && unknown`
/// is false, `true || unknown` is true. `isIn`, `isNotIn`, `isNull` and `isNotNull` are never
/// unknown: a null is in a list that has a null, and not in one that has none.
///
/// Numbers are compared exactly, whatever their types. NaN equals nothing and is neither below nor
/// above anything, but is in a list that has a NaN; a list tells 0.0 and -0.0 apart. Text and bytes
/// are compared byte by byte.
public indirect enum RowPredicate: Hashable, Sendable {
  /// A column against a value.
  case comparison(column: String, ComparisonOperator, Literal)
  /// Whether a column's value is one of a list.
  case isIn(column: String, [Literal])
  /// Whether a column has no value.
  case isNull(column: String)
  /// All of these, or true where there are none.
  case and([RowPredicate])
  /// One of these at least, or false where there are none.
  case or([RowPredicate])
  /// The opposite.
  case not(RowPredicate)

  /// A column by its name, or by the path to a field of a struct with dots between the names.
  public static func column(_ name: String) -> ColumnReference { ColumnReference(name: name) }

  /// The columns that the condition asks for, each once, in the order of the condition.
  public var columns: [String] {
    var names: [String] = []
    var open = [self]
    while let predicate = open.popLast() {
      switch predicate {
      case .comparison(let name, _, _), .isIn(let name, _), .isNull(let name):
        if !names.contains(name) { names.append(name) }
      case .and(let parts), .or(let parts): open += parts.reversed()
      case .not(let part): open.append(part)
      }
    }
    return names
  }
}

/// How a value is compared with another.
public enum ComparisonOperator: String, Hashable, Sendable, CaseIterable {
  /// `==`
  case equal = "=="
  /// `!=`
  case notEqual = "!="
  /// `<`
  case less = "<"
  /// `<=`
  case lessOrEqual = "<="
  /// `>`
  case greater = ">"
  /// `>=`
  case greaterOrEqual = ">="
}

/// A column in a condition that is being written.
public struct ColumnReference: Hashable, Sendable {
  /// The name or dotted path.
  public let name: String

  /// A column by its name, or by the path to a field of a struct with dots between the names.
  public static func column(_ name: String) -> ColumnReference { ColumnReference(name: name) }

  /// Whether the value is one of `values`.
  public func isIn(_ values: [Literal]) -> RowPredicate { .isIn(column: name, values) }

  /// Whether the value is none of `values`; true for a null, unless `values` has one.
  public func isNotIn(_ values: [Literal]) -> RowPredicate { .not(isIn(values)) }

  /// Whether there is no value.
  public var isNull: RowPredicate { .isNull(column: name) }

  /// Whether there is a value.
  public var isNotNull: RowPredicate { .not(isNull) }

  /// Whether the value is `value`.
  public static func == (column: ColumnReference, value: Literal) -> RowPredicate {
    .comparison(column: column.name, .equal, value)
  }

  /// Whether there is a value and it is not `value`.
  public static func != (column: ColumnReference, value: Literal) -> RowPredicate {
    .comparison(column: column.name, .notEqual, value)
  }

  /// Whether the value is below `value`.
  public static func < (column: ColumnReference, value: Literal) -> RowPredicate {
    .comparison(column: column.name, .less, value)
  }

  /// Whether the value is `value` or below it.
  public static func <= (column: ColumnReference, value: Literal) -> RowPredicate {
    .comparison(column: column.name, .lessOrEqual, value)
  }

  /// Whether the value is above `value`.
  public static func > (column: ColumnReference, value: Literal) -> RowPredicate {
    .comparison(column: column.name, .greater, value)
  }

  /// Whether the value is `value` or above it.
  public static func >= (column: ColumnReference, value: Literal) -> RowPredicate {
    .comparison(column: column.name, .greaterOrEqual, value)
  }
}

extension RowPredicate {
  /// Both.
  public static func && (left: RowPredicate, right: RowPredicate) -> RowPredicate {
    // Kept flat: what a loop chains must not become a deep tree.
    switch (left, right) {
    case (.and(let first), .and(let second)): .and(first + second)
    case (.and(let first), _): .and(first + [right])
    case (_, .and(let second)): .and([left] + second)
    default: .and([left, right])
    }
  }

  /// One of the two, or both.
  public static func || (left: RowPredicate, right: RowPredicate) -> RowPredicate {
    switch (left, right) {
    case (.or(let first), .or(let second)): .or(first + second)
    case (.or(let first), _): .or(first + [right])
    case (_, .or(let second)): .or([left] + second)
    default: .or([left, right])
    }
  }

  /// The opposite; unknown stays unknown.
  public static prefix func ! (part: RowPredicate) -> RowPredicate { .not(part) }
}
