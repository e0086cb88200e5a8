import ParquetFrame

/// `pframe workflow show`: a definition as a drawing.
struct ShowCommand: Command {
  private static let dot = Option(name: "--dot", help: "For Graphviz.")

  static let specification = CommandSpecification(
    name: "workflow show", summary: "Draw a workflow.",
    details: """
      Writes the steps of a definition in JSON and what they need as text that Mermaid
      draws, or Graphviz. Nothing is run.

      With --json: {"file", "mermaid"}, or {"file", "dot"}.
      """, options: [dot], takesOneFile: true)

  private let isDot: Bool
  private let writesJSON: Bool

  init(_ arguments: Arguments) {
    isDot = arguments.has(Self.dot)
    writesJSON = arguments.has(.json)
  }

  func show(path: String, to output: Output) throws(CommandFailure) {
    let workflow = try WorkflowFile(path).workflow
    let text = isDot ? workflow.dot() : workflow.mermaid()
    guard writesJSON else { return output.write(text) }
    output.writeJSON { json in
      json.member("file", path)
      json.member(isDot ? "dot" : "mermaid", text)
    }
  }
}
