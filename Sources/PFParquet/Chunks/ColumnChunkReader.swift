internal import PFArrow
internal import PFCore

/// Decodes one column chunk into Arrow arrays, any number of slots at a time.
@safe final class ColumnChunkReader {
  /// Memory that is set aside without bytes that make it likely.
  private static let looseByteCount = 64 << 20

  let pages: PageReader
  let input: ChunkInput
  let scratch: ChunkScratch
  let leaf: LeafColumn
  let mapping: ColumnMapping
  let output: ColumnOutput
  var validity = ValidityBuilder()
  /// The groups above the leaf; nil for a flat column.
  let nested: NestedLevels?
  var hasDictionary = false
  /// What the footer claims, and how much memory may be set aside on its word.
  let declaredSlotCount: Int
  private let declaredByteCount: Int
  let plausibleByteCount: Int
  /// Why the chunk could not be read on: after an error, the parts no longer fit each other.
  var failure: ReadError?
  /// The chunk's pages, where an offset index tells; reading some of the rows goes by it.
  var pageRows: PageRows?
  /// Rows of the chunk.
  let rowCount: Int
  /// What the arrays take of the read's budget.
  var charge: AllocationCharge
  /// Looked at before each page.
  var cancellation: CancellationToken?

  /// Rows of the chunk that are not decoded yet; those of a column that is not below a repeated
  /// node are its slots.
  var rowsLeft: Int
  /// Levels of the chunk that are not decoded yet, where there are several in a row.
  var levelsLeft: Int
  /// Slots, or levels of a repeated column, of the current page that are not decoded yet.
  var pageSlotsLeft = 0
  /// Nulls that the header of the current page declares, less those that were met.
  var declaredNullsLeft: Int?
  /// Rows that it declares, less those that were met; nil where it does not.
  var declaredRowsLeft: Int?
  var definitionLevels: RLEHybridReader?
  var repetitionLevels: RLEHybridReader?
  /// Levels of pages that keep them in the old encoding.
  private var bitPackedDefinitions = BitPackedLevels()
  private var bitPackedRepetitions = BitPackedLevels()
  var values: PageValues = unsafe .none

  init(
    _ chunk: ColumnChunk, of mapping: ColumnMapping, rowCount: Int, in file: ParquetFile,
    _ options: ParquetReadOptions, budget: AllocationBudget, bytes: Buffer? = nil,
    scratch: ChunkScratch
  ) throws(ReadError) {
    guard let metaData = chunk.metaData else {
      throw ReadError(.unsupported(feature: "a column chunk without metadata (encrypted column)"))
    }
    guard !chunk.isEncrypted else {
      throw ReadError(.unsupported(feature: "modular encryption (encrypted column)"))
    }
    guard chunk.filePath.isAbsent else {
      throw ReadError(.unsupported(feature: "a column chunk in another file"))
    }
    guard metaData.type == mapping.leaf.physicalType else {
      throw ReadError(
        .inconsistent(
          "the column chunk is \(metaData.type), the schema says \(mapping.leaf.physicalType)"))
    }
    // A row of a repeated column has one level at least.
    let isRepeated = mapping.leaf.maxRepetitionLevel > 0
    guard
      isRepeated ? metaData.numValues >= rowCount : metaData.numValues == rowCount
    else {
      throw ReadError(
        .inconsistent("\(metaData.numValues) values are declared for \(rowCount) rows"))
    }
    try PageDecompression.check(metaData.codec)

    let offset = metaData.firstPageOffset
    let limit = file.dataEnd
    guard offset >= 0, offset < limit || rowCount == 0 else {
      throw ReadError(
        .malformed(.limitExceeded(offset: 0, declared: Int(offset), limit: limit)),
        at: .init(offset: Int(offset)))
    }
    let compressed = Int(metaData.totalCompressedSize)
    input = try ChunkInput(
      file.source, offset: min(Int(offset), limit), byteCount: compressed, limit: limit,
      bytes: bytes, reusing: scratch)
    pages = PageReader(input, codec: metaData.codec, options, scratch: scratch)
    charge = AllocationCharge(budget)
    output = mapping.makeOutput()
    // Memory is set aside for what the footer claims only as far as the bytes make it likely.
    plausibleByteCount = min(compressed, limit, 1 << 48) * 64 + Self.looseByteCount
    declaredByteCount = Int(metaData.totalUncompressedSize)
    declaredSlotCount = Int(metaData.numValues)
    self.mapping = mapping
    leaf = mapping.leaf
    nested =
      mapping.path.isFlat
      ? nil
      : NestedLevels(mapping.path, maxDefinitionLevel: mapping.leaf.maxDefinitionLevel)
    rowsLeft = rowCount
    self.rowCount = rowCount
    levelsLeft = isRepeated ? Int(metaData.numValues) : 0
    self.scratch = scratch
  }

  deinit { input.recycle(into: scratch) }

  /// Where errors are now.
  var place: ReadError.Place { pages.place }

  /// Decodes the next `count` rows, or fewer where an array of 32-bit offsets is full.
  ///
  /// - Precondition: `0 <= count <= rowsLeft`.
  /// - Throws: what is wrong with the pages; the same error for every call after the first.
  func read(_ count: Int) throws(ReadError) -> DecodedLeaf {
    precondition(count >= 0 && count <= rowsLeft, "more rows than are left")
    if let failure { throw failure }
    if count < rowsLeft { input.isPartial = true }
    do throws(ReadError) {
      return try leaf.maxRepetitionLevel > 0 ? readRows(count) : readSlots(count)
    } catch {
      failure = error
      throw error
    }
  }

  private func readSlots(_ count: Int) throws(ReadError) -> DecodedLeaf {
    expect(count)
    let done = try decodeSlots(count)
    rowsLeft -= done
    return try finish(rowCount: done)
  }

  /// Decodes the next `count` slots of a column that is not repeated, or fewer where the array is
  /// full; gives their number. `before` slots are in the array already.
  func decodeSlots(_ count: Int, behind before: Int = 0) throws(ReadError) -> Int {
    var done = 0
    while done < count {
      if pageSlotsLeft == 0 { try readDataPage() }
      do throws(DecodingError) {
        let room = try unsafe values.room(in: output)
        let slots = min(count - done, pageSlotsLeft, room, stretchLimit)
        if slots == 0 {
          guard done + before > 0 else {
            throw .limitExceeded(offset: 0, declared: 1 << 31, limit: 1 << 31 - 1)
          }
          break
        }
        try decode(slots)
        done += slots
        pageSlotsLeft -= slots
        if pageSlotsLeft == 0 {
          guard declaredNullsLeft ?? 0 == 0 else { throw .invalidValue(offset: 0) }
          try unsafe values.checkEnd()
        }
      } catch { throw explained(error) }
      try chargeMemory()
    }
    return done
  }

  /// Tells the budget what the array in the making has grown to.
  func chargeMemory() throws(ReadError) {
    do throws(ReadError) {
      try charge.grow(to: heldByteCount)
    } catch { throw error.at(place) }
  }

  /// Bytes of the array in the making.
  private var heldByteCount: Int {
    output.slotCount * mapping.slotByteCount + output.valueByteCount
      + (validity.nullCount > 0 ? validity.count / 8 : 0) + (nested?.byteCount ?? 0)
  }

  /// What was read since the last call.
  func finish(rowCount: Int) throws(ReadError) -> DecodedLeaf {
    do throws(ReadError) {
      try charge.finish(heldByteCount)
    } catch { throw error.at(place) }
    let (bitmap, nullCount) = validity.finish()
    do throws(DecodingError) {
      let values = try mapping.finish(output, validity: bitmap, nullCount: nullCount)
      guard let nested else { return DecodedLeaf(values) }
      return DecodedLeaf(values, try nested.finish(), rowCount: rowCount)
    } catch { throw ReadError(error, at: place) }
  }

  /// Tells the output how much an array of `count` slots will likely take.
  func expect(_ count: Int) {
    output.plausibleByteCount = plausibleByteCount
    output.expectedSlotCount = min(count, plausibleByteCount / max(1, mapping.slotByteCount))
    let share = Double(count) / Double(max(1, declaredSlotCount))
    output.expectedByteCount = Int(Double(min(declaredByteCount, plausibleByteCount)) * share)
  }

  /// Slots that are decoded at once: memory for what a page claims is asked for bit by bit.
  var stretchLimit: Int { max(1, Self.looseByteCount / max(1, mapping.slotByteCount)) }

  /// An error of a page's values, in words where numbers alone would not help.
  func explained(_ error: DecodingError) -> ReadError {
    if case .integerOverflow = error, leaf.physicalType == .int96,
      case .timestamp(let unit, _) = mapping.field.type
    {
      let coarser: TimeUnit = unit == .nanosecond ? .microsecond : .millisecond
      return ReadError(
        .inconsistent(
          "an INT96 timestamp is beyond what 64 bits of \(mapping.field.type) hold; "
            + "the option coerce_int96_timestamp_unit = \"\(coarser)\" reaches further"), at: place)
    }
    return ReadError(error, at: place)
  }

  private func decode(_ slots: Int) throws(DecodingError) {
    let count: Int
    if let nested, var levels = unsafe definitionLevels {
      count = try unsafe nested.readStructs(slots, &levels, &validity)
      unsafe definitionLevels = levels
    } else {
      count = slots - (try unsafe Self.readValidity(slots, &definitionLevels, &validity))
    }
    declaredNullsLeft? -= slots - count
    try decodeValues(count, slots: slots)
  }

  /// Decodes the next `count` values into slots whose validity is known.
  func decodeValues(_ count: Int, slots: Int) throws(DecodingError) {
    try unsafe values.append(count, slots: slots, to: output, scratch: scratch.indices)
    unsafe output.spread(values: count, slots: slots, bits: validity.bits)
  }

  /// Definition levels of a flat column are its validity. Returns the nulls among `slots`.
  private static func readValidity(
    _ slots: Int, _ levels: inout RLEHybridReader?, _ validity: inout ValidityBuilder
  ) throws(DecodingError) -> Int {
    let before = validity.nullCount
    guard var reader = unsafe levels else {
      try validity.appendValid(slots)
      return 0
    }
    var done = 0
    while done < slots {
      switch try unsafe reader.next(limit: slots - done) {
      case .repeated(let level, let count):
        switch level {
        case 0: try validity.appendNulls(count)
        case 1: try validity.appendValid(count)
        default: throw .invalidValue(offset: 0)
        }
        done += count
      case .packed(let source, _, let start, let count):
        try unsafe validity.appendBits(
          source.assumingMemoryBound(to: UInt8.self), start: start, count: count)
        done += count
      }
    }
    unsafe levels = reader
    return validity.nullCount - before
  }

  /// Moves to the next data page, over a dictionary page on the way; or passes over a data page of
  /// at most `limit` values and gives their number.
  @discardableResult
  func readDataPage(skippingUpTo limit: Int = 0) throws(ReadError) -> Int {
    unsafe values = .none
    while pageSlotsLeft == 0 {
      if cancellation?.isCancelled == true { throw ReadError(.cancelled) }
      let page = try unsafe pages.next(skippingUpTo: limit)
      switch unsafe page {
      case .skipped(let count): if count > 0 { return count }
      case .dictionary(let header, let bytes): try unsafe readDictionary(header, bytes)
      case .data(let header, let bytes):
        try begin(slots: header.numValues)
        var rest = unsafe bytes
        if leaf.maxRepetitionLevel > 0 {
          let encoding = header.repetitionLevelEncoding
          guard encoding == .rle || encoding == .bitPacked else {
            throw ReadError(.unsupported(feature: "repetition levels in \(encoding)"), at: place)
          }
          do throws(DecodingError) {
            unsafe repetitionLevels =
              encoding == .rle
              ? try RLEHybridReader(Self.sized(&rest), bitWidth: repetitionWidth)
              : try bitPackedRepetitions.read(
                &rest, count: pageSlotsLeft, bitWidth: repetitionWidth)
          } catch { throw ReadError(error, at: place) }
        }
        if leaf.maxDefinitionLevel > 0 {
          let encoding = header.definitionLevelEncoding
          guard encoding == .rle || encoding == .bitPacked else {
            throw ReadError(.unsupported(feature: "definition levels in \(encoding)"), at: place)
          }
          do throws(DecodingError) {
            unsafe definitionLevels =
              encoding == .rle
              ? try RLEHybridReader(Self.sized(&rest), bitWidth: definitionWidth)
              : try bitPackedDefinitions.read(
                &rest, count: pageSlotsLeft, bitWidth: definitionWidth)
          } catch { throw ReadError(error, at: place) }
        }
        try unsafe begin(header.encoding, rest)
      case .dataV2(let header, let repetition, let definition, let bytes):
        guard leaf.maxRepetitionLevel > 0 || header.numRows == header.numValues else {
          throw ReadError(
            .inconsistent("a page of \(header.numValues) values claims \(header.numRows) rows"),
            at: place)
        }
        try begin(slots: header.numValues)
        declaredNullsLeft = Int(header.numNulls)
        if leaf.maxRepetitionLevel > 0 {
          declaredRowsLeft = Int(header.numRows)
          do throws(DecodingError) {
            unsafe repetitionLevels = try RLEHybridReader(repetition, bitWidth: repetitionWidth)
          } catch { throw ReadError(error, at: place) }
        }
        if leaf.maxDefinitionLevel > 0 {
          do throws(DecodingError) {
            unsafe definitionLevels = try RLEHybridReader(definition, bitWidth: definitionWidth)
          } catch { throw ReadError(error, at: place) }
        }
        try unsafe begin(header.encoding, bytes)
      }
    }
    return 0
  }

  private func begin(slots: Int32) throws(ReadError) {
    let left = leaf.maxRepetitionLevel > 0 ? levelsLeft : rowsLeft - output.slotCount
    guard Int(slots) <= left else {
      throw ReadError(
        .inconsistent("a page of \(slots) values where the column chunk has \(left) left"),
        at: place)
    }
    pageSlotsLeft = Int(slots)
    declaredNullsLeft = nil
    declaredRowsLeft = nil
    unsafe definitionLevels = nil
    unsafe repetitionLevels = nil
  }

  private var definitionWidth: Int { LevelDecoding.bitWidth(of: leaf.maxDefinitionLevel) }
  private var repetitionWidth: Int { LevelDecoding.bitWidth(of: leaf.maxRepetitionLevel) }

  private func begin(
    _ encoding: Encoding, _ bytes: UnsafeRawBufferPointer
  ) throws(ReadError) {
    do throws(ReadError) {
      unsafe values = try PageValues(bytes, in: encoding, of: leaf, slotCount: pageSlotsLeft)
    } catch { throw error.at(place) }
  }

  func readDictionary(
    _ header: DictionaryPageHeader, _ bytes: UnsafeRawBufferPointer
  ) throws(ReadError) {
    guard !hasDictionary, pages.dataPageCount == 0 else {
      throw ReadError(.inconsistent("a second dictionary page in a column chunk"), at: place)
    }
    guard header.encoding == .plain || header.encoding == .plainDictionary else {
      throw ReadError(.unsupported(feature: "a dictionary in \(header.encoding)"), at: place)
    }
    do throws(DecodingError) {
      try unsafe output.setDictionary(bytes, count: Int(header.numValues))
    } catch { throw explained(error) }
    hasDictionary = true
  }

  /// Takes a piece with its length in four bytes off the front (Encodings.md, "RLE", v1 pages).
  private static func sized(
    _ bytes: inout UnsafeRawBufferPointer
  ) throws(DecodingError) -> UnsafeRawBufferPointer {
    var cursor = unsafe PlainByteArrays(bytes, offset: 0)
    let piece = try unsafe cursor.next()
    unsafe bytes = UnsafeRawBufferPointer(rebasing: bytes[cursor.offset...])
    return unsafe piece
  }
}
