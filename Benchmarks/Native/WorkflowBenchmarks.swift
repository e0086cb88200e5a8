internal import PFCore
internal import PFWorkflow
internal import Synchronization

/// Runs of workflows, timed from outside: what an empty step costs, and whether steps that compute
/// share the processors.
///
/// Each step counts itself and adds a number of its own; after the run both sums are compared.
let workflowBenchmarks = emptyRuns + emptyBuilds + longRuns + computingRuns

private let stepCount = 10_000
private let longStepCount = 100_000
private let threadCounts = [1, 2]

private let emptyRuns = WorkflowShape.allCases.flatMap { shape in
  WorkflowDriver.allCases.flatMap { driver in
    threadCounts.map { threads in
      Benchmark(
        name: "workflow/run/\(shape)/10k/\(driver)=\(threads)", amount: stepCount,
        unit: .millions, allocationLimit: driver.runLimit
      ) {
        let tally = Tally(of: stepCount)
        let workflow = try makeWorkflow(shape.needs(of: stepCount), for: driver, tally)
        return {
          _ = try driver.run(workflow, threads: threads)
          return try tally.take()
        }
      }
    }
  }
}

private let emptyBuilds = WorkflowShape.allCases.flatMap { shape in
  WorkflowDriver.allCases.flatMap { driver in
    threadCounts.map { threads in
      Benchmark(
        name: "workflow/build-run/\(shape)/10k/\(driver)=\(threads)", amount: stepCount,
        unit: .millions, allocationLimit: driver.buildLimit
      ) {
        let tally = Tally(of: stepCount)
        let needs = shape.needs(of: stepCount)
        return {
          let workflow = try makeWorkflow(needs, for: driver, tally)
          _ = try driver.run(workflow, threads: threads)
          return try tally.take()
        }
      }
    }
  }
}

/// The time is to be ten times that of `emptyRuns`; a workflow and its result hold at most 1 KB a
/// step.
private let longRuns = WorkflowShape.allCases.flatMap { shape in
  WorkflowDriver.allCases.map { driver in
    Benchmark(
      name: "workflow/run/\(shape)/100k/\(driver)=1", amount: longStepCount, unit: .millions,
      allocationLimit: driver.runLimit,
      holding: Benchmark.Holding(limit: 1024) {
        let tally = Tally(of: longStepCount)
        let workflow = try makeWorkflow(shape.needs(of: longStepCount), for: driver, tally)
        let result = try driver.run(workflow, threads: 1)
        _ = try tally.take()
        return (workflow, result)
      }
    ) {
      let tally = Tally(of: longStepCount)
      let workflow = try makeWorkflow(shape.needs(of: longStepCount), for: driver, tally)
      return {
        _ = try driver.run(workflow, threads: 1)
        return try tally.take()
      }
    }
  }
}

/// Ten steps that need nothing and compute: with two threads half of the time.
private let computingRuns = WorkflowDriver.allCases.flatMap { driver in
  threadCounts.map { threads in
    Benchmark(
      name: "workflow/compute/10/\(driver)=\(threads)", amount: computingSteps * rounds,
      unit: .millions, allocationLimit: driver.runLimit
    ) {
      let tally = Tally(of: computingSteps)
      let workflow = try makeWorkflow(
        Array(repeating: [], count: computingSteps), for: driver, tally, rounds: rounds)
      return {
        _ = try driver.run(workflow, threads: threads)
        return try tally.take()
      }
    }
  }
}

private let computingSteps = 10
/// What each of them computes: some milliseconds.
private let rounds = 4 << 20

/// What needs what.
private enum WorkflowShape: CaseIterable {
  case chain
  /// One, then all that need it, then one that needs them all.
  case fan
  case tree
  /// Layers of a hundred; each step needs one to three of the layer before.
  case layers

  func needs(of count: Int) -> [[Int]] {
    var random = SeededGenerator(seed: 11)
    return (0..<count).map { number in
      switch self {
      case .chain: return number == 0 ? [] : [number - 1]
      case .fan: return number == 0 ? [] : number < count - 1 ? [0] : Array(1..<count - 1)
      case .tree: return number == 0 ? [] : [(number - 1) / 2]
      case .layers:
        guard number >= 100 else { return [] }
        let first = (number / 100 - 1) * 100
        let wanted = Int.random(in: 1...3, using: &random)
        return Set((0..<wanted).map { _ in first + Int.random(in: 0..<100, using: &random) })
          .sorted()
      }
    }
  }
}

/// Who runs a workflow: the task group, or the caller's threads.
private enum WorkflowDriver: CaseIterable {
  case tasks
  case threads

  /// The most that a run allocates: none of it is for single steps.
  var runLimit: Int { 200 }

  /// The same with the workflow made before: the needs of a step, and its closures.
  var buildLimit: Int { (self == .tasks ? 4 : 3) * stepCount + 1000 }

  func run(_ workflow: Workflow, threads: Int) throws -> RunResult {
    var limited = RunOptions()
    limited.maxParallel = threads
    let options = limited
    switch self {
    case .tasks: return try waiting { try await workflow.run(options) }
    case .threads: return try Self.runOnThreads(ManualRun(workflow, options))
    }
  }

  /// The calling thread is the first worker; the run says when it wants another.
  private static func runOnThreads(_ run: ManualRun) -> RunResult {
    work(on: run, isNew: false)
    return run.result
  }

  @Sendable private static func work(on run: ManualRun, isNew: Bool) {
    var isNew = isNew
    while true {
      let turn = run.turn(isNew: isNew, patience: 1_000_000_000)
      isNew = false
      for _ in 0..<turn.missingWorkers { ThreadPool.helpers.run { work(on: run, isNew: true) } }
      if turn.isOver { return }
    }
  }
}

/// What the steps of a run have added up: how many they are above bit 44, their numbers below.
private final class Tally: Sendable {
  private let sum = Atomic<UInt64>(0)
  private let expected: UInt64

  init(of count: Int) { expected = (0..<count).reduce(0) { $0 + Self.worth($1) } }

  func add(_ step: Int) { sum.wrappingAdd(Self.worth(step), ordering: .relaxed) }

  /// Compares the sums and begins anew.
  func take() throws -> Int {
    let found = sum.exchange(0, ordering: .relaxed)
    guard found == expected else { throw WrongTally(found: found, expected: expected) }
    return Int(found >> 44)
  }

  private static func worth(_ step: Int) -> UInt64 {
    1 << 44 | (UInt64(step) &* 0x9E37_79B9_7F4A_7C15) >> 40
  }
}

private struct WrongTally: Error {
  let found: UInt64
  let expected: UInt64
}

/// Makes a workflow of steps that count themselves, in the way that `driver` can run.
private func makeWorkflow(
  _ needs: [[Int]], for driver: WorkflowDriver, _ tally: Tally, rounds: Int = 0
) throws -> Workflow {
  let names = needs.indices.map { "step \($0)" }
  var steps: [StepDefinition] = []
  steps.reserveCapacity(needs.count)
  for number in needs.indices {
    let dependencies = needs[number].map { names[$0] }
    let body = { @Sendable in
      if rounds > 0 { compute(rounds) }
      tally.add(number)
    }
    switch driver {
    case .tasks: steps.append(Step(names[number], after: dependencies) { body() }.definition)
    case .threads:
      steps.append(
        StepDefinition(names[number], after: dependencies, body: .blocking { _ in body() }))
    }
  }
  return try Workflow("benchmark", steps: steps)
}

/// Real work of one processor, without memory.
private func compute(_ rounds: Int) {
  var random = SeededGenerator(seed: 3)
  var sum: UInt64 = 0
  for _ in 0..<rounds { sum &+= random.next() }
  consume(Int(truncatingIfNeeded: sum))
}

/// Waits for a task; the calling thread is none of the tasks' own.
private func waiting(
  for body: @escaping @Sendable () async throws -> RunResult
) throws -> RunResult {
  let answer = Monitor<Result<RunResult, any Error>?>(nil)
  Task.detached {
    let found: Result<RunResult, any Error>
    do {
      found = .success(try await body())
    } catch {
      found = .failure(error)
    }
    answer.withLock { $0 = found }
    answer.notifyAll()
  }
  while true {
    answer.wait { $0 == nil }
    if let found = answer.withLock({ $0 }) { return try found.get() }
  }
}
