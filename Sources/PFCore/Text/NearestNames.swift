/// The candidates that a wrong `name` is most likely meant to be, nearest first, at most `limit`.
///
/// Near means a small optimal-string-alignment distance (Damerau-Levenshtein: insert, delete,
/// replace, swap neighbours) of at most half the longer name; letters that differ in case alone
/// decide only between equal distances. Of equally near names the earlier candidate comes first.
///
/// - Complexity: looks at the first 10 000 candidates and at the first 64 characters of each name,
///   whatever their number and length, and gives up on a candidate as soon as it is too far.
package func nearestNames(
  to name: String, among candidates: some Sequence<String>, limit: Int = 3
) -> [String] {
  var nearest: [(cost: Int, name: String)] = []
  var distance = EditDistance(from: name)
  for candidate in candidates.prefix(10_000) {
    let bound = nearest.count < limit ? Int.max : (nearest.last?.cost ?? 0) - 1
    guard let cost = distance.cost(to: candidate, atMost: bound) else { continue }
    let place = nearest.firstIndex { $0.cost > cost } ?? nearest.count
    nearest.insert((cost, candidate), at: place)
    if nearest.count > limit { nearest.removeLast() }
  }
  return nearest.map(\.name)
}

/// Distances from one name to many; keeps its rows between calls.
private struct EditDistance {
  private static let lengthLimit = 64
  private static let caseChange = 1
  /// More than any number of changed cases.
  private static let edit = lengthLimit + 1

  private let source: [Unicode.Scalar]
  private var target: [Unicode.Scalar] = []
  /// The rows of the table for one character less, two less, and now.
  private var previous: [Int] = []
  private var beforePrevious: [Int] = []
  private var current: [Int] = []

  init(from name: String) { source = Array(name.unicodeScalars.prefix(Self.lengthLimit)) }

  /// The cost of turning the name into `candidate`; nil when it is above `bound`, or above half of
  /// the longer name.
  mutating func cost(to candidate: String, atMost bound: Int) -> Int? {
    target.removeAll(keepingCapacity: true)
    target.append(contentsOf: candidate.unicodeScalars.prefix(Self.lengthLimit))
    let longer = max(source.count, target.count)
    let bound = min(bound, Self.edit * (longer / 2) + Self.lengthLimit)
    guard Self.edit * abs(source.count - target.count) <= bound else { return nil }

    previous = (0...target.count).map { Self.edit * $0 }
    beforePrevious = previous
    current = previous
    for row in source.indices {
      current[0] = Self.edit * (row + 1)
      var rowMinimum = current[0]
      for column in target.indices {
        var cost = min(
          previous[column] + replacement(of: source[row], by: target[column]),
          previous[column + 1] + Self.edit,
          current[column] + Self.edit)
        if row > 0, column > 0, source[row] == target[column - 1],
          source[row - 1] == target[column]
        {
          cost = min(cost, beforePrevious[column - 1] + Self.edit)
        }
        current[column + 1] = cost
        rowMinimum = min(rowMinimum, cost)
      }
      // A later row is reached through this one, or by a swap across it, at no lower cost.
      guard rowMinimum - Self.edit <= bound else { return nil }
      swap(&beforePrevious, &previous)
      swap(&previous, &current)
    }
    let cost = previous[target.count]
    return cost <= bound ? cost : nil
  }

  private func replacement(of old: Unicode.Scalar, by new: Unicode.Scalar) -> Int {
    if old == new { return 0 }
    return folded(old) == folded(new) ? Self.caseChange : Self.edit
  }

  private func folded(_ scalar: Unicode.Scalar) -> UInt32 {
    "A"..."Z" ~= scalar ? scalar.value | 0x20 : scalar.value
  }
}
