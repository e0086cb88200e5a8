internal import PFArrow
internal import PFCore

/// What one thread needs to decode blocks of a file.
final class BlockWorker: @unchecked Sendable {
  // SAFETY: one thread at a time has it: `BlockWorkers` hands it over through a lock.
  let owner: AvroFile
  let machine: Machine
  private let input: BlockInput
  private let decompressor: BlockDecompressor

  init(_ plan: AvroPlan) throws(ReadError) {
    owner = plan.file
    do throws(AllocationError) {
      let budget = plan.budget ?? AllocationBudget(limit: plan.allocationByteLimit)
      machine = try Machine(plan.program, Columns(plan.program, budget))
      input = try BlockInput(plan.file.source)
      decompressor = try BlockDecompressor()
    } catch { throw ReadError(error) }
  }

  /// Decodes a group of blocks to a batch.
  ///
  /// - Throws: `ReadError` with the block; the worker is then of no more use.
  func batch(_ group: BlockGroup, _ plan: AvroPlan) throws(ReadError) -> RecordBatch {
    if plan.budget == nil { machine.columns.budget.reset() }
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
      guard case .invalidText = error.reason, group.blocks.count > 1 else {
        let first = group.blocks[0]
        throw error.at(.init(offset: first.offset, block: first.index))
      }
      // Texts are checked when all are there: which block has the bad one?
      for block in group.blocks {
        var single = BlockGroup()
        single.append(block)
        _ = try batch(single, plan)
      }
      throw error
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
      throw ReadError(
        error, machine, at: base, in: base == nil ? .decompressedBlock : .block)
    }
  }
}
