/// The way from a row down to the values of one leaf, as its levels tell it.
///
/// Slots lie at depths: depth 0 are the rows, depth `k` the elements of the `k`-th repeated node.
/// A flat column has neither groups that may be null nor repeated nodes above it.
struct LevelPath: Hashable, Sendable {
  /// A group that may be null: a struct, a list or a map.
  struct NullableGroup: Hashable, Sendable {
    /// The depth of its slots.
    let depth: Int
    /// The definition level from which on it is not null.
    let level: UInt8
  }

  /// The groups that may be null, outermost first.
  var nullableGroups: [NullableGroup] = []
  /// The definition level from which on there is an element, for each repeated node, outermost
  /// first. A slot at depth `k` is there from `elementLevels[k - 1]` on.
  var elementLevels: [UInt8] = []

  /// The levels of deeper schemas do not fit the bytes that they are decoded to.
  static var maximumDepth: Int { 127 }

  /// The repeated nodes.
  var depth: Int { elementLevels.count }
  var isFlat: Bool { nullableGroups.isEmpty && elementLevels.isEmpty }

  /// The index of the innermost group around the slots of `depth`, one for each of its own, that
  /// may be null.
  var innermostNullableIndex: Int? {
    nullableGroups.last?.depth == depth ? nullableGroups.count - 1 : nil
  }

  /// The definition level from which on there is a slot at `depth`.
  func slotLevel(at depth: Int) -> UInt8 { depth == 0 ? 0 : elementLevels[depth - 1] }
}
