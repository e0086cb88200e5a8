/// Elements in memory of a kernel that grows with them. The leader's alone.
struct GrowingSlots<Element: BitwiseCopyable> {
  private let kernel: Kernel
  private var slots: Slots<Element>
  /// The number of elements.
  private(set) var count = 0

  init(_ kernel: Kernel) throws(GraphError) {
    self.kernel = kernel
    slots = try kernel.slots(of: Element.self, count: 1 << 9)
  }

  @inline(__always)
  subscript(index: Int) -> Element {
    get { slots[index] }
    nonmutating set { slots[index] = newValue }
  }

  /// The elements, as long as none is appended.
  var elements: Slots<Element> { slots[0..<count] }

  /// - Complexity: O(1) in the mean.
  /// - Throws: `.outOfMemory`.
  @inline(__always)
  mutating func append(_ element: Element) throws(GraphError) {
    if count == slots.count { try grow() }
    slots[count] = element
    count += 1
  }

  /// Takes the last element away. Precondition: there is one.
  @inline(__always)
  mutating func removeLast() -> Element {
    count -= 1
    return slots[count]
  }

  mutating func removeAll() { count = 0 }

  @inline(never)
  private mutating func grow() throws(GraphError) {
    let larger = try kernel.slots(of: Element.self, count: slots.count * 2)
    larger.copy(0..<count, from: slots, at: 0)
    kernel.free(slots)
    slots = larger
  }
}
