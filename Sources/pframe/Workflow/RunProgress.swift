import ParquetFrame
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What is said of a run while it runs: a line that changes, where somebody looks at it, and a line
/// for each step that has ended where that is wanted.
final class RunProgress: Sendable {
  private let stepCount: Int
  private let startTime = MonotonicClock.now()
  private let isLive: Bool
  private let isVerbose: Bool
  private let state = Mutex(State())

  private struct State {
    var doneCount = 0
    /// The steps that run, in the order in which they began, and since when.
    var running: [(name: String, since: Duration)] = []
    /// How far steps say that they are.
    var notes: [String: String] = [:]
    /// Elements of steps that run for each element of a list.
    var elements: [String: (done: Int, all: Int)] = [:]
    var isStopping = false
    var isShown = false
  }

  private static let erase = "\r\u{1B}[K"
  /// What a run is over before is not worth a line.
  private static let delay: Int64 = 1_000_000_000

  /// - Parameters:
  ///   - stepCount: How many steps there are.
  ///   - isQuiet: Whether nothing is said.
  ///   - isVerbose: Whether each step that ends has a line.
  init(stepCount: Int, isQuiet: Bool, isVerbose: Bool) {
    self.stepCount = stepCount
    isLive = !isQuiet && StandardError.isTerminal
    self.isVerbose = isVerbose
  }

  // MARK: Events

  /// Takes what has happened; called by one thread at a time.
  func hear(_ event: WorkflowEvent) {
    state.withLock { state in
      guard event.element == nil else { return hearOfElement(event, &state) }
      switch event.kind {
      case .started:
        if !state.running.contains(where: { $0.name == event.step }) {
          state.running.append((event.step, event.time))
        }
      case .progress:
        let percent = event.fraction.map { "\(Int(min(max($0, 0), 1) * 100)) %" }
        state.notes[event.step] = percent ?? event.message?.escapedForTerminal
      case .retried:
        _ = end(event.step, &state)
        say(event, "retrying", after: nil, &state)
      case .completed, .failed, .skipped, .cancelled, .restored:
        let since = end(event.step, &state)
        state.doneCount += 1
        let word = event.kind == .completed ? "succeeded" : event.kind.rawValue
        say(event, word, after: since.map { event.time - $0 }, &state)
      case .queued, .runEnded: break
      }
    }
  }

  private func hearOfElement(_ event: WorkflowEvent, _ state: inout State) {
    switch event.kind {
    case .queued: state.elements[event.step, default: (0, 0)].all += 1
    case .restored:
      state.elements[event.step, default: (0, 0)].all += 1
      state.elements[event.step, default: (0, 0)].done += 1
    case .completed, .failed, .skipped, .cancelled:
      state.elements[event.step, default: (0, 0)].done += 1
    case .started, .retried, .progress, .runEnded: break
    }
  }

  /// The step does not run any more; since when it had.
  private func end(_ step: String, _ state: inout State) -> Duration? {
    state.notes[step] = nil
    state.elements[step] = nil
    guard let place = state.running.firstIndex(where: { $0.name == step }) else { return nil }
    return state.running.remove(at: place).since
  }

  private func say(
    _ event: WorkflowEvent, _ word: String, after time: Duration?, _ state: inout State
  ) {
    guard isVerbose else { return }
    var line = word.padded(to: 11) + event.step.escapedForTerminal
    if let time { line += ", \(durationText(time.nanoseconds))" }
    if let error = event.error { line += ": \("\(error)".escapedForTerminal)" }
    write(line + "\n", &state)
  }

  // MARK: Writing

  /// Writes a line that stays.
  private func write(_ text: String, _ state: inout State) {
    StandardError.write((state.isShown ? Self.erase : "") + text)
    state.isShown = false
  }

  /// Says that the run was told to stop.
  func saysThatItStops() {
    state.withLock { state in
      state.isStopping = true
      write("\(Program.name): stopping; Ctrl-C again ends at once\n", &state)
    }
  }

  /// Shows the line as it is now; to be called again and again.
  func draw() {
    let elapsed = MonotonicClock.now() - startTime
    guard isLive, elapsed >= Self.delay else { return }
    state.withLock { state in
      state.isShown = true
      // The last column would break the line on some terminals.
      let width = Output.terminalWidth(of: STDERR_FILENO) - 1
      StandardError.write(
        Self.erase + text(state, elapsed: elapsed).cut(toDisplayWidth: max(width, 10)))
    }
  }

  /// Takes the line away.
  func end() { state.withLock { write("", &$0) } }

  private func text(_ state: State, elapsed: Int64) -> String {
    let names = state.running.map { step in
      var name = step.name.escapedForTerminal
      if let elements = state.elements[step.name] {
        name += " \(elements.done)/\(elements.all)"
      } else if let note = state.notes[step.name] {
        name += " \(note)"
      }
      return name
    }
    let waiting = max(0, stepCount - state.doneCount - state.running.count)
    let time = "\((Double(elapsed) / 1e9).withOneDigit) s"
    let counts =
      (state.isStopping ? "stopping: " : "")
      + "\(state.doneCount)/\(stepCount) done, \(waiting) waiting, \(state.running.count) running"
    // Names stand last, as they may be many.
    return "\(time)  \(counts)" + (names.isEmpty ? "" : ": \(names.joined(separator: ", "))")
  }
}

extension String {
  /// The text with spaces behind it.
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
