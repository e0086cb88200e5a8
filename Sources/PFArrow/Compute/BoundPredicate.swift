/// A condition whose columns are known: their places, their types, and its literals as values of
/// these.
package struct BoundPredicate: Sendable {
  /// The parts of the condition. A leaf is an index in `tests`.
  package indirect enum Node: Sendable {
    case test(Int)
    case and([Node])
    case or([Node])
    case not(Node)
  }

  /// A test and the column that it is for.
  package struct Test: Sendable {
    package let column: Int
    package let test: ColumnTest
  }

  package let root: Node
  package let tests: [Test]

  private init(root: Node, tests: [Test]) {
    self.root = root
    self.tests = tests
  }

  /// Conditions that are true together where this one is.
  package var conjuncts: [BoundPredicate] {
    guard case .and(let parts) = root else { return [self] }
    return parts.map { BoundPredicate(root: $0, tests: tests) }
  }

  /// The columns that the condition looks at, each once.
  package var columns: [Int] {
    var columns: [Int] = []
    var open = [root]
    while let node = open.popLast() {
      switch node {
      case .test(let index):
        if !columns.contains(tests[index].column) { columns.append(tests[index].column) }
      case .and(let parts), .or(let parts): open += parts
      case .not(let part): open.append(part)
      }
    }
    return columns
  }

  /// How deep conditions may nest: walking them recurses.
  private static let depthLimit = 256

  /// Binds `predicate`; `resolve` gives the place and the type of a column by its name, and `fail`
  /// makes the error that is thrown of a `PredicateError`.
  package init<Failure: Error>(
    _ predicate: RowPredicate, fail: (PredicateError) -> Failure,
    resolve: (String) throws(Failure) -> (column: Int, type: DataType)
  ) throws(Failure) {
    var tests: [Test] = []
    root = try Self.bind(predicate, 0, &tests, fail, resolve)
    self.tests = tests
  }

  private static func bind<Failure: Error>(
    _ predicate: RowPredicate, _ depth: Int, _ tests: inout [Test],
    _ fail: (PredicateError) -> Failure,
    _ resolve: (String) throws(Failure) -> (column: Int, type: DataType)
  ) throws(Failure) -> Node {
    guard depth < depthLimit else { throw fail(.tooDeep(limit: depthLimit)) }
    func leaf(
      _ name: String, _ literals: [Literal], _ make: (DataType) -> ColumnTest?
    ) throws(Failure) -> Node {
      let (column, type) = try resolve(name)
      guard type.isComparable else { throw fail(.wrongColumnType(column: name, type)) }
      guard let test = make(type) else {
        let culprit = literals.first { $0.placement(in: type) == nil } ?? .null
        throw fail(.wrongLiteral(column: name, type, culprit))
      }
      tests.append(Test(column: column, test: test))
      return .test(tests.count - 1)
    }
    func nodes(_ parts: [RowPredicate]) throws(Failure) -> [Node] {
      var nodes: [Node] = []
      for part in parts { nodes.append(try bind(part, depth + 1, &tests, fail, resolve)) }
      return nodes
    }
    switch predicate {
    case .comparison(let name, let comparison, let literal):
      return try leaf(name, [literal]) { ColumnTest(comparison, literal, type: $0) }
    case .isIn(let name, let literals):
      return try leaf(name, literals) { ColumnTest(isIn: literals, type: $0) }
    case .isNull(let name): return try leaf(name, []) { _ in .isNull }
    case .and(let parts): return .and(try nodes(parts))
    case .or(let parts): return .or(try nodes(parts))
    case .not(let part): return .not(try bind(part, depth + 1, &tests, fail, resolve))
    }
  }

  /// The outcome for `rowCount` rows from the outcome of each test, which is asked for as needed.
  package func truth<Failure: Error>(
    rowCount: Int, of test: (Int) throws(Failure) -> Truth
  ) throws(Failure) -> Truth {
    try Self.truth(root, rowCount, test)
  }

  private static func truth<Failure: Error>(
    _ node: Node, _ rowCount: Int, _ test: (Int) throws(Failure) -> Truth
  ) throws(Failure) -> Truth {
    switch node {
    case .test(let index): return try test(index)
    case .and(let parts):
      var result = Truth(true, rowCount: rowCount)
      for part in parts { result.formAnd(try truth(part, rowCount, test)) }
      return result
    case .or(let parts):
      var result = Truth(false, rowCount: rowCount)
      for part in parts { result.formOr(try truth(part, rowCount, test)) }
      return result
    case .not(let part):
      var result = try truth(part, rowCount, test)
      result.negate()
      return result
    }
  }
}

/// Why a condition does not fit the columns.
package enum PredicateError: Error, Equatable, Sendable {
  /// A column of this type cannot be compared with such a literal.
  case wrongLiteral(column: String, DataType, Literal)
  /// Columns of this type cannot be asked for.
  case wrongColumnType(column: String, DataType)
  /// The condition nests deeper than `limit`.
  case tooDeep(limit: Int)
}

extension PredicateError: CustomStringConvertible {
  /// One clause for people.
  package var description: String {
    switch self {
    case .wrongLiteral(let column, let type, let literal):
      "column \"\(column)\" of type \(type) cannot be compared with \(literal)"
    case .wrongColumnType(let column, .structure):
      "column \"\(column)\" is a struct; name one of its fields, as in \"\(column).field\""
    case .wrongColumnType(let column, let type):
      "column \"\(column)\" of type \(type) cannot be compared with anything"
    case .tooDeep(let limit): "the condition nests deeper than \(limit) levels"
    }
  }
}
