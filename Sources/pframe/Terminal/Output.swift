#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// When to use colors: the value of `--color`.
enum ColorMode: String, CaseIterable {
  case auto, always, never

  init(_ arguments: Arguments) throws(UsageError) {
    guard let name = arguments.value(of: .color) else {
      self = .auto
      return
    }
    guard let mode = ColorMode(rawValue: name) else {
      throw arguments.error("--color: \"\(name)\" is not one of auto, always, never")
    }
    self = mode
  }
}

/// The standard output stream, or the one for errors, with what is known of the terminal behind it.
final class Output {
  /// Whether a person looks at it.
  let isTerminal: Bool
  /// Whether ANSI escapes may be written.
  let usesColor: Bool
  /// The columns that fit a line; 0 means no limit.
  let width: Int

  private let descriptor: Int32
  private var pending = ""
  private var hasFailed = false

  init(color: ColorMode = .auto, to descriptor: Int32 = STDOUT_FILENO) {
    self.descriptor = descriptor
    let isTerminal = isatty(descriptor) == 1
    self.isTerminal = isTerminal
    usesColor =
      switch color {
      case .always: true
      case .never: false
      case .auto:
        isTerminal && String(environment: "NO_COLOR") == nil
          && String(environment: "TERM") != "dumb"
      }
    if let columns = String(environment: "COLUMNS").flatMap({ Int($0) }), columns > 0 {
      width = min(columns, 1 << 20)
    } else {
      width = isTerminal ? Self.terminalWidth(of: descriptor) : 0
    }
  }

  static func terminalWidth(of descriptor: Int32) -> Int {
    var size = winsize()
    // SAFETY: TIOCGWINSZ fills a `winsize`.
    let isKnown = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return isKnown ? Int(size.ws_col) : 80
  }

  /// Takes text; `flush` writes it.
  func write(_ text: String) { pending += text }

  /// Writes what was taken so far; false where that failed, now or before.
  @discardableResult
  func flush() -> Bool {
    defer { pending = "" }
    guard !hasFailed, !pending.isEmpty else { return !hasFailed }
    let code = pending.write(to: descriptor)
    if code != 0 {
      hasFailed = true
      // A pipe that nobody reads is no news.
      if code != EPIPE {
        StandardError.write("\(Program.name): standard output: \(systemMessage(code))\n")
      }
    }
    return !hasFailed
  }

  /// Writes a text that is all there is to say.
  func print(_ text: String) -> Program.ExitStatus {
    write(text)
    return flush() ? .success : .failure
  }

  /// Text between the escapes of a style, where colors are used.
  func styled(_ text: String, _ style: Style) -> String {
    usesColor && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// Select Graphic Rendition of ECMA-48.
  enum Style: Int {
    case bold = 1
    case dim = 2
    case cyan = 36
  }
}
