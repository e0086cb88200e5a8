/// Columns of one length under a schema.
public struct RecordBatch: Sendable {
  /// The names and types of the columns.
  public let schema: Schema
  /// One array for each field, each of `rowCount` slots.
  public let columns: [ArrowArray]
  /// The rows; known also without any column.
  public let rowCount: Int

  /// A batch.
  ///
  /// - Precondition: there is one column for each field, of its type, with `rowCount` slots.
  public init(schema: Schema, columns: [ArrowArray], rowCount: Int) {
    precondition(columns.count == schema.fields.count, "a column for each field")
    for (column, field) in zip(columns, schema.fields) {
      precondition(column.length == rowCount, "column \(field.name) has another length")
      precondition(column.type == field.type, "column \(field.name) has another type")
    }
    self.schema = schema
    self.columns = columns
    self.rowCount = rowCount
  }

  /// Rows `start ..< start + count`, sharing memory. Precondition: they exist.
  public func slice(start: Int, count: Int) -> RecordBatch {
    RecordBatch(
      schema: schema, columns: columns.map { $0.slice(start: start, count: count) },
      rowCount: count)
  }

  /// The columns at `indices`, in that order. Precondition: they exist.
  public func select(_ indices: [Int]) -> RecordBatch {
    RecordBatch(
      schema: Schema(indices.map { schema.fields[$0] }, metadata: schema.metadata),
      columns: indices.map { columns[$0] }, rowCount: rowCount)
  }
}

/// Record batches of one schema, in order.
public struct Table: Sendable {
  /// The names and types of the columns.
  public let schema: Schema
  /// The batches; there may be none.
  public let batches: [RecordBatch]
  /// The rows of all batches.
  public let rowCount: Int

  /// A table. Precondition: every batch has `schema`'s columns.
  public init(schema: Schema, batches: [RecordBatch]) {
    precondition(
      batches.allSatisfy { $0.schema.fields == schema.fields }, "batches of another schema")
    self.schema = schema
    self.batches = batches
    rowCount = batches.reduce(0) { $0 + $1.rowCount }
  }

  /// Rows `offset ..< offset + length`, cut to the table; memory is shared.
  public func slice(offset: Int, length: Int) -> Table {
    var skip = max(0, offset)
    var left = max(0, length)
    var kept: [RecordBatch] = []
    for batch in batches {
      let start = min(skip, batch.rowCount)
      let count = min(left, batch.rowCount - start)
      if count > 0 { kept.append(batch.slice(start: start, count: count)) }
      skip -= start
      left -= count
    }
    return Table(schema: schema, batches: kept)
  }

  /// The columns at `indices`, in that order. Precondition: they exist.
  public func select(_ indices: [Int]) -> Table {
    Table(
      schema: Schema(indices.map { schema.fields[$0] }, metadata: schema.metadata),
      batches: batches.map { $0.select(indices) })
  }
}
