import PFArrow
import PFCore
import PFParquet
import Synchronization
import Testing

/// Scans that decode the next batch while the caller works on the present one.
@Suite struct `reading ahead` {
  typealias Page = FileBuilder.Page
  typealias Column = FileBuilder.Column

  /// Counts up; the item at `failsAt` fails.
  static func counter(
    to end: Int, failsAt: Int = -1, made: Counter
  ) -> ReadAhead<Int>.Make {
    { () throws(ReadError) in
      let index = made.next()
      if index == failsAt { throw ReadError(.inconsistent("item \(index)")) }
      return index < end ? index : nil
    }
  }

  final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .relaxed) }
    func next() -> Int { count.add(1, ordering: .relaxed).oldValue }
  }

  @Test func `items come in order, and one is made ahead at most`() throws {
    let made = Counter()
    let ahead = ReadAhead(
      stop: CancellationToken(), waitsAtEnd: true, make: Self.counter(to: 1000, made: made))
    for index in 0..<1000 {
      #expect(try ahead.pull() == index)
      #expect(made.value <= index + 2)
    }
    #expect(try ahead.pull() == nil)
    #expect(try ahead.pull() == nil)
  }

  @Test func `an error comes in its turn`() throws {
    let ahead = ReadAhead(
      stop: CancellationToken(), waitsAtEnd: true,
      make: Self.counter(to: 10, failsAt: 3, made: Counter()))
    for index in 0..<3 { #expect(try ahead.pull() == index) }
    #expect(throws: ReadError(.inconsistent("item 3"))) { try ahead.pull() }
  }

  @Test func `letting go stops what is at work, and waits for it`() throws {
    for _ in 0..<50 {
      let (made, begun, ended) = (Counter(), Counter(), Counter())
      let stop = CancellationToken()
      var ahead: ReadAhead<Int>? = ReadAhead(stop: stop, waitsAtEnd: true) {
        let index = made.next()
        guard index > 0 else { return index }
        _ = begun.next()
        while !stop.isCancelled {}
        _ = ended.next()
        return nil
      }
      #expect(try ahead?.pull() == 0)
      ahead = nil
      #expect(stop.isCancelled)
      #expect(begun.value == ended.value)
    }
  }

  /// Six megabytes of two columns in four row groups; `damaged` is the page of none or all.
  static func file(_ damagedAt: Int? = nil) throws -> ParquetFile {
    let rowCount = 100_000
    let columns = ["a", "b"].map { name in
      let values = (0..<rowCount).map { Int64($0) * Int64(name.count) }
      return Column(
        name: name, pages: [Page(count: Int64(rowCount), values: Encode.plain(values))])
    }
    var bytes = FileBuilder(columns, rowCounts: [Int64](repeating: Int64(rowCount), count: 4))
      .build()
    if let damagedAt { for index in 0..<16 { bytes[damagedAt + index] = 0xFF } }
    return try FileBuilder.open(bytes)
  }

  static func values(_ file: ParquetFile, ahead: Bool, threads: Int, filtered: Bool)
    throws -> [[ArrowValue]]
  {
    var options = ParquetReadOptions()
    options.threads = threads
    options.readsAhead = ahead
    options.batchSize = 30_000
    if filtered { options.filter = .comparison(column: "a", .less, .integer(70_000)) }
    return try file.scanChecked(options).map { $0.values(of: 1) }
  }

  @Test(arguments: [false, true]) func `the batches are the same for any setting`(
    filtered: Bool
  ) throws {
    let file = try Self.file()
    let expected = try Self.values(file, ahead: false, threads: 1, filtered: filtered)
    for threads in [1, 2, 4] {
      #expect(try Self.values(file, ahead: true, threads: threads, filtered: filtered) == expected)
    }
  }

  @Test func `batches before a damaged page come before its error`() throws {
    // The header of the first page of the second row group.
    let clean = try Self.file()
    let chunk = try #require(try clean.metaData().rowGroups[1].columns[0].metaData)
    let file = try Self.file(Int(chunk.dataPageOffset))
    for ahead in [false, true] {
      var options = ParquetReadOptions()
      options.threads = 2
      options.readsAhead = ahead
      options.batchSize = 25_000
      let scanner = try ParquetScanner(file, options)
      for _ in 0..<4 { #expect(try scanner.next()?.rowCount == 25_000) }
      for _ in 0..<2 {
        let error = try ReadError.thrown { _ = try scanner.next() }
        #expect(error.place.rowGroup == 1)
      }
    }
  }

  @Test func `the caller's token ends a scan`() throws {
    let token = CancellationToken()
    var options = ParquetReadOptions()
    options.threads = 2
    options.batchSize = 1000
    let scanner = try ParquetScanner(try Self.file(), options, cancellation: token)
    #expect(try scanner.next()?.rowCount == 1000)
    token.cancel()
    // One batch may be there already.
    let error = try ReadError.thrown { for _ in 0..<2 { _ = try scanner.next() } }
    #expect(error.reason == .cancelled)
  }

  @Test func `a scan that is dropped frees its source`() throws {
    for count in 0..<20 {
      weak var source: MemorySource?
      do {
        let file = try Self.file()
        source = file.source as? MemorySource
        var options = ParquetReadOptions()
        options.threads = 2
        options.batchSize = 10_000
        let scanner = try ParquetScanner(file, options)
        for _ in 0..<(count % 5) { _ = try scanner.next() }
      }
      #expect(source == nil)
    }
  }
}
