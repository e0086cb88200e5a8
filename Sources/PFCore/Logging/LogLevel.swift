/// How much a log line matters. The raw values are those of the C interface.
public enum LogLevel: Int32, Sendable, CaseIterable, Comparable {
  /// Every step of the engine.
  case trace = 0
  /// One line for a call or for a file: which reader took it and how long it took.
  case debug
  /// What happens once in a program.
  case info
  /// Something was ignored or made good.
  case warning
  /// Something failed.
  case error

  /// The level's name, in lower case.
  public var name: String { "\(self)" }

  /// A level by its name, in any case; nil for other text.
  public init?(name: String) {
    let lowercased = name.lowercased()
    guard let level = Self.allCases.first(where: { $0.name == lowercased }) else { return nil }
    self = level
  }

  /// Orders by severity.
  public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}
