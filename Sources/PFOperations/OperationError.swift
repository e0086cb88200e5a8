public import PFCore
public import PFGraph

/// Why an operation could not be made, or did not end well.
public enum OperationError: Error, Equatable, Sendable {
  /// There is no operation of this name; the nearest names that there are.
  case unknownOperation(name: String, nearest: [String])
  /// The engine does not do this by itself: it has no query processor.
  case needsHandler(name: String)
  /// A parameter is not given.
  case missing(operation: String, parameter: String)
  /// A parameter is not known, or its value is not allowed.
  case option(OptionError)
  /// A query is no condition that is built in; `offset` counts characters from 0.
  case badQuery(query: String, offset: Int, expected: String)
  /// An operation got more or fewer tables than it takes.
  case wrongInputCount(operation: String, expected: TableOperation.InputCount, found: Int)
  /// Tables that have to have the same columns differ; the index of the table, and in what.
  case differentSchemas(input: Int, why: String)
  /// No node of the graph has the label that a parameter gives.
  case unknownLabel(parameter: String, label: String)
  /// Something could not be read, or does not fit a table.
  case read(ReadError)
  /// A file could not be written.
  case write(path: String, SourceError)
  /// A graph could not be made, or a kernel has no answer.
  case graph(GraphError)
  /// The caller asked to stop.
  case cancelled

  /// Whether a handler that was registered could do what the engine does not.
  public var asksForHandler: Bool {
    switch self {
    case .needsHandler, .badQuery: true
    default: false
    }
  }

  /// The same error; the one for work that was stopped where it is another layer's word for it.
  var unified: OperationError {
    switch self {
    case .read(let error) where error.reason == .cancelled: .cancelled
    case .graph(.cancelled): .cancelled
    default: self
    }
  }
}

extension OperationError: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    switch self {
    case .unknownOperation(let name, let nearest) where nearest.isEmpty:
      return "there is no operation \(quoted(name)); there are \(list(TableOperation.names))"
    case .unknownOperation(let name, let nearest):
      return "there is no operation \(quoted(name)); did you mean \(list(nearest))?"
    case .needsHandler(let name): return "\(quoted(name)) needs a registered handler"
    case .missing(let operation, let parameter):
      return "\(quoted(operation)) needs the parameter \(quoted(parameter))"
    case .option(let error): return error.description
    case .badQuery(let query, let offset, let expected):
      return "query \(quoted(query)), character \(offset + 1): \(expected) is expected; other than "
        + "comparisons of columns with values, joined by and, or, not, needs a registered handler"
    case .wrongInputCount(let operation, let expected, let found):
      return "\(quoted(operation)) takes \(expected), not \(found)"
    case .differentSchemas(let input, let why):
      return "input \(input + 1) differs from the first: \(why)"
    case .unknownLabel(let parameter, let label):
      return "option \(quoted(parameter)): no node is called \(quoted(label))"
    case .read(let error): return error.description
    case .write(let path, let error): return "cannot write \(path): \(error)"
    case .graph(let error): return error.description
    case .cancelled: return "cancelled"
    }
  }

  private func list(_ names: [String]) -> String { names.map(quoted).joined(separator: ", ") }

  private func quoted(_ name: String) -> String { JSONValue.string(name).text() }
}

/// Turns the errors of options into those of operations.
package func opting<Result>(
  _ body: () throws(OptionError) -> Result
) throws(OperationError) -> Result {
  do throws(OptionError) {
    return try body()
  } catch { throw .option(error) }
}

/// Turns the errors of readers into those of operations.
func reading<Result>(_ body: () throws(ReadError) -> Result) throws(OperationError) -> Result {
  do throws(ReadError) {
    return try body()
  } catch { throw .read(error) }
}

/// Turns the errors of graphs into those of operations.
func graphing<Result>(_ body: () throws(GraphError) -> Result) throws(OperationError) -> Result {
  do throws(GraphError) {
    return try body()
  } catch { throw .graph(error) }
}
