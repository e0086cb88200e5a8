import PFWorkflow
import Testing

@Suite struct `A run on the caller's threads` {
  static func run() throws -> ManualRun {
    var each = StepDefinition("each", after: ["list"], body: .external)
    each.fanOut = StepDefinition.FanOut(over: "list") { $0 as? [any Sendable] }
    return try ManualRun(
      Workflow(
        "manual",
        steps: [
          StepDefinition("list", body: .external), each,
          StepDefinition(
            "count", after: ["each"],
            body: .blocking { context in
              try context.output("each", as: [any Sendable].self).count
            }),
        ]))
  }

  @Test func `hands out what is external, and runs the rest`() throws {
    let run = try Self.run()
    var turn = run.turn()
    let list = try #require(turn.unit)
    #expect(list.step == 0 && run.has(list) && !run.isFannedOut(list))
    turn = run.turn(ending: (list, .succeeded(())))
    let each = try #require(turn.unit)
    #expect(run.isFannedOut(each))
    turn = run.turn(ending: (each, .fannedOut([1, 2, 3])))
    for element in 0..<Int32(3) {
      let unit = try #require(turn.unit)
      #expect(unit.element == element)
      turn = run.turn(ending: (unit, .succeeded(Int(element))))
    }
    // A step that is run in here is left to a worker with patience.
    #expect(turn.unit == nil && !turn.isOver)
    #expect(run.turn(patience: 1_000_000_000).isOver)
    #expect(run.result.output("count") as? Int == 3)
  }

  @Test func `asks for a worker before it runs a step beside another one`() throws {
    var options = RunOptions()
    options.maxParallel = 2
    let empty = StepDefinition.Body.blocking { _ in true }
    let run = try ManualRun(
      Workflow(
        "parallel",
        steps: [
          StepDefinition("first", body: empty),
          StepDefinition("one", after: ["first"], body: empty),
          StepDefinition("other", after: ["first"], body: empty),
        ]), options)
    let turn = run.turn(patience: 1_000_000_000)
    #expect(turn.missingWorkers == 1 && !turn.isOver && turn.unit == nil)
    #expect(run.result["first"]?.state == .succeeded && run.result["one"]?.state == .ready)
    #expect(run.turn(patience: 1_000_000_000).isOver)
  }

  @Test func `takes no end twice, and none of a step that its elements end`() throws {
    let run = try Self.run()
    let list = try #require(run.turn().unit)
    let each = try #require(run.turn(ending: (list, .succeeded(()))).unit)
    #expect(run.turn(ending: (list, .failed(Broken(), mayRetry: true))).unit == nil)
    let first = try #require(run.turn(ending: (each, .fannedOut([1, 2]))).unit)
    let second = try #require(run.turn(ending: (each, .fannedOut([1, 2, 3]))).unit)
    #expect(run.turn(ending: (each, .succeeded(0))).unit == nil)
    _ = run.turn(ending: (first, .succeeded(1)))
    _ = run.turn(ending: (second, .succeeded(2)))
    #expect(run.turn(patience: 1_000_000_000).isOver)
    #expect(run.result.status == .succeeded && run.result.output("count") as? Int == 2)
  }

  @Test func `knows its units`() throws {
    let run = try Self.run()
    for number in [-1, 3, Int32.min, Int32.max] {
      let unit = ManualRun.Unit(number: number, attempt: 1, step: 0, element: -1, isCleanup: false)
      #expect(!run.has(unit))
    }
    #expect(run.output(ofStep: -1) == nil && run.output(ofStep: 9) == nil)
    #expect(run.output(ofStep: 0, element: 5) == nil)
  }

  @Test(arguments: [(1, 1), (2, 2), (8, 3)]) func `asks for the workers of later levels at once`(
    most: Int, expected: Int
  ) throws {
    var options = RunOptions()
    options.maxParallel = most
    let run = try ManualRun(
      Workflow(
        "1-3-1",
        steps: [
          StepDefinition("first", body: .external),
          StepDefinition("a", after: ["first"], body: .external),
          StepDefinition("b", after: ["first"], body: .external),
          StepDefinition("c", after: ["first"], body: .external),
          StepDefinition("last", after: ["a", "b", "c"], body: .external),
        ]), options)
    #expect(run.watch(patience: 0).missingWorkers == expected)
    #expect(run.watch(patience: 0).missingWorkers == 0)
    let first = try #require(run.turn(isNew: true).unit)
    for _ in 1..<expected { #expect(run.turn(isNew: true).unit == nil) }
    #expect(run.watch(patience: 0).missingWorkers == 0)
    let turn = run.turn(ending: (first, .succeeded(())))
    #expect(turn.unit?.step == 1 && turn.missingWorkers == expected - 1)
  }
}
