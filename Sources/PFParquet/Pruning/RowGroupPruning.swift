internal import PFArrow
internal import PFCore

/// Finds the rows of a row group that a condition may keep, from what the file says of them.
struct RowGroupPruning {
  /// A list of more values is not looked up in Bloom filters.
  private static let lookupLimit = 256

  let file: ParquetFile
  let contents: ParquetFile.Contents
  let rowGroup: Int
  let condition: BoundPredicate
  /// The columns that the condition's tests count in.
  let columns: [ColumnMapping]
  let options: ParquetReadOptions
  let scratch: ChunkScratch

  private var rowCount: Int { Int(contents.metaData.rowGroups[rowGroup].numRows) }

  /// How the condition may come out for which rows.
  ///
  /// - Throws: what the source throws. An index or a filter that is malformed is done without.
  func outcomes() throws(ReadError) -> Outcomes {
    var tests: [Outcomes] = []
    for test in condition.tests {
      tests.append(try outcome(ofStatistics: test))
    }
    var result = condition.outcomes(rowCount: rowCount, of: tests)
    if result.mayBeTrue.isEmpty || result.isSurelyTrue { return result }

    for (index, test) in condition.tests.enumerated() where !tests[index].mayBeTrue.isEmpty {
      let lookup = try outcome(ofLookup: test)
      guard let lookup else { continue }
      tests[index] = tests[index].narrowed(by: lookup)
      result = condition.outcomes(rowCount: rowCount, of: tests)
      if result.mayBeTrue.isEmpty { return result }
    }

    for (index, test) in condition.tests.enumerated() {
      guard let pages = try outcome(ofPages: test) else { continue }
      tests[index] = tests[index].narrowed(by: pages)
    }
    return condition.outcomes(rowCount: rowCount, of: tests)
  }

  // MARK: - Statistics

  private func chunk(_ test: BoundPredicate.Test) throws(ReadError) -> ColumnChunk {
    try file.chunk(of: columns[test.column].leaf, in: contents.metaData.rowGroups[rowGroup])
  }

  private func outcome(
    ofStatistics test: BoundPredicate.Test
  ) throws(ReadError) -> Outcomes {
    let metaData = contents.metaData
    guard let column = try chunk(test).metaData else { return Outcomes(open: rowCount) }
    let mapping = columns[test.column]
    let statistics: Statistics?
    do throws(DecodingError) {
      statistics = try column.statistics(in: metaData.bytes.span)
    } catch { statistics = nil }
    let bounds = try BoundsReader(mapping, order: metaData.columnOrder(of: mapping.leaf)).bounds(
      of: statistics, in: metaData.bytes.span, valueCount: column.numValues)
    let outcome = bounds.outcomes(of: test.test)[0]
    return Outcomes(
      mayBeTrue: outcome.mayBeTrue, mayBeFalse: outcome.mayBeFalse,
      mayBeUnknown: outcome.mayBeUnknown, rowCount: rowCount)
  }

  // MARK: - Bloom filters and dictionaries

  /// What a Bloom filter, or else the dictionary, says of a test for some values; nil for nothing.
  private func outcome(ofLookup test: BoundPredicate.Test) throws(ReadError) -> Outcomes? {
    let wanted: [Scalar]
    switch test.test {
    case .compare(.equal, let value): wanted = [value]
    case .isIn(let values, includesNull: false) where values.count <= Self.lookupLimit:
      wanted = values
    default: return nil
    }
    let chunk = try chunk(test)
    guard let column = chunk.metaData, !chunk.isEncrypted, chunk.filePath.isAbsent else {
      return nil
    }
    let mapping = columns[test.column]
    let isAbsent: Bool
    if try isAbsentByFilter(wanted, column, mapping) {
      isAbsent = true
    } else {
      isAbsent = try isAbsentFromDictionary(test.test, chunk, column, mapping)
    }
    guard isAbsent else { return nil }
    var outcome = Outcomes(open: rowCount)
    outcome.mayBeTrue = RowSelection([], of: rowCount)
    return outcome
  }

  private func isAbsentByFilter(
    _ values: [Scalar], _ column: ColumnMetaData, _ mapping: ColumnMapping
  ) throws(ReadError) -> Bool {
    guard let offset = column.bloomFilterOffset, let offset = Int(exactly: offset), offset > 0
    else { return false }
    guard
      let filter = try ignoringMalformed({ () throws(ReadError) in
        try BloomFilter(file.source, at: offset, limit: file.source.byteCount)
      }) ?? nil
    else { return false }
    for value in values {
      guard let ways = try mapping.plainBytes(of: value) else { return false }
      for bytes in ways where try filter.mayContain(bytes.span) { return false }
    }
    return true
  }

  /// Whether no value of the dictionary passes, where all pages are made of it.
  private func isAbsentFromDictionary(
    _ test: ColumnTest, _ chunk: ColumnChunk, _ column: ColumnMetaData, _ mapping: ColumnMapping
  ) throws(ReadError) -> Bool {
    guard let dictionary = column.dictionaryPageOffset, dictionary > 0,
      dictionary < column.dataPageOffset,
      // A large dictionary costs as much as what it may save.
      column.dataPageOffset - dictionary <= column.totalCompressedSize / 4
    else { return false }
    let stats: [PageEncodingStats]?
    do throws(DecodingError) {
      stats = try contents.metaData.encodingStats(of: column)
    } catch { stats = nil }
    guard let stats, !stats.isEmpty else { return false }
    for stat in stats where stat.count > 0 {
      switch (stat.pageType, stat.encoding) {
      case (.dictionaryPage, _), (.dataPage, .plainDictionary), (.dataPage, .rleDictionary),
        (.dataPageV2, .plainDictionary), (.dataPageV2, .rleDictionary):
        continue
      default: return false
      }
    }
    let reader = try ColumnChunkReader(
      chunk, of: mapping, rowCount: rowCount, in: file, options,
      budget: AllocationBudget(limit: options.limits.allocationByteCount), scratch: scratch)
    guard let values = try reader.readDictionaryValues() else { return false }
    return values.truth(of: test).selection.isEmpty
  }

  // MARK: - Pages

  /// What the column index says of a test; nil where there is none, or one that makes no sense.
  private func outcome(ofPages test: BoundPredicate.Test) throws(ReadError) -> Outcomes? {
    let chunk = try chunk(test)
    let mapping = columns[test.column]
    guard let pages = try file.pageRows(of: chunk, rowCount: rowCount),
      let bytes = try file.indexBytes(at: chunk.columnIndexOffset, chunk.columnIndexLength)
    else { return nil }
    var thrift = ThriftReader(bytes.bytes)
    let index: ColumnIndex
    do throws(DecodingError) {
      index = try ColumnIndex(from: &thrift)
    } catch { return nil }
    guard index.nullPages.count == pages.rows.count else { return nil }
    let order = contents.metaData.columnOrder(of: mapping.leaf)
    let outcomes = try BoundsReader(mapping, order: order).bounds(of: index, in: bytes.bytes)
      .outcomes(of: test.test)
    func rows(_ wanted: (ValueBounds.PageOutcome) -> Bool) -> RowSelection {
      RowSelection(
        outcomes.indices.filter { wanted(outcomes[$0]) }.map { pages.rows[$0] }, of: rowCount)
    }
    return Outcomes(
      mayBeTrue: rows(\.mayBeTrue), mayBeFalse: rows(\.mayBeFalse),
      mayBeUnknown: rows(\.mayBeUnknown))
  }

  private func ignoringMalformed<T>(_ body: () throws(ReadError) -> T) throws(ReadError) -> T? {
    do throws(ReadError) {
      return try body()
    } catch {
      if case .malformed = error.reason { return nil }
      throw error
    }
  }
}

/// The data pages of a column chunk by an offset index that makes sense.
struct PageRows: Sendable {
  let locations: [PageLocation]
  /// The rows of each page.
  let rows: [Range<Int>]
}

extension ParquetFile {
  /// The pages of a column chunk; nil where there is no offset index, or one that makes no sense.
  ///
  /// - Throws: what the source throws.
  func pageRows(of chunk: ColumnChunk, rowCount: Int) throws(ReadError) -> PageRows? {
    guard let column = chunk.metaData, chunk.filePath.isAbsent,
      let bytes = try indexBytes(at: chunk.offsetIndexOffset, chunk.offsetIndexLength)
    else { return nil }
    var thrift = ThriftReader(bytes.bytes)
    let index: OffsetIndex
    do throws(DecodingError) {
      index = try OffsetIndex(from: &thrift)
    } catch { return nil }
    // The first page is where the footer says, the last one ends inside the data.
    guard let rows = index.rowRanges(of: rowCount),
      index.pageLocations.first?.offset == column.dataPageOffset,
      let last = index.pageLocations.last, last.offset + Int64(last.compressedPageSize) <= dataEnd
    else { return nil }
    return PageRows(locations: index.pageLocations, rows: rows)
  }

  /// The bytes of an index; nil where there is none inside the file.
  func indexBytes(at offset: Int64?, _ byteCount: Int32?) throws(ReadError) -> Buffer? {
    guard let offset, let byteCount, offset > 0, byteCount > 0, offset <= Int64(dataEnd),
      Int64(byteCount) <= Int64(dataEnd) - offset
    else { return nil }
    return try source.bytes(at: Int(offset), byteCount: Int(byteCount))
  }
}
