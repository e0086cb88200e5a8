import ParquetFrame

/// `pframe workflow check`: what is wrong with a definition.
struct CheckCommand: Command {
  static let specification = CommandSpecification(
    name: "workflow check", summary: "Say all that is wrong with a workflow.",
    details: """
      Reads definitions in JSON and says all that is wrong with each, or how many
      steps it has, on how many levels (steps that need nothing, those that need only
      these, and so on), and how many steps its longest chain has. Nothing is run.

      With --json: {"file", "problems", "steps", "levels", "critical_path"} for each
      file: problems are texts, levels and the critical path names of steps; where
      there are problems, the others are not there.
      """)

  private let writesJSON: Bool
  private let isSingle: Bool

  init(_ arguments: Arguments) {
    writesJSON = arguments.has(.json)
    isSingle = arguments.files.count == 1
  }

  func show(path: String, to output: Output) throws(CommandFailure) {
    let workflow: Workflow
    do throws(CommandFailure) {
      workflow = try WorkflowFile(path).workflow
    } catch {
      guard writesJSON else { throw error }
      output.writeJSON { json in
        json.member("file", path)
        json.array("problems") { json in
          for message in error.messages {
            let isNamed = message.hasPrefix(path + ": ")
            json.value(isNamed ? String(message.dropFirst(path.count + 2)) : message)
          }
        }
      }
      throw CommandFailure(messages: [])
    }
    let levels = workflow.levels
    let chain = workflow.criticalPath().steps
    if writesJSON {
      return output.writeJSON { json in
        json.member("file", path)
        json.array("problems") { _ in }
        json.member("steps", workflow.steps.count)
        json.array("levels") { json in
          for level in levels {
            json.array { json in
              for name in level { json.value(name) }
            }
          }
        }
        json.array("critical_path") { json in
          for name in chain { json.value(name) }
        }
      }
    }
    func count(_ number: Int, _ what: String) -> String {
      "\(number.grouped) \(what)\(number == 1 ? "" : "s")"
    }
    output.write(
      (isSingle ? "" : "\(path.escapedForTerminal): ") + "ok: "
        + "\(count(workflow.steps.count, "step")), \(count(levels.count, "level")), "
        + "critical path of \(count(chain.count, "step"))\n")
  }
}
