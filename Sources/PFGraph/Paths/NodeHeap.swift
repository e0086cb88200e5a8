/// Nodes that wait for their turn, nearest first: an implicit heap in which each element has four
/// others below it, so that a way down touches half as many cache lines as with two.
///
/// A node is in it once for each time that it came nearer; who takes it sees whether it is stale.
struct NodeHeap {
  struct Element: BitwiseCopyable {
    /// The bits of a distance that is not negative.
    var key: UInt64
    var node: UInt32
  }

  private var elements: GrowingSlots<Element>

  init(_ kernel: Kernel) throws(GraphError) { elements = try GrowingSlots(kernel) }

  /// - Complexity: O(log count).
  mutating func push(_ key: UInt64, _ node: UInt32) throws(GraphError) {
    var hole = elements.count
    let new = Element(key: key, node: node)
    try elements.append(new)
    while hole > 0 {
      let above = (hole - 1) >> 2
      let element = elements[above]
      guard key < element.key else { break }
      elements[hole] = element
      hole = above
    }
    elements[hole] = new
  }

  /// Takes an element with the least key.
  ///
  /// - Complexity: O(log count).
  mutating func pop() -> Element? {
    guard elements.count > 0 else { return nil }
    let first = elements[0]
    let last = elements.removeLast()
    let count = elements.count
    guard count > 0 else { return first }
    var hole = 0
    while true {
      let child = hole << 2 + 1
      guard child < count else { break }
      var least = child
      var leastKey = elements[child].key
      for other in child + 1..<max(child + 1, min(child + 4, count)) {
        let key = elements[other].key
        if key < leastKey { (least, leastKey) = (other, key) }
      }
      guard leastKey < last.key else { break }
      elements[hole] = elements[least]
      hole = least
    }
    elements[hole] = last
    return first
  }
}
