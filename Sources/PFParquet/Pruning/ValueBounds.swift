package import PFArrow

/// What is known of the values of a column in each of some pages, or in a column chunk.
///
/// Shapes: every array has an entry for each page. Bounds are values as a read would give them,
/// null where there is none that can be trusted; no value of the page but NaN lies outside of them.
package struct ValueBounds: Sendable {
  package let mins: ArrowArray
  package let maxs: ArrowArray
  /// Whether NaN may be among the values.
  package let mayHaveNaN: [Bool]
  /// Whether there may be a null.
  package let mayHaveNull: [Bool]
  /// Whether there may be anything but nulls.
  package let mayHaveValue: [Bool]

  package init(
    mins: ArrowArray, maxs: ArrowArray, mayHaveNaN: [Bool], mayHaveNull: [Bool],
    mayHaveValue: [Bool]
  ) {
    self.mins = mins
    self.maxs = maxs
    self.mayHaveNaN = mayHaveNaN
    self.mayHaveNull = mayHaveNull
    self.mayHaveValue = mayHaveValue
  }

  /// The pages there are.
  package var count: Int { mins.length }

  /// How a test may come out in page `index`.
  package struct PageOutcome: Equatable, Sendable {
    package var mayBeTrue: Bool
    package var mayBeFalse: Bool
    package var mayBeUnknown: Bool
  }

  /// How `test` may come out in each page.
  package func outcomes(of test: ColumnTest) -> [PageOutcome] {
    let values = outcomesOfValues(test)
    let null = test.truthOfNull
    return (0..<count).map { page in
      let (isValue, isNull) = (mayHaveValue[page], mayHaveNull[page])
      return PageOutcome(
        mayBeTrue: isValue && values[page].mayBeTrue || isNull && null == true,
        mayBeFalse: isValue && values[page].mayBeFalse || isNull && null == false,
        mayBeUnknown: isNull && null == nil || isValue && test.isUnknown)
    }
  }

  private typealias ValueOutcome = (mayBeTrue: Bool, mayBeFalse: Bool)

  /// As `outcomes`, for what is not null.
  private func outcomesOfValues(_ test: ColumnTest) -> [ValueOutcome] {
    switch test {
    case .isNull: return Array(repeating: (false, true), count: count)
    case .unknown: return Array(repeating: (false, false), count: count)
    case .constant(let value): return Array(repeating: (value, !value), count: count)
    case .compare(let comparison, let bound): return outcomes(comparison, bound)
    case .isIn(let values, _):
      var result = [ValueOutcome](repeating: (false, true), count: count)
      for value in values {
        if case .double(let number) = value, number.isNaN {
          for page in 0..<count where mayHaveNaN[page] { result[page].mayBeTrue = true }
        } else {
          for (page, outcome) in outcomes(.equal, value).enumerated() where outcome.mayBeTrue {
            result[page].mayBeTrue = true
          }
        }
      }
      return result
    }
  }

  private func outcomes(_ comparison: ComparisonOperator, _ bound: Scalar) -> [ValueOutcome] {
    /// Whether `array <comparison> bound` in a page; nil where there is no such bound.
    func truth(_ array: ArrowArray, _ comparison: ComparisonOperator) -> Truth {
      array.truth(of: .compare(comparison, bound))
    }
    switch comparison {
    case .less, .lessOrEqual:
      // The smallest passes first, the largest fails first.
      let (mins, maxs) = (truth(mins, comparison), truth(maxs, comparison))
      return (0..<count).map { ((mins[$0] ?? true), mayHaveNaN[$0] || !(maxs[$0] ?? false)) }
    case .greater, .greaterOrEqual:
      let (mins, maxs) = (truth(mins, comparison), truth(maxs, comparison))
      return (0..<count).map { ((maxs[$0] ?? true), mayHaveNaN[$0] || !(mins[$0] ?? false)) }
    case .equal, .notEqual:
      let (above, below) = (truth(mins, .lessOrEqual), truth(maxs, .greaterOrEqual))
      let (isMin, isMax) = (truth(mins, .equal), truth(maxs, .equal))
      return (0..<count).map { page in
        let mayEqual = (above[page] ?? true) && (below[page] ?? true)
        let mayDiffer = mayHaveNaN[page] || isMin[page] != true || isMax[page] != true
        return comparison == .equal ? (mayEqual, mayDiffer) : (mayDiffer, mayEqual)
      }
    }
  }
}

extension ColumnTest {
  fileprivate var isUnknown: Bool { if case .unknown = self { true } else { false } }
}
