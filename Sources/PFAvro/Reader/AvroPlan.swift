internal import PFArrow
internal import PFCore

/// What a read of one file does: its program, and the schema of its batches.
struct AvroPlan: Sendable {
  let file: AvroFile
  let program: Program
  let root: ColumnNode
  var schema: Schema
  let blockByteLimit: Int
  /// What all batches take their memory of; nil where each has as much as `allocationByteLimit`.
  let budget: AllocationBudget?
  let allocationByteLimit: Int

  init(
    _ file: AvroFile, _ options: AvroReadOptions, budget: AllocationBudget? = nil
  ) throws(ReadError) {
    self.file = file
    self.budget = budget
    blockByteLimit = options.blockByteLimit
    allocationByteLimit = options.allocationByteLimit
    do throws(ReadError) {
      let compiled = try ProgramCompiler.compile(
        writer: file.header.schema, reader: options.readerSchema, columns: options.columns,
        unionLayout: options.unionLayout)
      program = compiled.program
      root = compiled.root
      let metadata = file.header.metadata.filter { $0.key != "avro.codec" }
      schema = Schema(compiled.fields, metadata: metadata.map { KeyValue($0.key, $0.value) })
    } catch { throw error.at(.init(file: file.source.name)) }
  }
}

/// Neighbouring blocks that become one batch.
struct BlockGroup: Sendable {
  var blocks: [AvroBlock] = []
  var recordCount = 0

  /// A batch is full with so many records, or so many bytes of the file.
  static let fullRecordCount = 64 << 10
  static let fullByteCount = 4 << 20

  /// Whether a block more would be too much.
  func isFull(_ block: AvroBlock) -> Bool {
    guard let first = blocks.first else { return false }
    return block.recordCount > Self.fullRecordCount - min(recordCount, Self.fullRecordCount)
      || block.end - first.dataOffset > Self.fullByteCount
  }

  mutating func append(_ block: AvroBlock) {
    blocks.append(block)
    recordCount += min(block.recordCount, Int.max - recordCount)
  }
}

/// Finds the groups of a file, one after the other.
struct BlockGroups {
  private let walker: BlockWalker
  private var pending: AvroBlock?
  /// Records that are still wanted.
  private var left: Int
  /// Whether each group has one block, so that a broken one takes no other with it.
  private let areSingle: Bool

  init(_ file: AvroFile, limit: Int?, rejects: AvroRejects?) throws(ReadError) {
    walker = try BlockWalker(file.source, file.header, rejects: rejects)
    areSingle = rejects != nil
    left = limit ?? .max
  }

  /// The next group; nil behind the last.
  mutating func next() throws(ReadError) -> BlockGroup? {
    var group = BlockGroup()
    while left > 0 {
      let kept = pending.take()
      guard let block = if let kept { kept } else { try walker.next() } else { break }
      if group.isFull(block) || areSingle && !group.blocks.isEmpty {
        pending = block
        break
      }
      group.append(block)
      left -= min(left, block.recordCount)
    }
    return group.blocks.isEmpty ? nil : group
  }
}
