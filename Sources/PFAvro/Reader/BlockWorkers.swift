internal import PFArrow
internal import PFCore
internal import Synchronization

/// Those who decode groups of blocks, one for each thread at work, kept from one call to the next.
final class BlockWorkers: Sendable {
  private let idle = Mutex<[BlockWorker]>([])

  /// Decodes groups of blocks, in parallel.
  ///
  /// - Returns: A batch for each group, in their order, up to the first that failed; and its error.
  ///   Broken ones are left out where there are rejects to note them.
  func decode(
    _ parts: [AvroWork.Part], threads: Int, rejects: AvroRejects?,
    cancellation: CancellationToken?, step: @escaping @Sendable () -> Void = {}
  ) -> (batches: [RecordBatch], failure: ReadError?) {
    let results = Mutex([RecordBatch?](repeating: nil, count: parts.count))
    let failed = Mutex(parts.count)
    var failure: ReadError?
    do throws(ReadError) {
      let isWhole = try ParallelLoop.run(
        count: parts.count, threads: threads, cancellation: cancellation, makeScratch: {}
      ) { (index: Int, _: inout Void) throws(ReadError) in
        do throws(ReadError) {
          let batch = try self.batch(parts[index])
          results.withLock { $0[index] = batch }
        } catch {
          guard let rejects, error.isAboutContent else {
            failed.withLock { $0 = min($0, index) }
            throw error
          }
          rejects.append(error)
        }
        step()
      }
      if !isWhole { return ([], ReadError(.cancelled)) }
    } catch { failure = error }
    let end = failed.withLock { $0 }
    return (results.withLock { $0[..<end].compactMap { $0 } }, failure)
  }

  /// Decodes a group of blocks to a batch.
  private func batch(_ part: AvroWork.Part) throws(ReadError) -> RecordBatch {
    do throws(ReadError) {
      let free = idle.withLock { $0.popLast() }
      let worker =
        if let free, free.owner === part.plan.file { free } else { try BlockWorker(part.plan) }
      let batch = try worker.batch(part.group, part.plan)
      // One that failed is not used again.
      idle.withLock { $0.append(worker) }
      return batch
    } catch { throw error.at(.init(file: part.plan.file.source.name)) }
  }
}
