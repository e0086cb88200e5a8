internal import PFCore

/// Makes a table of fields from records of any shape: drops blank lines and comments, trims spaces,
/// and treats records of another number of fields by rule.
final class RecordShaper {
  /// What records with too few or too many fields are.
  struct Rules {
    var padsShort = false
    var cutsLong = false
    /// Whether other ragged records are left out rather than given back as problems to raise.
    var skips = false
  }

  /// A record of another number of fields.
  struct Ragged {
    /// Among the records of the block, dropped ones counted.
    var ordinal: Int
    var begin: Int
    var fieldCount: Int
    /// Whether it is among the records of the table, with fields added or left out.
    var isKept: Bool
  }

  private let befores: Positions
  private let ends: Positions
  /// For each record of the table its ordinal among those of the block; empty where it is the
  /// same.
  let ordinals: Positions
  private(set) var ragged: [Ragged] = []
  /// Records of the block that are no blank lines or comments.
  private(set) var recordCount = 0

  init() throws(AllocationError) {
    befores = try Positions()
    ends = try Positions()
    ordinals = try Positions()
  }

  /// Forgets the last block.
  func clear(recordCount: Int) {
    befores.count = 0
    ends.count = 0
    ordinals.count = 0
    ragged.removeAll(keepingCapacity: true)
    self.recordCount = recordCount
  }

  /// The table of `records`, the fields of each brought to `width`.
  ///
  /// SAFETY: the caller promises that the positions of `records` lie in `byteCount` bytes at
  /// `bytes`, behind which `Window.spare` more are readable. The table holds as long as `records`
  /// and the shaper are not used otherwise.
  @unsafe func shape(
    _ records: RawRecords, _ bytes: UnsafePointer<UInt8>, byteCount: Int, width: Int,
    _ dialect: CompiledDialect, _ rules: Rules, dropping bad: Set<Int> = []
  ) throws(AllocationError) -> FieldTable {
    clear(recordCount: 0)
    let absent = UInt32(truncatingIfNeeded: byteCount + 1)
    for index in 0..<records.recordCount {
      let fields = records.fields(of: index)
      let begin = Int(records.befores[fields.lowerBound] &+ 1)
      if fields.count == 1, begin == Int(records.ends[fields.lowerBound]), dialect.skipsBlankLines {
        continue
      }
      if !dialect.comment.isEmpty, unsafe isComment(bytes + begin, byteCount - begin, dialect) {
        continue
      }
      let ordinal = recordCount
      recordCount += 1
      var kept = min(fields.count, width)
      if fields.count != width {
        let isShort = fields.count < width
        let isRepaired = isShort ? rules.padsShort : rules.cutsLong
        ragged.append(
          Ragged(
            ordinal: ordinal, begin: begin, fieldCount: fields.count, isKept: isRepaired))
        guard isRepaired else { continue }
        kept = min(kept, width)
      }
      if bad.contains(ordinal) { continue }
      for field in fields.lowerBound..<(fields.lowerBound + kept) {
        var (before, end) = (records.befores[field], records.ends[field])
        if dialect.trims { unsafe trim(&before, &end, bytes, dialect) }
        try befores.append(before)
        try ends.append(end)
      }
      for _ in kept..<width {
        try befores.append(absent &- 1)
        try ends.append(absent)
      }
      try ordinals.append(UInt32(truncatingIfNeeded: ordinal))
    }
    return unsafe FieldTable(
      bytes: bytes, befores: UnsafePointer(befores.start), ends: UnsafePointer(ends.start),
      lastEnds: nil, stride: width, recordCount: ordinals.count, byteCount: byteCount,
      absentPosition: absent)
  }

  @unsafe private func isComment(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ dialect: CompiledDialect
  ) -> Bool {
    guard count >= dialect.comment.count else { return false }
    for (index, byte) in dialect.comment.enumerated() where unsafe start[index] != byte {
      return false
    }
    return true
  }

  /// Takes spaces off both ends. What stands behind a closing quote is trimmed, too.
  @unsafe private func trim(
    _ before: inout UInt32, _ end: inout UInt32, _ bytes: UnsafePointer<UInt8>,
    _ dialect: CompiledDialect
  ) {
    if dialect.trimsLeading {
      while before &+ 1 < end, unsafe ExactScan.isSpace(bytes[Int(before &+ 1)]) { before &+= 1 }
    }
    if dialect.trimsTrailing {
      while end > before &+ 1, unsafe ExactScan.isSpace(bytes[Int(end) - 1]) { end &-= 1 }
    }
  }
}
