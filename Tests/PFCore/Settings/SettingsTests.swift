import PFCore
import Synchronization
import Testing

@Suite struct `settings` {
  private func read(_ environment: [String: String]) -> (settings: Settings, warnings: [String]) {
    Settings.reading { environment[$0] }
  }

  @Test(
    "one truth rule",
    arguments: [
      ("1", true), ("true", true), ("YES", true), ("On", true), ("0", false), ("False", false),
      ("no", false), ("OFF", false), ("", false),
    ])
  func truth(text: String, value: Bool) throws {
    #expect(read(["PARQUETFRAME_DISABLE_SWIFT_IO": text]).settings.ioEnabled == !value)
    #expect(read(["PARQUETFRAME_DISABLE_SWIFT_IO": text]).warnings.isEmpty)
    var settings = Settings()
    settings.graphEnabled = !value
    try settings.apply(json: #"{"graph_enabled":"\#(text)"}"#)
    #expect(settings.graphEnabled == value)
  }

  @Test("every variable is honoured in both spellings", arguments: ["SWIFT", "RUST"])
  func spellings(engine: String) {
    let all = read(["PARQUETFRAME_DISABLE_\(engine)": "1"]).settings
    #expect(!all.ioEnabled && !all.graphEnabled && !all.workflowEnabled)
    #expect(!read(["PARQUETFRAME_DISABLE_\(engine)_IO": "1"]).settings.ioEnabled)
    #expect(!read(["PARQUETFRAME_DISABLE_\(engine)_GRAPH": "1"]).settings.graphEnabled)
    #expect(!read(["PARQUETFRAME_DISABLE_\(engine)_WORKFLOW": "1"]).settings.workflowEnabled)
    #expect(read(["PARQUETFRAME_\(engine)_THREADS": "3"]).settings.threads == 3)
    #expect(read(["PARQUETFRAME_\(engine)_LOG": "Debug"]).settings.logLevel == .debug)
    let csv = read(["PARQUETFRAME_CSV_CHUNK_SIZE": "4096", "PARQUETFRAME_CSV_THREADS": "5"])
      .settings
    #expect(csv.csvChunkSize == 4096)
    #expect(csv.csvThreads == 5)
  }

  @Test func `the first spelling wins, and nothing set changes nothing`() {
    let both = ["PARQUETFRAME_SWIFT_THREADS": "2", "PARQUETFRAME_RUST_THREADS": "7"]
    #expect(read(both).settings.threads == 2)
    #expect(read([:]).settings == Settings())
    #expect(read(["PARQUETFRAME_SWIFT_LOG": "off"]).settings.logLevel == nil)
  }

  @Test(
    "a bad value is ignored with a warning",
    arguments: [
      ("PARQUETFRAME_DISABLE_SWIFT", "maybe"), ("PARQUETFRAME_RUST_THREADS", "-1"),
      ("PARQUETFRAME_SWIFT_THREADS", "99999999999999999999"),
      ("PARQUETFRAME_CSV_CHUNK_SIZE", "1MB"),
      ("PARQUETFRAME_SWIFT_LOG", "loud"),
    ])
  func badEnvironment(name: String, value: String) {
    let (settings, warnings) = read([name: value])
    #expect(settings == Settings())
    #expect(warnings.count == 1)
    #expect(warnings.first?.hasPrefix("\(name) is ignored: \"\(value)\" is not ") == true)
  }

  @Test func `export and import agree`() throws {
    var settings = Settings()
    try settings.apply(
      json:
        #"{"threads":2,"log_level":"WARNING","csv_chunk_size":8192,"csv_threads":1,"io_enabled":false,"workflow_enabled":0}"#
    )
    #expect(settings.logLevel == .warning)
    #expect(!settings.ioEnabled && settings.graphEnabled && !settings.workflowEnabled)
    var copy = Settings()
    try copy.apply(json: settings.json)
    #expect(copy == settings)
    try copy.apply(json: #"{"log_level":"off","threads":null}"#)
    #expect(copy.logLevel == nil)
    #expect(copy.threads == 2)
  }

  @Test(
    "a bad setting is named and changes nothing",
    arguments: [
      (#"{"threads":2,"thread":3}"#, "thread"), (#"{"threads":-1}"#, "threads"),
      (#"{"io_enabled":"maybe"}"#, "io_enabled"), (#"{"io_enabled":2}"#, "io_enabled"),
      (#"{"threads":2,"log_level":"loud"}"#, "log_level"),
      (#"{"csv_chunk_size":1e3}"#, "csv_chunk_size"),
    ])
  func badJSON(json: String, name: String) {
    var settings = Settings()
    do throws(OptionError) {
      try settings.apply(json: json)
      Issue.record("taken")
    } catch {
      #expect(error.option == name)
    }
    #expect(settings == Settings())
  }

  @Test func `threads stand for a number`() {
    var settings = Settings()
    #expect(settings.threadCount == availableProcessorCount())
    settings.threads = 3
    #expect(settings.threadCount == 3)
    #expect(settings.csvThreadCount == 3)
    settings.csvThreads = 1
    #expect(settings.csvThreadCount == 1)
  }

  @Test(
    "a CPU quota rounds up",
    arguments: [
      ("max 100000\n", Int.max), ("200000 100000\n", 2), ("150000 100000\n", 2), ("1000 100000", 1),
      ("", Int.max), ("0 100000", Int.max), ("100000 0", Int.max), ("-1 -1", Int.max),
      ("x", Int.max),
      ("9223372036854775807 1", Int.max),
    ])
  func quota(text: String, count: Int) {
    #expect(processors(inQuota: text) == count)
  }
}
