/// A queue that gives the least element first: what comes in order stands in a row, the rest in a
/// binary heap.
struct Heap<Element: Comparable & Sendable>: Sendable {
  /// Ascends; those before `start` were taken.
  private var row: [Element] = []
  private var start = 0
  private var heap: [Element] = []

  var count: Int { row.count - start + heap.count }
  var isEmpty: Bool { start == row.count && heap.isEmpty }

  var first: Element? {
    guard start < row.count else { return heap.first }
    guard let least = heap.first, least < row[start] else { return row[start] }
    return least
  }

  /// - Complexity: O(log n); O(1) for what belongs behind all others of the row.
  mutating func insert(_ element: Element) {
    if start < row.count, element < row[row.count - 1] { return insertOutOfOrder(element) }
    // The place of those that were taken, once they are the most.
    if start == row.count || start > max(64, row.count / 2) {
      row.removeSubrange(..<start)
      start = 0
    }
    row.append(element)
  }

  private mutating func insertOutOfOrder(_ element: Element) {
    heap.append(element)
    var place = heap.count - 1
    while place > 0, element < heap[(place - 1) / 2] {
      heap[place] = heap[(place - 1) / 2]
      place = (place - 1) / 2
    }
    heap[place] = element
  }

  /// - Complexity: O(log n); O(1) for one of the row.
  mutating func removeFirst() -> Element? {
    guard start < row.count else { return removeFirstOfHeap() }
    if let least = heap.first, least < row[start] { return removeFirstOfHeap() }
    start += 1
    return row[start - 1]
  }

  private mutating func removeFirstOfHeap() -> Element? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return first }
    var place = 0
    while true {
      var child = 2 * place + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < last else { break }
      heap[place] = heap[child]
      place = child
    }
    heap[place] = last
    return first
  }

  mutating func removeAll() { self = Heap() }
}
