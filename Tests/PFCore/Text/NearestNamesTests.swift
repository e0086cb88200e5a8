import PFCore
import Testing

@Suite struct `nearest names` {
  static let examples: [(name: String, candidates: [String], nearest: [String])] = [
    ("colums", ["limit", "columns", "column", "threads"], ["columns", "column"]),
    ("pirce", ["price", "prices", "pride", "spice"], ["price", "prices"]),  // a swap is one edit
    ("PRICE", ["prime", "price", "Price"], ["Price", "price", "prime"]),  // case counts least
    ("ID", ["x", "id"], ["id"]),
    ("a", ["b", "c"], []), ("", ["a", ""], [""]), ("x", [], []),
    ("día", ["dia", "dias"], ["dia"]),
    ("ab", ["ac", "ad", "ae", "af", "ab"], ["ab", "ac", "ad"]),  // ties stay in order
  ]

  @Test("are found and ordered", arguments: examples)
  func finds(name: String, candidates: [String], nearest: [String]) {
    #expect(nearestNames(to: name, among: candidates).prefix(nearest.count) == nearest[...])
    if nearest.isEmpty { #expect(nearestNames(to: name, among: candidates).isEmpty) }
  }

  @Test func `the limit holds`() {
    let candidates = (0..<20).map { "name\($0)" }
    #expect(nearestNames(to: "name", among: candidates).count == 3)
    #expect(nearestNames(to: "name", among: candidates, limit: 1) == ["name0"])
    #expect(nearestNames(to: "name", among: candidates, limit: 0).isEmpty)
  }

  @Test func `very many and very long names are bounded work`() {
    let long = String(repeating: "a", count: 1_000_000)
    let candidates = (0..<20_000).map { "column \($0) " + String(repeating: "xy", count: 40) }
    #expect(nearestNames(to: long, among: [long + "b"]) == [long + "b"])
    #expect(
      nearestNames(to: "colunm 77 " + String(repeating: "xy", count: 40), among: candidates).first
        == candidates[77])
  }
}
