internal import PFArrow
internal import PFCore

/// What a read of one file does: its program, and the schema of its batches.
struct AvroPlan: Sendable {
  let file: AvroFile
  let program: Program
  let root: ColumnNode
  var schema: Schema
  let blockByteLimit: Int
  let allocationByteLimit: Int

  init(_ file: AvroFile, _ options: AvroReadOptions) throws(ReadError) {
    self.file = file
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

  /// Decodes a group of blocks to a batch.
  func batch(_ group: BlockGroup, _ worker: inout BlockWorker?) throws(ReadError) -> RecordBatch {
    do throws(ReadError) {
      let ready = if let worker, worker.owner === file { worker } else { try BlockWorker(self) }
      worker = ready
      do throws(ReadError) {
        return try ready.batch(group, self)
      } catch {
        worker = nil
        throw error
      }
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

/// What one thread needs to decode blocks of a file.
final class BlockWorker {
  let owner: AvroFile
  let machine: Machine
  private let input: BlockInput
  private let decompressor: BlockDecompressor

  init(_ plan: AvroPlan) throws(ReadError) {
    owner = plan.file
    do throws(AllocationError) {
      machine = try Machine(
        plan.program, Columns(plan.program, byteLimit: plan.allocationByteLimit))
      input = try BlockInput(plan.file.source)
      decompressor = try BlockDecompressor()
    } catch { throw ReadError(error) }
  }

  func batch(_ group: BlockGroup, _ plan: AvroPlan) throws(ReadError) -> RecordBatch {
    for (place, block) in group.blocks.enumerated() {
      do throws(ReadError) {
        let stored = try unsafe input.bytes(ofBlock: place, in: group)
        if block.codec == .null {
          // SAFETY: the sync marker lies behind the bytes of a block.
          try unsafe decode(
            stored, block, byteCount: block.byteCount, group, base: block.dataOffset)
        } else {
          let content = try unsafe decompressor.content(
            of: stored, byteCount: block.byteCount, block.codec, limit: plan.blockByteLimit)
          try unsafe decode(
            content.start, block, byteCount: content.byteCount, group, base: nil)
        }
      } catch { throw error.at(.init(offset: block.offset, block: block.index)) }
    }
    do throws(ReadError) {
      return try machine.columns.batch(plan.root, plan.schema)
    } catch {
      let first = group.blocks[0]
      throw error.at(.init(offset: first.offset, block: first.index))
    }
  }

  /// SAFETY: as `Machine.decode`.
  @unsafe private func decode(
    _ start: UnsafeRawPointer, _ block: AvroBlock, byteCount: Int, _ group: BlockGroup, base: Int?
  ) throws(ReadError) {
    // What the other blocks claim is not known to be true: at most twice what this one has.
    let (likely, overflow) = block.recordCount.multipliedReportingOverflow(
      by: 2 * group.blocks.count)
    do throws(Machine.Failed) {
      try unsafe machine.decode(
        start, byteCount: byteCount, count: block.recordCount,
        expected: overflow ? group.recordCount : min(group.recordCount, likely))
    } catch {
      throw ReadError(error, machine.program, at: base)
    }
  }
}

extension ReadError {
  /// The error of a program that failed in a block whose bytes begin at `base` of the file, or
  /// nowhere where they were compressed.
  init(_ failed: Machine.Failed, _ program: Program, at base: Int?) {
    var place = Place(offset: base.map { $0 + failed.offset }, column: failed.path)
    place.record = failed.record + 1
    let inside = base == nil ? ", \(failed.offset) bytes into the decompressed block" : ""
    func wrong(_ text: String) -> Reason { .inconsistent(text + inside) }
    let reason: Reason =
      switch failed.why {
      case .truncated: wrong("the block ends inside a value")
      case .integerOverflow: wrong("an integer does not fit its type")
      case .negativeLength(let length): wrong("a length of \(length)")
      case .tooLong(let declared, let left):
        wrong("a size of \(declared) is declared where \(left) bytes are left")
      case .leftOver(let count): wrong("\(count) bytes follow the last record of the block")
      case .badBranch(let branch, let count): wrong("branch \(branch) of a union of \(count)")
      case .badSymbol(let symbol, let count): wrong("symbol \(symbol) of an enum of \(count)")
      case .unknownSymbol(let symbol):
        wrong("symbol \(symbol) of the file is none of the reader's schema, which has no default")
      case .badBoolean(let byte): wrong("a boolean of \(byte)")
      case .decimalOverflow: wrong("a decimal does not fit its type")
      case .durationOverflow: wrong("a duration has more than 2147483647 months or days")
      case .tooManyBytes:
        .limitExceeded(
          limit: "the bytes or items of a column in a batch", declared: .max,
          maximum: Int(Int32.max))
      case .noMemory(let byteCount): .outOfMemory(byteCount: byteCount)
      case .overLimit(let declared, let limit):
        .limitExceeded(
          limit: "the memory of a batch (option allocation_limit)", declared: declared,
          maximum: limit)
      case .message(let index): wrong(program.messages[Int(index)])
      }
    self.init(reason, at: place)
  }
}
