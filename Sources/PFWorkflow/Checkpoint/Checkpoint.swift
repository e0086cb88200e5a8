public import PFCore

/// Where a run keeps the outcome of its steps, so that another run can go on from there.
///
/// The journal is one file that a run appends to (`Specs/workflow.md`, "Journal"). A record is
/// written before the steps that depend on its step begin, and so a process that is killed loses
/// what its running steps did and nothing else.
public struct Checkpoint: Sendable {
  /// The path of the journal; it is made where there is none.
  public var path: String
  /// Whether each record is on the disk before the run goes on, to outlive a crash of the machine.
  /// A crash of the process alone loses nothing either way.
  public var isDurable: Bool
  /// Types of outputs beyond those that `CheckpointValue` names.
  public var types: [any CheckpointValue.Type]
  /// Whether the run goes on from what the journal has; else that is forgotten, and all steps run.
  public var resumes = true
  /// Steps whose outputs in the journal cannot be read, as whoever gave their bytes has found: they
  /// run again where they are needed.
  public var unreadable: Set<String> = []

  /// A checkpoint.
  public init(path: String, isDurable: Bool = false, types: [any CheckpointValue.Type] = []) {
    self.path = path
    self.isDurable = isDurable
    self.types = types
  }

  var allTypes: [any CheckpointValue.Type] {
    [Bool.self, Int.self, Double.self, String.self, [UInt8].self, ExternalOutput.self] + types
  }
}

/// Why a journal cannot be used.
public enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The system's answer.
  case file(path: String, SourceError)
  /// Another run appends to it.
  case inUse(path: String)
  /// The file is something else; it is left as it is.
  case notAJournal(path: String)
  /// It was written by a later version.
  case unknownFormat(path: String, version: Int)
  /// It is of a workflow with another name.
  case otherWorkflow(path: String, name: String)

  /// The error in words.
  public var description: String {
    switch self {
    case .file(let path, let error): "checkpoint \(quoted(path)): \(error)"
    case .inUse(let path): "checkpoint \(quoted(path)) is in use by another run"
    case .notAJournal(let path): "\(quoted(path)) is no checkpoint of a workflow"
    case .unknownFormat(let path, let version):
      "checkpoint \(quoted(path)) has format \(version), and this version knows 1"
    case .otherWorkflow(let path, let name):
      "checkpoint \(quoted(path)) is of workflow \(quoted(name))"
    }
  }
}

extension StepDefinition {
  /// A fingerprint of files by size and time of change, for `inputFingerprint`. Files that are not
  /// there have one as well.
  public static func fingerprint(ofFiles paths: [String]) -> String {
    paths.map { "\($0)=\(Directory.stamp(of: $0) ?? "none")" }.joined(separator: "\n")
  }
}
