internal import PFArrow
internal import PFCore

/// Reading some of the rows: pages without a wanted row are neither read nor decompressed, and of
/// the others only wanted values are decoded, where rows that are not lie together.
extension ColumnChunkReader {
  /// Rows that are decoded rather than skipped, as they lie between wanted ones.
  private static let shortestSkip = 16
  /// Rows of lists that are decoded together only to be dropped.
  private static let droppedRowCount = 1 << 16

  /// Decodes the rows of `selection`, which counts the rows of the chunk; several pieces where an
  /// array of 32-bit offsets is full.
  ///
  /// - Precondition: no row before the last call's last one is selected; of a repeated column, one
  ///   stretch of rows is.
  /// - Throws: as `read(_:)`.
  func read(_ selection: RowSelection) throws(ReadError) -> [DecodedLeaf] {
    if let failure { throw failure }
    do throws(ReadError) {
      return try leaf.maxRepetitionLevel > 0
        ? readStretch(selection) : readSelected(selection)
    } catch {
      failure = error
      throw error
    }
  }

  /// Rows of lists: those before the first wanted one are decoded and dropped.
  private func readStretch(_ selection: RowSelection) throws(ReadError) -> [DecodedLeaf] {
    precondition(selection.ranges.count <= 1, "rows of lists that lie apart")
    guard let range = selection.ranges.first else { return [try finish(rowCount: 0)] }
    input.isPartial = true
    while nextRow(0) < range.lowerBound {
      _ = try readRows(min(range.lowerBound - nextRow(0), Self.droppedRowCount))
      charge.keep(0, of: 1)
    }
    var pieces: [DecodedLeaf] = []
    var left = range.count
    while left > 0 {
      pieces.append(try readRows(left))
      left -= pieces.last?.length ?? left
    }
    return pieces
  }

  private func readSelected(_ selection: RowSelection) throws(ReadError) -> [DecodedLeaf] {
    // Groups above the values are not filtered here.
    let decoded =
      nested == nil ? selection.closingGaps(shorterThan: Self.shortestSkip) : selection
    let wanted = selection.relative(to: decoded)
    var pieces: [DecodedLeaf] = []
    var inArray = 0
    expect(decoded.selectedCount)
    if !decoded.isAll { input.isPartial = true }
    if let pageRows { planReads(pageRows, decoded) }
    for range in decoded.ranges {
      try skip(to: range.lowerBound, inArray: inArray)
      var left = range.count
      while left > 0 {
        let done = try decodeSlots(left, behind: inArray)
        inArray += done
        left -= done
        if left > 0 {
          pieces.append(try take(inArray))
          inArray = 0
        }
      }
    }
    pieces.append(try take(inArray))
    defer { charge.keep(wanted.selectedCount, of: wanted.rowCount) }
    return try Self.filter(pieces, by: wanted)
  }

  /// The array of the `count` slots that were decoded since the last one.
  private func take(_ count: Int) throws(ReadError) -> DecodedLeaf {
    rowsLeft -= count
    return try finish(rowCount: count)
  }

  private static func filter(
    _ pieces: [DecodedLeaf], by wanted: RowSelection
  ) throws(ReadError) -> [DecodedLeaf] {
    if wanted.isAll { return pieces }
    var filtered: [DecodedLeaf] = []
    var start = 0
    for piece in pieces {
      let end = start + piece.length
      let ranges = wanted.intersection(RowSelection([start..<end], of: wanted.rowCount)).ranges
      do throws(AllocationError) {
        filtered.append(
          DecodedLeaf(
            try piece.values.take(
              ranges.map { ($0.lowerBound - start)..<($0.upperBound - start) })))
      } catch { throw ReadError(error) }
      start = end
    }
    return filtered
  }

  /// The row that comes next. `inArray` slots are decoded and not yet counted in `rowsLeft`.
  private func nextRow(_ inArray: Int) -> Int { rowCount - rowsLeft + inArray }

  // MARK: - Skipping

  /// Moves on to a row of the chunk.
  private func skip(to row: Int, inArray: Int) throws(ReadError) {
    var left = row - nextRow(inArray)
    precondition(left >= 0, "rows out of order")
    guard left > 0 else { return }
    if left > pageSlotsLeft, let pageRows {
      let page = pageRows.page(of: row)
      let first = pageRows.rows[page].lowerBound
      if first >= nextRow(inArray) + pageSlotsLeft {
        try seek(to: page, in: pageRows, first, inArray: inArray)
        left = row - nextRow(inArray)
      }
    }
    while left > 0 {
      if pageSlotsLeft == 0 {
        let passed = try readDataPage(skippingUpTo: left)
        left -= passed
        rowsLeft -= passed
        if passed > 0 { continue }
      }
      let count = min(left, pageSlotsLeft)
      do throws(DecodingError) {
        try skipSlots(count)
      } catch { throw explained(error) }
      left -= count
      rowsLeft -= count
    }
  }

  /// Goes straight to a page. What is left of the current page is given up.
  private func seek(
    to page: Int, in pageRows: PageRows, _ firstRow: Int, inArray: Int
  ) throws(ReadError) {
    // A dictionary may stand before the first data page.
    while pages.dataPageCount == 0, pages.pageEnd < Int(pageRows.locations[0].offset) {
      guard case .dictionary(let header, let bytes) = try unsafe pages.next() else {
        throw ReadError(
          .inconsistent("the offset index does not have the column chunk's first page"), at: place)
      }
      try unsafe readDictionary(header, bytes)
    }
    let offset = Int(pageRows.locations[page].offset)
    guard offset >= pages.pageEnd else {
      throw ReadError(.inconsistent("the offset index has a page inside another"), at: place)
    }
    try pages.seek(to: offset, dataPage: page)
    unsafe values = .none
    pageSlotsLeft = 0
    rowsLeft = rowCount - firstRow + inArray
    // The header must agree, or rows would be taken for others.
    try readDataPage()
    guard pageSlotsLeft == pageRows.rows[page].count else {
      throw ReadError(
        .inconsistent(
          "a page has \(pageSlotsLeft) rows, the offset index says "
            + "\(pageRows.rows[page].count)"), at: place)
    }
  }

  /// Bounds what is read ahead by the pages that have wanted rows.
  private func planReads(_ pageRows: PageRows, _ wanted: RowSelection) {
    guard let last = wanted.ranges.last else { return }
    let page = pageRows.locations[pageRows.page(of: last.upperBound - 1)]
    input.readAheadEnd = Int(page.offset) + Int(page.compressedPageSize)
  }

  /// Skips slots of the current page. Precondition: it has as many left.
  private func skipSlots(_ slots: Int) throws(DecodingError) {
    let count = try skipLevels(slots)
    declaredNullsLeft? -= slots - count
    try unsafe values.skip(count, of: leaf)
    pageSlotsLeft -= slots
    if pageSlotsLeft == 0 {
      guard declaredNullsLeft ?? 0 == 0 else { throw .invalidValue(offset: 0) }
      try unsafe values.checkEnd()
    }
  }

  /// Passes over the definition levels of a column that is not repeated; gives the values among
  /// the slots.
  private func skipLevels(_ slots: Int) throws(DecodingError) -> Int {
    guard var reader = unsafe definitionLevels else { return slots }
    let maximum = UInt32(truncatingIfNeeded: leaf.maxDefinitionLevel)
    var (done, count) = (0, 0)
    while done < slots {
      switch try unsafe reader.next(limit: slots - done) {
      case .repeated(let level, let run):
        guard level <= maximum else { throw .invalidValue(offset: 0) }
        if level == maximum { count += run }
        done += run
      case .packed(let source, _, let start, let run) where maximum == 1:
        count += unsafe Bits.count(
          source.assumingMemoryBound(to: UInt8.self), start: start, count: run)
        done += run
      case .packed(let source, let byteCount, let start, let run):
        let indices = unsafe scratch.indices.indices
        var taken = 0
        while taken < run {
          let block = min(run - taken, IndexScratch.capacity)
          unsafe BitUnpacking.unpack(
            source, byteCount: byteCount, bitWidth: reader.bitWidth, start: start + taken,
            count: block, into: indices)
          for index in 0..<block {
            let level = unsafe indices[index]
            guard level <= maximum else { throw .invalidValue(offset: 0) }
            if level == maximum { count += 1 }
          }
          taken += block
        }
        done += run
      }
    }
    unsafe definitionLevels = reader
    return count
  }

  // MARK: - Dictionaries

  /// The values of the chunk's dictionary; nil where it does not begin with one. The reader is of
  /// no further use.
  func readDictionaryValues() throws(ReadError) -> ArrowArray? {
    guard rowsLeft > 0, case .dictionary(let header, let bytes) = try unsafe pages.next(),
      header.encoding == .plain || header.encoding == .plainDictionary
    else { return nil }
    let count = Int(header.numValues)
    var position = PlainPosition()
    do throws(DecodingError) {
      // Every value takes a bit at least.
      guard count <= bytes.count * 8 else {
        throw .limitExceeded(offset: 0, declared: count, limit: bytes.count * 8)
      }
      output.plausibleByteCount = plausibleByteCount
      output.expectedSlotCount = count
      output.expectedByteCount = bytes.count
      guard output.roomForValues(plainByteCount: bytes.count) > 0 else { return nil }
      try unsafe output.appendPlain(bytes, count: count, slots: count, position: &position)
      unsafe output.spread(values: count, slots: count, bits: nil)
      return try mapping.finish(output, validity: nil, nullCount: 0)
    } catch { throw explained(error) }
  }
}

extension PageRows {
  /// The page of a row. Precondition: the row exists.
  func page(of row: Int) -> Int {
    var (low, high) = (0, rows.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if rows[middle].lowerBound <= row { low = middle } else { high = middle - 1 }
    }
    return low
  }
}

/// Passing over PLAIN values.
enum PlainSkipping {
  /// Moves past `count` values.
  static func skip(
    _ bytes: UnsafeRawBufferPointer, count: Int, of leaf: LeafColumn,
    _ position: inout PlainPosition
  ) throws(DecodingError) {
    let width: Int
    switch leaf.physicalType {
    case .boolean:
      guard count <= bytes.count * 8 - position.bit else {
        throw .truncated(offset: bytes.count, needed: 1)
      }
      position.bit += count
      return
    case .byteArray:
      var cursor = unsafe PlainByteArrays(bytes, offset: position.offset)
      for _ in 0..<count {
        let length = try unsafe cursor.nextLength()
        unsafe cursor.skip(length)
      }
      position.offset = unsafe cursor.offset
      return
    case .int32, .float: width = 4
    case .int64, .double: width = 8
    case .int96: width = 12
    case .fixedLenByteArray: width = leaf.typeLength
    }
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: width)
    guard !overflow, byteCount <= bytes.count - position.offset else {
      throw .truncated(offset: bytes.count, needed: 1)
    }
    position.offset += byteCount
  }
}
