extension ArrowArray {
  /// An array of `values`, nil meaning null, as `type` or as `T`'s own type.
  ///
  /// - Precondition: values of `type` are as wide as `T`.
  /// - Throws: `.outOfMemory`.
  public init<T: ArrowPrimitive>(
    values: [T?], type: DataType = T.arrowType
  ) throws(BuildError) {
    let builder = PrimitiveBuilder<T>(type)
    builder.append(contentsOf: values)
    self = try builder.finish()
  }

  /// An `int32` array of `values`, nil meaning null.
  ///
  /// - Throws: `.outOfMemory`.
  public init(int32 values: [Int32?]) throws(BuildError) { try self.init(values: values) }

  /// An `int64` array of `values`, nil meaning null.
  ///
  /// - Throws: `.outOfMemory`.
  public init(int64 values: [Int64?]) throws(BuildError) { try self.init(values: values) }

  /// A `float64` array of `values`, nil meaning null.
  ///
  /// - Throws: `.outOfMemory`.
  public init(float64 values: [Double?]) throws(BuildError) { try self.init(values: values) }

  /// A `boolean` array of `values`, nil meaning null.
  ///
  /// - Throws: `.outOfMemory`.
  public init(booleans values: [Bool?]) throws(BuildError) {
    let builder = BooleanBuilder()
    builder.append(contentsOf: values)
    self = try builder.finish()
  }

  /// A `utf8` array of `values`, nil meaning null.
  ///
  /// - Throws: `.offsetOverflow` beyond 2 GiB of text; `.outOfMemory`.
  public init(strings values: [String?]) throws(BuildError) {
    let builder = StringBuilder()
    builder.append(contentsOf: values)
    self = try builder.finish()
  }
}

extension RecordBatch {
  /// A batch of named columns. Precondition: all have one length.
  public init(columns: [(name: String, array: ArrowArray)]) {
    self.init(
      schema: Schema(columns.map { Field($0.name, $0.array.type) }), columns: columns.map(\.array),
      rowCount: columns.first?.array.length ?? 0)
  }
}

extension Table {
  /// A table of one batch of named columns. Precondition: all have one length.
  public init(columns: [(name: String, array: ArrowArray)]) {
    let batch = RecordBatch(columns: columns)
    self.init(schema: batch.schema, batches: [batch])
  }
}
