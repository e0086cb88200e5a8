internal import Synchronization

/// The memory of a kernel as an array of fixed length; copies share it.
///
/// Indices are ids of nodes or of edges. An `Adjacency` has proved those in range once, so a
/// release build does not prove them again at each access (the checks are 18 % of a gather); debug
/// builds, which the tests are, check them all. Memory comes from a `Kernel` or from a buffer, and
/// who uses the slots holds the one or the other.
///
/// Several threads may use it at once: each writes elements of its own, or all go through the
/// atomic operations.
@safe package struct Slots<Element: BitwiseCopyable>: BitwiseCopyable, Sendable {
  // SAFETY: points to `count` initialised elements; `Kernel` and `Adjacency` keep them alive.
  @usableFromInline nonisolated(unsafe) let start: UnsafeMutablePointer<Element>
  /// The number of elements.
  package let count: Int

  /// SAFETY: the caller promises `count` initialised elements at `start` for as long as the slots
  /// are used, and that they are only read where the memory is not its own.
  @unsafe init(start: UnsafeMutableRawPointer, count: Int) {
    unsafe self.start = start.assumingMemoryBound(to: Element.self)
    self.count = count
  }

  @inline(__always)
  package subscript(index: Int) -> Element {
    get {
      assert(index >= 0 && index < count, "slot outside the memory")
      return unsafe start[index]
    }
    nonmutating set {
      assert(index >= 0 && index < count, "slot outside the memory")
      unsafe start[index] = newValue
    }
  }

  /// The element of a node.
  @inline(__always)
  package subscript(node: UInt32) -> Element {
    get { self[Int(node)] }
    nonmutating set { self[Int(node)] = newValue }
  }

  /// A part of the slots, from index 0 again.
  @inline(__always)
  package subscript(range: Range<Int>) -> Slots {
    assert(range.lowerBound >= 0 && range.upperBound <= count, "slots outside the memory")
    return unsafe Slots(start: start + range.lowerBound, count: range.count)
  }

  /// Sets the elements of a range.
  package func fill(_ range: Range<Int>, with value: Element) {
    assert(range.lowerBound >= 0 && range.upperBound <= count, "slots outside the memory")
    unsafe (start + range.lowerBound).update(repeating: value, count: range.count)
  }

  /// Copies elements in.
  package func copy(_ range: Range<Int>, from source: Slots, at first: Int) {
    assert(range.lowerBound >= 0 && range.upperBound <= count, "slots outside the memory")
    assert(first >= 0 && first + range.count <= source.count, "slots outside the memory")
    unsafe (start + range.lowerBound).update(from: source.start + first, count: range.count)
  }
}

extension Slots where Element: SIMDScalar {
  /// Four elements from an index on.
  @inline(__always)
  package subscript(four index: Int) -> SIMD4<Element> {
    get {
      assert(index >= 0 && index + 4 <= count, "slots outside the memory")
      return unsafe UnsafeRawPointer(start + index).loadUnaligned(as: SIMD4<Element>.self)
    }
    nonmutating set {
      assert(index >= 0 && index + 4 <= count, "slots outside the memory")
      unsafe UnsafeMutableRawPointer(start + index).storeBytes(
        of: newValue, as: SIMD4<Element>.self)
    }
  }
}

extension Slots<UInt32> {
  /// A bit for each of up to 64 elements: whether it is `value`.
  package func bits(of value: UInt32) -> UInt64 {
    var bits: UInt64 = 0
    for index in 0..<count {
      bits |= (self[index] == value ? 1 : 0) &<< UInt64(truncatingIfNeeded: index)
    }
    return bits
  }
}

// MARK: Several threads on one element

extension Slots where Element: FixedWidthInteger & AtomicRepresentable {
  /// SAFETY: an atomic has the size, the alignment and the bits of what it holds, and the memory is
  /// used atomically by all threads as long as several of them may write the element.
  @inline(__always)
  private func withAtomic<Result>(_ index: Int, _ body: (borrowing Atomic<Element>) -> Result)
    -> Result
  {
    assert(index >= 0 && index < count, "slot outside the memory")
    let place = unsafe UnsafeMutableRawPointer(start + index)
    return unsafe body(place.assumingMemoryBound(to: Atomic<Element>.self).pointee)
  }
}

extension Slots<UInt32> {
  /// The element, while others may write it.
  @inline(__always)
  package func load(_ index: Int) -> UInt32 { withAtomic(index) { $0.load(ordering: .relaxed) } }

  /// Writes the element, while others may read it.
  @inline(__always)
  package func store(_ index: Int, _ value: UInt32) {
    withAtomic(index) { $0.store(value, ordering: .relaxed) }
  }

  /// Lowers the element to `value` if that is smaller; what it was before.
  @inline(__always)
  package func lower(_ index: Int, to value: UInt32) -> UInt32 {
    withAtomic(index) { atomic in
      var seen = atomic.load(ordering: .relaxed)
      while value < seen {
        let (exchanged, original) = atomic.weakCompareExchange(
          expected: seen, desired: value, ordering: .relaxed)
        if exchanged { return seen }
        seen = original
      }
      return seen
    }
  }

  /// Puts `value` in the place of `expected`; whether that was there.
  @inline(__always)
  package func exchange(_ index: Int, expected: UInt32, with value: UInt32) -> Bool {
    withAtomic(index) {
      $0.compareExchange(expected: expected, desired: value, ordering: .relaxed).exchanged
    }
  }

  /// Adds to the element; what it was before.
  @inline(__always)
  package func add(_ index: Int, _ value: UInt32) -> UInt32 {
    withAtomic(index) { $0.wrappingAdd(value, ordering: .relaxed).oldValue }
  }
}

extension Slots<UInt16> {
  /// The element, while others may write it.
  @inline(__always)
  package func load(_ index: Int) -> UInt16 { withAtomic(index) { $0.load(ordering: .relaxed) } }

  /// Writes the element, while others may read it.
  @inline(__always)
  package func store(_ index: Int, _ value: UInt16) {
    withAtomic(index) { $0.store(value, ordering: .relaxed) }
  }
}

extension Slots<UInt64> {
  /// The element, while others may write it.
  @inline(__always)
  package func load(_ index: Int) -> UInt64 { withAtomic(index) { $0.load(ordering: .relaxed) } }

  /// The element, and with it the sight of all that was written before its `publish`.
  @inline(__always)
  package func acquire(_ index: Int) -> UInt64 {
    withAtomic(index) { $0.load(ordering: .acquiring) }
  }

  /// Puts `value` in the place of 0; what was there.
  @inline(__always)
  package func publish(_ index: Int, _ value: UInt64) -> UInt64 {
    withAtomic(index) {
      $0.compareExchange(expected: 0, desired: value, ordering: .acquiringAndReleasing).original
    }
  }

  /// Sets bits of the element; what it was before.
  @inline(__always)
  package func set(_ index: Int, bits: UInt64) -> UInt64 {
    withAtomic(index) { $0.bitwiseOr(bits, ordering: .relaxed).oldValue }
  }

  /// Lowers the element to `value` if that is smaller; what it was before.
  @inline(__always)
  package func lower(_ index: Int, to value: UInt64) -> UInt64 {
    withAtomic(index) { atomic in
      var seen = atomic.load(ordering: .relaxed)
      while value < seen {
        let (exchanged, original) = atomic.weakCompareExchange(
          expected: seen, desired: value, ordering: .relaxed)
        if exchanged { return seen }
        seen = original
      }
      return seen
    }
  }
}

extension Slots<Int> {
  /// Adds to the element; what it was before.
  @inline(__always)
  package func add(_ index: Int, _ value: Int) -> Int {
    withAtomic(index) { $0.wrappingAdd(value, ordering: .relaxed).oldValue }
  }
}

// MARK: Bits

extension Slots<UInt64> {
  /// The words that hold `bitCount` bits.
  package static func wordCount(ofBits bitCount: Int) -> Int { (bitCount + 63) / 64 }

  /// Whether bit `index` is set.
  @inline(__always)
  package func bit(_ index: UInt32) -> Bool {
    self[Int(index >> 6)] >> UInt64(index & 63) & 1 != 0
  }

  /// Sets a bit; no other thread may write its word.
  @inline(__always)
  package func setBit(_ index: UInt32) { self[Int(index >> 6)] |= 1 << UInt64(index & 63) }

  /// Sets a bit while others may set bits of its word; whether it was set before.
  @inline(__always)
  package func setBitAtomically(_ index: UInt32) -> Bool {
    set(Int(index >> 6), bits: 1 << UInt64(index & 63)) >> UInt64(index & 63) & 1 != 0
  }
}

extension UInt64 {
  /// Calls `body` with the index of each bit that is set, ascending.
  @inline(__always)
  package func forEachBit(_ body: (Int) -> Void) {
    var left = self
    while left != 0 {
      body(left.trailingZeroBitCount)
      left &= left &- 1
    }
  }
}
