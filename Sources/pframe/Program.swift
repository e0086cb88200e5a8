import ParquetFrame

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The command line as a whole: finds the command, runs it over the files, reports errors.
enum Program {
  static let name = "pframe"
  static let version = "0.1.0"

  static var commands: [any Command.Type] {
    [
      HeadCommand.self, SchemaCommand.self, MetaCommand.self, CountCommand.self, SniffCommand.self,
      GraphCommand.self,
    ]
  }

  /// What the process ends with; `--help` documents it. Ctrl-C gives 130, as shells count signals.
  enum ExitStatus: Int32 {
    case success = 0
    case failure = 1
    case wrongUsage = 2
  }

  /// Runs the program with the arguments behind its name.
  static func run(_ words: [String]) -> Int32 {
    // A reader that stops early (`| head`) ends the process without a word, also where a parent
    // ignores the signal.
    signal(SIGPIPE, SIG_DFL)
    do throws(UsageError) {
      return try dispatch(words).rawValue
    } catch {
      let help = ([name, error.command].compactMap { $0 } + ["--help"]).joined(separator: " ")
      StandardError.write("\(name): \(error.message)\nTry \"\(help)\".\n")
      return ExitStatus.wrongUsage.rawValue
    }
  }

  private static func dispatch(_ words: [String]) throws(UsageError) -> ExitStatus {
    var words = words
    guard var first = words.first else { throw UsageError("a command is missing") }
    if first == "help" {
      words.removeFirst()
      guard let topic = words.first else { return Output().print(help) }
      first = topic
      words = [topic, "--help"]
    }
    switch first {
    case "-h", "--help": return Output().print(help)
    case "-V", "--version": return Output().print("\(name) \(version)\n")
    default: break
    }
    guard let command = commands.first(where: { $0.specification.name == first }) else {
      let isOption = first.hasPrefix("-")
      let known = isOption ? ["--help", "--version"] : commands.map { $0.specification.name }
      throw UsageError("unknown \(isOption ? "option" : "command")", first, among: known)
    }
    let arguments = try Arguments(parsing: words.dropFirst(), for: command.specification)
    if arguments.has(.help) { return Output().print(command.specification.help) }
    return try run(command, arguments)
  }

  /// Shows file after file. One that cannot be read does not keep the others from being shown.
  private static func run(
    _ type: any Command.Type, _ arguments: Arguments
  ) throws(UsageError) -> ExitStatus {
    guard !arguments.files.isEmpty else {
      throw UsageError("a file is missing", command: type.specification.name)
    }
    let output = Output(color: try ColorMode(arguments))
    var command = try type.init(arguments)
    var status = ExitStatus.success
    for path in arguments.files {
      do throws(ReadError) {
        if let avro = try AvroInput(path) {
          try command.show(avro, to: output)
        } else if let text = try TextInput(path) {
          try command.show(text, to: output)
        } else if ParquetDataset.isNeeded(for: path) {
          try command.show(try ParquetDataset([path]), to: output)
        } else {
          try command.show(try ParquetFile(path: path), to: output)
        }
      } catch {
        // What was shown before comes before the error, also where both go to one terminal.
        output.flush()
        StandardError.write("\(name): \(error.description.escapedForTerminal)\n")
        status = .failure
      }
      output.flush()
    }
    command.finish(output)
    return output.flush() ? status : .failure
  }
}

/// A command, made from its arguments and then given file after file.
protocol Command {
  /// Its name, options and help.
  static var specification: CommandSpecification { get }

  /// - Throws: what is wrong with a value on the command line.
  init(_ arguments: Arguments) throws(UsageError)

  /// Shows one file. What is shown before an error stays.
  mutating func show(_ file: ParquetFile, to output: Output) throws(ReadError)

  /// Shows a directory, or the files that a pattern stands for, as one table.
  mutating func show(_ dataset: ParquetDataset, to output: Output) throws(ReadError)

  /// Shows CSV: a file, or the files that a pattern stands for as one table.
  mutating func show(_ text: TextInput, to output: Output) throws(ReadError)

  /// Shows Avro: a file, or the files that a pattern stands for as one table.
  mutating func show(_ avro: AvroInput, to output: Output) throws(ReadError)

  /// Shows what is known after the last file.
  func finish(_ output: Output)
}

extension Command {
  /// Not all that is known of one file makes sense for many.
  mutating func show(_ dataset: ParquetDataset, to output: Output) throws(ReadError) {
    throw ReadError(.source(.isDirectory), at: .init(file: dataset.name))
  }

  func finish(_ output: Output) {}
}
