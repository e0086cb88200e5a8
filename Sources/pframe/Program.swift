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
      GraphCommand.self, RunCommand.self, CheckCommand.self, ShowCommand.self,
    ]
  }

  /// What the process ends with; `--help` documents it. Ctrl-C gives 130, as shells count signals.
  enum ExitStatus: Int32 {
    case success = 0
    case failure = 1
    case wrongUsage = 2
    /// A run that was stopped by Ctrl-C in good order.
    case interrupted = 130
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
      words.append("--help")
    }
    switch first {
    case "-h", "--help": return Output().print(help)
    case "-V", "--version": return Output().print("\(name) \(version)\n")
    default: break
    }
    if isGroup(first) {
      words.removeFirst()
      let names = names(inGroup: first)
      guard let next = words.first, !next.hasPrefix("-") || ["-h", "--help"].contains(next) else {
        throw UsageError("one of \(names.joined(separator: ", ")) has to follow", command: first)
      }
      if next.hasPrefix("-") { return Output().print(help(ofGroup: first)) }
      first += " " + next
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

  /// Whether `word` stands for several commands, of which the next word chooses one.
  private static func isGroup(_ word: String) -> Bool {
    commands.contains { $0.specification.name.hasPrefix(word + " ") }
  }

  /// The second words of the commands that begin with `group`.
  static func names(inGroup group: String) -> [String] {
    commands.map { $0.specification.name }.filter { $0.hasPrefix(group + " ") }
      .map { String($0.dropFirst(group.count + 1)) }
  }

  /// Shows file after file. One that cannot be read does not keep the others from being shown.
  private static func run(
    _ type: any Command.Type, _ arguments: Arguments
  ) throws(UsageError) -> ExitStatus {
    let specification = type.specification
    guard !arguments.files.isEmpty else { throw arguments.error("a file is missing") }
    guard arguments.files.count == 1 || !specification.takesOneFile else {
      throw arguments.error("\(specification.name) takes one file")
    }
    var command = try type.init(arguments)
    let output = Output(color: try ColorMode(arguments), to: command.outputDescriptor)
    var status = ExitStatus.success
    for path in arguments.files {
      do throws(CommandFailure) {
        try command.show(path: path, to: output)
      } catch {
        // What was shown before comes before the error, also where both go to one terminal.
        output.flush()
        for message in error.messages {
          StandardError.write("\(name): \(message.escapedForTerminal)\n")
        }
        status = error.status
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

  /// Where what it shows goes: standard output, but for those that write other things there.
  var outputDescriptor: Int32 { get }

  /// Shows what `path` stands for. What is shown before an error stays.
  mutating func show(path: String, to output: Output) throws(CommandFailure)

  /// Shows what is known after the last file.
  func finish(_ output: Output)
}

extension Command {
  var outputDescriptor: Int32 { STDOUT_FILENO }

  func finish(_ output: Output) {}
}

/// Why a command could not do all of its work.
struct CommandFailure: Error {
  /// A line each.
  let messages: [String]
  var status = Program.ExitStatus.failure
}

/// A command that looks into files of tables.
protocol FileCommand: Command {
  /// Shows one file. What is shown before an error stays.
  mutating func show(_ file: ParquetFile, to output: Output) throws(ReadError)

  /// Shows a directory, or the files that a pattern stands for, as one table.
  mutating func show(_ dataset: ParquetDataset, to output: Output) throws(ReadError)

  /// Shows CSV: a file, or the files that a pattern stands for as one table.
  mutating func show(_ text: TextInput, to output: Output) throws(ReadError)

  /// Shows Avro: a file, or the files that a pattern stands for as one table.
  mutating func show(_ avro: AvroInput, to output: Output) throws(ReadError)
}

extension FileCommand {
  mutating func show(path: String, to output: Output) throws(CommandFailure) {
    do throws(ReadError) {
      if let avro = try AvroInput(path) {
        try show(avro, to: output)
      } else if let text = try TextInput(path) {
        try show(text, to: output)
      } else if ParquetDataset.isNeeded(for: path) {
        try show(try ParquetDataset([path]), to: output)
      } else {
        try show(try ParquetFile(path: path), to: output)
      }
    } catch { throw CommandFailure(messages: [error.description]) }
  }

  /// Not all that is known of one file makes sense for many.
  mutating func show(_ dataset: ParquetDataset, to output: Output) throws(ReadError) {
    throw ReadError(.source(.isDirectory), at: .init(file: dataset.name))
  }
}
