internal import PFCore

/// Finds records byte by byte, by all rules of a dialect: the reference that `MaskScan` is held
/// against, and the way where masks cannot tell.
///
/// A quote opens a field at its begin only; elsewhere it is text. In a quoted field a doubled quote
/// is text, a single one ends the quoting; what then stands before the next delimiter is text, and
/// quotes in it are, too (as Python's `csv` has it).
struct ExactScan {
  let dialect: CompiledDialect

  /// How a scan ended.
  enum Stop: Equatable {
    /// A record ends at or behind the goal, or the input does.
    case done
    /// The bytes end inside of a record, and more are to come.
    case needsMore
    /// The input ends in the quoted field that begins at `position`.
    case unclosedQuote(position: Int)
  }

  /// Appends the records that begin before `goal`, and those alone, and whole ones alone.
  ///
  /// The first of `count` bytes at `bytes` is that of a record, as is the one at `start`; `isAtEnd`
  /// says that nothing comes behind them.
  ///
  /// SAFETY: `count` bytes are readable.
  /// - Returns: Why it stopped, and the byte behind the last record that was taken.
  /// - Throws: `AllocationError`.
  @unsafe func run(
    _ bytes: UnsafePointer<UInt8>, count: Int, from start: Int, goal: Int, isAtEnd: Bool,
    into records: RawRecords
  ) throws(AllocationError) -> (stop: Stop, border: Int) {
    let (quote, escape) = (dialect.quote, dialect.escape)
    let delimiter = dialect.delimiter
    let delimiterCount = delimiter.count
    // What has to be seen behind a byte: the rest of a delimiter, a second quote, a line feed.
    let seen = isAtEnd ? count : count &- max(1, delimiterCount &- 1)
    var position = start
    var border = start
    while border < goal, border < count {
      let mark = (records.fieldCount, records.recordCount)
      position = border

      if !dialect.comment.isEmpty {
        switch unsafe matches(dialect.comment, bytes, position, count) {
        case true?:
          while position < count, unsafe !Self.isLineEnd(bytes[position]) { position &+= 1 }
          if position >= seen, !isAtEnd { return (.needsMore, border) }
          border = unsafe Self.behindLineEnd(bytes, position, count)
          records.commentCount &+= 1
          continue
        case nil where !isAtEnd: return (.needsMore, border)
        default: break
        }
      }

      var isRecordOpen = true
      while isRecordOpen {
        let begin = position
        var quotePosition = begin
        var isQuoted = false
        if quote != CompiledDialect.none {
          if dialect.trimsLeading {
            while quotePosition < count, unsafe Self.isSpace(bytes[quotePosition]),
              unsafe !isDelimiter(bytes, quotePosition, count)
            {
              quotePosition &+= 1
            }
          }
          if quotePosition < count { unsafe isQuoted = UInt16(bytes[quotePosition]) == quote }
        }
        if isQuoted {
          position = quotePosition &+ 1
          while true {
            guard position < count else {
              records.rollBack(to: mark)
              return isAtEnd
                ? (.unclosedQuote(position: quotePosition), border) : (.needsMore, border)
            }
            let byte = unsafe UInt16(bytes[position])
            if byte == escape {
              position &+= 2
            } else if byte == quote {
              if position >= seen, !isAtEnd {
                records.rollBack(to: mark)
                return (.needsMore, border)
              }
              if dialect.doublesQuotes, position &+ 1 < count,
                unsafe UInt16(bytes[position &+ 1]) == quote
              {
                position &+= 2
              } else {
                position &+= 1
                break
              }
            } else {
              position &+= 1
            }
          }
        }
        // Text that is not quoted, or stands behind the quoting.
        while true {
          if position >= seen, position < count, !isAtEnd {
            records.rollBack(to: mark)
            return (.needsMore, border)
          }
          guard position < count else {
            guard isAtEnd else {
              records.rollBack(to: mark)
              return (.needsMore, border)
            }
            // An escape may have stood last.
            position = count
            try records.append(begin: begin, end: position)
            border = count
            isRecordOpen = false
            break
          }
          let byte = unsafe bytes[position]
          if UInt16(byte) == escape {
            position &+= 2
          } else if byte == delimiter[0], unsafe isDelimiter(bytes, position, count) {
            try records.append(begin: begin, end: position)
            position &+= delimiterCount
            break
          } else if Self.isLineEnd(byte) {
            try records.append(begin: begin, end: position)
            border = unsafe Self.behindLineEnd(bytes, position, count)
            isRecordOpen = false
            break
          } else {
            position &+= 1
          }
        }
      }
      try records.endRecord()
    }
    return (.done, border)
  }

  @inline(__always)
  static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  @inline(__always)
  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// The byte behind the line end at `position`; `count` where none is left.
  @inline(__always)
  static func behindLineEnd(
    _ bytes: UnsafePointer<UInt8>, _ position: Int, _ count: Int
  ) -> Int {
    guard position < count else { return count }
    let isPair =
      unsafe bytes[position] == 0x0D && position &+ 1 < count && bytes[position &+ 1] == 0x0A
    return position &+ (isPair ? 2 : 1)
  }

  @inline(__always)
  private func isDelimiter(
    _ bytes: UnsafePointer<UInt8>, _ position: Int, _ count: Int
  ) -> Bool {
    let delimiter = dialect.delimiter
    if delimiter.count == 1 { return unsafe bytes[position] == delimiter[0] }
    return unsafe matches(delimiter, bytes, position, count) == true
  }

  /// Whether `text` stands at `position`; nil where the bytes end in it.
  @inline(__always)
  private func matches(
    _ text: [UInt8], _ bytes: UnsafePointer<UInt8>, _ position: Int, _ count: Int
  ) -> Bool? {
    for index in text.indices {
      guard position &+ index < count else { return nil }
      if unsafe bytes[position &+ index] != text[index] { return false }
    }
    return true
  }
}

/// Records as they stand in the bytes, of any number of fields.
final class RawRecords {
  /// The byte before the first one of each field.
  let befores: Positions
  /// The byte behind each field.
  let ends: Positions
  /// For each record the number of fields up to its end.
  let fieldEnds: Positions
  /// Comment lines between them.
  var commentCount = 0

  init() throws(AllocationError) {
    befores = try Positions()
    ends = try Positions()
    fieldEnds = try Positions()
  }

  var fieldCount: Int { ends.count }
  var recordCount: Int { fieldEnds.count }

  func clear() {
    befores.count = 0
    ends.count = 0
    fieldEnds.count = 0
    commentCount = 0
  }

  func append(begin: Int, end: Int) throws(AllocationError) {
    try befores.append(UInt32(truncatingIfNeeded: begin &- 1))
    try ends.append(UInt32(truncatingIfNeeded: end))
  }

  func endRecord() throws(AllocationError) {
    try fieldEnds.append(UInt32(truncatingIfNeeded: ends.count))
  }

  func rollBack(to mark: (fields: Int, records: Int)) {
    befores.count = mark.fields
    ends.count = mark.fields
    fieldEnds.count = mark.records
  }

  /// The fields of record `index`. Precondition: it exists.
  func fields(of index: Int) -> Range<Int> {
    let first = index == 0 ? 0 : Int(fieldEnds[index - 1])
    return first..<Int(fieldEnds[index])
  }
}
