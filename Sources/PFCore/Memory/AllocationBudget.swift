internal import Synchronization

/// The bytes of Arrow memory that the threads of one read may fill together.
package final class AllocationBudget: Sendable {
  /// The most bytes.
  package let limit: Int
  private let used = Atomic<Int>(0)

  /// A budget that nothing was taken of.
  package init(limit: Int) { self.limit = limit }

  /// The error of a read that took `total` bytes.
  package func exceeded(by total: Int) -> ReadError {
    ReadError(.limitExceeded(limit: Self.limitName, declared: total, maximum: limit))
  }

  /// What errors call the limit.
  package static let limitName = "the memory of the result (option allocation_limit)"

  /// Takes bytes, or gives them back where there are fewer than none.
  ///
  /// - Returns: What all have taken.
  package func add(_ byteCount: Int) -> Int {
    used.wrappingAdd(byteCount, ordering: .relaxed).newValue
  }

  /// - Throws: `.limitExceeded`.
  package func take(_ byteCount: Int) throws(ReadError) {
    let total = add(byteCount)
    guard total <= limit else { throw exceeded(by: total) }
  }

  /// Bytes that were taken are not held any more.
  package func giveBack(_ byteCount: Int) { _ = add(-byteCount) }

  /// Nothing is held any more: another batch begins.
  package func reset() { used.store(0, ordering: .relaxed) }
}
