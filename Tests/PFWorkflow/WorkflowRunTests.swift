import PFWorkflow
import Testing

@Suite struct `A run` {
  @Test func `hands outputs to the steps that need them`() async throws {
    let two = Step("two") { 2 }
    let three = Step("three") { 3 }
    let product = Step("product", two, three) { $0 * $1 }
    let result = try await Workflow("numbers") {
      product
      two
      three
    }.run()
    #expect(result.status == .succeeded)
    #expect(try result.output(of: product) == 6)
  }

  @Test func `fans a list out and back in`() async throws {
    let list = Step("list") { Array(0..<100) }
    let squares = Step("squares", forEach: list) { $0 * $0 }
    let sum = Step("sum", squares) { $0.reduce(0, +) }
    let result = try await Workflow("squares") {
      list
      squares
      sum
    }.run()
    #expect(try result.output(of: sum) == 328_350)
    #expect(result.elements(of: "squares").count == 100)
  }
}
