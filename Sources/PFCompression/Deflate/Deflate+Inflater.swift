internal import PFCore

extension Deflate {
  /// Why a decoder stopped.
  enum Pause {
    /// All of the input was taken, and more is needed.
    case needsInput
    /// The output is full, and there may be more.
    case needsOutput
    /// The stream has ended.
    case finished
  }

  /// The decoder of a DEFLATE stream (RFC 1951), which can stop at any byte of either side and go
  /// on with more.
  ///
  /// Elements are taken whole or not at all, so the state between two calls is small: the stage,
  /// and a match that did not fit.
  struct Inflater: ~Copyable {
    private enum Stage {
      case blockHeader
      case storedLength
      case stored(left: Int)
      case codeCounts
      case codeLengthWidths(index: Int)
      case widths(index: Int)
      case symbols
      case match(left: Int, distance: Int)
      case end
    }

    private var stage = Stage.blockHeader
    private var isLastBlock = false
    private var literalCount = 0
    private var distanceCount = 0
    private var codeLengthCount = 0
    private var tables = Tables()

    /// Begins another stream.
    mutating func reset() { stage = .blockHeader }

    /// Decodes until one side is used up or the stream ends.
    ///
    /// The last byte of the stream may be left in `reader` in part.
    /// - Throws: `.invalidValue` behind the element that is malformed.
    mutating func run(
      _ reader: inout BitReader, _ output: inout Output
    ) throws(DecodingError) -> Pause {
      while true {
        switch stage {
        case .blockHeader:
          guard let header = reader.take(3) else { return .needsInput }
          isLastBlock = header & 1 == 1
          switch header >> 1 {
          case 0:
            reader.alignToByte()
            stage = .storedLength
          case 1:
            tables.makeFixed()
            stage = .symbols
          case 2: stage = .codeCounts
          default: throw .invalidValue(offset: reader.offset)
          }

        case .storedLength:
          guard let field = reader.take(32) else { return .needsInput }
          guard field & 0xFFFF == ~field >> 16 & 0xFFFF else {
            throw .invalidValue(offset: reader.offset)
          }
          stage = .stored(left: field & 0xFFFF)

        case .stored(let left):
          let rest = left - reader.copyBytes(left, to: &output)
          stage = .stored(left: rest)
          guard rest == 0 else { return output.room == 0 ? .needsOutput : .needsInput }
          endBlock()

        case .codeCounts:
          guard let field = reader.take(14) else { return .needsInput }
          literalCount = 257 + field & 31
          distanceCount = 1 + field >> 5 & 31
          codeLengthCount = 4 + field >> 10
          guard literalCount <= 286, distanceCount <= 30 else {
            throw .invalidValue(offset: reader.offset)
          }
          for symbol in 0..<19 { unsafe tables.widths[symbol] = 0 }
          stage = .codeLengthWidths(index: 0)

        case .codeLengthWidths(let index):
          guard index < codeLengthCount else {
            guard tables.make(.codeLengths, firstWidth: 0, count: 19) else {
              throw .invalidValue(offset: reader.offset)
            }
            stage = .widths(index: 0)
            continue
          }
          guard let width = reader.take(3) else { return .needsInput }
          unsafe tables.widths[Self.codeLengthOrder[index]] = UInt8(width)
          stage = .codeLengthWidths(index: index + 1)

        case .widths(var index):
          let isComplete = try readWidths(&reader, &index)
          stage = .widths(index: index)
          guard isComplete else { return .needsInput }
          guard unsafe tables.widths[256] > 0,
            tables.make(.distances, firstWidth: literalCount, count: distanceCount),
            tables.make(.literals, firstWidth: 0, count: literalCount)
          else { throw .invalidValue(offset: reader.offset) }
          stage = .symbols

        case .symbols:
          let isWellFormed = unsafe Self.decodeFast(
            &reader, &output, literals: tables.literals, distances: tables.distances)
          guard isWellFormed else { throw .invalidValue(offset: reader.offset) }
          if let pause = try decodeSymbols(&reader, &output) { return pause }

        case .match(let left, let distance):
          let count = min(left, output.room)
          output.repeatBytes(distance: distance, count: count)
          stage = .match(left: left - count, distance: distance)
          guard left == count else { return .needsOutput }
          stage = .symbols

        case .end: return .finished
        }
      }
    }

    private mutating func endBlock() { stage = isLastBlock ? .end : .blockHeader }

    /// RFC 1951, section 3.2.7: the order in which the code lengths' own widths come.
    private static let codeLengthOrder: InlineArray<19, Int> = [
      16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
    ]

    /// Reads the widths of both codes from `index` on; false when the input ends before.
    private func readWidths(
      _ reader: inout BitReader, _ index: inout Int
    ) throws(DecodingError) -> Bool {
      let total = literalCount + distanceCount
      while index < total {
        if reader.count < 14 { reader.refill() }
        let entry = unsafe tables.distances[Int(reader.bits & 127)]
        let width = Int(entry & 0xFF)
        guard width <= reader.count else { return false }
        let symbol = Int(entry >> 16)
        if symbol < 16 {
          unsafe tables.widths[index] = UInt8(truncatingIfNeeded: symbol)
          index += 1
        } else {
          let codeWidth = UInt64(entry >> 8 & 15)
          let extra = Int((reader.bits & (1 &<< UInt64(width) - 1)) &>> codeWidth)
          let count = (symbol == 18 ? 11 : 3) + extra
          guard count <= total - index, symbol != 16 || index > 0 else {
            throw .invalidValue(offset: reader.offset)
          }
          let value = unsafe symbol == 16 ? tables.widths[index - 1] : 0
          unsafe (tables.widths + index).update(repeating: value, count: count)
          index += count
        }
        reader.skip(width)
      }
      return true
    }

    /// Decodes symbol by symbol to the end of the block (nil), or of one of the sides.
    private mutating func decodeSymbols(
      _ reader: inout BitReader, _ output: inout Output
    ) throws(DecodingError) -> Pause? {
      while true {
        reader.refill()
        var bits = reader.bits
        var used = 0

        /// The next entry, its link followed; nil where the input has not all of its bits.
        func next(_ table: UnsafeMutablePointer<UInt32>, width: Int) -> UInt32? {
          var entry = unsafe table[Int(bits & (1 &<< UInt64(width) - 1))]
          if entry & Entry.link == Entry.link {
            bits &>>= UInt64(width)
            used += width
            let inner = bits & (1 &<< UInt64(entry >> 8 & 15) - 1)
            entry = unsafe table[Int(entry >> 16) + Int(inner)]
          }
          let width = Int(entry & 0xFF)
          used += width
          guard used <= reader.count else { return nil }
          return entry
        }
        /// The value of a length or distance: its base and its extra bits.
        func value(_ entry: UInt32) -> Int {
          let field = bits & (1 &<< UInt64(entry & 0xFF) - 1)
          bits &>>= UInt64(entry & 0xFF)
          return Int(entry >> 16) + Int(field &>> UInt64(entry >> 8 & 15))
        }

        guard let symbol = unsafe next(tables.literals, width: Code.literals.width) else {
          return .needsInput
        }
        if Entry.isLiteral(symbol) {
          guard output.room > 0 else { return .needsOutput }
          unsafe output.next.storeBytes(
            of: UInt8(truncatingIfNeeded: symbol >> 16), as: UInt8.self)
          output.count += 1
          reader.skip(used)
          continue
        }
        if symbol & Entry.special != 0 {
          guard symbol & Entry.endOfBlock == Entry.endOfBlock else {
            throw .invalidValue(offset: reader.offset)
          }
          reader.skip(used)
          endBlock()
          return nil
        }
        let length = value(symbol)
        guard let symbol = unsafe next(tables.distances, width: Code.distances.width) else {
          return .needsInput
        }
        guard symbol & Entry.special == 0 else { throw .invalidValue(offset: reader.offset) }
        let distance = value(symbol)
        guard distance <= output.count - output.history else {
          throw .invalidValue(offset: reader.offset)
        }
        reader.skip(used)
        let count = min(length, output.room)
        output.repeatBytes(distance: distance, count: count)
        if count < length {
          stage = .match(left: length - count, distance: distance)
          return .needsOutput
        }
      }
    }
  }
}

extension Deflate.Output {
  /// Appends `count <= room` bytes, each the one `distance` before it.
  mutating func repeatBytes(distance: Int, count: Int) {
    // SAFETY: the caller checked `distance` against the history, `count` against the room; vectors
    // are stored where there are 32 bytes more. Without them, what is copied at a time ends where
    // its copy begins, and is a multiple of the pattern: all that there is of it, or the rest.
    // WHY: the last 16 bytes of input come this way, and may stand for 16 KiB of zeros. Byte by
    // byte, each waits for the one before: half the time of a page of 64 KiB.
    let target = unsafe next
    defer { self.count += count }
    if count <= capacity - self.count - 32 {
      return unsafe MatchCopy.copy(to: target, distance: distance, count: count)
    }
    let source = unsafe MatchCopy.source(of: target, distance)
    var done = 0
    while done < count {
      let part = min(distance + done, count - done)
      unsafe (target + done).copyMemory(from: source, byteCount: part)
      done += part
    }
  }
}
