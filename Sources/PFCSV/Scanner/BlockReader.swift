internal import PFCore

/// Finds the records of a stretch of the input, a block of whole ones at a time.
@safe final class BlockReader {
  let window: Window
  let dialect: CompiledDialect
  private let scan: MaskScan
  private let exact: ExactScan
  private let separators: Positions
  private let lastEnds: Positions
  private let records: RawRecords
  let shaper: RecordShaper

  /// Bytes that a block begins with; a longer record makes it longer.
  private let blockByteCount: Int

  /// What the last call of `next` found.
  struct Block {
    /// Bytes up to the end of the last record.
    var byteCount = 0
    /// Physical lines in them.
    var lineCount = 0
    /// Whether all of them are ASCII.
    var isASCII = true
    /// Records, if all have the same number of fields and none is a blank line.
    var regularCount: Int?
    /// Whether lines end in two bytes.
    var hasPairs = false
    /// Whether `records` is filled.
    var isExpanded = false
    /// Separators written, the begin counted.
    var separatorCount = 0
  }
  private(set) var block = Block()
  /// Whether masks are not used at all, for tests.
  var isExactAlways = false

  init(_ window: Window, _ dialect: CompiledDialect, blockByteCount: Int) throws(ReadError) {
    self.window = window
    self.dialect = dialect
    self.blockByteCount = max(64, blockByteCount)
    scan = MaskScan(dialect)
    exact = ExactScan(dialect: dialect)
    do throws(AllocationError) {
      separators = try Positions()
      lastEnds = try Positions()
      records = try RawRecords()
      shaper = try RecordShaper()
    } catch { throw ReadError(error) }
  }

  /// Moves to `start`, where a record begins, and finds the next records that begin before `goal`;
  /// more than none, but where comments and blank lines come up to the end.
  ///
  /// Records are to have `width` fields; one that goes beyond `reach` is not followed.
  ///
  /// - Returns: False where a record reaches beyond `reach`.
  /// - Throws: what the source throws; `.unclosedQuote`.
  func next(
    at start: Int, goal: Int, width: Int, reach: Int? = nil
  ) throws(ReadError) -> Bool {
    block = Block()
    let limit = goal - start
    try window.move(to: start, wanted: min(blockByteCount, limit) + 1)
    var stretch = min(limit, window.scannable)
    if dialect.allowsMasks, !isExactAlways {
      do throws(AllocationError) {
        separators.count = 0
        try separators.append(.max)
      } catch { throw ReadError(error) }
      var state = MaskScan.State(position: 0, count: 1)
      while true {
        guard try runMasks(to: stretch, &state) else { break }
        if state.recordEndCount > 0 || window.isAtEnd && stretch == window.count {
          if state.inside != 0, state.recordEndCount == 0 { break }
          return finishMasks(state, limit: limit, width: width)
        }
        if let reach, start + stretch >= reach { return false }
        // A record that is longer than the window, or reaches beyond the goal.
        let wanted = stretch < limit ? min(limit, stretch * 2) : stretch + 1024
        if wanted + 1 > window.count { try window.fill(to: max(wanted + 1, window.count * 2)) }
        stretch = min(wanted, window.scannable)
      }
    }
    return try runExact(limit: limit, start: start, reach: reach)
  }

  private func runMasks(to end: Int, _ state: inout MaskScan.State) throws(ReadError) -> Bool {
    while state.position < end {
      let piece = min(end, state.position + (32 << 10))
      do throws(AllocationError) {
        separators.count = state.count
        try separators.reserve(state.count + piece - state.position + 64)
      } catch { throw ReadError(error) }
      // SAFETY: the window has 64 bytes behind those that are scanned, and `scannable` knows what
      // follows; there is room for a separator in each byte.
      guard unsafe scan.run(window.bytes, to: piece, &state, separators.start) else {
        return false
      }
    }
    return true
  }

  /// The block of what masks found: at least one record end, or the end of the input.
  private func finishMasks(_ state: MaskScan.State, limit: Int, width: Int) -> Bool {
    var count = state.count
    var recordEnds = state.recordEndCount
    separators.count = count
    // SAFETY: separators in use lie in the window, behind which bytes are readable.
    let bytes = unsafe window.bytes
    let positions = unsafe separators.start
    func isRecordEnd(_ index: Int) -> Bool {
      unsafe ExactScan.isLineEnd(bytes[Int(positions[index])])
    }
    // Beyond the goal, only the record that reaches there is wanted: up to the first record end.
    if state.position > limit, recordEnds > 0 {
      count = 2
      while !isRecordEnd(count - 1) { count += 1 }
      recordEnds = 1
    } else {
      var last = count - 1
      while last > 0, !isRecordEnd(last) { last -= 1 }
      let border = last > 0 ? Int(unsafe positions[last]) + 1 : 0
      let isWhole = window.isAtEnd && state.position == window.count && state.inside == 0
      if isWhole, border < window.count {
        // The last line has no line end: it ends with the input. There is room for 64 more.
        unsafe positions[count] = UInt32(truncatingIfNeeded: window.count)
        count += 1
        recordEnds += 1
      } else {
        count = last + 1
      }
    }
    separators.count = count
    let final = Int(unsafe positions[count - 1])
    block.byteCount = min(final + 1, window.count)
    block.isASCII = state.isASCII
    block.separatorCount = count
    if state.innerLineEndCount == 0 {
      block.lineCount = recordEnds
    } else {
      unsafe block.lineCount = LineCount.lineEnds(bytes, count: block.byteCount)
    }
    checkRegularity(recordEnds, width: width)
    return true
  }

  /// Whether the separators are those of records of `width` fields, and how lines end.
  private func checkRegularity(_ recordEnds: Int, width: Int) {
    let count = separators.count - 1
    guard width > 0, recordEnds > 0, count == recordEnds * width, !dialect.trims else { return }
    // SAFETY: as `finishMasks`; indices are those of separators in use.
    let bytes = unsafe window.bytes
    let positions = unsafe separators.start
    let comment = dialect.comment.first
    var index = 0
    var pairs = 0
    for _ in 0..<recordEnds {
      let begin = Int(unsafe positions[index] &+ 1)
      index += width
      let end = Int(unsafe positions[index])
      let byte = unsafe bytes[end]
      guard ExactScan.isLineEnd(byte) || end == window.count else { return }
      if begin == end { return }
      if let comment, unsafe bytes[begin] == comment { return }
      if byte == 0x0A, unsafe bytes[end - 1] == 0x0D {
        if begin == end - 1, width == 1 { return }
        pairs += 1
      }
    }
    if pairs > 0 {
      lastEnds.count = 0
      do throws(AllocationError) {
        try lastEnds.reserve(recordEnds)
      } catch { return }
      index = 0
      for _ in 0..<recordEnds {
        let before = unsafe positions[index + width - 1]
        index += width
        let end = unsafe positions[index]
        let isPair =
          unsafe bytes[Int(end)] == 0x0A && end > before &+ 1 && bytes[Int(end) - 1] == 0x0D
        do throws(AllocationError) { try lastEnds.append(isPair ? end - 1 : end) } catch { return }
      }
      block.hasPairs = true
    }
    block.regularCount = recordEnds
  }

  /// Finds the records byte by byte.
  private func runExact(limit: Int, start: Int, reach: Int?) throws(ReadError) -> Bool {
    block = Block()
    block.isExpanded = true
    while true {
      records.clear()
      let goal = min(limit, max(1, window.scannable))
      let (stop, border): (ExactScan.Stop, Int)
      do throws(AllocationError) {
        // SAFETY: the window's bytes are readable.
        unsafe (stop, border) = try exact.run(
          window.bytes, count: window.count, from: 0, goal: goal, isAtEnd: window.isAtEnd,
          into: records)
      } catch { throw ReadError(error) }
      if border == 0 {
        if case .unclosedQuote(let position) = stop {
          throw unclosedQuote(at: position)
        }
        if stop == .needsMore {
          if let reach, start + window.count >= reach { return false }
          try window.fill(to: max(window.count * 2, blockByteCount))
          continue
        }
      }
      block.byteCount = border
      unsafe block.lineCount = LineCount.lineEnds(window.bytes, count: border)
      unsafe block.isASCII = isASCII(window.bytes, border)
      return true
    }
  }

  private func unclosedQuote(at position: Int) -> ReadError {
    // SAFETY: `position` lies in the window.
    let lines = unsafe LineCount.lineEnds(window.bytes, count: position)
    return ReadError(
      .unclosedQuote, at: .init(offset: window.base + position, line: lines + 1))
  }

  @unsafe private func isASCII(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var union: UInt8 = 0
    for index in 0..<count { unsafe union |= bytes[index] }
    return union < 0x80
  }

  /// The table of the last block; the shaper tells of ragged records. It holds until the next call.
  func table(
    width: Int, _ rules: RecordShaper.Rules, dropping bad: Set<Int> = []
  ) throws(AllocationError) -> FieldTable {
    if let count = block.regularCount, bad.isEmpty {
      shaper.clear(recordCount: count)
      // SAFETY: separators are those of `count` records of `width` fields each.
      return unsafe FieldTable(
        bytes: window.bytes, befores: UnsafePointer(separators.start),
        ends: UnsafePointer(separators.start + 1),
        lastEnds: block.hasPairs ? UnsafePointer(lastEnds.start) : nil, stride: width,
        recordCount: count, byteCount: block.byteCount,
        absentPosition: UInt32(truncatingIfNeeded: block.byteCount + 1))
    }
    try expand()
    // SAFETY: positions of the records lie in the block.
    return unsafe try shaper.shape(
      records, window.bytes, byteCount: block.byteCount, width: width, dialect, rules,
      dropping: bad)
  }

  /// The records of the last block, of any shape.
  func rawRecords() throws(AllocationError) -> RawRecords {
    try expand()
    return records
  }

  /// Makes records of separators.
  private func expand() throws(AllocationError) {
    guard !block.isExpanded else { return }
    records.clear()
    // SAFETY: as `finishMasks`.
    let bytes = unsafe window.bytes
    for index in 1..<max(1, block.separatorCount) {
      let before = separators[index - 1]
      let position = separators[index]
      let isEnd =
        unsafe Int(position) == window.count || ExactScan.isLineEnd(bytes[Int(position)])
      var end = position
      if isEnd, end > before &+ 1, unsafe bytes[Int(end)] == 0x0A && bytes[Int(end) - 1] == 0x0D {
        end -= 1
      }
      try records.append(begin: Int(before &+ 1), end: Int(end))
      if isEnd { try records.endRecord() }
    }
    block.isExpanded = true
  }
}
