import Foundation
import PFCore
import Synchronization
import Testing

/// What belongs to the whole process is tested in processes of its own.
@Suite struct `settings and log of a process` {
  @Test func `changes are effective at once, from many threads, none lost`() async {
    await #expect(processExitsWith: .success) {
      #expect(Settings.current == Settings())
      await withTaskGroup { group in
        for _ in 0..<8 {
          group.addTask { for _ in 0..<1000 { Settings.modify { $0.csvChunkSize += 1 } } }
        }
      }
      #expect(Settings.current.csvChunkSize == 8000)
      do throws(OptionError) {
        try Settings.modify { (settings) throws(OptionError) in
          settings.threads = 9
          try settings.apply(json: #"{"bad":1}"#)
        }
        Issue.record("taken")
      } catch {
        #expect(error.option == "bad")
      }
      #expect(Settings.current.threads == 0)
    }
  }

  @Test func `the environment sets the level, and lines go to standard error`() async throws {
    let result = try await #require(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      setenv("PARQUETFRAME_SWIFT_LOG", "info", 1)
      setenv("PARQUETFRAME_SWIFT_THREADS", "many", 1)
      Logger.debug("too low")
      Logger.info("a line")
      #expect(Settings.current.logLevel == .info)
      Settings.modify { $0.logLevel = .error }
      Logger.warning("too low now")
      Logger.error("failed")
    }
    let lines = String(decoding: result.standardErrorContent, as: UTF8.self)
      .split(separator: "\n").filter { $0.hasPrefix("parquetframe: ") }
    #expect(
      lines == [
        "parquetframe: warning: PARQUETFRAME_SWIFT_THREADS is ignored: \"many\" is not a whole number from 0 to 1024",
        "parquetframe: info: a line", "parquetframe: error: failed",
      ])
  }

  @Test func `nothing is logged and no message is made until somebody asks`() async throws {
    let result = try await #require(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      func message() -> String {
        Issue.record("made")
        return "made"
      }
      for level in LogLevel.allCases { Logger.log(level, message()) }
      Logger.setSink({ _, _ in Issue.record("called") }, level: .error)
      Logger.warning(message())
      Logger.setSink(nil, level: .trace)
      Logger.error(message())
    }
    #expect(!String(decoding: result.standardErrorContent, as: UTF8.self).contains("parquetframe:"))
  }

  @Test func `a sink takes the lines of its level, may log, and may be replaced`() async {
    await #expect(processExitsWith: .success) {
      let lines = Mutex<[String]>([])
      Logger.setSink(
        { level, message in
          lines.withLock { $0.append("\(level.rawValue) \(message)") }
          if message == "first" {
            Logger.info("from the sink")
            Logger.setSink({ _, message in lines.withLock { $0.append(message) } }, level: .error)
          }
        }, level: .info)
      #expect(Settings.current.logLevel == .info)
      Logger.debug("too low")
      Logger.info("first")
      Logger.warning("too low")
      Logger.error("second")
      #expect(lines.withLock { $0 } == ["2 first", "2 from the sink", "second"])
    }
  }

  #if os(Linux)
    @Test func `the processors are those of the affinity mask`() async {
      await #expect(processExitsWith: .success) {
        typealias SetAffinity = @convention(c) (Int32, Int, UnsafeRawPointer) -> Int32
        let symbol = try #require(unsafe dlsym(nil, "sched_setaffinity"))
        let setAffinity = unsafe unsafeBitCast(symbol, to: SetAffinity.self)
        var mask: UInt64 = 1
        while unsafe setAffinity(0, 8, &mask) != 0, mask != 0 { mask <<= 1 }
        #expect(availableProcessorCount() == 1)
      }
    }
  #endif

  @Test func `levels have names and an order`() {
    #expect(LogLevel(name: "Warning") == .warning)
    #expect(LogLevel(name: "loud") == nil)
    #expect(LogLevel.allCases == LogLevel.allCases.sorted())
    #expect(LogLevel.allCases.map(\.rawValue) == [0, 1, 2, 3, 4])
  }
}
