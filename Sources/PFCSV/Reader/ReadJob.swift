internal import PFArrow
internal import PFCore
internal import Synchronization

/// A read of a whole text in chunks.
///
/// Where the first record of a chunk begins depends on all bytes before it. So it is guessed, the
/// chunk is parsed from there, and the guess is then held against the end of the chunk before,
/// which is known: chunks are accepted in order, and one whose guess was wrong is parsed again. In
/// most files that never happens; the result is the same in all. Streams are cut at record borders
/// as they come, and nothing is guessed.
final class ReadJob: Sendable {
  private let text: TextSource
  private let head: CSVHead
  private let plan: CSVReadPlan
  private let cancellation: CancellationToken?
  private let progress: (@Sendable (Double) -> Void)?
  let threads: Int
  private let chunkByteCount: Int
  /// Chunks of a source; nil for a stream, whose end is not known.
  private let chunkCount: Int?
  private let rowLimit: Int
  /// Whether arrays are kept; otherwise only what they were good for is known.
  private let keepsArrays: Bool
  /// Whether a column of words for infinity and no number alone is one of strings.
  private let refusesWords: Bool
  private let state: Mutex<State>
  private let stop: CancellationToken
  /// The segments of the stream in the pass at work.
  private let producer = Mutex<SegmentProducer?>(nil)

  private struct State {
    /// The outcomes of chunks that are parsed and not accepted.
    var outcomes: [Int: Outcome] = [:]
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
    /// Whether nothing is left.
    var isAtEnd = false
    /// What is left of the types of the columns.
    var types: [ColumnType]
    var chunks: [ChunkResult] = []
    var rejects = CSVRejects()
  }

  private enum Outcome {
    /// The guess went too far.
    case unknown
    case parsed(ChunkResult)
  }

  /// A read with these types to begin with; `smallChunks` says that memory counts more than speed.
  ///
  /// - Throws: `.invalidOption`.
  init(
    _ text: TextSource, _ head: CSVHead, _ options: CSVReadOptions, types: [ColumnType],
    keepsArrays: Bool = true, smallChunks: Bool = false, refusesWords: Bool = true,
    cancellation: CancellationToken?,
    progress: (@Sendable (Double) -> Void)? = nil
  ) throws(ReadError) {
    self.text = text
    self.head = head
    plan = head.plan
    self.keepsArrays = keepsArrays
    self.refusesWords = refusesWords
    self.cancellation = cancellation
    self.progress = progress
    stop = CancellationToken(following: cancellation)
    try Self.check(options)
    rowLimit = options.limit ?? .max
    let settings = Settings.current
    let chosen = options.chunkByteCount ?? (settings.csvChunkSize > 0 ? settings.csvChunkSize : nil)
    var threads = options.threads ?? settings.csvThreadCount
    // A limit needs to know the rows before: chunks one after the other.
    if options.limit != nil { threads = 1 }
    // The values of a column in a chunk are to fill more than a few pages: a row of many columns
    // needs a larger one.
    let largest = smallChunks ? 1 << 20 : min(16 << 20, max(4 << 20, head.plan.width << 15))
    switch text {
    case .ranges(let source):
      let byteCount = max(0, source.byteCount - head.dataOffset)
      // The runtime's threads cost two milliseconds to start: small files do without.
      if byteCount < 1 << 20, options.chunkByteCount == nil { threads = 1 }
      // Few batches, but all threads are to end together.
      let size = chosen ?? min(largest, max(1 << 20, byteCount / (threads * 4)))
      chunkByteCount = size
      let count = byteCount / size + (byteCount % size > 0 ? 1 : 0)
      chunkCount = count
      threads = max(1, min(threads, count))
    case .stream:
      // Small ones: while the first is decompressed there is nothing to parse.
      chunkByteCount = chosen ?? min(largest, 2 << 20)
      chunkCount = nil
    }
    self.threads = threads
    state = Mutex(
      State(expected: head.dataOffset, lineCount: head.lineCount, types: types))
  }

  private static func check(_ options: CSVReadOptions) throws(ReadError) {
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
  }

  // MARK: What is known

  var types: [ColumnType] { state.withLock { $0.types } }
  var rowCount: Int { state.withLock { $0.rowCount } }
  var rejects: CSVRejects {
    var rejects = state.withLock { $0.rejects }
    let offsets = text.inSource(rejects.entries.map { $0.error.place.offset ?? 0 })
    for (index, offset) in offsets.enumerated() {
      rejects.entries[index].error.place.offset = offset
    }
    return rejects
  }
  var schema: Schema { plan.schema(types) }

  /// Chunks that are accepted.
  var acceptedCount: Int { state.withLock { $0.chunks.count } }

  /// Whether all chunks are accepted.
  var isDone: Bool { state.withLock { isDone($0) } }

  private func isDone(_ state: State) -> Bool {
    state.rowCount >= rowLimit || (chunkCount.map { state.next >= $0 } ?? state.isAtEnd)
  }

  // MARK: The first pass

  /// Parses all chunks, and again those columns that turned out to be of another type.
  ///
  /// - Throws: what is wrong first in the file.
  func run() throws(ReadError) {
    try advance(.max)
    try settle()
  }

  /// Leaves no more for the types of the columns than `types`.
  ///
  /// - Throws: what parsing columns again throws.
  func narrow(to types: [ColumnType]) throws(ReadError) {
    state.withLock { state in
      for (column, type) in types.enumerated() where column < state.types.count {
        state.types[column] = state.types[column].narrowed(by: type)
      }
    }
    try settle()
  }

  /// Parses columns again until all chunks have them with the types that they have now.
  private func settle() throws(ReadError) {
    while true {
      let (stale, types) = staleChunks()
      guard !stale.isEmpty else { break }
      try parseAgain(stale, types)
    }
  }

  /// Parses and accepts at most `count` further chunks.
  ///
  /// - Throws: what is wrong first in them.
  func advance(_ count: Int) throws(ReadError) {
    let (first, isAtEnd) = state.withLock { ($0.next, isDone($0)) }
    guard !isAtEnd else { return }
    let loopStop = CancellationToken(following: stop)
    if case .stream(let stream) = text {
      try producer.withLock { producer throws(ReadError) in
        if producer == nil { producer = try open(stream) }
      }
    }
    let left = chunkCount.map { min(count, $0 - first) } ?? count
    _ = try ParallelLoop.run(
      count: left, threads: threads, cancellation: loopStop, makeScratch: { Scratch() }
    ) { [self] (turn: Int, scratch: inout Scratch) throws(ReadError) in
      do throws(ReadError) {
        if chunkCount == nil {
          guard try parseSegment(&scratch) else { return loopStop.cancel() }
        } else {
          try parseChunk(first + turn, &scratch)
        }
      } catch {
        // A source that fails is as wrong as what it holds: what comes before it counts first.
        if state.withLock({ $0.failure }) == nil { throw error }
      }
    }
    if let failure = state.withLock({ $0.failure }) { throw text.inSource(failure) }
    if cancellation?.isCancelled == true { throw ReadError(.cancelled) }
  }

  private func open(_ stream: TextSource.Stream) throws(ReadError) -> SegmentProducer {
    try SegmentProducer(
      stream, skipping: head.dataOffset, chunkByteCount: chunkByteCount)
  }

  /// What one thread works with.
  private struct Scratch {
    var parser: ChunkParser?
  }

  private func parser(
    in scratch: inout Scratch, _ source: any ByteSource, cancellation: CancellationToken
  ) throws(ReadError) -> ChunkParser {
    if let parser = scratch.parser { return parser }
    let blockByteCount =
      source.prefersLargeReads ? chunkByteCount : Self.blockByteCount(plan.width)
    let parser = try ChunkParser(
      plan, source, blockByteCount: blockByteCount, cancellation: cancellation)
    scratch.parser = parser
    return parser
  }

  /// Bytes that stay in the cache with what is made of them, and enough records for a loop.
  private static func blockByteCount(_ width: Int) -> Int {
    min(256 << 10, max(64 << 10, width << 10))
  }

  private func parseChunk(_ index: Int, _ scratch: inout Scratch) throws(ReadError) {
    guard case .ranges(let source) = text else { return }
    let parser = try parser(in: &scratch, source, cancellation: stop)
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
    if let chunkCount { progress?(Double(index + 1) / Double(chunkCount)) }
  }

  /// Parses the next segment of the stream; false where there is none.
  private func parseSegment(_ scratch: inout Scratch) throws(ReadError) -> Bool {
    guard let segment = try nextSegment() else {
      state.withLock { $0.isAtEnd = true }
      return false
    }
    let parser = try parser(in: &scratch, segment.source, cancellation: stop)
    parser.reader.window.open(segment.source)
    let (types, left) = state.withLock { ($0.types, rowLimit - $0.rowCount) }
    guard left > 0 else { return false }
    let result = parser.parse(
      ChunkParser.Task(
        start: segment.source.base, goal: segment.source.byteCount, types: types,
        wanted: Array(repeating: true, count: types.count), rowLimit: left))
    if let result { accept(.parsed(result), at: segment.index, parser) }
    return true
  }

  private func nextSegment() throws(ReadError) -> SegmentProducer.Segment? {
    guard let producer = producer.withLock({ $0 }) else { return nil }
    return try producer.next(plan.dialect)
  }

  private func nominal(_ chunk: Int) -> Int { head.dataOffset + chunk * chunkByteCount }

  private func goal(of chunk: Int) -> Int {
    guard case .ranges(let source) = text else { return 0 }
    return min(source.byteCount, head.dataOffset + (chunk + 1) * chunkByteCount)
  }

  private func reach(_ chunk: Int) -> Int { goal(of: chunk) + max(chunkByteCount, 1 << 20) }

  private func task(
    _ start: Int, _ chunk: Int, _ types: [ColumnType], reach: Int?, rowLimit: Int
  ) -> ChunkParser.Task {
    ChunkParser.Task(
      start: start, goal: goal(of: chunk), types: types,
      wanted: Array(repeating: true, count: types.count), rowLimit: rowLimit, reach: reach)
  }

  // MARK: Acceptance

  /// Takes the outcome of a chunk, and accepts those that are next in order.
  private func accept(_ outcome: Outcome, at index: Int, _ parser: ChunkParser) {
    let isAcceptor = state.withLock { state in
      state.outcomes[index] = outcome
      if state.isAccepting { return false }
      state.isAccepting = true
      return true
    }
    guard isAcceptor else { return }
    while true {
      let redo: (chunk: Int, task: ChunkParser.Task)? = state.withLock { state in
        while state.failure == nil, state.rowCount < rowLimit,
          let outcome = state.outcomes.removeValue(forKey: state.next)
        {
          if case .parsed(let result) = outcome, result.start == state.expected {
            take(result, &state)
            continue
          }
          let again = task(
            state.expected, state.next, state.types, reach: nil,
            rowLimit: rowLimit - state.rowCount)
          return (state.next, again)
        }
        state.isAccepting = false
        return nil
      }
      guard let (chunk, task) = redo else { return }
      if let result = parser.parse(task) {
        state.withLock { $0.outcomes[chunk] = .parsed(result) }
      }
    }
  }

  /// Accepts the result of the next chunk.
  private func take(_ accepted: ChunkResult, _ state: inout State) {
    var result = accepted
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
    if !keepsArrays { result.arrays = Array(repeating: nil, count: result.arrays.count) }
    state.chunks.append(result)
    if state.rowCount >= rowLimit { stop.cancel() }
  }

  // MARK: Further passes

  /// The chunks with columns that are of another type now, and the types.
  private func staleChunks() -> (chunks: [Int], types: [ColumnType]) {
    state.withLock { state in
      if refusesWords {
        for column in state.types.indices { refuseWords(column, &state) }
      }
      let stale = state.chunks.indices.filter { index in
        state.types.indices.contains { isStale($0, state.chunks[index], state.types) }
      }
      return (stale, state.types)
    }
  }

  /// Words for infinity and no number make no column of numbers.
  private func refuseWords(_ column: Int, _ state: inout State) {
    guard case .inferred(let set) = state.types[column], set.first == .float64,
      !state.chunks.contains(where: { isStale(column, $0, state.types) }),
      state.chunks.contains(where: { $0.hasWord[column] }),
      !state.chunks.contains(where: { $0.hasNumber[column] })
    else { return }
    state.types[column] = .inferred(set.subtracting(.float64).union(.string))
  }

  /// Whether the column, of floats, has numbers, and whether it has words.
  func contents(ofFloats column: Int) -> (hasNumber: Bool, hasWord: Bool) {
    state.withLock { state in
      (
        state.chunks.contains { $0.hasNumber[column] },
        state.chunks.contains { $0.hasWord[column] }
      )
    }
  }

  private func isStale(_ column: Int, _ chunk: ChunkResult, _ types: [ColumnType]) -> Bool {
    !chunk.isWhole[column] || !chunk.types[column].isSame(as: types[column])
  }

  private func parseAgain(_ chunks: [Int], _ types: [ColumnType]) throws(ReadError) {
    rewind()
    try parse(chunks) { chunk in
      types.indices.map { self.isStale($0, chunk, types) }
    } types: {
      types
    } take: { [self] index, wanted, result in
      state.withLock { state in
        for column in types.indices where wanted[column] {
          state.types[column] = state.types[column].narrowed(by: result.types[column])
          state.chunks[index].types[column] = result.types[column]
          if keepsArrays { state.chunks[index].arrays[column] = result.arrays[column] }
          state.chunks[index].isWhole[column] = result.isWhole[column]
          state.chunks[index].hasNumber[column] = result.hasNumber[column]
          state.chunks[index].hasWord[column] = result.hasWord[column]
        }
      }
    }
  }

  /// Parses chunks, which were accepted, once more: in order, those of a stream all behind those of
  /// the last call.
  private func parse(
    _ chunks: [Int], wanted: @escaping @Sendable (ChunkResult) -> [Bool],
    types: @escaping @Sendable () -> [ColumnType],
    take: @escaping @Sendable (_ index: Int, _ wanted: [Bool], _ result: ChunkResult) -> Void
  ) throws(ReadError) {
    guard let last = chunks.last else { return }
    if case .stream(let stream) = text {
      try producer.withLock { producer throws(ReadError) in
        if producer == nil { producer = try open(stream) }
      }
    }
    let listed = Set(chunks)
    let first = chunks.first ?? 0
    let isStream = chunkCount == nil
    // A stream gives what lies between, too.
    let count = isStream ? Int.max : chunks.count
    let again = CancellationToken(following: cancellation)
    let ended = CancellationToken(following: again)
    _ = try ParallelLoop.run(
      count: count, threads: max(1, min(threads, chunks.count)), cancellation: ended,
      makeScratch: { Scratch() }
    ) { [self] (turn: Int, scratch: inout Scratch) throws(ReadError) in
      let index: Int
      var source: (any ByteSource)?
      if isStream {
        guard let segment = try nextSegment(upTo: last) else { return ended.cancel() }
        index = segment.index
        source = segment.source
        guard listed.contains(index) else { return }
      } else {
        index = chunks[turn]
        if case .ranges(let ranges) = text { source = ranges }
      }
      guard let source, index >= first else { return }
      let chunk = state.withLock { $0.chunks[index] }
      let parser = try parser(in: &scratch, source, cancellation: again)
      if isStream { parser.reader.window.open(source) }
      let task = ChunkParser.Task(
        start: chunk.start, goal: chunk.end, types: types(), wanted: wanted(chunk),
        rowLimit: chunk.rowCount, dropped: chunk.dropped, reports: false)
      guard let result = parser.parse(task) else { return }
      if let error = result.error { throw error }
      take(index, task.wanted, result)
    }
    if cancellation?.isCancelled == true { throw ReadError(.cancelled) }
  }

  /// The next segment of the stream, up to the one of index `last`.
  private func nextSegment(upTo last: Int) throws(ReadError) -> SegmentProducer.Segment? {
    guard let producer = producer.withLock({ $0 }) else { return nil }
    return try producer.next(plan.dialect, upTo: last)
  }

  /// Begins with the stream anew.
  func rewind() { producer.withLock { $0 = nil } }

  // MARK: Batches

  /// The batches of accepted chunks, from `first` on, whose arrays are there; they are not held any
  /// more where `releases` is set.
  ///
  /// - Throws: `.outOfMemory`.
  func batches(from first: Int = 0, releases: Bool = false) throws(ReadError) -> [RecordBatch] {
    let (chunks, schema) = state.withLock { state in
      let chunks = state.chunks[first...]
      if releases {
        for index in state.chunks.indices[first...] {
          state.chunks[index].arrays = Array(repeating: nil, count: state.types.count)
        }
      }
      return (chunks, plan.schema(state.types))
    }
    var batches: [RecordBatch] = []
    for chunk in chunks where chunk.rowCount > 0 {
      batches.append(try batch(chunk.arrays, chunk.rowCount, schema))
    }
    return batches
  }

  private func batch(
    _ arrays: [ArrowArray?], _ rowCount: Int, _ schema: Schema
  ) throws(ReadError) -> RecordBatch {
    var columns: [ArrowArray] = []
    for (array, field) in zip(arrays, schema.fields) {
      guard let array else { throw ReadError(.inconsistent("a column was not parsed")) }
      do throws(ReadError) {
        columns.append(try array.asColumn(of: field.type))
      } catch { throw error.at(.init(column: field.name)) }
    }
    return RecordBatch(schema: schema, columns: columns, rowCount: rowCount)
  }

  /// The batches of accepted chunks `range`, parsed anew with the types that were found.
  ///
  /// Streams give them in order only.
  /// - Throws: what reading throws.
  func parseBatches(_ range: Range<Int>) throws(ReadError) -> [RecordBatch] {
    let types = types
    let results = Mutex<[Int: ChunkResult]>([:])
    try parse(Array(range)) { chunk in
      Array(repeating: true, count: types.count)
    } types: {
      types
    } take: { index, _, result in
      results.withLock { $0[index] = result }
    }
    let schema = plan.schema(types)
    var batches: [RecordBatch] = []
    let parsed = results.withLock { $0 }
    for index in range {
      guard let result = parsed[index], result.rowCount > 0 else { continue }
      batches.append(try batch(result.arrays, result.rowCount, schema))
    }
    return batches
  }
}

extension ArrowArray {
  /// The array as a column of `target`: nulls without a type as nulls of one, strings in another
  /// layout.
  func asColumn(of target: DataType) throws(ReadError) -> ArrowArray {
    if type == target { return self }
    do throws(AllocationError) {
      if type == .null { return try ArrowArray.nulls(target, count: length) }
      guard case .dictionary = target else { return try inLayout(of: target) ?? self }
      if let encoded = try dictionaryEncoded(as: target) { return encoded }
    } catch { throw ReadError(error) }
    throw ReadError(.inconsistent("there are more different values than \(target) can number"))
  }
}
