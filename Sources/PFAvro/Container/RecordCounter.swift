internal import PFCore
internal import Synchronization

/// Counts the records of a file by the heads of its blocks.
///
/// A head tells where the next one is, so that one walk reads them one after the other. Where there
/// are many, more walks begin at sync markers further on; what such a walk found counts only where the
/// walk before arrives at its begin, so that the result and the error are those of a single walk.
struct RecordCounter {
  private let source: any ByteSource
  private let header: AvroHeader

  /// So many blocks are walked to see how large they are.
  private static let sampledBlockCount = 64
  /// Fewer blocks are not worth another thread.
  private static let leastBlockCount = 256

  init(_ source: any ByteSource, _ header: AvroHeader) {
    self.source = source
    self.header = header
  }

  /// What one walk found.
  private struct Stretch {
    var start: Int
    var end: Int
    /// Whether `end` is that of the file.
    var isLast = false
    var blockCount = 0
    var recordCount = 0
    /// With the index of the block in the stretch.
    var failure: ReadError?
  }

  /// - Throws: `ReadError` with the block where the file is cut or a sync marker is missing.
  func count() throws(ReadError) -> Int {
    var all = Stretch(start: header.byteCount, end: header.byteCount)
    try append(walk(from: all.end, blockLimit: Self.sampledBlockCount), to: &all)
    for stretch in all.isLast ? [] : stretches(after: all) {
      // Else the marker was none, and the walk before went past it.
      if stretch.start == all.end { try append(stretch, to: &all) }
    }
    if !all.isLast { try append(walk(from: all.end), to: &all) }
    return all.recordCount
  }

  /// Makes one stretch of two that follow each other.
  private func append(_ next: Stretch, to all: inout Stretch) throws(ReadError) {
    if var failure = next.failure {
      failure.place.block = failure.place.block.map { $0 + all.blockCount }
      throw failure
    }
    let (sum, overflow) = all.recordCount.addingReportingOverflow(next.recordCount)
    guard !overflow else { throw Self.tooMany }
    all.recordCount = sum
    all.blockCount += next.blockCount
    all.end = next.end
    all.isLast = next.isLast
  }

  private static var tooMany: ReadError {
    ReadError(.limitExceeded(limit: "the records of a file", declared: .max, maximum: .max))
  }

  /// The rest of the file in stretches, as if each began where it should; none where one walk will do.
  private func stretches(after sample: Stretch) -> [Stretch] {
    let blockByteCount = (sample.end - sample.start) / max(1, sample.blockCount)
    let left = source.byteCount - sample.end
    let wanted = min(
      Settings.current.threadCount, left / max(1, blockByteCount) / Self.leastBlockCount)
    guard wanted > 1, !source.prefersLargeReads else { return [] }
    var starts = [sample.end]
    for part in 1..<wanted {
      let place = max(starts[starts.count - 1], sample.end + left / wanted * part)
      let end = min(source.byteCount, place + 4 * blockByteCount)
      // What cannot be read is told by the walk that comes there.
      guard let walker = try? BlockWalker(source, header),
        let start = try? walker.endOfMarker(from: place, to: end, step: blockByteCount)
      else { continue }
      starts.append(start)
    }
    let results = Mutex([Stretch?](repeating: nil, count: starts.count))
    _ = ParallelLoop.run(count: starts.count, threads: wanted, makeScratch: {}) {
      [starts] (index: Int, _: inout Void) in
      let end = index + 1 < starts.count ? starts[index + 1] : Int.max
      let stretch = walk(from: starts[index], to: end)
      results.withLock { $0[index] = stretch }
    }
    return results.withLock { $0.compactMap { $0 } }
  }

  /// Walks until a block ends at `end` or behind it, or so many blocks were seen.
  private func walk(from start: Int, to end: Int = .max, blockLimit: Int = .max) -> Stretch {
    var stretch = Stretch(start: start, end: start)
    do throws(ReadError) {
      let walker = try BlockWalker(source, header, at: start)
      defer { (stretch.end, stretch.blockCount) = (walker.offset, walker.index) }
      while walker.offset < end, walker.index < blockLimit {
        guard let block = try walker.next() else {
          stretch.isLast = true
          break
        }
        let (sum, overflow) = stretch.recordCount.addingReportingOverflow(block.recordCount)
        guard !overflow else { throw Self.tooMany }
        stretch.recordCount = sum
      }
    } catch { stretch.failure = error }
    return stretch
  }
}
