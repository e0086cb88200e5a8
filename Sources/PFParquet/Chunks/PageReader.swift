internal import PFCompression
internal import PFCore

/// The pages of a column chunk, in order, decompressed.
@safe final class PageReader {
  private static let headerLimit = 16 << 20

  private let input: ChunkInput
  private let codec: CompressionCodec
  private let scratch: ChunkScratch
  private let verifiesChecksums: Bool
  private let limits: ParquetLimits
  /// Where the current page's header begins in the file.
  private(set) var pageOffset: Int
  /// Data pages seen, the current one included.
  private(set) var dataPageCount = 0
  private var currentByteCount = 0

  init(
    _ input: ChunkInput, codec: CompressionCodec, _ options: ParquetReadOptions,
    scratch: ChunkScratch
  ) {
    self.input = input
    self.codec = codec
    verifiesChecksums = options.verifiesChecksums
    limits = options.limits
    self.scratch = scratch
    pageOffset = input.position
  }

  /// A page whose bytes are valid until the next one is read.
  @unsafe enum Page {
    /// A data page that was passed over, of so many values.
    case skipped(Int)
    case dictionary(DictionaryPageHeader, bytes: UnsafeRawBufferPointer)
    /// Levels and values in one piece.
    case data(DataPageHeader, bytes: UnsafeRawBufferPointer)
    case dataV2(
      DataPageHeaderV2, repetitionLevels: UnsafeRawBufferPointer,
      definitionLevels: UnsafeRawBufferPointer, values: UnsafeRawBufferPointer)
  }

  /// Where errors of the current page are.
  var place: ReadError.Place {
    .init(offset: pageOffset, page: dataPageCount > 0 ? dataPageCount - 1 : nil)
  }

  /// Ends the current page and moves on to the page that begins at `offset`, the data page with
  /// `index`. Nothing between the two is read.
  ///
  /// - Precondition: `offset` does not lie before the end of the current page.
  func seek(to offset: Int, dataPage index: Int) throws(ReadError) {
    try leavePage()
    try input.skip(offset - input.position)
    dataPageCount = index
  }

  private func leavePage() throws(ReadError) {
    try input.skip(currentByteCount)
    currentByteCount = 0
  }

  /// The end of the current page in the file.
  var pageEnd: Int { input.position + currentByteCount }

  /// The next dictionary or data page; pages of other kinds are passed over. A data page of at most
  /// `limit` values is passed over, too: nothing of it but its header is read, which `.skipped` tells.
  func next(skippingUpTo limit: Int = 0) throws(ReadError) -> Page {
    while true {
      // The page before stays in the window until here.
      try leavePage()
      pageOffset = input.position
      // What follows may be another column's page, and look right.
      guard !input.isAtEnd else {
        throw ReadError(.inconsistent("the column chunk ends before its last value"), at: place)
      }
      let header = try readHeader()
      let compressedByteCount = Int(header.compressedPageSize)
      if let count = header.dataValueCount, count <= limit {
        currentByteCount = compressedByteCount
        dataPageCount += 1
        return unsafe .skipped(count)
      }
      do throws(ReadError) {
        try limits.check(header, codec)
      } catch { throw error.at(place) }
      let stored = try unsafe input.bytes(atLeast: compressedByteCount)
      guard stored.count >= compressedByteCount else {
        let needed = compressedByteCount - stored.count
        throw ReadError(.truncated(offset: input.position, needed: needed), at: place)
      }
      currentByteCount = compressedByteCount
      switch header.content {
      case .indexPage, .unknown: continue
      case .dataPage, .dataPageV2: dataPageCount += 1
      case .dictionaryPage: break
      }
      let bytes = unsafe UnsafeRawBufferPointer(rebasing: stored[..<compressedByteCount])
      if verifiesChecksums, let crc = header.crc {
        guard
          unsafe CRC32.checksum(of: Span(_unsafeElements: bytes.bindMemory(to: UInt8.self))) == crc
        else {
          throw ReadError(.inconsistent("the page's checksum does not match its bytes"), at: place)
        }
      }
      do throws(DecodingError) {
        return try unsafe decompress(bytes, header)
      } catch { throw ReadError(error, at: place) }
    }
  }

  private func decompress(
    _ bytes: UnsafeRawBufferPointer, _ header: PageHeader
  ) throws(DecodingError) -> Page {
    let byteCount = Int(header.uncompressedPageSize)
    switch header.content {
    case .dictionaryPage(let page):
      return try unsafe .dictionary(page, bytes: plain(bytes, byteCount: byteCount))
    case .dataPage(let page):
      return try unsafe .data(page, bytes: plain(bytes, byteCount: byteCount))
    case .dataPageV2(let page):
      // Levels come first and are never compressed.
      let repetition = Int(page.repetitionLevelsByteLength)
      let levels = repetition + Int(page.definitionLevelsByteLength)
      guard levels <= bytes.count, levels <= byteCount else {
        throw unsafe .limitExceeded(offset: 0, declared: levels, limit: bytes.count)
      }
      let values = unsafe UnsafeRawBufferPointer(rebasing: bytes[levels...])
      // Arrow C++ before 2.0 compressed the values and said that it did not; the sizes tell.
      let isStored = !page.isCompressed && bytes.count == byteCount
      return try unsafe .dataV2(
        page,
        repetitionLevels: UnsafeRawBufferPointer(rebasing: bytes[..<repetition]),
        definitionLevels: UnsafeRawBufferPointer(rebasing: bytes[repetition..<levels]),
        values: isStored ? values : plain(values, byteCount: byteCount - levels))
    case .indexPage, .unknown: throw .invalidValue(offset: 0)
    }
  }

  private func plain(
    _ bytes: UnsafeRawBufferPointer, byteCount: Int
  ) throws(DecodingError) -> UnsafeRawBufferPointer {
    if codec == .uncompressed {
      // Both sizes say the same here; values are bounded by the bytes that are there.
      return unsafe bytes
    }
    // Some writers store nothing at all for a page of nulls.
    if byteCount == 0 && bytes.count == 0 { return unsafe bytes }
    return try unsafe PageDecompression.decompress(
      bytes, codec: codec, byteCount: byteCount, scratch: scratch)
  }

  private func readHeader() throws(ReadError) -> PageHeader {
    var wanted = min(64, input.expectedByteCount)
    while true {
      let bytes = try unsafe input.bytes(atLeast: wanted)
      let available = bytes.count
      do throws(DecodingError) {
        // SAFETY: the window stays as it is until the next call of `input.bytes`.
        var thrift = unsafe ThriftReader(
          Span(_unsafeElements: bytes.bindMemory(to: UInt8.self)))
        let header = try PageHeader(from: &thrift)
        input.advance(thrift.offset)
        return header
      } catch {
        // A header may be longer than what was looked at, as long as there is more of the file.
        if case .truncated = error, available >= wanted, wanted < Self.headerLimit {
          wanted = available * 4
          continue
        }
        if case .limitExceeded = error, available >= wanted, wanted < Self.headerLimit {
          wanted = available * 4
          continue
        }
        throw ReadError(error, base: pageOffset, at: .init(page: place.page))
      }
    }
  }
}

extension PageHeader {
  /// The values of a data page, nulls included; nil for pages of other kinds.
  fileprivate var dataValueCount: Int? {
    switch content {
    case .dataPage(let page): Int(page.numValues)
    case .dataPageV2(let page): Int(page.numValues)
    case .indexPage, .dictionaryPage, .unknown: nil
    }
  }
}
