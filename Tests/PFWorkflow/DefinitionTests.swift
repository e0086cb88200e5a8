import PFCore
import PFWorkflow
import Testing

@Suite struct `A definition` {
  @Test func `is refused with all that is wrong with it`() {
    let options = StepOptions.with {
      $0.retry.attempts = 0
      $0.timeout = .zero
      $0.resources = ["gpu": -1]
    }
    let error = #expect(throws: WorkflowError.self) {
      try Workflow(
        "bad",
        steps: [
          step("load"), step("load"), step(""), step("clean", ["laod"], options),
          step("a", ["b"]), step("b", ["c"]), step("c", ["a"]), step("self", ["self"]),
        ])
    }
    #expect(
      error?.description == """
        steps 1 and 2 are both called 'load'
        step 3 has no name
        step 'clean' depends on 'laod', which is no step; did you mean 'load'?
        step 'clean': retry attempts cannot be 0: at least 1
        step 'clean': the timeout is not above 0
        step 'clean': it cannot hold -1 of 'gpu'
        steps depend on each other in a cycle: 'a' needs 'b' needs 'c' needs 'a'
        steps depend on each other in a cycle: 'self' needs 'self'
        """)
  }

  @Test func `may have no steps`() async throws {
    let result = try await Workflow("empty", steps: []).run()
    #expect(result.status == .succeeded && result.steps.isEmpty)
  }

  @Test func `has levels and a critical path`() throws {
    let workflow = try Workflow(
      "diamond",
      steps: [step("d", ["b", "c"]), step("a"), step("b", ["a"]), step("c", ["a"]), step("e")])
    #expect(workflow.levels == [["a", "e"], ["b", "c"], ["d"]])
    let path = workflow.criticalPath { ["a": 1, "b": 2, "c": 5, "d": 1, "e": 6][$0] ?? 0 }
    #expect(path.steps == ["a", "c", "d"] && path.length == 7)
    #expect(try Workflow("none", steps: []).criticalPath().steps.isEmpty)
  }

  @Test func `may name a step twice, which is waited for once and an input twice`() async throws {
    let one = Step("one") { 1 }
    let two = Step("two") { 2 }
    let sum = Step("sum", one, two, one, two, after: ["two"]) { [$0, $1, $2, $3] }
    let twice = Step("twice", sum, sum) { $0 + $1 }
    let inner = try Workflow("inner") {
      one
      Step("both", one, one) { $0 + $1 }
    }
    let workflow = try Workflow("repeated") {
      one
      two
      sum
      twice
      Step("part", after: ["sum", "sum"], workflow: inner)
    }
    let result = try await workflow.run()
    #expect(try result.output(of: twice) == [1, 2, 1, 2, 1, 2, 1, 2])
    #expect(result.output("part.both") as? Int == 2)
    #expect(
      workflow.levels == [
        ["one", "two"], ["sum"], ["twice", "part.one"], ["part.both"], ["part"],
      ])
  }

  @Test func `takes the steps of inner workflows`() async throws {
    let inner = try Workflow("inner") {
      step("one") { _ in 1 }
      step("two", ["one"]) { context in try context.output("one", as: Int.self) + 1 }
    }
    let outer = try Workflow("outer") {
      step("first")
      Step("part", after: ["first"], workflow: inner)
      step("last", ["part"]) { context in try context.output("part", as: [any Sendable].self).count
      }
    }
    #expect(outer.steps.map(\.name) == ["first", "part.one", "part.two", "part", "last"])
    let result = try await outer.run()
    #expect((result.output("part") as? [any Sendable])?.first as? Int == 2)
    #expect(result.output("last") as? Int == 1)
  }

  @Test(arguments: [true, false]) func `skips an inner workflow as one`(isWanted: Bool) async throws
  {
    let inner = try Workflow("inner", steps: [step("a"), step("b"), step("c", ["a"])])
    let options = StepOptions.with { $0.condition = { _ in isWanted } }
    let result = try await Workflow("outer") {
      Step("part", options: options, workflow: inner)
    }.run()
    for name in ["part.a", "part.b", "part.c", "part"] {
      #expect(result[name]?.state == (isWanted ? .succeeded : .skipped))
    }
  }

  /// Steps that give the number in their parameters.
  static func numbers(_ text: String) throws -> Workflow {
    var settings = RunOptions()
    return try Workflow(
      json: try #require(try JSONValue(parsing: text).object), settings: &settings,
      value: { ($0 as? Int64).flatMap { try? JSONValue(parsing: String($0)) } }
    ) { (name, parameters, _) throws(StepProblem) in
      guard name == "number" else { return nil }
      let number = parameters["is"]?.number?.int64 ?? 0
      return OperationBody(.blocking { _ in number })
    }
  }

  @Test(arguments: [3, 4], ["skip", "continue"])
  func `in JSON skips an inner workflow as one`(number: Int, onSkip: String) throws {
    let workflow = try Self.numbers(
      """
      {"steps": [
        {"name": "a", "operation": "number", "parameters": {"is": \(number)}},
        {"name": "outer", "depends_on": "a", "workflow": {"steps": [
          {"name": "b", "operation": "number", "parameters": {"is": 9}},
          {"name": "in", "depends_on": "b", "when": ["b", ">", 8], "workflow": {"steps": [
            {"name": "d", "operation": "number"}]}},
          {"name": "no", "depends_on": "b", "when": ["b", "<", 8], "on_skip": "\(onSkip)",
           "workflow": {"steps": [{"name": "d", "operation": "number"}]}},
          {"name": "behind", "depends_on": "no", "operation": "number"}]},
         "when": ["a", ">", 3], "on_skip": "\(onSkip)"},
        {"name": "after", "depends_on": ["outer"], "operation": "number"}]}
      """)
    let run = try ManualRun(workflow)
    while !run.turn(patience: 1_000_000_000).isOver {}
    let states = Dictionary(uniqueKeysWithValues: run.result.steps.map { ($0.name, $0.state) })
    let isWanted = number > 3
    for name in ["outer.b", "outer.in", "outer.in.d"] {
      #expect(states[name] == (isWanted ? .succeeded : .skipped), "\(name)")
    }
    for name in ["outer.no", "outer.no.d"] { #expect(states[name] == .skipped, "\(name)") }
    let goesOn = onSkip == "continue"
    #expect(states["outer.behind"] == (isWanted && goesOn ? .succeeded : .skipped))
    // The output of `outer` needs that of its last steps.
    #expect(states["outer"] == (isWanted && goesOn ? .succeeded : .skipped))
    #expect(states["after"] == (goesOn ? .succeeded : .skipped))
  }

  @Test func `is read from JSON, also as the original spells it`() throws {
    let text = """
      {"name": "etl", "settings": {"max_parallel": 3, "timeout": 1.5, "resources": {"gpu": 1}},
       "pipeline": [
        {"name": "load", "type": "make", "config": {"rows": 5}, "resource_hint": "io_bound"},
        {"name": "clean", "operation": "make", "params": {}, "depends_on": "load", "timeout": 2,
         "retry_policy": {"max_attempts": 4, "backoff_ms": [100, 500, 2000]}, "priority": -3,
         "on_failure": "continue", "when": ["load", ">", 3]}]}
      """
    var settings = RunOptions()
    guard case .object(let json) = try JSONValue(parsing: text) else { return }
    let workflow = try Workflow(json: json, settings: &settings, value: { _ in nil }) {
      (name, parameters, _) throws(StepProblem) in
      guard name == "make" else { return nil }
      let rows = parameters["rows"]?.number?.int64 ?? 0
      return OperationBody(.blocking { _ in rows })
    }
    #expect(settings.maxParallel == 3 && settings.timeout == .milliseconds(1500))
    #expect(settings.resources == ["gpu": 1])
    let (load, clean) = (workflow.steps[0].options, workflow.steps[1].options)
    #expect(load.pool == .io && clean.priority == -3 && clean.onFailure == .continue)
    #expect(clean.retry.attempts == 4 && clean.timeout == .seconds(2))
    guard case .list(let delays) = clean.retry.backoff else { throw Broken() }
    #expect(delays == [.milliseconds(100), .milliseconds(500), .seconds(2)])
  }

  @Test func `in JSON is refused with all that is wrong with it`() throws {
    let text = """
      {"steps": [{"name": "a", "operation": "no"}, {"name": "b", "operation": "make", "timeuot": 1},
       {"name": "b"}, 7, {"name": "c", "operation": "make", "depends_on": ["d"], "when": ["x", "==", 1]},
       {"name": "e", "operation": "make", "timeout": -1}]}
      """
    guard case .object(let json) = try JSONValue(parsing: text) else { return }
    var settings = RunOptions()
    let error = #expect(throws: WorkflowError.self) {
      try Workflow(json: json, settings: &settings, value: { _ in nil }) {
        (name, _, _) throws(StepProblem) in
        name == "make" ? OperationBody(.blocking { _ in 0 }) : nil
      }
    }
    let lines = error?.description.split(separator: "\n").map(String.init) ?? []
    #expect(
      lines == [
        "step 'a': there is no operation 'no'",
        "step 'b': unknown option \"timeuot\"; did you mean \"timeout\"?",
        "step 'b': it has no operation",
        "step 4 is not an object",
        "step 'c': its condition looks at 'x', which is not among its dependencies",
        "step 'e': option \"timeout\" has to be a number of seconds from 0 to 1e9",
        "steps 2 and 3 are both called 'b'",
        "step 'c' depends on 'd', which is no step",
      ])
  }
}
