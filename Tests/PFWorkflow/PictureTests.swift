import PFCore
import PFWorkflow
import Testing

@Suite struct `Pictures` {
  @Test func `a graph as Mermaid and Graphviz text, with frames, notes and states`() async throws {
    let inner = try Workflow(
      "inner",
      steps: [
        step("read", [], .with { $0.pool = .io }), step("clean \"x\" <b> & #1", ["read"]),
      ])
    var each = step("each", ["list"])
    each.fanOut = .init(over: "list") { $0 as? [any Sendable] }
    let workflow = try Workflow(
      "w \"\\ &",
      steps: [
        step("list", []) { _ in [1, 2] as [any Sendable] },
        each,
        StepDefinition("part", after: ["each"], body: .workflow(inner)),
        step("Größe 数 \n`end`", ["part"], .with { $0.onFailure = .continue }) { _ in
          throw Broken()
        },
      ])
    let text = workflow.mermaid()
    #expect(text.hasPrefix("flowchart LR\n  s0[\"list\"]\n  s1[[\"each<br/>for each of list\"]]\n"))
    #expect(text.contains("  subgraph g0[\"part\"]\n    s2[\"read<br/>I/O\"]\n"))
    #expect(
      text.contains("    s3[\"clean #34;x#34; #60;b#62; #38; #35;1\"]\n  end\n  s4[\"part\"]"))
    #expect(text.contains("  s5[\"Größe 数  #96;end#96;\"]\n"))
    #expect(text.contains("  s0 ==> s1\n") && text.contains("  s2 --> s3\n"))
    let result = try await workflow.run()
    let colored = workflow.mermaid(result)
    #expect(colored.contains("  class s0,s1,s2,s3,s4 succeeded\n"))
    #expect(colored.contains("  class s5 failed\n"))
    let dot = workflow.dot(result)
    #expect(dot.hasPrefix("digraph \"w \\\"\\\\ &amp;\" {\n"))
    #expect(dot.contains("subgraph cluster_0 {\n    label=\"part\""))
    #expect(dot.contains("s3 [label=\"clean \\\"x\\\" <b> &amp; #1\" fillcolor=\"#dbe8f3\""))
    #expect(dot.contains("s0 -> s1 [style=bold]\n"))
    // Another workflow's result gives no colours.
    #expect(inner.mermaid(result) == inner.mermaid())
  }

  @Test func `frames within frames open and close in pairs`() throws {
    let inmost = try Workflow("c", steps: [step("x"), step("\u{301}y", ["x"])])
    let inner = try Workflow(
      "b", steps: [StepDefinition("c", body: .workflow(inmost)), step("last", ["c"])])
    let workflow = try Workflow(
      "a",
      steps: [
        StepDefinition("b", body: .workflow(inner)), step("b.d"),
        StepDefinition("e.f", body: .workflow(inmost)),
      ])
    let text = workflow.mermaid()
    #expect(
      text.contains("  subgraph g0[\"b\"]\n    subgraph g1[\"c\"]\n      s0[\"x\"]\n"))
    #expect(text.contains("\n    end\n    s2[\"c\"]\n    s3[\"last\"]\n  end\n  s4[\"b\"]\n"))
    #expect(text.contains("  s5[\"b.d\"]\n  subgraph g2[\"e.f\"]\n"))
    #expect(text.contains("\"\u{301}y\""))
    let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }
    #expect(lines.filter { $0.hasPrefix("subgraph") }.count == lines.filter { $0 == "end" }.count)
  }

  @Test func `a run as SVG shows attempts, failures and the critical path`() async throws {
    var options = RunOptions()
    options.maxParallel = 2
    let again = Gauge()
    let workflow = try Workflow(
      "times <&> \u{1}",
      steps: [
        step("a & b", []) { _ in
          while again.most == 0 { try await Task.sleep(for: .milliseconds(1)) }
          try await Task.sleep(for: .milliseconds(20))
          return 0
        },
        step(
          "again", [], .with { $0.retry = .delays([.milliseconds(5)]) }
        ) { context in
          again.enter()
          try await Task.sleep(for: .milliseconds(8))
          if context.attempt == 1 { throw Broken(text: "<no>") }
          return 1
        },
        step("bad", ["a & b"], .with { $0.onFailure = .continue }) { _ in
          throw Broken(text: "\"quoted\" <tag>")
        },
        step("c", []) { _ in 0 },
      ])
    let result = try await workflow.run(options)
    #expect(result.metrics.mostAtOnce == 2)
    // So wide that each attempt is a bar of its own, however busy the machine.
    let svg = result.timelineSVG(width: 100_000)
    #expect(svg.contains("<title>times &lt;&amp;&gt; \u{FFFD}</title>"))
    #expect(svg.contains("attempt 1 failed after "))
    #expect(svg.contains("on the critical path"))
    #expect(svg.contains("&lt;tag&gt;") && !svg.contains("<tag>"))
    #expect(svg.contains("<title>a &amp; b") && !svg.contains("a & b"))
    #expect(svg.contains("waiting for room, "))
    #expect(isWellFormed(svg))
    #expect(isWellFormed(result.timelineSVG(width: -5)))
    let empty = try await Workflow("", steps: []).run()
    #expect(isWellFormed(empty.timelineSVG()))
  }

  @Test func `ten thousand steps stay a picture of moderate size`() async throws {
    let steps = (0..<10_000).map { step("step \($0)", $0 < 100 ? [] : ["step \($0 - 100)"]) }
    let result = try await Workflow("many", steps: steps).run()
    let svg = result.timelineSVG()
    #expect(isWellFormed(svg))
    #expect(svg.utf8.count < 4_000_000)
  }

  /// Whether tags pair up and nothing else has angle brackets.
  private func isWellFormed(_ xml: String) -> Bool {
    var open: [Substring] = []
    var rest = xml[...]
    while let start = rest.firstIndex(of: "<") {
      guard !rest[..<start].contains(">"), let end = rest[start...].firstIndex(of: ">") else {
        return false
      }
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.contains("<") || tag.filter({ $0 == "\"" }).count % 2 != 0 { return false }
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else { return false }
      } else if !tag.hasSuffix("/") {
        open.append(tag.prefix { $0 != " " })
      }
    }
    return open.isEmpty && !rest.contains(">")
  }
}
