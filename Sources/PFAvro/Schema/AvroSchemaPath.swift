/// Where in the schema its parser is; the text is made for errors alone.
struct AvroSchemaPath {
  enum Step {
    case name(String)
    case branch(Int)
  }

  private var steps: [Step] = []
  /// Whether the first step is the name of the outermost type.
  private var hasRoot = false

  mutating func push(_ step: Step) { steps.append(step) }
  mutating func pop() { steps.removeLast() }

  /// Types inside others are known by their field; only the outermost has a name in the path.
  mutating func enter(_ name: AvroName) {
    guard steps.isEmpty else { return }
    steps.append(.name(name.name))
    hasRoot = true
  }

  mutating func leave(_ name: AvroName) {
    guard hasRoot, steps.count == 1 else { return }
    steps.removeLast()
    hasRoot = false
  }

  /// `, at User.address.zip`; empty at the top.
  var text: String {
    guard !steps.isEmpty else { return "" }
    var text = ""
    for step in steps {
      switch step {
      case .name(let name): text += (text.isEmpty ? "" : ".") + name.prefix(100)
      case .branch(let index): text += "[\(index)]"
      }
    }
    return ", at " + (text.count > 1000 ? "…" + text.suffix(1000) : text)
  }
}
