import Synchronization

/// The engine's log: lines of a level, sent to one sink of the whole process.
///
/// Which lines are made is decided by `Settings.logLevel`; at first none are. Lines go to the sink,
/// or to the standard error stream while there is no sink.
public enum Logger {
  /// Takes a line. Called on the thread that logs, from several threads at once.
  public typealias Sink = @Sendable (_ level: LogLevel, _ message: String) -> Void

  private static let sink = ProcessWide<Sink?>(nil)

  /// The raw value of the lowest level that passes. Until the environment is read it lets all pass
  /// to the slow path, which reads it.
  private static let threshold = Atomic<Int32>(LogLevel.trace.rawValue)

  /// Sends lines of `level` and above to `sink`; a `sink` of nil stops the log.
  ///
  /// Effective at once, but a line that another thread is logging may still reach the sink before.
  public static func setSink(_ sink: Sink?, level: LogLevel) {
    self.sink.withLock { $0 = sink }
    Settings.modify { $0.logLevel = sink == nil ? nil : level }
  }

  /// Logs what helps to follow every step.
  package static func trace(_ message: @autoclosure () -> String) { log(.trace, message()) }

  /// Logs what was done to one file or in one call.
  package static func debug(_ message: @autoclosure () -> String) { log(.debug, message()) }

  /// Logs what happens once in a program.
  package static func info(_ message: @autoclosure () -> String) { log(.info, message()) }

  /// Logs what was ignored or made good.
  package static func warning(_ message: @autoclosure () -> String) { log(.warning, message()) }

  /// Logs a failure.
  package static func error(_ message: @autoclosure () -> String) { log(.error, message()) }

  /// Logs a line. `message` is evaluated only when the line passes.
  ///
  /// - Complexity: one relaxed atomic load for a line that does not pass.
  package static func log(_ level: LogLevel, _ message: @autoclosure () -> String) {
    guard level.rawValue >= threshold.load(ordering: .relaxed),
      let lowest = Settings.current.logLevel, level >= lowest
    else { return }
    // The sink runs outside of the lock: it may log, or set another sink.
    if let sink = sink.withLock({ $0 }) {
      sink(level, message())
    } else {
      writeToStandardError("parquetframe: \(level.name): \(message())")
    }
  }

  /// Makes the level of changed settings effective; called by `Settings` alone.
  static func setThreshold(_ level: LogLevel?) {
    threshold.store(level?.rawValue ?? Int32.max, ordering: .relaxed)
  }
}
