public import PFArrow
public import PFCore

/// Something that the engine does with tables, by its name and parameters.
///
///     let filter = try TableOperation("filter", parameters)
///     let kept = try filter.run([table])
///
/// All of the parameters are checked when it is made. `Specs/operations.md` lists the operations.
public struct TableOperation: Sendable {
  /// How many tables an operation takes.
  public enum InputCount: Hashable, Sendable, CustomStringConvertible {
    /// It makes a table.
    case none
    /// It makes a table of another.
    case one
    /// It makes a table of several.
    case oneOrMore

    /// One phrase for people.
    public var description: String {
      switch self {
      case .none: "no table"
      case .one: "one table"
      case .oneOrMore: "one table or more"
      }
    }

    func allows(_ count: Int) -> Bool {
      switch self {
      case .none: count == 0
      case .one: count == 1
      case .oneOrMore: count >= 1
      }
    }
  }

  /// The name in this list, whatever the name that it was made by.
  public let name: String
  /// How many tables it takes.
  public let inputCount: InputCount
  /// The files, directories and patterns that it reads, as they were given.
  public let readPaths: [String]
  /// The files that it writes.
  public let writtenPaths: [String]
  /// The name and the parameters as text that is the same for the same operation: parameters in
  /// the order of their names, without `threads`, which changes no result.
  public let canonicalText: String
  private let body: Body
  /// What the names of the files end in that a directory among `readPaths` stands for.
  private let suffixes: [String]

  typealias Body = @Sendable ([Table], OperationContext) throws(OperationError) -> Table

  /// What makes an operation of its parameters: all but what is common to all.
  struct Parts {
    var inputCount = InputCount.one
    var readPaths: [String] = []
    var writtenPaths: [String] = []
    var suffixes: [String] = []
    var body: Body
  }

  typealias Making =
    @Sendable (_ name: String, _ options: inout JSONOptions) throws(OperationError) -> Parts

  /// The operations, and the names that they have elsewhere.
  private static let makers: [(name: String, others: [String], make: Making)] = [
    ("read", ["read_parquet", "parquet.read", "read_csv", "read_avro"], makeRead),
    ("select", [], makeSelect),
    ("rename", [], makeRename),
    ("drop", [], makeDrop),
    ("transform", [], makeTransform),
    ("filter", ["query"], makeFilter),
    ("limit", [], makeLimit),
    ("concatenate", ["concat"], makeConcatenate),
    ("graph", [], makeGraph),
    ("write", ["save", "to_parquet", "parquet.write"], makeWrite),
  ]

  /// The names of all operations.
  public static let names = makers.map(\.name)

  /// Names of work that needs a query processor, which the engine has none of. Of `transform`,
  /// renames and drops are built in, and of `query` comparisons with values.
  public static let relational = [
    "query", "sort", "groupby", "group_by", "groupby_agg", "aggregate", "describe", "join",
    "transform", "sql",
    "datafusion.sql",
  ]

  /// Makes an operation.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - parameters: What it is to do.
  /// - Throws: `.unknownOperation`, `.needsHandler`; `.missing`, `.option`, `.badQuery` for a
  ///   parameter; `.read` for a type that cannot be read, or where the format of a file has to be
  ///   found out and it cannot be read.
  public init(
    _ name: String, _ parameters: JSONObject = JSONObject()
  ) throws(OperationError) {
    guard let maker = Self.makers.first(where: { $0.name == name || $0.others.contains(name) })
    else {
      if Self.relational.contains(name) { throw .needsHandler(name: name) }
      throw .unknownOperation(
        name: name,
        nearest: nearestNames(to: name, among: Self.names + Self.relational))
    }
    var options = JSONOptions(parameters)
    let parts = try maker.make(name, &options)
    try opting { () throws(OptionError) in try options.finish() }
    self.name = maker.name
    inputCount = parts.inputCount
    readPaths = parts.readPaths
    writtenPaths = parts.writtenPaths
    suffixes = parts.suffixes
    body = parts.body
    var writer = JSONWriter()
    writer.array { json in
      // `save` and `write` differ in what they take for granted.
      json.value(name)
      json.object { json in
        for name in parameters.members.map(\.name).sorted() where name != "threads" {
          json.member(name, parameters[name])
        }
      }
    }
    canonicalText = writer.text
  }

  /// Does it. Inputs stay as they are; what does not change is shared with them.
  ///
  /// - Parameters:
  ///   - inputs: As many tables as it takes.
  ///   - context: Threads, cancellation, progress.
  /// - Returns: The table that it makes; that of `write` is its input.
  /// - Throws: `.wrongInputCount`; `.cancelled` soon after the token is raised; what the operation
  ///   has against its inputs or its files.
  public func run(
    _ inputs: [Table] = [], _ context: OperationContext = OperationContext()
  ) throws(OperationError) -> Table {
    guard inputCount.allows(inputs.count) else {
      throw .wrongInputCount(operation: name, expected: inputCount, found: inputs.count)
    }
    do throws(OperationError) {
      try context.check()
      return try body(inputs, context)
    } catch { throw error.unified }
  }

  /// The files that `readPaths` stand for now, in the order in which they are read.
  ///
  /// - Throws: `.read` where there is none.
  public func filesRead() throws(OperationError) -> [String] {
    guard !readPaths.isEmpty else { return [] }
    return try reading { () throws(ReadError) in
      try DatasetPath.files(of: readPaths, endingIn: suffixes, isHive: false).map(\.path)
    }
  }
}

/// How an operation runs; never what it gives.
public struct OperationContext: Sendable {
  /// The most threads to use; nil leaves it to the parameters and the settings of the process.
  public var threads: Int?
  /// Stops the operation soon after it is raised.
  public var cancellation: CancellationToken?
  /// Told how far the operation is, from any thread.
  public var progress: (@Sendable (OperationProgress) -> Void)?

  /// A context from what differs from the usual.
  public init(
    threads: Int? = nil, cancellation: CancellationToken? = nil,
    progress: (@Sendable (OperationProgress) -> Void)? = nil
  ) {
    self.threads = threads
    self.cancellation = cancellation
    self.progress = progress
  }

  func check() throws(OperationError) {
    if cancellation?.isCancelled == true { throw .cancelled }
  }

  /// The threads to use where the parameters say `wanted`.
  func threads(_ wanted: Int?) -> Int? {
    guard let threads else { return wanted }
    return max(1, min(threads, wanted ?? threads))
  }

  func report(_ fraction: Double) {
    progress?(OperationProgress(fraction: fraction, iteration: nil))
  }
}

/// How far an operation has come.
public struct OperationProgress: Equatable, Sendable {
  /// The part that is done, from 0 to 1; nil where nobody knows what is left.
  public let fraction: Double?
  /// Iterations that are done, for kernels of graphs.
  public let iteration: Int?

  init(fraction: Double?, iteration: Int?) {
    self.fraction = fraction
    self.iteration = iteration
  }
}
