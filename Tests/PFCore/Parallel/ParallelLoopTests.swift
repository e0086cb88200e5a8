import PFCore
import Synchronization
import Testing

@Suite struct `parallel loops` {
  struct Failure: Error, Equatable { let index: Int }

  @Test("run every item once", arguments: [1, 2, 3, 8, 100])
  func results(threads: Int) throws {
    for count in [0, 1, 2, 7, 1000] {
      let runs = Mutex([Int](repeating: 0, count: count))
      let scratches = Atomic<Int>(0)
      let completed = try ParallelLoop.run(
        count: count, threads: threads,
        makeScratch: { scratches.add(1, ordering: .relaxed).newValue }
      ) { (index: Int, scratch: inout Int) throws(Failure) in
        runs.withLock { $0[index] += 1 }
      }
      #expect(completed)
      #expect(runs.withLock { $0 } == [Int](repeating: 1, count: count))
      #expect(scratches.load(ordering: .relaxed) <= max(1, min(threads, count)))
    }
  }

  @Test("throw the error of the lowest item that fails", arguments: [1, 2, 3, 8])
  func lowestError(threads: Int) {
    for lowest in [0, 1, 5, 50] {
      for _ in 0..<20 {
        #expect(throws: Failure(index: lowest)) {
          try ParallelLoop.run(count: 100, threads: threads, makeScratch: {}) {
            (index: Int, _: inout Void) throws(Failure) in
            // The lowest one is slow: others fail before it.
            if index == lowest { for _ in 0..<1000 { _ = Int.random(in: 0...1) } }
            if index >= lowest { throw Failure(index: index) }
          }
        }
      }
    }
  }

  @Test("stop when they are cancelled", arguments: [1, 3])
  func cancellation(threads: Int) throws {
    let token = CancellationToken()
    #expect(!token.isCancelled)
    let started = Atomic<Int>(0)
    let completed = try ParallelLoop.run(
      count: 100_000, threads: threads, cancellation: token, makeScratch: {}
    ) { (index: Int, _: inout Void) throws(Failure) in
      started.add(1, ordering: .relaxed)
      if index == 10 { token.cancel() }
    }
    #expect(!completed)
    #expect(token.isCancelled)
    #expect(started.load(ordering: .relaxed) < 100_000)
    let none = try ParallelLoop.run(
      count: 5, threads: threads, cancellation: token, makeScratch: {}
    ) { (index: Int, _: inout Void) throws(Failure) in
      throw Failure(index: index)
    }
    #expect(!none)
  }

  @Test(.timeLimit(.minutes(1)))
  func `nest, each loop on threads of its own or the caller's`() throws {
    let sum = Atomic<Int>(0)
    _ = try ParallelLoop.run(count: 20, threads: 4, makeScratch: {}) {
      (outer: Int, _: inout Void) throws(Failure) in
      _ = try ParallelLoop.run(count: 20, threads: 4, makeScratch: {}) {
        (inner: Int, _: inout Void) throws(Failure) in
        _ = try ParallelLoop.run(count: 5, threads: 3, makeScratch: {}) {
          (index: Int, _: inout Void) throws(Failure) in
          sum.add(outer * inner * index, ordering: .relaxed)
        }
      }
    }
    #expect(sum.load(ordering: .relaxed) == 190 * 190 * 10)
  }

  private final class Held: Sendable {}

  /// Helpers that come late are still waiting for their turn then.
  @Test func `hold nothing once they have ended`() throws {
    for _ in 0..<200 {
      weak var left: Held?
      do {
        let held = Held()
        left = held
        _ = try ParallelLoop.run(count: 100, threads: 100, makeScratch: {}) {
          (_: Int, _: inout Void) throws(Failure) in
          withExtendedLifetime(held) {}
        }
      }
      #expect(left == nil)
    }
  }

  private final class Sum: Sendable {
    let total = Atomic<Int>(0)
  }

  /// Every thread of the runtime is inside a loop, or waits for one.
  @Test(.timeLimit(.minutes(1)))
  func `end when all threads of the runtime are busy`() async {
    let sum = Sum()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<64 {
        group.addTask {
          let completed = try? ParallelLoop.run(count: 50, threads: 8, makeScratch: {}) {
            (index: Int, _: inout Void) throws(Failure) in
            sum.total.add(index, ordering: .relaxed)
          }
          #expect(completed == true)
        }
      }
    }
    #expect(sum.total.load(ordering: .relaxed) == 64 * 1225)
  }
}
