internal import PFCore
internal import PFGraph
internal import PFWorkflow

/// Why a call of the C interface failed.
enum CallError: Error {
  /// A reader failed.
  case read(ReadError)
  /// A graph could not be made, or a kernel has no answer.
  case graph(GraphError)
  /// A workflow's definition, or the options of its run, cannot be.
  case workflow(WorkflowError)
  /// The options were refused.
  case option(OptionError)
  /// An argument is not allowed; one sentence.
  case argument(String)
  /// The handle is not one of ours, or of another kind than `expected`.
  case handle(UInt64, expected: String)

  var status: Status {
    switch self {
    case .option, .argument, .workflow: return .invalidArgument
    case .handle: return .invalidHandle
    case .graph(let error): return error.status
    case .read(let error):
      switch error.reason {
      case .malformed, .inconsistent, .badValue, .raggedRecord, .unclosedQuote, .invalidText:
        return .malformed
      case .unsupported: return .unsupported
      case .limitExceeded: return .limitExceeded
      case .cancelled: return .cancelled
      case .unknownColumn: return .unknownColumn
      case .indexOutOfRange: return .indexOutOfRange
      case .invalidOption: return .invalidArgument
      case .outOfMemory: return .outOfMemory
      case .source(.notFound): return .notFound
      case .source(.permissionDenied): return .permissionDenied
      case .source(.callbackFailed): return .callbackFailed
      case .source(.truncated): return .malformed
      case .source(.isDirectory), .source(.system): return .io
      }
    }
  }

  /// One sentence for people.
  var message: String {
    switch self {
    case .read(let error): error.description
    case .graph(let error): error.description
    case .option(let error): error.description
    case .workflow(let error): error.description
    case .argument(let what): what
    case .handle(let handle, let expected): "\(handle) is not the handle of \(expected)"
    }
  }

  /// The JSON object of `pf_error_details`.
  var details: String {
    var writer = JSONWriter()
    writer.object { json in
      switch self {
      case .argument, .handle: break
      case .graph(let error): json.write(error)
      case .workflow(let error): json.write(error)
      case .option(let error):
        if let option = error.option { json.member("option", option) }
        if case .unknown(_, let nearest, _) = error { json.names("nearest", nearest) }
      case .read(let error):
        json.write(error.place)
        json.write(error.reason)
        if error.place.line != nil { json.member("reason", error.summary) }
      }
    }
    return writer.text
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ error: WorkflowError) {
    array("problems") { json in
      for problem in error.problems { json.value(problem.description) }
    }
  }

  fileprivate mutating func names(_ name: String, _ names: [String]) {
    array(name) { json in
      for name in names { json.value(name) }
    }
  }

  fileprivate mutating func write(_ place: ReadError.Place) {
    if let file = place.file { member("file", file) }
    if let offset = place.offset { member("offset", offset) }
    if let rowGroup = place.rowGroup { member("row_group", rowGroup) }
    if let column = place.column { member("column", column) }
    if let page = place.page { member("page", page) }
    if let block = place.block { member("block", block) }
    if let line = place.line { member("line", line) }
    if let record = place.record { member("record", record) }
    if let message = place.message { member("message_index", message) }
    if let columnIndex = place.columnIndex { member("column_index", columnIndex) }
  }

  fileprivate mutating func write(_ reason: ReadError.Reason) {
    switch reason {
    case .unsupported(let feature): member("feature", feature)
    case .unknownColumn(let name, let nearest):
      member("name", name)
      names("nearest", nearest)
    case .indexOutOfRange(let what, let index, let count):
      member("what", what)
      member("index", index)
      member("count", count)
    case .invalidOption(let name, _): member("option", name)
    case .limitExceeded(let limit, let declared, let maximum):
      member("limit", limit)
      member("declared", declared)
      member("maximum", maximum)
    case .source(.system(let code)): member("errno", code)
    case .source(.isDirectory): member("is_directory", true)
    case .badValue(let text, let expected):
      member("value", text)
      member("expected", expected)
    case .raggedRecord(let expected, let found):
      member("expected_fields", expected)
      member("found_fields", found)
    case .invalidText(let encoding): member("encoding", encoding)
    case .malformed, .inconsistent, .source, .cancelled, .outOfMemory, .unclosedQuote: break
    }
  }
}
