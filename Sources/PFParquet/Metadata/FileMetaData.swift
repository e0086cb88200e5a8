public import PFCore

/// The footer of a Parquet file: `FileMetaData` of parquet.thrift.
///
/// One pass decodes what a file has once, and finds where the column chunks are. Those, and what
/// only some reads need of them (statistics, histograms, encoding counts), stay in `bytes` until
/// they are asked for, so that a file of thousands of columns costs what is read of it.
public struct FileMetaData: Sendable {
  /// The footer as it is in the file, without length and magic.
  package let bytes: [UInt8]

  /// Field 1, `version`. Says nothing about what the file uses.
  public var version: Int32
  /// The nodes of the schema, depth first. Field 2, `schema`. `SchemaTree` checks their counts.
  public var schema: [SchemaElement]
  /// Field 3, `num_rows`.
  public var numRows: Int64
  /// Field 4, `row_groups`.
  public var rowGroups: [RowGroup]
  /// Field 5, `key_value_metadata`.
  public var keyValueMetadata: [KeyValue]?
  /// The writer's name and version. Field 6, `created_by`.
  public var createdBy: String?
  /// For each leaf column. Field 7, `column_orders`.
  public var columnOrders: [ColumnOrder]?
  /// Set in encrypted files with a plain footer. Field 8, `encryption_algorithm`.
  public var encryptionAlgorithm: EncryptionAlgorithm?

  /// Decodes the Thrift bytes of a footer; bytes behind its end are not looked at.
  ///
  /// - Complexity: O(`bytes.count`).
  /// - Throws: the place and kind of the first thing wrong, offsets counting from `bytes`.
  public init(decoding bytes: [UInt8]) throws(DecodingError) {
    try self.init(decoding: bytes, schema: nil)
  }

  /// As `init(decoding:)`; a schema that was decoded before is not decoded again.
  package init(decoding bytes: [UInt8], schema known: [SchemaElement]?) throws(DecodingError) {
    // The file stores the size in 32 bits, which `FooterRange` relies on.
    guard bytes.count <= Int(UInt32.max) else {
      throw .limitExceeded(offset: 0, declared: bytes.count, limit: Int(UInt32.max))
    }
    var fields = Fields()
    var rowGroups: [RowGroup]?
    var thrift = ThriftReader(bytes.span)
    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 2 where known != nil:
        try thrift.skip(field)
        fields.schema = known
      case 4: rowGroups = try Self.readRowGroups(field, from: &thrift, in: bytes)
      default: try fields.read(field, from: &thrift)
      }
    }
    guard let version = fields.version else { throw .missingField(id: 1, offset: 0) }
    guard let schema = fields.schema else { throw .missingField(id: 2, offset: 0) }
    guard let numRows = fields.numRows else { throw .missingField(id: 3, offset: 0) }
    guard let rowGroups else { throw .missingField(id: 4, offset: 0) }
    self.bytes = bytes
    self.version = version
    self.schema = schema
    self.numRows = numRows
    self.rowGroups = rowGroups
    keyValueMetadata = fields.keyValueMetadata
    createdBy = fields.createdBy
    columnOrders = fields.columnOrders
    encryptionAlgorithm = fields.encryptionAlgorithm
  }

  private static func readRowGroups(
    _ field: ThriftReader.Field, from thrift: inout ThriftReader, in bytes: [UInt8]
  ) throws(DecodingError) -> [RowGroup] {
    let count = try thrift.readStructListCount(field)
    var rowGroups: [RowGroup] = []
    // None takes fewer bytes than eight.
    rowGroups.reserveCapacity(min(count, thrift.remaining / 8))
    var shapes = StructShapes()
    for _ in 0..<count {
      rowGroups.append(try RowGroup(from: &thrift, in: bytes, shapes: &shapes))
    }
    return rowGroups
  }

  /// What stands before the row groups: all that names, types and counts need.
  public struct Head: Sendable {
    /// The nodes of the schema, depth first. Field 2, `schema`.
    public let schema: [SchemaElement]
    /// Field 3, `num_rows`.
    public let numRows: Int64
    /// The length of field 4, `row_groups`.
    public let rowGroupCount: Int
    /// Where that list begins; nil where something of the head stands behind it.
    let rowGroupsOffset: Int?

    /// Decodes no row groups, unless they stand before the rest, and nothing behind them.
    ///
    /// - Complexity: O(bytes of the schema): a hundredth of a wide file's footer.
    /// - Throws: as `FileMetaData.init`, for the fields of which it consists.
    public init(decoding bytes: Span<UInt8>) throws(DecodingError) {
      var fields = Fields()
      var rowGroupCount: Int?
      var rowGroupsOffset: Int?
      var thrift = ThriftReader(bytes)
      var last: Int16 = 0
      while let field = try thrift.readField(after: &last) {
        switch field.id {
        case 1, 2, 3: try fields.read(field, from: &thrift)
        case 4:
          var list = thrift
          rowGroupCount = try list.readStructListCount(field)
          // The last that is needed, if the writer kept the order of their numbers.
          if fields.haveHead {
            rowGroupsOffset = thrift.offset
          } else {
            try thrift.skip(field)
          }
        default: try thrift.skip(field)
        }
        if rowGroupCount != nil, fields.haveHead { break }
      }
      guard fields.version != nil else { throw .missingField(id: 1, offset: 0) }
      guard let schema = fields.schema else { throw .missingField(id: 2, offset: 0) }
      guard let numRows = fields.numRows else { throw .missingField(id: 3, offset: 0) }
      guard let rowGroupCount else { throw .missingField(id: 4, offset: 0) }
      self.schema = schema
      self.numRows = numRows
      self.rowGroupCount = rowGroupCount
      self.rowGroupsOffset = rowGroupsOffset
    }

    /// The same place alone, found by skipping what stands before it.
    static func rowGroupsOffset(in bytes: Span<UInt8>) throws(DecodingError) -> Int? {
      var shapes = StructShapes()
      var found: Set<Int16> = []
      var thrift = ThriftReader(bytes)
      var last: Int16 = 0
      while let field = try thrift.readField(after: &last) {
        switch field.id {
        case 2:
          for _ in 0..<(try thrift.readStructListCount(field)) {
            thrift.move(to: try shapes.end(of: bytes, from: thrift.offset))
          }
        case 4: return found.isSuperset(of: [1, 2, 3]) ? thrift.offset : nil
        default: try thrift.skip(field)
        }
        found.insert(field.id)
      }
      return nil
    }
  }

  /// Reads the row count alone; the schema before it is skipped, and nothing is allocated.
  ///
  /// - Complexity: O(bytes of the schema).
  public static func readRowCount(_ bytes: Span<UInt8>) throws(DecodingError) -> Int64 {
    var thrift = ThriftReader(bytes)
    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      if field.id == 3 { return try thrift.readCount64(field) }
      try thrift.skip(field)
    }
    throw .missingField(id: 3, offset: 0)
  }
}

extension FileMetaData {
  /// The fields but the row groups while they are read; required ones may still be missing.
  private struct Fields {
    var version: Int32?
    var schema: [SchemaElement]?
    var numRows: Int64?
    var keyValueMetadata: [KeyValue]?
    var createdBy: String?
    var columnOrders: [ColumnOrder]?
    var encryptionAlgorithm: EncryptionAlgorithm?

    /// Whether all is there that stands before the row groups.
    var haveHead: Bool { version != nil && schema != nil && numRows != nil }

    mutating func read(
      _ field: ThriftReader.Field, from thrift: inout ThriftReader
    ) throws(DecodingError) {
      switch field.id {
      case 1: version = try thrift.readI32(field)
      case 2: schema = try SchemaElement.readList(field, from: &thrift)
      case 3: numRows = try thrift.readCount64(field)
      case 5: keyValueMetadata = try thrift.readStructs(field, minimumByteCount: 8)
      case 6: createdBy = try thrift.readString(field)
      case 7: columnOrders = try thrift.readStructs(field, minimumByteCount: 1)
      case 8 where field.type == .structure:
        encryptionAlgorithm = try EncryptionAlgorithm(from: &thrift)
      default: try thrift.skip(field)
      }
    }
  }
}

// MARK: - What is decoded when asked, for column chunks of this file

extension FileMetaData {
  /// Every encoding in the chunk, of levels too, in the file's order. Field 2, `encodings`.
  public func encodings(of column: ColumnMetaData) throws(DecodingError) -> [Encoding] {
    try column.encodings(in: bytes.span)
  }

  /// How many pages of each kind have which encoding. Field 13, `encoding_stats`.
  public func encodingStats(
    of column: ColumnMetaData
  ) throws(DecodingError) -> [PageEncodingStats]? {
    try column.encodingStats(in: bytes.span)
  }

  /// What a column chunk takes in memory. Field 16, `size_statistics`.
  public func sizeStatistics(of column: ColumnMetaData) throws(DecodingError) -> SizeStatistics? {
    try column.sizeStatistics(in: bytes.span)
  }

  /// A column chunk's own entries. Field 8, `key_value_metadata`.
  public func keyValueMetadata(of column: ColumnMetaData) throws(DecodingError) -> [KeyValue]? {
    guard !column.keyValueMetadata.isAbsent else { return nil }
    var thrift = ThriftReader(bytes.span, at: column.keyValueMetadata.bounds.lowerBound)
    return try thrift.readStructs(.init(id: 8, type: .list), minimumByteCount: 8)
  }

  /// The file that holds a column chunk's pages; nil for this one. Field 1, `file_path`.
  public func filePath(of chunk: ColumnChunk) throws(DecodingError) -> String? {
    guard !chunk.filePath.isAbsent else { return nil }
    var thrift = ThriftReader(bytes.span, at: chunk.filePath.bounds.lowerBound)
    return try thrift.readStringElement()
  }
}
