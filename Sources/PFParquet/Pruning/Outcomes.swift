package import PFArrow

/// The rows of a row group for which a condition may come out true, false or unknown, as far as
/// can be told without reading them.
package struct Outcomes: Equatable, Sendable {
  package var mayBeTrue: RowSelection
  package var mayBeFalse: RowSelection
  package var mayBeUnknown: RowSelection

  package init(
    mayBeTrue: RowSelection, mayBeFalse: RowSelection, mayBeUnknown: RowSelection
  ) {
    self.mayBeTrue = mayBeTrue
    self.mayBeFalse = mayBeFalse
    self.mayBeUnknown = mayBeUnknown
  }

  /// The same for all of `rowCount` rows.
  package init(mayBeTrue: Bool, mayBeFalse: Bool, mayBeUnknown: Bool, rowCount: Int) {
    func rows(_ all: Bool) -> RowSelection {
      all ? RowSelection(allOf: rowCount) : RowSelection([], of: rowCount)
    }
    self.init(
      mayBeTrue: rows(mayBeTrue), mayBeFalse: rows(mayBeFalse), mayBeUnknown: rows(mayBeUnknown))
  }

  /// Nothing is known of `rowCount` rows.
  package init(open rowCount: Int) {
    self.init(mayBeTrue: true, mayBeFalse: true, mayBeUnknown: true, rowCount: rowCount)
  }

  /// Whether the condition is true for every row.
  package var isSurelyTrue: Bool { mayBeFalse.isEmpty && mayBeUnknown.isEmpty }

  /// What two sources say of the same condition, taken together.
  package func narrowed(by other: Outcomes) -> Outcomes {
    Outcomes(
      mayBeTrue: mayBeTrue.intersection(other.mayBeTrue),
      mayBeFalse: mayBeFalse.intersection(other.mayBeFalse),
      mayBeUnknown: mayBeUnknown.intersection(other.mayBeUnknown))
  }
}

extension BoundPredicate {
  /// The outcomes of the condition from those of its tests.
  package func outcomes(rowCount: Int, of tests: [Outcomes]) -> Outcomes {
    Self.outcomes(root, rowCount, tests)
  }

  private static func outcomes(_ node: Node, _ rowCount: Int, _ tests: [Outcomes]) -> Outcomes {
    switch node {
    case .test(let index): return tests[index]
    case .not(let part):
      let inner = outcomes(part, rowCount, tests)
      return Outcomes(
        mayBeTrue: inner.mayBeFalse, mayBeFalse: inner.mayBeTrue,
        mayBeUnknown: inner.mayBeUnknown)
    case .and(let parts):
      return parts.reduce(
        Outcomes(mayBeTrue: true, mayBeFalse: false, mayBeUnknown: false, rowCount: rowCount)
      ) {
        let part = outcomes($1, rowCount, tests)
        return Outcomes(
          mayBeTrue: $0.mayBeTrue.intersection(part.mayBeTrue),
          mayBeFalse: $0.mayBeFalse.union(part.mayBeFalse),
          mayBeUnknown: $0.mayBeUnknown.union(part.mayBeUnknown))
      }
    case .or(let parts):
      return parts.reduce(
        Outcomes(mayBeTrue: false, mayBeFalse: true, mayBeUnknown: false, rowCount: rowCount)
      ) {
        let part = outcomes($1, rowCount, tests)
        return Outcomes(
          mayBeTrue: $0.mayBeTrue.union(part.mayBeTrue),
          mayBeFalse: $0.mayBeFalse.intersection(part.mayBeFalse),
          mayBeUnknown: $0.mayBeUnknown.union(part.mayBeUnknown))
      }
    }
  }
}
