import ParquetFrame

/// The words of the command line behind the command, sorted into options and files.
struct Arguments {
  /// In the order given.
  private(set) var files: [String] = []
  /// What is asked, where the command has topics: the first word that is no option.
  private(set) var topic: String?
  private let command: String
  private var values: [(option: String, value: String)] = []

  /// Sorts `words`: `--option VALUE`, `--option=VALUE`, `-o VALUE` and `-oVALUE` are the same;
  /// everything behind `--` is a file.
  init(
    parsing words: some Sequence<String>, for command: CommandSpecification
  ) throws(UsageError) {
    self.command = command.name
    var words = words.makeIterator()
    while let word = words.next() {
      guard word.hasPrefix("-"), word != "-" else {
        files.append(word)
        continue
      }
      if word == "--" {
        while let file = words.next() { files.append(file) }
        break
      }
      let (name, attached) = Self.split(word)
      guard let option = command.options.first(where: { $0.name == name || $0.short == name })
      else {
        throw UsageError(
          "unknown option", name, among: command.options.map(\.name), command: command.name)
      }
      if option.value == nil {
        guard attached == nil else { throw error("\(option.name) takes no value") }
        values.append((option.name, ""))
      } else if let value = attached ?? words.next() {
        values.append((option.name, value))
      } else {
        throw error("\(option.name) needs a value")
      }
    }
    guard !command.topics.isEmpty, !has(.help) else { return }
    guard !files.isEmpty else {
      throw error("one of \(command.topics.joined(separator: ", ")) is missing")
    }
    let topic = files.removeFirst()
    guard command.topics.contains(topic) else {
      throw UsageError("unknown topic", topic, among: command.topics, command: command.name)
    }
    self.topic = topic
  }

  /// `--name=value` and `-nvalue` in two.
  private static func split(_ word: String) -> (name: String, value: String?) {
    if word.hasPrefix("--") {
      guard let equals = word.firstIndex(of: "=") else { return (word, nil) }
      return (String(word[..<equals]), String(word[word.index(after: equals)...]))
    }
    return (String(word.prefix(2)), word.count > 2 ? String(word.dropFirst(2)) : nil)
  }

  func has(_ option: Option) -> Bool { values.contains { $0.option == option.name } }

  /// The last value given, which wins over those before.
  func value(of option: Option) -> String? { values.last { $0.option == option.name }?.value }

  /// Every element of every value given: elements are parted by commas, `\,` is a comma in one.
  func list(of option: Option) -> [String]? {
    guard has(option) else { return nil }
    var elements: [String] = []
    for (name, value) in values where name == option.name {
      var element = ""
      var isEscaped = false
      for character in value {
        switch character {
        case "\\" where !isEscaped: isEscaped = true
        case "," where !isEscaped:
          elements.append(element)
          element = ""
        default:
          if isEscaped, character != ",", character != "\\" { element.append("\\") }
          element.append(character)
          isEscaped = false
        }
      }
      elements.append(isEscaped ? element + "\\" : element)
    }
    return elements
  }

  /// A whole number of 0 or more, from an option's value or an element of it.
  func count(_ text: String, of option: Option) throws(UsageError) -> Int {
    guard let number = Int(text), number >= 0 else {
      throw error("\(option.name): \"\(text)\" is not a whole number of 0 or more")
    }
    return number
  }

  /// A number of seconds above 0, from an option's value.
  func seconds(of option: Option) throws(UsageError) -> Duration? {
    guard let text = value(of: option) else { return nil }
    guard let number = Double(text), number > 0, number <= 1e9 else {
      throw error("\(option.name): \"\(text)\" is not a number of seconds above 0")
    }
    return .seconds(number)
  }

  /// An error of this command's usage.
  func error(_ message: String) -> UsageError { UsageError(message, command: command) }
}

/// What is wrong with the command line.
struct UsageError: Error {
  let message: String
  /// The command whose help tells more; nil for that of the program.
  var command: String?

  init(_ message: String, command: String? = nil) {
    self.message = message.escapedForTerminal
    self.command = command
  }

  /// A word that is not known, with the nearest that is.
  init(_ what: String, _ word: String, among known: [String], command: String? = nil) {
    let nearest = nearestNames(to: word, among: known, limit: 1).first
    let hint = nearest.map { "; did you mean \"\($0)\"?" } ?? ""
    self.init("\(what) \"\(word)\"\(hint)", command: command)
  }
}
