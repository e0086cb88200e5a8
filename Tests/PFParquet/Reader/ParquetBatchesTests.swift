import PFArrow
import PFCore
import PFParquet
import Testing

/// Batches by `for try await`.
@Suite struct `batches as an asynchronous sequence` {
  static func options() -> ParquetReadOptions {
    var options = ParquetReadOptions()
    options.threads = 2
    options.batchSize = 30_000
    return options
  }

  @Test func `come as a scan gives them`() async throws {
    let file = try `reading ahead`.file()
    var values: [[ArrowValue]] = []
    for try await batch in file.batches(Self.options()) { values.append(batch.values(of: 1)) }
    #expect(values == (try file.scanChecked(Self.options()).map { $0.values(of: 1) }))
    // Another iteration begins anew.
    var iterator = file.batches(Self.options()).makeAsyncIterator()
    #expect(try await iterator.next()?.rowCount == 30_000)
  }

  @Test func `the error has its type and comes with the first step`() async throws {
    var options = Self.options()
    options.columns = ["x"]
    let batches = try `reading ahead`.file().batches(options)
    do throws(ReadError) {
      for try await _ in batches {}
      Issue.record("no error")
    } catch {
      #expect(error.reason == .unknownColumn(name: "x", nearest: []))
    }
  }

  @Test func `cancelling the task ends the loop`() async throws {
    let file = try `reading ahead`.file()
    var options = Self.options()
    options.batchSize = 10
    let task = Task { [options] () throws(ReadError) -> Int in
      var count = 0
      for try await _ in file.batches(options) { count += 1 }
      return count
    }
    task.cancel()
    guard case .failure(let error) = await task.result else {
      Issue.record("no error")
      return
    }
    #expect(((error as any Error) as? ReadError)?.reason == .cancelled)
  }

  @Test func `leaving the loop frees the file`() async throws {
    weak var source: MemorySource?
    do {
      let file = try `reading ahead`.file()
      source = file.source as? MemorySource
      for try await batch in file.batches(Self.options()) where batch.rowCount > 0 { break }
    }
    #expect(source == nil)
  }
}
