import PFArrow
import PFCore
import PFGraph
import PFOperations
import Testing

@Suite struct `graph operations` {
  /// a → b → c → a, c → d.
  private func labeled() throws -> Table {
    Table(columns: [
      ("from", try ArrowArray(strings: ["a", "b", "c", "c"])),
      ("to", try ArrowArray(strings: ["b", "c", "a", "d"])),
      ("w", try ArrowArray(float64: [1, 2, 3, 4])),
    ])
  }

  private func numbered() throws -> Table {
    Table(columns: [
      ("source", try ArrowArray(int64: [0, 1, 2, 2])),
      ("target", try ArrowArray(int64: [1, 2, 0, 3])),
    ])
  }

  private func run(_ table: Table, _ json: String) throws -> Table {
    try TableOperation("graph", json: json).run([table])
  }

  private static let columns =
    #""source_column": "from", "target_column": "to", "weight_column": "w""#

  @Test func `rows say which node they are about, by its label`() throws {
    let result = try run(
      labeled(), #"{"kernel": "bfs", "sources": ["b"], \#(Self.columns)}"#)
    #expect(result.names == ["node", "distance", "predecessor"])
    #expect(
      result.rows
        == #"[{"node":"a","distance":2,"predecessor":"c"},"#
        + #"{"node":"b","distance":0,"predecessor":null},"#
        + #"{"node":"c","distance":1,"predecessor":"b"},"#
        + #"{"node":"d","distance":2,"predecessor":"c"}]"#)
    #expect(result.schema.metadata.first?.key == "summary")
    #expect(result.schema.metadata.first?.value.contains(#""reached":4"#) == true)
  }

  @Test func `without labels rows say the ids`() throws {
    let result = try run(numbered(), #"{"kernel": "bfs", "sources": [1]}"#)
    #expect(
      result.rows
        == #"[{"node":0,"distance":2,"predecessor":2},{"node":1,"distance":0,"predecessor":-1},"#
        + #"{"node":2,"distance":1,"predecessor":1},{"node":3,"distance":2,"predecessor":2}]"#)
  }

  @Test func `numbers can be labels`() throws {
    let table = Table(columns: [
      ("source", try ArrowArray(int64: [1_000_000_000_000, -5])),
      ("target", try ArrowArray(int64: [-5, 7])),
    ])
    let result = try run(
      table, #"{"kernel": "shortest_path", "source": 1000000000000, "target": 7, "labels": true}"#)
    #expect(result.rows == #"[{"node":1000000000000},{"node":-5},{"node":7}]"#)
  }

  @Test func `weights by node go by labels`() throws {
    let result = try run(
      labeled(), #"{"kernel": "pagerank", "personalization": {"d": 1}, \#(Self.columns)}"#)
    #expect(result.names == ["node", "rank"])
    #expect(result.rowCount == 4)
    #expect(result.rows.contains(#"{"node":"d","rank":0.99999"#))
  }

  static let kernels: [(json: String, names: [String], rowCount: Int)] = [
    (#"{"kernel": "dfs", "source": 0}"#, ["preorder", "postorder", "predecessor"], 4),
    (#"{"kernel": "topological_sort", "self_loops": true}"#, [], -1),
    (#"{"kernel": "shortest_path", "source": 3, "target": 0}"#, ["node"], 0),
    (
      #"{"kernel": "minimum_spanning_forest", "directed": false}"#, ["source", "target", "weight"],
      3
    ),
    (#"{"kernel": "degree_statistics"}"#, ["degree", "count"], 4),
    (#"{"kernel": "triangle_count", "directed": false}"#, ["count"], 1),
    (#"{"kernel": "bipartition", "directed": false}"#, ["node", "side"], 0),
    (#"{"kernel": "closeness_centrality", "nodes": [2, 0]}"#, ["node", "centrality"], 2),
    (#"{"kernel": "connected_components"}"#, ["node", "component"], 4),
    (#"{"kernel": "louvain", "directed": false}"#, ["node", "community"], 4),
  ]

  @Test(arguments: kernels)
  func `every kernel's answer is a table`(json: String, names: [String], rowCount: Int) throws {
    let table = try numbered()
    guard rowCount >= 0 else {
      #expect(try failure("graph", json, [table]).description.contains("cycle"))
      return
    }
    let result = try run(table, json)
    #expect(result.names == names)
    #expect(result.rowCount == rowCount)
  }

  @Test func `closeness of some nodes names these`() throws {
    let result = try run(numbered(), #"{"kernel": "closeness_centrality", "nodes": [2, 0]}"#)
    #expect(result.rows.hasPrefix(#"[{"node":2,"#))
    #expect(result.rows.contains(#"{"node":0,"#))
  }

  @Test func `a label that no node has is named`() throws {
    let error = try failure(
      "graph", #"{"kernel": "bfs", "sources": ["z"], \#(Self.columns)}"#, [labeled()])
    #expect(error == .unknownLabel(parameter: "sources", label: "z"))
    #expect(error.description == #"option "sources": no node is called "z""#)
  }

  @Test func `a column that is not there is named with the nearest`() throws {
    #expect(
      try failure("graph", #"{"kernel": "pagerank", "source_column": "form"}"#, [labeled()])
        .description == #"no column "form"; the nearest are "from""#)
  }

  @Test func `names of nodes are refused where there are no labels`() throws {
    guard
      case .option(let error) = try failure(
        "graph", #"{"kernel": "bfs", "sources": ["a"]}"#, [numbered()])
    else {
      Issue.record("a name of a node without labels")
      return
    }
    #expect(error.option == "sources")
  }

  @Test func `a node outside is the kernel's error`() throws {
    let error = try failure("graph", #"{"kernel": "bfs", "sources": [9]}"#, [numbered()])
    #expect(error == .graph(.unknownNode(argument: "source", node: 9, nodeCount: 4)))
  }
}
