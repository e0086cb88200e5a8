import PFCore
import Synchronization
import Testing

@Suite("work team")
struct WorkTeamTests {
  @Test("runs every index once in each of many loops", arguments: [1, 2, 3, 8])
  func everyIndexOnce(threads: Int) {
    let counts = (0..<1000).map { _ in Counter() }
    WorkTeam.with(threads: threads, cancellation: nil) { team in
      for loop in 0..<500 {
        let ran = team.forEach(count: counts.count - loop, grain: 1 + loop % 7) { range, thread in
          if thread < 0 || thread >= threads { Issue.record("thread \(thread)") }
          for index in range { counts[index].add() }
        }
        #expect(ran)
      }
    }
    for (index, count) in counts.enumerated() { #expect(count.value == min(500, 1000 - index)) }
  }

  @Test("hands out the same ranges for any number of threads")
  func sameRanges() {
    let ranges = [1, 2, 5].map { threads in
      let seen = Mutex<Set<Range<Int>>>([])
      WorkTeam.with(threads: threads, cancellation: nil) { team in
        _ = team.forEach(count: 1003, grain: 10) { range, _ in
          seen.withLock { _ = $0.insert(range) }
        }
      }
      return seen.withLock { $0 }
    }
    #expect(ranges[0].count == 101)
    #expect(ranges[1] == ranges[0])
    #expect(ranges[2] == ranges[0])
  }

  @Test("sees what the loop before wrote")
  func ordersLoops() {
    let values = (0..<64).map { _ in Counter() }
    WorkTeam.with(threads: 4, cancellation: nil) { team in
      for loop in 0..<2000 {
        team.forEach(count: 64, grain: 1) { range, _ in
          for index in range {
            if values[(index + loop) % 64].value != loop { Issue.record("loop \(loop)") }
            values[(index + loop) % 64].add()
          }
        }
      }
    }
  }

  @Test("stops handing out when the token is raised", arguments: [1, 2])
  func cancels(threads: Int) {
    let token = CancellationToken()
    let count = Counter()
    let ran = WorkTeam.with(threads: threads, cancellation: token) { team in
      team.forEach(count: 1 << 20, grain: 1) { _, _ in
        count.add()
        if count.value == 100 { token.cancel() }
      }
    }
    #expect(!ran)
    #expect(count.value < 1 << 20)
  }

  @Test("runs loops inside of loops of another team")
  func nests() {
    let count = Counter()
    WorkTeam.with(threads: 4, cancellation: nil) { outer in
      _ = outer.forEach(count: 16, grain: 1) { _, _ in
        WorkTeam.with(threads: 4, cancellation: nil) { inner in
          _ = inner.forEach(count: 100, grain: 3) { range, _ in
            for _ in range { count.add() }
          }
        }
      }
    }
    #expect(count.value == 1600)
  }

  @Test("ends at once where there is nothing to do")
  func empty() {
    WorkTeam.with(threads: 4, cancellation: nil) { team in
      #expect(team.forEach(count: 0, grain: 1) { _, _ in Issue.record("called") })
    }
  }
}

private final class Counter: Sendable {
  private let count = Atomic<Int>(0)
  var value: Int { count.load(ordering: .relaxed) }
  func add() { count.add(1, ordering: .relaxed) }
}
