import ParquetFrame
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A line on the terminal that says how far a long piece of work is.
///
/// It appears after a second, on standard error, where that is a terminal; it is gone before
/// anything else is written. A thread of its own draws it, so that it also shows while one long
/// part is under way.
final class ProgressLine: Sendable {
  private struct State {
    var fraction: Double?
    var isShown = false
    var hasEnded = false
  }

  private static let erase = "\r\u{1B}[K"

  private let title: String
  private let state = Mutex(State())

  private init(_ title: String) { self.title = title.escapedForTerminal }

  /// Runs `body` and shows the fractions that it reports, from any thread.
  static func run<Result, Failure>(
    _ title: String, _ body: ((@Sendable (Double) -> Void)?) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard StandardError.isTerminal else { return try body(nil) }
    let line = ProgressLine(title)
    line.start()
    defer { line.end() }
    return try body { fraction in line.state.withLock { $0.fraction = fraction } }
  }

  /// Starts the thread that draws.
  private func start() {
    restoreLineOnInterrupt()
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    // The thread takes over the reference. Where there is no thread to be had, there is no line.
    let context = unsafe Unmanaged.passRetained(self).toOpaque()
    let failure = unsafe pthread_create(&thread, nil, ProgressLine.draw, context)
    if failure != 0 { unsafe Unmanaged<ProgressLine>.fromOpaque(context).release() }
  }

  #if canImport(Darwin)
    private static let draw: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? =
      { unsafe drawUntilEnd($0) }
  #else
    private static let draw: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? =
      { unsafe drawUntilEnd($0) }
  #endif

  /// The body of the thread.
  private static func drawUntilEnd(
    _ context: UnsafeMutableRawPointer?
  ) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let line = unsafe Unmanaged<ProgressLine>.fromOpaque(context).takeRetainedValue()
    var milliseconds = 1000
    repeat {
      var time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
      unsafe nanosleep(&time, nil)
      milliseconds = 100
    } while line.drawOnce()
    return nil
  }

  /// False once the work is done. The lock is held while drawing: nothing is drawn after `end`.
  private func drawOnce() -> Bool {
    state.withLock { state in
      guard !state.hasEnded else { return false }
      state.isShown = true
      let percent = state.fraction.map { " \(Int(min(max($0, 0), 1) * 100)) %" } ?? ""
      StandardError.write("\(Self.erase)\(title) …\(percent)")
      return true
    }
  }

  private func end() {
    state.withLock { state in
      state.hasEnded = true
      if state.isShown { StandardError.write(Self.erase) }
    }
  }

  /// Ctrl-C erases the line and then ends the process as it does without a handler, so that the
  /// shell sees 130. An ignored signal (`nohup`) stays ignored.
  private func restoreLineOnInterrupt() {
    let old = signal(SIGINT) { number in
      // Only calls that are safe in a signal handler.
      let erase: (UInt8, UInt8, UInt8, UInt8) = (0x0D, 0x1B, 0x5B, 0x4B)
      unsafe withUnsafeBytes(of: erase) {
        _ = unsafe write(STDERR_FILENO, $0.baseAddress, $0.count)
      }
      signal(number, SIG_DFL)
      raise(number)
    }
    if unsafe unsafeBitCast(old, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
      signal(SIGINT, SIG_IGN)
    }
  }
}
