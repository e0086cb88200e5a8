internal import PFCore
internal import Synchronization

/// Reads that serve several column chunks each, for sources where every read has its price.
///
/// Chunks that lie near each other are read together, once, by the thread that needs one of them
/// first; the others wait for it. A piece is freed when all its chunks are done.
final class MergedReads: Sendable {
  /// Bytes between two chunks that are read in vain rather than asked for apart.
  private static let gapLimit = 256 << 10
  /// The most bytes of a piece.
  static let pieceLimit = 32 << 20
  /// Read behind the last chunk of a piece, as far as there is anything: old writers left the
  /// dictionary's header out of the size (PARQUET-816), and headers are looked for in steps.
  private static let allowance = 512

  private let source: any ByteSource
  private let pieces: [Piece]
  /// By chunk: its piece, or nil where it is read alone, and its first byte.
  private let chunks: [(piece: Int?, offset: Int)]

  private final class Piece: Sendable {
    let range: Range<Int>
    private let state: Mutex<(bytes: Buffer?, chunksLeft: Int)>

    init(_ range: Range<Int>, chunkCount: Int) {
      self.range = range
      state = Mutex((nil, chunkCount))
    }

    func bytes(of source: any ByteSource) throws(ReadError) -> Buffer {
      try state.withLock { (state) throws(ReadError) in
        if let bytes = state.bytes { return bytes }
        let bytes = try source.bytes(at: range.lowerBound, byteCount: range.count)
        state.bytes = bytes
        return bytes
      }
    }

    func finishChunk() {
      state.withLock { state in
        state.chunksLeft -= 1
        if state.chunksLeft <= 0 { state.bytes = nil }
      }
    }
  }

  /// Merges the reads of chunks that will be read whole.
  ///
  /// - Parameters:
  ///   - source: Where the chunks are.
  ///   - ranges: Where each chunk lies by the footer's word; nil for one that is read alone.
  ///   - limit: No byte from here on belongs to a chunk.
  init(_ source: any ByteSource, _ ranges: [Range<Int>?], limit: Int) {
    self.source = source
    var chunks = ranges.map { (piece: Int?.none, offset: $0?.lowerBound ?? 0) }
    var pieces: [Piece] = []
    var range = 0..<0
    var members: [Int] = []
    func close() {
      // One alone is read whole without help.
      guard members.count > 1 else { return }
      for member in members { chunks[member].piece = pieces.count }
      let end = min(range.upperBound + Self.allowance, limit)
      pieces.append(Piece(range.lowerBound..<max(end, range.upperBound), chunkCount: members.count))
    }
    let order = ranges.indices.sorted {
      (ranges[$0]?.lowerBound ?? .max, $0) < (ranges[$1]?.lowerBound ?? .max, $1)
    }
    for index in order {
      guard let next = ranges[index] else { break }
      let isNear = next.lowerBound - range.upperBound <= Self.gapLimit
      let end = max(range.upperBound, next.upperBound)
      if !members.isEmpty, isNear, end - range.lowerBound <= Self.pieceLimit {
        range = range.lowerBound..<end
        members.append(index)
      } else {
        close()
        (range, members) = (next, [index])
      }
    }
    close()
    self.pieces = pieces
    self.chunks = chunks
  }

  /// Where a chunk's piece begins: chunks should be read in this order, so that few pieces are in
  /// memory at once.
  func position(ofChunk index: Int) -> Int {
    chunks[index].piece.map { pieces[$0].range.lowerBound } ?? chunks[index].offset
  }

  /// The bytes from the first of a chunk to the end of its piece; nil where it is read alone.
  ///
  /// - Throws: what the source throws.
  func bytes(ofChunk index: Int) throws(ReadError) -> Buffer? {
    guard let piece = chunks[index].piece.map({ pieces[$0] }) else { return nil }
    let start = chunks[index].offset - piece.range.lowerBound
    return try piece.bytes(of: source).slice(
      offset: start, byteCount: piece.range.count - start)
  }

  /// A chunk needs its bytes no more, or did not get them. To be told once for each chunk.
  func finish(chunk index: Int) {
    if let piece = chunks[index].piece { pieces[piece].finishChunk() }
  }
}

extension ReadPlan {
  /// The merged reads of the column chunks of some parts, part by part; nil for sources where
  /// small reads cost little.
  func mergedReads(of parts: ArraySlice<Part>, in file: ParquetFile) throws(ReadError)
    -> MergedReads?
  {
    guard file.source.prefersLargeReads, condition == nil else { return nil }
    let groups = try file.contents().metaData.rowGroups
    let limit = file.dataEnd
    var ranges: [Range<Int>?] = []
    for part in parts {
      let isWhole = part.rowCount == Int(groups[part.rowGroup].numRows)
      for column in leaves {
        let chunk = try file.chunk(of: column.leaf, in: groups[part.rowGroup])
        guard isWhole, let metaData = chunk.metaData, chunk.filePath.isAbsent,
          let start = Int(exactly: metaData.firstPageOffset), start >= 0, start < limit,
          metaData.totalCompressedSize > 0
        else {
          ranges.append(nil)
          continue
        }
        ranges.append(start..<(start + min(Int(metaData.totalCompressedSize), limit - start)))
      }
    }
    return MergedReads(file.source, ranges, limit: limit)
  }
}
