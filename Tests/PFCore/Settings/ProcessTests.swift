import Foundation
import PFCore
import Synchronization
import Testing

/// What belongs to the whole process: one test at a time, each of which puts things back.
@Suite(.serialized) struct `settings and log of the process` {
  @Test func `changes are effective at once, from many threads, and none is lost`() async {
    let before = Settings.current
    await withTaskGroup { group in
      for _ in 0..<8 {
        group.addTask { for _ in 0..<1000 { Settings.modify { $0.csvChunkSize += 1 } } }
      }
    }
    #expect(Settings.current.csvChunkSize == before.csvChunkSize + 8000)
    Settings.modify { $0 = before }
    #expect(Settings.current == before)
  }

  @Test func `a change that fails changes nothing`() {
    let before = Settings.current
    #expect(throws: OptionError.self) {
      try Settings.modify { (settings) throws(OptionError) in
        settings.threads = before.threads + 1
        try settings.apply(json: #"{"bad":1}"#)
      }
    }
    #expect(Settings.current == before)
  }

  @Test func `a sink takes the lines of its level, may log, and may be replaced`() {
    let before = Settings.current
    let lines = Mutex<[String]>([])
    Logger.setSink(
      { level, message in
        guard message.hasPrefix("test: ") else { return }
        lines.withLock { $0.append("\(level.rawValue) \(message)") }
        if message == "test: first" {
          Logger.info("test: from the sink")
          Logger.setSink({ _, message in lines.withLock { $0.append(message) } }, level: .error)
        }
      }, level: .info)
    #expect(Settings.current.logLevel == .info)
    Logger.debug("test: too low")
    Logger.info("test: first")
    Logger.warning("test: too low")
    Logger.error("test: second")
    Logger.setSink(nil, level: .trace)
    Logger.error("test: nobody listens")
    #expect(
      lines.withLock { $0 } == ["2 test: first", "2 test: from the sink", "test: second"])
    Settings.modify { $0 = before }
  }

  @Test func `a message is not made when its level does not pass`() {
    func message() -> String {
      Issue.record("made")
      return ""
    }
    let before = Settings.current
    Settings.modify { $0.logLevel = nil }
    for level in LogLevel.allCases { Logger.log(level, message()) }
    Settings.modify { $0.logLevel = .error }
    Logger.warning(message())
    Settings.modify { $0 = before }
  }

  /// Also run by the next test, in a process with an environment of its own.
  @Test func logsALineOfEachLevel() {
    for level in LogLevel.allCases { Logger.log(level, "a line") }
    Settings.modify { $0.logLevel = .error }
    Logger.warning("too low now")
    Settings.modify { $0.logLevel = nil }
  }

  @Test func `the environment sets the level, and lines go to standard error`() throws {
    #expect(
      try logLines(environment: [
        "PARQUETFRAME_SWIFT_LOG": "warning", "PARQUETFRAME_RUST_THREADS": "many",
      ]) == [
        #"warning: PARQUETFRAME_RUST_THREADS is ignored: "many" is not a whole number from 0 to 1024"#,
        "warning: a line", "error: a line",
      ])
    #expect(try logLines(environment: [:]).isEmpty)
  }

  /// The log on standard error of a process that runs `logsALineOfEachLevel` alone.
  private func logLines(environment: [String: String]) throws -> [String] {
    let child = Process()
    child.executableURL = URL(filePath: CommandLine.arguments[0])
    child.arguments = ["--testing-library", "swift-testing", "--filter", "logsALineOfEachLevel"]
    let inherited = ProcessInfo.processInfo.environment
    child.environment =
      inherited.filter { !$0.key.hasPrefix("PARQUETFRAME") }.merging(environment) { $1 }
    let output = Pipe()
    child.standardOutput = FileHandle.nullDevice
    child.standardError = output
    try child.run()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    child.waitUntilExit()
    #expect(child.terminationStatus == 0)
    let prefix = "parquetframe: "
    return String(decoding: text, as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
  }

  #if os(Linux)
    @Test func `the processors are those of the affinity mask`() throws {
      typealias Affinity = @convention(c) (Int32, Int, UnsafeMutableRawPointer) -> Int32
      let get = try unsafe #require(unsafe dlsym(nil, "sched_getaffinity"))
      let set = try unsafe #require(unsafe dlsym(nil, "sched_setaffinity"))
      // SAFETY: these are the C signatures; both touch at most the array's bytes.
      let getAffinity = unsafe unsafeBitCast(get, to: Affinity.self)
      let setAffinity = unsafe unsafeBitCast(set, to: Affinity.self)
      var before = [UInt8](repeating: 0, count: 1024)
      try #require(unsafe getAffinity(0, before.count, &before) == 0)
      defer { _ = unsafe setAffinity(0, before.count, &before) }

      let index = try #require(before.firstIndex { $0 != 0 })
      var one = [UInt8](repeating: 0, count: 1024)
      one[index] = before[index] & ~(before[index] &- 1)
      try #require(unsafe setAffinity(0, one.count, &one) == 0)
      #expect(availableProcessorCount() == 1)
    }
  #endif
}

@Suite struct `log levels` {
  @Test func `have names and an order`() {
    #expect(LogLevel(name: "Warning") == .warning)
    #expect(LogLevel(name: "loud") == nil)
    #expect(LogLevel.allCases == LogLevel.allCases.sorted())
    #expect(LogLevel.allCases.map(\.rawValue) == [0, 1, 2, 3, 4])
  }
}
