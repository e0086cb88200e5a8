import ParquetFrame

/// A workflow as a file has it.
struct WorkflowFile {
  let workflow: Workflow
  /// The options of runs that the definition sets.
  let settings: RunOptions

  /// Reads a definition, all of whose problems are messages of the failure.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - threads: The most threads of one operation.
  /// - Throws: what the file or the definition has against it.
  init(_ path: String, threads: Int? = nil) throws(CommandFailure) {
    let json = try Self.definition(in: path)
    var settings = RunOptions()
    do throws(WorkflowError) {
      workflow = try Workflow(definition: json, settings: &settings, threads: threads)
      try workflow.check(settings)
    } catch {
      throw CommandFailure(messages: error.problems.map { "\(path): \($0)" })
    }
    self.settings = settings
  }

  private static func definition(in path: String) throws(CommandFailure) -> JSONObject {
    let bytes: [UInt8]
    do throws(ReadError) {
      bytes = try InputFiles.firstBytes(of: path, count: .max)
    } catch { throw CommandFailure(messages: [error.description]) }
    let value: JSONValue
    do throws(JSONError) { value = try JSONValue(parsing: bytes.span) } catch {
      let problem =
        isYAML(path, bytes)
        ? "pframe reads JSON; Python's Workflow.from_yaml reads YAML"
        : error.message(in: bytes.span)
      throw CommandFailure(messages: ["\(path): \(problem)"])
    }
    guard let object = value.object else {
      throw CommandFailure(messages: ["\(path): the definition is no JSON object"])
    }
    return object
  }

  /// Whether what is no JSON was meant to be YAML: by its name, or as it begins with a word.
  private static func isYAML(_ path: String, _ bytes: [UInt8]) -> Bool {
    let name = path.lowercased()
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return true }
    guard let first = bytes.first(where: { !" \t\r\n".utf8.contains($0) }) else { return false }
    return first == UInt8(ascii: "#") || first == UInt8(ascii: "-")
      || Character(Unicode.Scalar(first)).isLetter
  }
}
