internal import PFCore

/// Thrown by a step that finds that it is not needed: it counts as skipped, not as failed.
public struct SkipStep: Error, Sendable {
  /// The one value.
  public init() {}
}

/// `when` of a definition: an output compared with a value; of a table its number of rows.
struct StepCondition: Sendable {
  let step: String
  private let comparison: String
  private let value: JSONValue

  /// The condition in words of its own.
  var text: String { "\(step) \(comparison) \(value.text())" }

  static let comparisons = ["==", "!=", "<", "<=", ">", ">="]

  /// Reads `[step, comparison, value]`.
  init(_ json: [JSONValue]) throws(OptionError) {
    guard json.count == 3, let step = json[0].string, let comparison = json[1].string,
      Self.comparisons.contains(comparison)
    else {
      throw .wrongType(
        name: "when",
        expected: "[step, comparison, value] with one of \(Self.comparisons.joined(separator: " "))"
      )
    }
    self.step = step
    self.comparison = comparison
    value = json[2]
  }

  /// Whether `output` is as it should be.
  ///
  /// - Throws: when the two cannot be compared.
  func holds(for output: JSONValue) throws -> Bool {
    if comparison == "==" || comparison == "!=", output.number == nil || value.number == nil {
      return (output == value) == (comparison == "==")
    }
    if let one = output.number?.double, let other = value.number?.double {
      return compare(one, other)
    }
    if let one = output.string, let other = value.string { return compare(one, other) }
    throw StepProblem("its condition compares \(output.text()) with \(value.text())")
  }

  private func compare<Value: Comparable>(_ one: Value, _ other: Value) -> Bool {
    switch comparison {
    case "==": one == other
    case "!=": one != other
    case "<": one < other
    case "<=": one <= other
    case ">": one > other
    default: one >= other
    }
  }
}
