public import PFCore

/// Record batches of one schema, made as they are pulled.
public protocol RecordBatchSource: AnyObject {
  /// The schema of every batch.
  var schema: Schema { get }

  /// The next batch; nil after the last. Calls do not overlap, but may come from any thread.
  ///
  /// - Throws: what the reader behind it throws.
  func next() throws(ReadError) -> RecordBatch?
}

/// The batches of a table, one after the other.
package final class TableSource: RecordBatchSource {
  private let table: Table
  private var index = 0

  package init(_ table: Table) { self.table = table }

  package var schema: Schema { table.schema }

  package func next() -> RecordBatch? {
    guard index < table.batches.count else { return nil }
    defer { index += 1 }
    return table.batches[index]
  }
}

extension Table {
  /// The rows that are believed: nulls need no memory, and counts must not overflow.
  private static let maximumRowCount = 1 << 56

  /// All batches of `source`.
  ///
  /// - Throws: what `source` throws; `.cancelled` once `cancellation` is raised.
  public init(
    reading source: any RecordBatchSource, cancellation: CancellationToken? = nil
  ) throws(ReadError) {
    var batches: [RecordBatch] = []
    var rowCount = 0
    while let batch = try source.next() {
      if cancellation?.isCancelled == true { throw ReadError(.cancelled) }
      rowCount += batch.rowCount
      guard rowCount <= Self.maximumRowCount else {
        throw ReadError(
          .limitExceeded(
            limit: "the rows of a table", declared: rowCount, maximum: Self.maximumRowCount))
      }
      batches.append(batch)
    }
    self.init(schema: source.schema, batches: batches)
  }
}
