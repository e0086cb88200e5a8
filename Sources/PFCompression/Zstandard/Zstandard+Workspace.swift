package import PFCore

extension Zstandard {
  /// The memory of a decoder, 180 KiB, and what one block hands on to the next.
  ///
  /// Made once and used for one input after the other, by one thread at a time.
  @safe package final class Workspace {
    /// Where in `memory` things are.
    private enum Layout {
      static let literalLengths = 0
      static let matchLengths = literalLengths + 8 << FSETable.maximumLog
      static let offsets = matchLengths + 8 << FSETable.maximumLog
      static let defaults = offsets + 8 << FSETable.maximumLog
      static let weightStates = defaults + 3 * 8 << 6
      static let singles = weightStates + 8 << 6
      static let doubles = singles + 2 * HuffmanTable.entryCount
      static let pairs = doubles + 4 * HuffmanTable.entryCount
      static let weightCounts = pairs + 4 * 1024
      static let counts = weightCounts + 8 * 16
      static let next = counts + 2 * 256
      static let symbols = next + 2 * 256
      static let weights = symbols + 1 << FSETable.maximumLog + 64
      static let sorted = weights + 256
      static let literals = sorted + 256
      static let byteCount = literals + maximumBlockByteCount + literalSlack
    }

    private let memory: MutableBuffer
    private let start: UnsafeMutableRawPointer
    /// The tables of predefined mode, in the order of `SequenceField`.
    private let defaultLogs: InlineArray<3, Int>

    // What lasts from block to block.
    var hasHuffmanTable = false
    /// Whether `doubles` belongs to the table that was read last.
    var hasDoubles = false
    var hasSequenceTables = false
    /// By field: the table in use.
    var tables: InlineArray<3, SequenceTable>
    var repeats = RepeatOffsets()

    /// - Throws: when there is no memory.
    package init() throws(AllocationError) {
      memory = try MutableBuffer(byteCount: Layout.byteCount)
      unsafe start = memory.start
      let none = unsafe SequenceTable(
        states: UnsafePointer(
          (start + Layout.defaults).assumingMemoryBound(to: UInt64.self)), log: 0)
      unsafe tables = InlineArray(repeating: none)
      defaultLogs = [6, 5, 6]
      for field in SequenceField.allCases {
        let counts = field.defaultCounts
        let scratch = unsafe scratch
        for index in counts.indices { unsafe scratch.counts[index] = counts[index] }
        unsafe FSETable.build(
          defaultTable(field),
          FSETable.Description(log: defaultLogs[field.rawValue], symbolCount: counts.count),
          meanings: field.meanings.span, scratch: scratch)
      }
    }

    /// Forgets the frame before.
    func beginFrame() {
      hasHuffmanTable = false
      hasSequenceTables = false
      repeats = RepeatOffsets()
    }

    // SAFETY of what follows: each lies within `memory` as `Layout` says, with the size that the
    // type of its use promises; `memory` lives as long as the workspace.

    var literals: UnsafeMutablePointer<UInt8> {
      unsafe (start + Layout.literals).assumingMemoryBound(to: UInt8.self)
    }

    var scratch: FSETable.Scratch {
      unsafe FSETable.Scratch(
        counts: (start + Layout.counts).assumingMemoryBound(to: Int16.self),
        next: (start + Layout.next).assumingMemoryBound(to: UInt16.self),
        symbols: (start + Layout.symbols).assumingMemoryBound(to: UInt8.self))
    }

    var huffman: HuffmanTable {
      unsafe HuffmanTable(
        singles: (start + Layout.singles).assumingMemoryBound(to: UInt16.self),
        doubles: (start + Layout.doubles).assumingMemoryBound(to: UInt32.self),
        weights: (start + Layout.weights).assumingMemoryBound(to: UInt8.self),
        sorted: (start + Layout.sorted).assumingMemoryBound(to: UInt8.self),
        weightCounts: (start + Layout.weightCounts).assumingMemoryBound(to: Int.self),
        states: (start + Layout.weightStates).assumingMemoryBound(to: UInt64.self),
        pairs: (start + Layout.pairs).assumingMemoryBound(to: UInt32.self), scratch: scratch)
    }

    private func ownTable(_ field: SequenceField) -> UnsafeMutablePointer<UInt64> {
      let offset =
        switch field {
        case .literalLength: Layout.literalLengths
        case .offset: Layout.offsets
        case .matchLength: Layout.matchLengths
        }
      return unsafe (start + offset).assumingMemoryBound(to: UInt64.self)
    }

    private func defaultTable(_ field: SequenceField) -> UnsafeMutablePointer<UInt64> {
      unsafe (start + Layout.defaults + field.rawValue * 8 << 6)
        .assumingMemoryBound(to: UInt64.self)
    }

    /// Sets the table of `field` as `mode` says (section 3.1.1.3.2.1.1).
    func readTable(
      _ field: SequenceField, mode: UInt8, _ reader: inout ByteReader
    ) throws(DecodingError) {
      let own = unsafe ownTable(field)
      let meanings = field.meanings
      let log: Int
      switch mode & 3 {
      case 0:
        unsafe tables[field.rawValue] = SequenceTable(
          states: UnsafePointer(defaultTable(field)), log: defaultLogs[field.rawValue])
        return
      case 1:
        let offset = reader.offset
        let symbol = Int(try reader.readByte())
        guard symbol < meanings.count else { throw .invalidValue(offset: offset) }
        unsafe own[0] = meanings[symbol]
        log = 0
      case 2:
        let description = try unsafe FSETable.readDescription(
          &reader, maximumLog: field.maximumLog, maximumSymbolCount: meanings.count,
          scratch: scratch)
        unsafe FSETable.build(own, description, meanings: meanings.span, scratch: scratch)
        log = description.log
      default:
        guard hasSequenceTables else { throw .invalidValue(offset: reader.offset) }
        return
      }
      unsafe tables[field.rawValue] = SequenceTable(states: UnsafePointer(own), log: log)
    }
  }

  /// Bytes behind the literals that may be read and written.
  static let literalSlack = 64
}
