import PFCore
import PFWorkflow

/// Reproducible random numbers (SplitMix64).
struct Random: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// How many run now, and the most that ever did.
final class Gauge: Sendable {
  private let state = Monitor((now: 0, most: 0))

  func enter() {
    state.withLock {
      $0.now += 1
      $0.most = max($0.most, $0.now)
    }
  }
  func leave() { state.withLock { $0.now -= 1 } }
  var now: Int { state.withLock { $0.now } }
  var most: Int { state.withLock { $0.most } }
}

/// A list that many threads append to.
final class Log<Element: Sendable>: Sendable {
  private let state = Monitor<[Element]>([])
  func append(_ element: Element) { state.withLock { $0.append(element) } }
  var all: [Element] { state.withLock { $0 } }
}

struct Broken: Error, Equatable {
  var text = ""
}

func step(
  _ name: String, _ dependencies: [String] = [], _ options: StepOptions = StepOptions(),
  _ body: @escaping @Sendable (StepContext) async throws -> any Sendable = { _ in 0 }
) -> StepDefinition {
  StepDefinition(name, after: dependencies, options: options, body: .asynchronous(body))
}

extension StepOptions {
  static func with(_ change: (inout StepOptions) -> Void) -> StepOptions {
    var options = StepOptions()
    change(&options)
    return options
  }
}

extension RunOptions {
  static func with(_ change: (inout RunOptions) -> Void) -> RunOptions {
    var options = RunOptions()
    change(&options)
    return options
  }
}
