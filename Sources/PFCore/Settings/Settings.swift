import Synchronization

/// What can be set for the whole process. A change is effective at once, for the calls that begin
/// after it.
///
/// At first the settings are those of the environment, read when they are first looked at
/// (`Settings+Environment.swift` names the variables).
public struct Settings: Sendable, Equatable {
  /// How many threads a call may use; 0 means all processors.
  public var threads = 0
  /// The lowest level of lines that are logged; nil logs nothing.
  public var logLevel: LogLevel?
  /// The bytes of a CSV file that one thread takes at a time; 0 leaves it to the engine.
  public var csvChunkSize = 0
  /// How many threads a CSV reader may use; 0 means as many as `threads` gives.
  public var csvThreads = 0
  /// Whether the engine's file readers and writers are to be used by the faces above.
  public var ioEnabled = true
  /// Whether the engine's graph kernels are to be used by the faces above.
  public var graphEnabled = true
  /// Whether the engine's workflow runner is to be used by the faces above.
  public var workflowEnabled = true

  /// The settings of a process whose environment says nothing.
  public init() {}

  /// The number of threads that `threads` stands for, at least 1.
  public var threadCount: Int { threads > 0 ? threads : availableProcessorCount() }

  /// The number of threads that `csvThreads` stands for, at least 1.
  public var csvThreadCount: Int { csvThreads > 0 ? csvThreads : threadCount }
}

// MARK: The process

extension Settings {
  private struct State {
    var settings: Settings
    /// What to say about the environment once the lock is free.
    var warnings: [String]
  }

  private static let state: ProcessWide<State> = {
    let (settings, warnings) = Settings.reading(environment: environmentVariable)
    Logger.setThreshold(settings.logLevel)
    return ProcessWide(State(settings: settings, warnings: warnings))
  }()

  /// The settings of the process, as they are now.
  public static var current: Settings { withState { $0 } }

  /// Changes the settings of the process in one step. `body` must not use the settings otherwise.
  public static func modify<E: Error>(_ body: (inout Settings) throws(E) -> Void) throws(E) {
    try withState { (settings) throws(E) in
      var changed = settings
      try body(&changed)
      settings = changed
      Logger.setThreshold(changed.logLevel)
    }
  }

  private static func withState<R: Sendable, E: Error>(
    _ body: (inout Settings) throws(E) -> R
  ) throws(E) -> R {
    let (result, warnings) = try state.withLock { (state) throws(E) in
      let result = try body(&state.settings)
      defer { state.warnings = [] }
      return (result, state.warnings)
    }
    // Outside of the lock, which logging takes.
    for warning in warnings { Logger.warning(warning) }
    return result
  }
}
