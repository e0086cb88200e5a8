import PFCore
import PFWorkflow
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A path in the temporary folder that nothing has yet, removed at the end.
private final class Place: Sendable {
  let path: String
  init() {
    var random = SystemRandomNumberGenerator()
    path = "/tmp/parquetframe-journal-\(getpid())-\(random.next())"
  }
  deinit { unsafe unlink(path) }

  var bytes: [UInt8] {
    get throws { try JournalFile(path: path).readAll() }
  }
  func write(_ bytes: some Sequence<UInt8>) throws {
    let file = try JournalFile(path: path)
    try file.truncate(to: 0)
    try file.append(Array(bytes), isDurable: false)
  }
}

/// A value that is kept in a file beside the journal.
private struct Filed: CheckpointValue, Equatable {
  var text: String
  static var checkpointName: String { "filed" }
  init(text: String) { self.text = text }
  func checkpointBytes(_ place: CheckpointPlace) throws -> [UInt8] {
    let file = try place.makeFile(ending: ".text")
    _ = file.append(Array(text.utf8).span)
    return try file.finish()
  }
  init(checkpointBytes bytes: [UInt8], _ place: CheckpointPlace) throws {
    text = String(decoding: try place.readFile(ending: ".text", bytes), as: UTF8.self)
  }
}

/// A value that only `Checkpoint.types` makes known.
private struct Point: CheckpointValue, Equatable {
  var x: Int
  static var checkpointName: String { "point" }
  init(x: Int) { self.x = x }
  func checkpointBytes(_ place: CheckpointPlace) -> [UInt8] { Array("\(x)".utf8) }
  init(checkpointBytes bytes: [UInt8], _ place: CheckpointPlace) throws {
    guard let x = Int(String(decoding: bytes, as: UTF8.self)) else { throw Broken() }
    self.init(x: x)
  }
}

@Suite struct `A checkpoint` {
  /// A workflow that says which of its steps run, of every shape that matters.
  private static func workflow(_ runs: Log<String>, last: Bool = true) throws -> Workflow {
    let list = Step("list") {
      runs.append("list")
      return [1, 2, 3]
    }
    let each = Step("each", forEach: list) { value in
      runs.append("each \(value)")
      return Double(value) / 3
    }
    let sum = Step("sum", each) { values in
      runs.append("sum")
      return values.reduce(0, +)
    }
    let effect = Step("effect", sum) { _ in runs.append("effect") }
    let name: Step<String?> = Step(
      "name", after: ["effect"],
      withContext: { _ in
        runs.append("name")
        return nil
      })
    let end = Step("end", sum, name) { sum, name in
      runs.append("end")
      if !last { throw Broken() }
      return "\(sum) \(name ?? "none")"
    }
    return try Workflow("shapes") {
      list
      each
      sum
      effect
      name
      end
    }
  }

  @Test func `a run goes on where an earlier one ended`() async throws {
    let place = Place()
    let checkpoint = Checkpoint(path: place.path, isDurable: true)
    let first = Log<String>()
    let failed = try await Self.workflow(first, last: false).run(checkpoint: checkpoint)
    #expect(failed.status == .failed && failed.checkpointError == nil)
    let second = Log<String>()
    let result = try await Self.workflow(second).run(checkpoint: checkpoint)
    #expect(second.all == ["end"])
    #expect(result.status == .succeeded)
    #expect(result.output("end") as? String == "2.0 none")
    #expect(result["each"]?.state == .restored && result["effect"]?.state == .restored)
    #expect(result.output("list") as? [Int] == [1, 2, 3])
    let third = Log<String>()
    let again = try await Self.workflow(third).run(checkpoint: checkpoint)
    #expect(third.all.isEmpty)
    #expect(again.output("end") as? String == "2.0 none")
    #expect(again.metrics.stepCounts == [.restored: 6])
  }

  @Test func `a step runs again whose traces are gone`() async throws {
    let place = Place()
    func run(isThere: Bool) async throws -> [StepState] {
      var write = step("write")
      write.isStillDone = { isThere }
      return try await Workflow("traces", steps: [write, step("after", ["write"])])
        .run(checkpoint: Checkpoint(path: place.path)).steps.map(\.state)
    }
    #expect(try await run(isThere: false) == [.succeeded, .succeeded])
    #expect(try await run(isThere: true) == [.restored, .restored])
    #expect(try await run(isThere: false) == [.succeeded, .restored])
  }

  @Test func `files that no record names any more are removed, and no others`() async throws {
    let place = Place()
    let folder = place.path + ".d"
    try Directory.make(folder)
    var checkpoint = Checkpoint(path: folder + "/journal", types: [Filed.self])
    let others = [
      "journal.backup", "journal.0123456789ABCDEF.text", "journal.0123456789abcdefg.text",
      "journal.0123456789abcde.text", "xjournal.0123456789abcdef.text", "journal-0123456789abcdef",
    ]
    for name in others { _ = try JournalFile(path: "\(folder)/\(name)") }
    defer {
      for name in (try? Directory.names(in: folder)) ?? [] {
        Directory.removeFile("\(folder)/\(name)")
      }
      unsafe rmdir(folder)
    }
    func files() throws -> Set<String> {
      Set(try Directory.names(in: folder)).subtracting(others + ["journal"])
    }
    func run(version: String = "", fails: Bool = false) async throws -> RunResult {
      var one = step("one") { _ in Filed(text: "one") }
      one.options.version = version
      var each = step("each", ["list"]) { context in
        Filed(text: "\(try context.element(as: Int.self))")
      }
      each.fanOut = StepDefinition.FanOut(over: "list") { ($0 as? [Int])?.map { $0 } }
      let list = step("list") { _ in [1, 2] }
      let many = step("many", ["one"]) { _ in
        if fails { throw Broken() }
        return [Filed(text: "a"), Filed(text: "b")]
      }
      return try await Workflow("filed", steps: [list, one, each, many]).run(checkpoint: checkpoint)
    }
    #expect(try await run().status == .succeeded)
    let first = try files()
    #expect(first.count == 5)
    // What is only restored leaves all as it is.
    _ = try JournalFile(path: folder + "/journal.0123456789abcdef.text")
    let restored = try await run()
    #expect(restored.output("one") as? Filed == Filed(text: "one"))
    #expect(restored.output("many") as? [Filed] == [Filed(text: "a"), Filed(text: "b")])
    #expect(try files().count == 6)
    // A step that has changed takes its old file with it, and what a killed run has left goes, too;
    // a step behind it that fails still is in the journal.
    #expect(try await run(version: "2", fails: true).status == .failed)
    let second = try files()
    #expect(second.count == 5 && second.subtracting(first).count == 1)
    #expect(try await run(version: "2").metrics.stepCounts == [.restored: 3, .succeeded: 1])
    let third = try files()
    #expect(third.count == 5 && third.intersection(first).count == 2)
    // A run that begins anew forgets all; its files are those of its own records.
    checkpoint.resumes = false
    #expect(try await run(version: "3").status == .succeeded)
    #expect(try files().count == 5 && files().intersection(third).count == 2)
    checkpoint.resumes = true
    #expect(try await run(version: "3").metrics.stepCounts == [.restored: 4])
    #expect(Set(try Directory.names(in: folder)).isSuperset(of: others))
  }

  @Test func `every beginning of a journal leads to the same result`() async throws {
    let place = Place()
    let checkpoint = Checkpoint(path: place.path)
    _ = try await Self.workflow(Log()).run(checkpoint: checkpoint)
    let journal = try place.bytes
    var runCounts: Set<Int> = []
    let ends = journal.indices.filter { journal[$0] == UInt8(ascii: "\n") }
    // All lengths near the ends of lines, and some of the many in between.
    for length in 0...journal.count
    where length % 13 == 0 || ends.contains(where: { abs($0 - length) < 3 }) {
      try place.write(journal.prefix(length))
      let runs = Log<String>()
      let result = try await Self.workflow(runs).run(checkpoint: checkpoint)
      #expect(result.output("end") as? String == "2.0 none", "\(length) bytes")
      #expect(Set(runs.all).count == runs.all.count, "\(length) bytes")
      runCounts.insert(runs.all.count)
      // What the run appended is whole: nothing is left to do.
      guard length % 2 == 0 else { continue }
      let rest = Log<String>()
      _ = try await Self.workflow(rest).run(checkpoint: checkpoint)
      #expect(rest.all.isEmpty, "\(length) bytes")
    }
    #expect(runCounts == [0, 1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test func `every flipped byte ends what is believed, or is no journal`() async throws {
    let place = Place()
    let checkpoint = Checkpoint(path: place.path)
    let list = Step("list") { [7] }
    let each = Step("each", forEach: list) { $0 * 6 }
    let workflow = try Workflow("flips") {
      list
      each
    }
    _ = try await workflow.run(checkpoint: checkpoint)
    let journal = try place.bytes
    let header = try #require(journal.firstIndex(of: UInt8(ascii: "\n")))
    for index in journal.indices {
      var damaged = journal
      damaged[index] ^= UInt8(1 << (index % 8))
      try place.write(damaged)
      do {
        let result = try await workflow.run(checkpoint: checkpoint)
        #expect(index > header, "byte \(index)")
        #expect(try result.output(of: each) == [42], "byte \(index)")
      } catch {
        #expect(index <= header, "byte \(index)")
        let problem = WorkflowError.Problem.checkpoint(.notAJournal(path: place.path))
        #expect((error as? WorkflowError)?.problems == [problem])
        #expect(try place.bytes == damaged)
      }
    }
  }

  @Test func `a process that is killed loses at most what ran`() async throws {
    // The journal of a process that was killed is what the file held at that moment.
    let place = Place()
    let copy = Place()
    let checkpoint = Checkpoint(path: place.path)
    let done = Log<Int>()
    let steps = (0..<40).map { number in
      step("s\(number)", number < 4 ? [] : ["s\(number - 4)"]) { _ in
        done.append(number)
        // All that these needed was written down before they began.
        try copy.write(place.bytes)
        return number
      }
    }
    var options = RunOptions()
    options.maxParallel = 1
    _ = try await Workflow("chains", steps: steps).run(options, checkpoint: checkpoint)
    let before = done.all
    let again = Log<String>()
    let resumed = try await Workflow(
      "chains",
      steps: (0..<40).map { number in
        step("s\(number)", number < 4 ? [] : ["s\(number - 4)"]) { context in
          again.append(context.name)
          return number
        }
      }
    ).run(options, checkpoint: Checkpoint(path: copy.path))
    #expect(again.all == before.suffix(1).map { "s\($0)" })
    let outputs = (0..<40).map { resumed.output("s\($0)") as? Int }
    #expect(outputs == Array(0..<40))
  }

  @Test func `elements that ended well are restored one by one`() async throws {
    let place = Place()
    let checkpoint = Checkpoint(path: place.path)
    func run(fails: Int, count: Int = 5) async throws -> (runs: [Int], result: RunResult) {
      let runs = Log<Int>()
      let list = Step("list") { Array(0..<count).map { Broken(text: "\($0)") } }
      let each = Step("each", forEach: list) { element in
        let number = Int(element.text) ?? -1
        runs.append(number)
        if number == fails { throw Broken() }
        return number * 10
      }
      let sum = Step("sum", each) { $0.reduce(0, +) }
      let result = try await Workflow("w") {
        list
        each
        sum
      }.run(.with { $0.maxParallel = 1 }, checkpoint: checkpoint)
      return (runs.all, result)
    }
    #expect(try await run(fails: 3).runs == [0, 1, 2, 3])
    let second = try await run(fails: 4)
    #expect(second.runs == [3, 4])
    #expect(second.result.elements(of: "each")[0].state == .restored)
    let third = try await run(fails: -1)
    #expect(third.runs == [4])
    #expect(third.result.output("sum") as? Int == 100)
    #expect(third.result["each"]?.state == .succeeded)
    #expect(try await run(fails: -1).runs == [])
    // A list of another length is another list, though nothing else says so.
    try place.write([])
    #expect(try await run(fails: 3).runs == [0, 1, 2, 3])
    let longer = try await run(fails: -1, count: 6)
    #expect(longer.runs == [0, 1, 2, 3, 4, 5])
    #expect(longer.result.output("sum") as? Int == 150)
  }

  @Test func `changed definitions and inputs run again, with all that needs them`() async throws {
    let place = Place()
    let checkpoint = Checkpoint(path: place.path)
    func run(
      version: String = "", fingerprint: String = "", inputs: [String: any Sendable] = [:]
    ) async throws -> [String] {
      let runs = Log<String>()
      func logged(_ name: String, _ dependencies: [String] = []) -> StepDefinition {
        step(name, dependencies) { context in
          runs.append(context.name)
          return 1
        }
      }
      var b = logged("b", ["a"])
      b.options.version = version
      var d = logged("d")
      d.inputFingerprint = { fingerprint }
      let workflow = try Workflow("w", steps: [logged("a"), b, logged("c", ["b"]), d])
      let result = try await workflow.run(inputs: inputs, checkpoint: checkpoint)
      #expect(result.status == .succeeded)
      return runs.all.sorted()
    }
    #expect(try await run() == ["a", "b", "c", "d"])
    #expect(try await run() == [])
    #expect(try await run(version: "2") == ["b", "c"])
    #expect(try await run(version: "2", fingerprint: "new") == ["d"])
    #expect(
      try await run(version: "2", fingerprint: "new", inputs: ["day": 5]) == ["a", "b", "c", "d"])
    // What has no text form cannot be compared.
    #expect(
      try await run(version: "2", fingerprint: "new", inputs: ["day": 5, "x": Broken()]) == [])
  }

  @Test func `a step whose output cannot be kept runs again where it is needed`() async throws {
    let place = Place()
    let checkpoint = Checkpoint(path: place.path)
    func run(fails: Bool, version: String = "") async throws -> [String] {
      let runs = Log<String>()
      func logged(
        _ name: String, _ dependencies: [String], _ output: any Sendable
      ) -> StepDefinition {
        var options = StepOptions()
        options.onFailure = .continue
        if name == "c" { options.version = version }
        return step(name, dependencies, options) { context in
          runs.append(context.name)
          if fails, context.name == "last" { throw Broken() }
          return output
        }
      }
      _ = try await Workflow(
        "w",
        steps: [
          logged("a", [], Broken()), logged("b", ["a"], Broken()), logged("c", ["b"], 1),
          logged("d", ["a"], 2), logged("last", ["d"], 3), logged("leaf", ["c"], Broken()),
        ]
      ).run(checkpoint: checkpoint)
      return runs.all.sorted()
    }
    #expect(try await run(fails: true) == ["a", "b", "c", "d", "last", "leaf"].sorted())
    #expect(try await run(fails: false) == ["last"])
    #expect(try await run(fails: false, version: "2") == ["a", "b", "c", "leaf"])
    #expect(try await run(fails: false, version: "2") == [])
    let unknown = Place()
    let types = Checkpoint(path: unknown.path, types: [Point.self])
    let workflow = try Workflow(
      "points",
      steps: [
        step("point") { _ in [Point(x: 4), nil] as [Point?] },
        step("bad", ["point"]) { context in
          try context.output("point", as: [Point?].self).count
        },
      ])
    let first = try await workflow.run(checkpoint: types)
    #expect(first.status == .succeeded)
    let again = try await workflow.run(checkpoint: types)
    #expect(again.output("point") as? [Point?] == [Point(x: 4), nil])
    // Without its type the output is lost, but nobody needs it.
    let without = try await workflow.run(checkpoint: Checkpoint(path: unknown.path))
    #expect(without["point"]?.state == .restored && without.output("point") == nil)
  }

  @Test func `what went on without an input is not kept`() async throws {
    let place = Place()
    func run(fails: Bool) async throws -> (runs: [String], result: RunResult) {
      let runs = Log<String>()
      let workflow = try Workflow(
        "w",
        steps: [
          step("a", [], .with { $0.onFailure = .continue }) { _ in
            runs.append("a")
            if fails { throw Broken() }
            return 1
          },
          step("b", ["a"]) { context in
            runs.append("b")
            return try (context.output("a") as? Int) ?? 0
          },
          step("c", ["b"]) { context in
            runs.append("c")
            return try context.output("b", as: Int.self) + 10
          },
        ])
      let result = try await workflow.run(checkpoint: Checkpoint(path: place.path))
      return (runs.all, result)
    }
    #expect(try await run(fails: true).result.output("c") as? Int == 10)
    let (runs, result) = try await run(fails: false)
    #expect(runs == ["a", "b", "c"])
    #expect(result.output("c") as? Int == 11)
    #expect(try await run(fails: false).runs == [])
  }

  @Test func `files that are no journal of the workflow are refused and left alone`() async throws {
    let place = Place()
    let checkpoint = Checkpoint(path: place.path)
    let workflow = try Workflow("w", steps: [step("a")])
    func problem() async -> CheckpointError? {
      do {
        _ = try await workflow.run(checkpoint: checkpoint)
        return nil
      } catch {
        guard case .checkpoint(let error) = error.problems.first else { return nil }
        return error
      }
    }
    for text in ["PAR1", "a,b\n1,2\n", "00000000 {}\n", "\n\n", "\u{0}"] {
      try place.write(text.utf8)
      #expect(await problem() == .notAJournal(path: place.path))
      #expect(try place.bytes == Array(text.utf8))
    }
    try place.write([])
    #expect(await problem() == nil)
    let other = try Workflow("other", steps: [])
    await #expect(throws: WorkflowError.self) { try await other.run(checkpoint: checkpoint) }
    let file = try JournalFile(path: place.path)
    #expect(try file.lock())
    #expect(await problem() == .inUse(path: place.path))
    let missing = Checkpoint(path: "/nowhere/at/all")
    await #expect(throws: WorkflowError.self) { try await workflow.run(checkpoint: missing) }
    let directory = Checkpoint(path: "/tmp")
    await #expect(throws: WorkflowError.self) { try await workflow.run(checkpoint: directory) }
  }

  @Test func `a file that cannot be written ends the checkpoint, not the run`() async throws {
    guard Directory.kind(of: "/dev/full") == .file else { return }
    // A device is no file to keep a journal in.
    let workflow = try Workflow("w", steps: [step("a")])
    await #expect(throws: WorkflowError.self) {
      try await workflow.run(checkpoint: Checkpoint(path: "/dev/full"))
    }
  }

  @Test func `steps that are run outside give and get bytes`() throws {
    let place = Place()
    let workflow = try Workflow(
      "outside",
      steps: [
        StepDefinition("a", body: .external), StepDefinition("b", after: ["a"], body: .external),
      ])
    let checkpoint = Checkpoint(path: place.path)
    do {
      let run = try ManualRun(workflow, checkpoint: checkpoint)
      let unit = try #require(run.turn().unit)
      let next = run.turn(ending: (unit, .succeeded(ExternalOutput([1, 2, 255]))))
      let second = try #require(next.unit)
      _ = run.turn(ending: (second, .failed(Broken(), mayRetry: false)))
      #expect(run.result.status == .failed)
    }
    let run = try ManualRun(workflow, checkpoint: checkpoint)
    let unit = try #require(run.turn().unit)
    #expect(unit.step == 1)
    #expect(run.output(ofStep: 0) as? ExternalOutput == ExternalOutput([1, 2, 255]))
    #expect(run.turn(ending: (unit, .succeeded(()))).isOver)
    #expect(run.result.status == .succeeded)
    // The run is over, and its file free though it still is there.
    #expect(try JournalFile(path: place.path).lock())
  }

  @Test func `bytes that a caller keeps are its step's output, and what it keeps back is not`()
    throws
  {
    let place = Place()
    var each = StepDefinition("each", after: ["list"], body: .external)
    each.fanOut = StepDefinition.FanOut(over: "list") { $0 as? [any Sendable] }
    let workflow = try Workflow(
      "kept",
      steps: [
        StepDefinition("list", body: .external), each,
        StepDefinition("own", after: ["each"], body: .external),
        StepDefinition("end", after: ["own"], body: .external),
      ])
    func drive(_ checkpoint: Checkpoint, failing last: Int32?) throws -> [Int32] {
      let run = try ManualRun(workflow, inputs: ["a": "1"], checkpoint: checkpoint)
      var done: [Int32] = []
      var turn = run.turn()
      while let unit = turn.unit {
        done.append(unit.step)
        if unit.step == last {
          turn = run.turn(ending: (unit, .failed(Broken(), mayRetry: false)))
        } else if run.isFannedOut(unit) {
          turn = run.turn(ending: (unit, .fannedOut([(), ()])))
        } else {
          if unit.step != 2 { run.keep([UInt8(unit.step), UInt8(unit.element + 1)], of: unit) }
          turn = run.turn(ending: (unit, .succeeded(unit.step == 1 ? 7 : CallersOutput())))
        }
      }
      _ = run.result
      return done
    }
    var checkpoint = Checkpoint(path: place.path)
    #expect(try drive(checkpoint, failing: 3) == [0, 1, 1, 1, 2, 3])
    // What nobody kept runs again where it is needed.
    #expect(try drive(checkpoint, failing: 3) == [2, 3])
    let run = try ManualRun(workflow, inputs: ["a": "1"], checkpoint: checkpoint)
    #expect(run.output(ofStep: 0) as? ExternalOutput == ExternalOutput([0, 0]))
    #expect(run.elementCount(ofStep: 1) == 2 && run.elementCount(ofStep: 0) == nil)
    let pair = try #require(run.output(ofStep: 1, element: 1) as? [any Sendable])
    #expect(pair[0] as? ExternalOutput == ExternalOutput([1, 2]) && pair[1] as? Int == 7)
    #expect(run.output(ofStep: 1, element: 2) == nil)
    run.cancel()
    _ = run.turn()
    _ = run.result
    // What the caller cannot read runs again where it is needed, and so does all without a journal.
    checkpoint.unreadable = ["each"]
    #expect(try drive(checkpoint, failing: nil) == [1, 1, 1, 2, 3])
    checkpoint.unreadable = []
    #expect(try drive(checkpoint, failing: nil) == [])
    checkpoint.resumes = false
    #expect(try drive(checkpoint, failing: nil) == [0, 1, 1, 1, 2, 3])
  }

  @Test func `a list that is empty, and lists in lists, come back`() async throws {
    let place = Place()
    let checkpoint = Checkpoint(path: place.path)
    let runs = Log<String>()
    let none = Step("none") { [Int]() }
    let each = Step("each", forEach: none) { $0 }
    let nested = Step("nested") { [[1, 2], [], [3]] }
    let values = Step("values") { [-0.0, .infinity, 0x1p-1074] }
    let text = Step("text") { ["", "ä\n\"\u{0}"] }
    let bytes = Step("bytes") { () -> [UInt8] in
      runs.append("bytes")
      return [0, 10, 255]
    }
    let workflow = try Workflow("lists") {
      none
      each
      nested
      values
      text
      bytes
    }
    for _ in 0..<2 {
      let result = try await workflow.run(checkpoint: checkpoint)
      #expect(try result.output(of: each) == [])
      #expect(try result.output(of: nested) == [[1, 2], [], [3]])
      #expect(
        try result.output(of: values).map(\.bitPattern)
          == [-0.0, Double.infinity, 0x1p-1074].map(\.bitPattern))
      #expect(try result.output(of: text) == ["", "ä\n\"\u{0}"])
      #expect(try result.output(of: bytes) == [0, 10, 255])
    }
    #expect(runs.all == ["bytes"])
  }
}

@Suite(.serialized) struct `Totals of runs` {
  @Test func `count runs, steps and attempts`() async throws {
    let before = WorkflowTotals.current
    let workflow = try Workflow(
      "w",
      steps: [
        step("a", [], .with { $0.retry = .delays([.zero]) }) { context in
          if context.attempt == 1 { throw Broken() }
          return 1
        }
      ])
    for _ in 0..<3 { _ = try await workflow.run() }
    let after = WorkflowTotals.current
    // Other tests run meanwhile.
    #expect(after.attemptCount >= before.attemptCount + 6)
    #expect(
      after.runCounts[.succeeded, default: 0] >= before.runCounts[.succeeded, default: 0] + 3)
    #expect(after.wallTime > before.wallTime)
    #expect(after.json.hasPrefix("{\"runs\":{\"succeeded\":"))
  }
}
