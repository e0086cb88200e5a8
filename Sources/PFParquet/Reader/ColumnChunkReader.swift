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
  var hasDictionary = false
  /// What the footer claims, and how much memory may be set aside on its word.
  private let declaredSlotCount: Int
  private let declaredByteCount: Int
  let plausibleByteCount: Int
  /// Why the chunk could not be read on: after an error, the parts no longer fit each other.
  var failure: ReadError?
  /// The chunk's pages, where an offset index tells; reading some of the rows goes by it.
  var pageRows: PageRows?
  /// Rows of the chunk.
  let rowCount: Int
  /// Looked at before each page.
  var cancellation: CancellationToken?

  /// Slots of the chunk that are not decoded yet.
  var slotsLeft: Int
  /// Slots of the current page that are not decoded yet.
  var pageSlotsLeft = 0
  /// Nulls that the header of the current page declares, less those that were met.
  var declaredNullsLeft: Int?
  var definitionLevels: RLEHybridReader?
  var values: PageValues = unsafe .none

  /// Where the values of the current page come from.
  @unsafe enum PageValues {
    case none
    case plain(UnsafeRawBufferPointer, PlainPosition)
    case indices(RLEHybridReader)
  }

  init(
    _ chunk: ColumnChunk, of mapping: ColumnMapping, rowCount: Int, in file: ParquetFile,
    verifiesChecksums: Bool, scratch: ChunkScratch
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
    guard metaData.numValues == rowCount else {
      throw ReadError(
        .inconsistent("\(metaData.numValues) values are declared for \(rowCount) rows"))
    }
    try PageDecompression.check(metaData.codec)

    var offset = metaData.dataPageOffset
    if let dictionary = metaData.dictionaryPageOffset, dictionary > 0, dictionary < offset {
      offset = dictionary
    }
    let limit = file.dataEnd
    guard offset >= 0, offset < limit || rowCount == 0 else {
      throw ReadError(
        .malformed(.limitExceeded(offset: 0, declared: Int(offset), limit: limit)),
        at: .init(offset: Int(offset)))
    }
    let compressed = Int(metaData.totalCompressedSize)
    input = try ChunkInput(
      file.source, offset: min(Int(offset), limit), byteCount: compressed, limit: limit,
      reusing: scratch)
    pages = PageReader(
      input, codec: metaData.codec, verifiesChecksums: verifiesChecksums, scratch: scratch)
    output = mapping.makeOutput()
    // Memory is set aside for what the footer claims only as far as the bytes make it likely.
    plausibleByteCount = min(compressed, limit, 1 << 48) * 64 + Self.looseByteCount
    declaredByteCount = Int(metaData.totalUncompressedSize)
    declaredSlotCount = rowCount
    self.rowCount = rowCount
    self.mapping = mapping
    leaf = mapping.leaf
    slotsLeft = rowCount
    self.scratch = scratch
  }

  deinit { input.recycle(into: scratch) }

  /// Where errors are now.
  var place: ReadError.Place { pages.place }

  /// Decodes the next `count` slots, or fewer where an array of 32-bit offsets is full.
  ///
  /// - Precondition: `0 <= count <= slotsLeft`.
  /// - Throws: what is wrong with the pages; the same error for every call after the first.
  func read(_ count: Int) throws(ReadError) -> ArrowArray {
    precondition(count >= 0 && count <= slotsLeft, "more slots than are left")
    if let failure { throw failure }
    do throws(ReadError) {
      return try readArray(count)
    } catch {
      failure = error
      throw error
    }
  }

  private func readArray(_ count: Int) throws(ReadError) -> ArrowArray {
    if count < slotsLeft { input.isPartial = true }
    expect(count)
    let done = try decodeSlots(count)
    return try finish(done)
  }

  /// The array of what was decoded since the last one.
  func finish(_ done: Int) throws(ReadError) -> ArrowArray {
    slotsLeft -= done
    let (bitmap, nullCount) = validity.finish()
    do throws(DecodingError) {
      return try mapping.finish(output, validity: bitmap, nullCount: nullCount)
    } catch { throw ReadError(error, at: place) }
  }

  /// Decodes the next `count` slots, or fewer where the array is full; gives their number.
  ///
  /// - Parameter before: the slots that are in the array already.
  func decodeSlots(_ count: Int, behind before: Int = 0) throws(ReadError) -> Int {
    var done = 0
    while done < count {
      if pageSlotsLeft == 0 { try readDataPage() }
      do throws(DecodingError) {
        let slots = min(count - done, pageSlotsLeft, roomInOutput, stretchLimit)
        if slots == 0 {
          if done + before == 0 { throw .limitExceeded(offset: 0, declared: 1 << 31, limit: 1 << 31 - 1) }
          break
        }
        try decode(slots)
        done += slots
        pageSlotsLeft -= slots
        guard pageSlotsLeft > 0 || declaredNullsLeft ?? 0 == 0 else {
          throw .invalidValue(offset: 0)
        }
      } catch { throw explained(error) }
    }
    return done
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

  /// Slots that surely fit the array in the making.
  var roomInOutput: Int {
    switch unsafe values {
    case .none: .max
    case .plain(let bytes, let position):
      output.roomForValues(plainByteCount: bytes.count - position.offset)
    case .indices: output.roomForIndices()
    }
  }

  func decode(_ slots: Int) throws(DecodingError) {
    let nulls = try unsafe Self.readValidity(slots, &definitionLevels, &validity)
    let count = slots - nulls
    declaredNullsLeft? -= nulls
    switch unsafe values {
    case .plain(let bytes, var position):
      try unsafe output.appendPlain(bytes, count: count, slots: slots, position: &position)
      unsafe values = .plain(bytes, position)
    case .indices(var indices):
      unsafe values = .none
      try unsafe output.appendIndices(
        &indices, count: count, slots: slots, scratch: scratch.indices)
      unsafe values = .indices(indices)
    case .none: throw .invalidValue(offset: 0)
    }
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
        if leaf.maxDefinitionLevel > 0 {
          guard header.definitionLevelEncoding == .rle else {
            throw ReadError(
              .unsupported(feature: "definition levels in \(header.definitionLevelEncoding)"),
              at: place)
          }
          do throws(DecodingError) {
            let levels = try unsafe Self.sized(&rest)
            unsafe definitionLevels = try RLEHybridReader(levels, bitWidth: 1)
          } catch { throw ReadError(error, at: place) }
        }
        try unsafe begin(header.encoding, rest)
      case .dataV2(let header, _, let definition, let bytes):
        guard header.numRows == header.numValues else {
          throw ReadError(
            .inconsistent("a page of \(header.numValues) values claims \(header.numRows) rows"),
            at: place)
        }
        try begin(slots: header.numValues)
        declaredNullsLeft = Int(header.numNulls)
        if leaf.maxDefinitionLevel > 0 {
          do throws(DecodingError) {
            unsafe definitionLevels = try RLEHybridReader(definition, bitWidth: 1)
          } catch { throw ReadError(error, at: place) }
        }
        try unsafe begin(header.encoding, bytes)
      }
    }
    return 0
  }

  func begin(slots: Int32) throws(ReadError) {
    let left = slotsLeft - output.slotCount
    guard Int(slots) <= left else {
      throw ReadError(
        .inconsistent("a page of \(slots) values where the column chunk has \(left) left"),
        at: place)
    }
    pageSlotsLeft = Int(slots)
    declaredNullsLeft = nil
    unsafe definitionLevels = nil
  }

  private func begin(
    _ encoding: Encoding, _ bytes: UnsafeRawBufferPointer
  ) throws(ReadError) {
    do throws(DecodingError) {
      switch encoding {
      case .plain:
        unsafe values = .plain(bytes, PlainPosition())
        return
      case .plainDictionary, .rleDictionary:
        // Bits of a dictionary's indices would pass for booleans.
        guard leaf.physicalType != .boolean else { break }
        // A page of nulls alone may lack the width, and the chunk its dictionary. With a width
        // of 0, a value would need no bytes; with 1, asking for one is an error.
        let width = unsafe bytes.first ?? 1
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
        unsafe values = .indices(try RLEHybridReader(rest, bitWidth: Int(width)))
        return
      case .rle where leaf.physicalType == .boolean:
        var rest = unsafe bytes
        unsafe values = .indices(try RLEHybridReader(Self.sized(&rest), bitWidth: 1))
        return
      default: break
      }
    } catch { throw ReadError(error, at: place) }
    throw ReadError(.unsupported(feature: "encoding \(encoding)"), at: place)
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
