internal import PFArrow
internal import PFCore
internal import Synchronization

/// A read of a whole source in chunks.
///
/// Where the first record of a chunk begins depends on all bytes before it. So it is guessed, the
/// chunk is parsed from there, and the guess is then held against the end of the chunk before,
/// which is known: chunks are accepted in order, and one whose guess was wrong is parsed again. In
/// files with few surprises that never happens; the result is the same in all.
final class ReadJob: Sendable {
  private let source: any ByteSource
  private let head: CSVHead
  private let plan: CSVReadPlan
  private let cancellation: CancellationToken?
  private let progress: (@Sendable (Double) -> Void)?
  private let threads: Int
  private let chunkByteCount: Int
  private let chunkCount: Int
  private let rowLimit: Int
  private let state: Mutex<State>
  private let stop: CancellationToken

  private struct State {
    /// The results of chunks that are parsed, and of those that are accepted.
    var results: [Outcome]
    /// The first chunk that is not accepted, and where its first record begins.
    var next = 0
    var expected: Int
    var rowCount = 0
    var recordCount = 0
    var lineCount: Int
    /// Whether a thread is accepting.
    var isAccepting = false
    /// What ended the read.
    var failure: ReadError?
    /// What is left of the types of the columns.
    var types: [ColumnType]
    var chunks: [ChunkResult] = []
    var rejects = CSVRejects()
  }

  private enum Outcome {
    case none
    /// The guess went too far.
    case unknown
    case parsed(ChunkResult)
  }

  init(
    _ source: any ByteSource, _ head: CSVHead, _ options: CSVReadOptions,
    cancellation: CancellationToken?, progress: (@Sendable (Double) -> Void)?
  ) throws(ReadError) {
    self.source = source
    self.head = head
    plan = head.plan
    self.cancellation = cancellation
    self.progress = progress
    stop = CancellationToken(following: cancellation)
    if let threads = options.threads, threads < 1 {
      throw ReadError(.invalidOption(name: "threads", why: "it is below 1"))
    }
    if let limit = options.limit, limit < 0 {
      throw ReadError(.invalidOption(name: "limit", why: "it is below 0"))
    }
    if let size = options.chunkByteCount, size < 1 || size > 256 << 20 {
      throw ReadError(
        .invalidOption(name: "chunk_size", why: "it is not from 1 to \(256 << 20)"))
    }
    rowLimit = options.limit ?? .max
    let settings = Settings.current
    let byteCount = max(0, source.byteCount - head.dataOffset)
    // A limit needs to know the rows before: chunks one after the other.
    let isSmall = byteCount < 1 << 20 && options.chunkByteCount == nil
    let wanted = options.limit != nil || isSmall ? 1 : options.threads ?? settings.csvThreadCount
    let chosen = options.chunkByteCount ?? (settings.csvChunkSize > 0 ? settings.csvChunkSize : nil)
    chunkByteCount = chosen ?? Self.chunkByteCount(byteCount, threads: wanted)
    chunkCount = (byteCount + chunkByteCount - 1) / chunkByteCount
    threads = max(1, min(wanted, chunkCount))
    let types = try head.sampledTypes(source, options)
    state = Mutex(
      State(
        results: Array(repeating: .none, count: chunkCount), expected: head.dataOffset,
        lineCount: head.lineCount, types: types))
  }

  /// Large enough for few batches, small enough for all threads to end together.
  private static func chunkByteCount(_ byteCount: Int, threads: Int) -> Int {
    min(4 << 20, max(1 << 20, byteCount / (threads * 4)))
  }

  /// What one thread works with.
  private struct Scratch {
    var parser: ChunkParser?
  }

  private func parser(in scratch: inout Scratch) throws(ReadError) -> ChunkParser {
    if let parser = scratch.parser { return parser }
    let blockByteCount = source.prefersLargeReads ? chunkByteCount : Self.blockByteCount(plan.width)
    let parser = try ChunkParser(
      plan, source, blockByteCount: blockByteCount, cancellation: stop)
    scratch.parser = parser
    return parser
  }

  /// Bytes that stay in the cache with what is made of them, and enough records for a loop.
  private static func blockByteCount(_ width: Int) -> Int {
    min(256 << 10, max(64 << 10, width << 10))
  }

  private func goal(of chunk: Int) -> Int {
    min(source.byteCount, head.dataOffset + (chunk + 1) * chunkByteCount)
  }

  /// Parses all chunks, and again those columns that turned out to be of another type.
  ///
  /// - Throws: what is wrong first in the file.
  func run() throws(ReadError) {
    try firstPass()
    while true {
      let (stale, types) = staleChunks()
      guard !stale.isEmpty else { break }
      try parseAgain(stale, types)
    }
  }

  private func firstPass() throws(ReadError) {
    let completed = try ParallelLoop.run(
      count: chunkCount, threads: threads, cancellation: stop, makeScratch: { Scratch() }
    ) { [self] (index: Int, scratch: inout Scratch) throws(ReadError) in
      let parser = try parser(in: &scratch)
      let (types, expected, left) = state.withLock { state in
        (state.types, state.next == index ? state.expected : nil, rowLimit - state.rowCount)
      }
      guard left > 0 else { return }
      let start: Int?
      if let expected { start = expected } else { start = try parser.guessStart(of: nominal(index)) }
      var outcome = Outcome.unknown
      if let start {
        let result = parser.parse(
          task(start, index, types, reach: expected == nil ? reach(index) : nil, rowLimit: left))
        if let result { outcome = .parsed(result) }
      }
      accept(outcome, at: index, parser)
      if let failure = state.withLock({ $0.failure }) { throw failure }
      progress?(Double(index + 1) / Double(chunkCount))
    }
    if let failure = state.withLock({ $0.failure }) { throw failure }
    if !completed, cancellation?.isCancelled == true { throw ReadError(.cancelled) }
  }

  private func nominal(_ chunk: Int) -> Int { head.dataOffset + chunk * chunkByteCount }

  private func reach(_ chunk: Int) -> Int { goal(of: chunk) + max(chunkByteCount, 1 << 20) }

  private func task(
    _ start: Int, _ chunk: Int, _ types: [ColumnType], reach: Int?, rowLimit: Int
  ) -> ChunkParser.Task {
    ChunkParser.Task(
      start: start, goal: goal(of: chunk), types: types,
      wanted: Array(repeating: true, count: types.count), rowLimit: rowLimit, reach: reach)
  }

  /// Takes the outcome of a chunk, and accepts those that are next in order.
  private func accept(_ outcome: Outcome, at index: Int, _ parser: ChunkParser) {
    let isAcceptor = state.withLock { state in
      state.results[index] = outcome
      if state.isAccepting { return false }
      state.isAccepting = true
      return true
    }
    guard isAcceptor else { return }
    while true {
      let redo: (chunk: Int, task: ChunkParser.Task)? = state.withLock { state in
        while state.next < chunkCount, state.failure == nil {
          let chunk = state.next
          switch state.results[chunk] {
          case .none:
            state.isAccepting = false
            return nil
          case .parsed(let result) where result.start == state.expected:
            state.results[chunk] = .none
            take(result, &state)
          case .parsed, .unknown:
            return (
              chunk,
              task(
                state.expected, chunk, state.types, reach: nil,
                rowLimit: rowLimit - state.rowCount)
            )
          }
        }
        state.isAccepting = false
        return nil
      }
      guard let (chunk, task) = redo else { return }
      if let result = parser.parse(task) {
        state.withLock { $0.results[chunk] = .parsed(result) }
      }
    }
  }

  /// Accepts the result of the next chunk.
  private func take(_ result: ChunkResult, _ state: inout State) {
    var result = result
    func located(_ error: ReadError) -> ReadError {
      var error = error
      error.place.line = error.place.line.map { $0 + state.lineCount }
      error.place.record = error.place.record.map { $0 + state.recordCount }
      return error
    }
    if let error = result.error {
      state.failure = located(error)
      stop.cancel()
      return
    }
    state.rejects.count += result.rejectCount
    for entry in result.rejects where state.rejects.entries.count < plan.rejectLimit {
      state.rejects.entries.append(
        CSVRejects.Entry(error: located(entry.error), text: entry.text))
    }
    result.rejects = []
    for (column, type) in result.types.enumerated() {
      state.types[column] = state.types[column].narrowed(by: type)
    }
    state.next += 1
    state.expected = result.end
    state.rowCount += result.rowCount
    state.recordCount += result.recordCount
    state.lineCount += result.lineCount
    state.chunks.append(result)
    if state.rowCount >= rowLimit { stop.cancel() }
  }

  /// The chunks with columns that are of another type now, and the types.
  private func staleChunks() -> (chunks: [Int], types: [ColumnType]) {
    state.withLock { state in
      for (column, type) in state.types.enumerated() {
        // Words for infinity and no number make no column of numbers.
        guard case .inferred(let set) = type, set.first == .float64,
          state.chunks.allSatisfy({ $0.types[column].isSame(as: type) && $0.arrays[column] != nil }),
          !state.chunks.contains(where: { $0.hasNumber[column] })
        else { continue }
        state.types[column] = .inferred(set.subtracting(.float64).union(.string))
      }
      let stale = state.chunks.indices.filter { index in
        state.types.indices.contains { isStale($0, state.chunks[index], state.types) }
      }
      return (stale, state.types)
    }
  }

  private func isStale(_ column: Int, _ chunk: ChunkResult, _ types: [ColumnType]) -> Bool {
    chunk.arrays[column] == nil || !chunk.types[column].isSame(as: types[column])
  }

  private func parseAgain(_ chunks: [Int], _ types: [ColumnType]) throws(ReadError) {
    let again = CancellationToken(following: cancellation)
    let completed = try ParallelLoop.run(
      count: chunks.count, threads: threads, cancellation: again, makeScratch: { Scratch() }
    ) { [self] (turn: Int, scratch: inout Scratch) throws(ReadError) in
      let index = chunks[turn]
      let chunk = state.withLock { $0.chunks[index] }
      if scratch.parser == nil {
        scratch.parser = try ChunkParser(
          plan, source, blockByteCount: Self.blockByteCount(plan.width), cancellation: again)
      }
      let parser = try parser(in: &scratch)
      let task = ChunkParser.Task(
        start: chunk.start, goal: chunk.end, types: types,
        wanted: types.indices.map { isStale($0, chunk, types) }, rowLimit: chunk.rowCount,
        dropped: chunk.dropped, reports: false)
      guard let result = parser.parse(task) else { return }
      if let error = result.error { throw error }
      state.withLock { state in
        for column in types.indices where task.wanted[column] {
          state.types[column] = state.types[column].narrowed(by: result.types[column])
          state.chunks[index].types[column] = result.types[column]
          state.chunks[index].arrays[column] = result.arrays[column]
          state.chunks[index].hasNumber[column] = result.hasNumber[column]
        }
      }
    }
    guard completed else { throw ReadError(.cancelled) }
  }

  /// The table and the rejects.
  ///
  /// - Throws: `.outOfMemory`.
  func result() throws(ReadError) -> CSVFile.Result {
    let (chunks, types, rejects) = state.withLock { ($0.chunks, $0.types, $0.rejects) }
    let schema = plan.schema(types)
    var batches: [RecordBatch] = []
    for chunk in chunks where chunk.rowCount > 0 {
      var arrays: [ArrowArray] = []
      for (array, field) in zip(chunk.arrays, schema.fields) {
        guard let array else {
          throw ReadError(.inconsistent("a column was not parsed"))
        }
        do throws(AllocationError) {
          arrays.append(try array.asColumn(of: field.type))
        } catch { throw ReadError(error) }
      }
      batches.append(RecordBatch(schema: schema, columns: arrays, rowCount: chunk.rowCount))
    }
    return CSVFile.Result(table: Table(schema: schema, batches: batches), rejects: rejects)
  }
}

extension ArrowArray {
  /// The array as a column of `target`: nulls without a type as nulls of one, strings in another
  /// layout.
  func asColumn(of target: DataType) throws(AllocationError) -> ArrowArray {
    if type == target { return self }
    if type == .null { return try ArrowArray.nulls(target, count: length) }
    return try inLayout(of: target) ?? self
  }
}
