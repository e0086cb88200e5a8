/// An option as it is typed and as `--help` shows it.
struct Option: Sendable {
  /// With its dashes, such as `--rows`.
  let name: String
  /// One dash and a letter, such as `-n`.
  var short: String?
  /// What its value stands for, such as `ROWS`; nil for a switch.
  var value: String?
  let help: String

  static let help = Option(name: "--help", short: "-h", help: "Show this help.")
  static let json = Option(name: "--json", help: "Write JSON, one document for each file.")
  static let color = Option(
    name: "--color", value: "WHEN",
    help: "Use colors: auto (on a terminal), always or never.")
}

/// What a command is called, what it takes, and what it says about itself.
struct CommandSpecification: Sendable {
  let name: String
  let summary: String
  /// Paragraphs behind the summary, lines already broken.
  let details: String
  /// Its own options; those of every command come behind them.
  let options: [Option]
  /// What can be asked, as the word behind the command; empty where there is no such word.
  let topics: [String]
  /// Whether it is about one file, not any number of them.
  let takesOneFile: Bool

  init(
    name: String, summary: String, details: String, options: [Option] = [], topics: [String] = [],
    takesOneFile: Bool = false
  ) {
    self.topics = topics
    self.takesOneFile = takesOneFile
    self.name = name
    self.summary = summary
    self.details = details
    self.options = options + [.json, .color, .help]
  }
}
