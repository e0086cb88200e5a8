// The labels of edges → dense ids, numbered by where they come first: a parallel dictionary.
//
// Method: all threads look the ends of edges up in one table (`LabelTable`) and give new labels
// numbers in whatever order they come. Each number keeps the least position, of all the ends of edges
// in their order, at which its label was seen; positions are ranked at the end by counting bits, and
// the rank of its first position is a label's id. So ids depend on the edges alone.
//
// Tricks: edges go through in rounds, between which the table may grow; a label that is older than
// its round needs no new least position, so most ends of edges touch the table and their label only.
// 64 ends are looked up together, in short loops, so that their cache misses overlap.

/// Columns of labels of the same edges, of which there are others before.
struct LabelBatch: BitwiseCopyable, Sendable {
  let firstEdge: Int
  let count: Int
  let sources: LabelColumn
  let targets: LabelColumn
}

/// What a dictionary makes of the edges.
struct LabeledIDs {
  let sources: Slots<UInt32>
  let targets: Slots<UInt32>
  /// For each id, twice the first edge that has it, and one more if not as its source.
  let firstPositions: Slots<Int>
}

/// A dictionary while it is made.
struct LabelDictionary {
  private let kernel: Kernel
  private let batches: Slots<LabelBatch>
  private let isBytes: Bool
  private let sources: Slots<UInt32>
  private let targets: Slots<UInt32>
  private var table: LabelTable
  /// The key of each number, and the least position seen.
  private var entries: Slots<UInt64>
  /// How many numbers there are.
  private let numberCount: Slots<Int>
  /// For each thread the number that it has taken and not used.
  private let spare: Slots<UInt32>

  private static let none = UInt32.max
  private static let nowhere = UInt64.max

  /// The dense ids of the edges of `batches`, which stand one behind the other.
  static func ids(of batches: [LabelBatch], _ kernel: Kernel) throws(GraphError) -> LabeledIDs {
    var dictionary = try LabelDictionary(batches, kernel)
    for batch in batches.indices { try dictionary.add(batch) }
    return try dictionary.ranked()
  }

  private init(_ batches: [LabelBatch], _ kernel: Kernel) throws(GraphError) {
    self.kernel = kernel
    self.batches = try kernel.slots(of: LabelBatch.self, count: batches.count)
    for index in batches.indices { self.batches[index] = batches[index] }
    let edgeCount = batches.last.map { $0.firstEdge + $0.count } ?? 0
    isBytes = batches.first?.sources.isBytes ?? false
    sources = try kernel.slots(of: UInt32.self, count: edgeCount)
    targets = try kernel.slots(of: UInt32.self, count: edgeCount)
    numberCount = try kernel.slots(repeating: 0, count: 1)
    spare = try kernel.slots(repeating: Self.none, count: kernel.threadCount)
    let places = max(1 << 10, min(1 << 16, LabelTable.placeCount(for: edgeCount)))
    table = LabelTable(
      places: try kernel.slots(repeating: 0, count: places), seed: LabelSeed.ofProcess)
    entries = try kernel.slots(of: UInt64.self, count: 0)
    entries = try kernel.slots(of: UInt64.self, count: entryCount)
  }

  /// Two for each number; spare ones have room as well.
  private var entryCount: Int {
    2 * (LabelTable.capacity(ofPlaces: table.places.count) + kernel.threadCount)
  }

  // MARK: Rounds

  private mutating func add(_ index: Int) throws(GraphError) {
    let batch = batches[index]
    var start = 0
    while start < batch.count {
      var room = LabelTable.capacity(ofPlaces: table.places.count) - numberCount[0]
      while room < table.places.count / 8 {
        try grow()
        room = LabelTable.capacity(ofPlaces: table.places.count) - numberCount[0]
      }
      let round = start..<min(batch.count, start + room / 2)
      try encode(batch, round)
      start = round.upperBound
    }
  }

  private mutating func grow() throws(GraphError) {
    guard numberCount[0] < Kernel.mostNodes else { throw .tooManyNodes(count: numberCount[0]) }
    kernel.free(table.places)
    let larger = LabelTable(
      places: try kernel.slots(repeating: 0, count: table.places.count * 2), seed: table.seed)
    table = larger
    let known = entries
    let longer = try kernel.slots(of: UInt64.self, count: entryCount)
    let count = numberCount[0]
    try kernel.forEach(count: count, grain: 1 << 12) { range, _ in
      longer.copy(
        2 * range.lowerBound..<2 * range.upperBound, from: known, at: 2 * range.lowerBound)
      for number in range where known[2 * number + 1] != Self.nowhere {
        let number = UInt32(truncatingIfNeeded: number)
        _ = larger.place(known[2 * Int(number)], isSame: { _ in false }, make: { number })
      }
    }
    kernel.free(known)
    entries = longer
  }

  /// Looks the ends of some edges up; there is room if all of them are new.
  private func encode(_ batch: LabelBatch, _ edges: Range<Int>) throws(GraphError) {
    let oldCount = numberCount[0]
    try kernel.forEach(count: edges.count, grain: 1 << 12) { range, thread in
      var keys = InlineArray<64, UInt64>(repeating: 0)
      var firsts = InlineArray<64, UInt64>(repeating: 0)
      var known = InlineArray<64, UInt64>(repeating: 0)
      var start = edges.lowerBound + range.lowerBound
      let end = edges.lowerBound + range.upperBound
      while start < end {
        let count = min(32, end - start)
        batch.sources.keys(start..<start + count, table.seed, into: &keys, at: 0)
        batch.targets.keys(start..<start + count, table.seed, into: &keys, at: count)
        // Short loops, whose cache misses overlap.
        for lane in 0..<2 * count { firsts[lane] = table.first(keys[lane]) }
        for lane in 0..<2 * count {
          let number = Int(UInt32(truncatingIfNeeded: firsts[lane]))
          known[lane] = number == 0 ? ~keys[lane] : entries[2 * number - 2]
        }
        for lane in 0..<2 * count {
          let isSource = lane < count
          let edge = start + (isSource ? lane : lane - count)
          var number = UInt32(truncatingIfNeeded: firsts[lane]) &- 1
          if isBytes || known[lane] != keys[lane] || number >= oldCount {
            number = self.number(
              keys[lane], firsts[lane], isSource ? batch.sources : batch.targets, edge,
              at: 2 * (batch.firstEdge + edge) + (isSource ? 0 : 1), oldCount, thread)
          }
          if isSource {
            sources[batch.firstEdge + edge] = number
          } else {
            targets[batch.firstEdge + edge] = number
          }
        }
        start += count
      }
    }
    // What is spare now would be taken for old in the next round.
    for thread in 0..<spare.count where spare[thread] != Self.none {
      entries[2 * Int(spare[thread]) + 1] = Self.nowhere
      spare[thread] = Self.none
    }
  }

  /// The number of the label of one end of an edge.
  @inline(never)
  private func number(
    _ key: UInt64, _ first: UInt64, _ column: LabelColumn, _ index: Int, at position: Int,
    _ oldCount: Int, _ thread: Int
  ) -> UInt32 {
    let found = table.place(
      key, first: first,
      isSame: { number in
        guard entries[2 * Int(number)] == key else { return false }
        return !isBytes || isLabel(of: number, sameAs: index, of: column)
      },
      make: {
        var number = spare[thread]
        if number == Self.none {
          number = UInt32(truncatingIfNeeded: numberCount.add(0, 1))
          spare[thread] = number
        }
        entries[2 * Int(number)] = key
        entries[2 * Int(number) + 1] = UInt64(position)
        return number
      })
    guard let found else { return 0 }
    if !found.isFound {
      spare[thread] = Self.none
    } else if found.number >= oldCount {
      _ = entries.lower(2 * Int(found.number) + 1, to: UInt64(position))
    }
    return found.number
  }

  /// Whether the label of a number, which is bytes, is one of a column.
  private func isLabel(of number: UInt32, sameAs index: Int, of column: LabelColumn) -> Bool {
    let position = Int(truncatingIfNeeded: entries.load(2 * Int(number) + 1))
    let (known, place) = batches.label(at: position)
    return known.bytes(place).isEqual(to: column.bytes(index))
  }

  // MARK: Ranks

  private func ranked() throws(GraphError) -> LabeledIDs {
    kernel.free(table.places)
    let numbers = numberCount[0]
    let entries = entries
    let wordCount = Slots<UInt64>.wordCount(ofBits: 2 * sources.count)
    let marks = try kernel.slots(repeating: UInt64(0), count: wordCount)
    try kernel.forEach(count: numbers, grain: 1 << 14) { range, _ in
      for number in range {
        let first = entries[2 * number + 1]
        if first != Self.nowhere { _ = marks.set(Int(first >> 6), bits: 1 << (first & 63)) }
      }
    }
    let ranks = try kernel.slots(of: UInt32.self, count: wordCount)
    var labelCount = 0
    for word in 0..<wordCount {
      ranks[word] = UInt32(truncatingIfNeeded: labelCount)
      labelCount += marks[word].nonzeroBitCount
    }
    guard labelCount <= Kernel.mostNodes else { throw .tooManyNodes(count: labelCount) }

    let ids = try kernel.slots(of: UInt32.self, count: numbers)
    let firstPositions = try kernel.slots(of: Int.self, count: labelCount)
    try kernel.forEach(count: numbers, grain: 1 << 14) { range, _ in
      for number in range {
        let first = entries[2 * number + 1]
        guard first != Self.nowhere else { continue }
        let word = Int(first >> 6)
        let before = marks[word] & (1 << (first & 63) - 1)
        let rank = ranks[word] + UInt32(before.nonzeroBitCount)
        ids[number] = rank
        firstPositions[rank] = Int(first)
      }
    }
    kernel.free(entries)
    kernel.free(marks)
    kernel.free(ranks)
    let (sources, targets) = (sources, targets)
    try kernel.forEach(count: sources.count, grain: 1 << 14) { range, _ in
      for edge in range {
        sources[edge] = ids[sources[edge]]
        targets[edge] = ids[targets[edge]]
      }
    }
    kernel.free(ids)
    return LabeledIDs(sources: sources, targets: targets, firstPositions: firstPositions)
  }
}

extension Slots<LabelBatch> {
  /// The column and the place in it that a position means.
  @inline(never)
  func label(at position: Int) -> (LabelColumn, Int) {
    var (low, high) = (0, count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if self[middle].firstEdge <= position / 2 { low = middle } else { high = middle - 1 }
    }
    let batch = self[low]
    return (position & 1 == 0 ? batch.sources : batch.targets, position / 2 - batch.firstEdge)
  }
}
