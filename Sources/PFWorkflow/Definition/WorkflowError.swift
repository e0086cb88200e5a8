/// Everything that is wrong with a workflow's definition, or with the options of a run.
public struct WorkflowError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong, in the order of the definition.
  public let problems: [Problem]

  /// One thing that is wrong.
  public enum Problem: Equatable, Sendable {
    /// A step without a name. `position` counts from 0.
    case unnamed(position: Int)
    /// The steps at `first` and `second` have the same name.
    case duplicateName(String, first: Int, second: Int)
    /// `step` depends on `name`, which is no step; `nearest` are names like it.
    case missingDependency(step: String, name: String, nearest: [String])
    /// Each of these steps depends on the next one, and the last one on the first.
    case cycle([String])
    /// `step` is fanned out over a step that is not among its dependencies.
    case fanOutWithoutDependency(step: String, name: String)
    /// An option of `step` (empty: of the run) that cannot be.
    case option(step: String, text: String)
    /// The checkpoint of a run cannot be used.
    case checkpoint(CheckpointError)
  }

  /// The problems, a line each.
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}

extension WorkflowError.Problem: CustomStringConvertible {
  /// The problem in words.
  public var description: String {
    switch self {
    case .unnamed(let position): "step \(position + 1) has no name"
    case .duplicateName(let name, let first, let second):
      "steps \(first + 1) and \(second + 1) are both called \(quoted(name))"
    case .missingDependency(let step, let name, let nearest):
      "step \(quoted(step)) depends on \(quoted(name)), which is no step"
        + (nearest.isEmpty
          ? "" : "; did you mean \(nearest.map(quoted).joined(separator: " or "))?")
    case .cycle(let names):
      "steps depend on each other in a cycle: "
        + (names + names.prefix(1)).map(quoted).joined(separator: " needs ")
    case .fanOutWithoutDependency(let step, let name):
      "step \(quoted(step)) runs for each element of \(quoted(name)), which is not among its dependencies"
    case .checkpoint(let error): error.description
    case .option(let step, let text): step.isEmpty ? text : "step \(quoted(step)): \(text)"
    }
  }
}

/// A name as messages show it.
func quoted(_ name: String) -> String { "'\(name)'" }
