public import PFCore

extension FileMetaData {
  /// The whole footer as a JSON document; `Specs/metadata.md` tells its form.
  ///
  /// - Parameters:
  ///   - tree: this file's schema.
  ///   - layout: with or without white space.
  /// - Returns: the document's text.
  /// - Throws: where a part that was left in the footer is no valid Thrift.
  public func json(
    tree: SchemaTree, layout: JSONLayout = .compact
  ) throws(DecodingError) -> String {
    var writer = JSONWriter(layout)
    try writer.object { (writer: inout JSONWriter) throws(DecodingError) in
      writer.member("created_by", createdBy)
      writer.member("num_columns", tree.leaves.count)
      writer.member("num_rows", numRows)
      writer.member("num_row_groups", rowGroups.count)
      writer.member("format_version", formatVersion)
      writer.member("serialized_size", bytes.count)
      writer.member("encryption_algorithm", encryptionAlgorithm?.description)
      try writer.array("row_groups") { (writer: inout JSONWriter) throws(DecodingError) in
        for group in rowGroups { try write(group, tree: tree, to: &writer) }
      }
      writer.array("schema") { writer in
        for node in tree.nodes { write(node, to: &writer) }
      }
      write(keyValueMetadata, to: &writer)
    }
    return writer.text
  }

  /// The version under the name that pyarrow gives it: 2 stands for all later ones.
  private var formatVersion: String { version == 2 ? "2.6" : "1.0" }

  private func write(
    _ group: RowGroup, tree: SchemaTree, to writer: inout JSONWriter
  ) throws(DecodingError) {
    try writer.object { (writer: inout JSONWriter) throws(DecodingError) in
      writer.member("num_columns", group.columns.count)
      writer.member("num_rows", group.numRows)
      writer.member("total_byte_size", group.totalByteSize)
      writer.member("total_compressed_size", group.totalCompressedSize)
      writer.array("sorting_columns") { writer in
        for key in group.sortingColumns ?? [] {
          writer.object {
            $0.member("column_index", key.columnIdx)
            $0.member("descending", key.descending)
            $0.member("nulls_first", key.nullsFirst)
          }
        }
      }
      try writer.array("columns") { (writer: inout JSONWriter) throws(DecodingError) in
        for (index, chunk) in group.columns.enumerated() {
          let leaf = index < tree.leaves.count ? tree.leaves[index] : nil
          try write(chunk, path: leaf.map(tree.dottedPath), leaf: leaf, to: &writer)
        }
      }
    }
  }

  private func write(
    _ chunk: ColumnChunk, path: String?, leaf: LeafColumn?, to writer: inout JSONWriter
  ) throws(DecodingError) {
    try writer.object { (writer: inout JSONWriter) throws(DecodingError) in
      writer.member("file_offset", chunk.fileOffset)
      writer.member("file_path", try filePath(of: chunk) ?? "")
      writer.member("path_in_schema", path)
      writer.member("is_encrypted", chunk.isEncrypted)
      writer.member("has_column_index", chunk.columnIndexOffset != nil)
      writer.member("has_offset_index", chunk.offsetIndexOffset != nil)
      // Absent only where the column is encrypted with its own key.
      if let column = chunk.metaData { try write(column, leaf: leaf, to: &writer) }
    }
  }

  private func write(
    _ column: ColumnMetaData, leaf: LeafColumn?, to writer: inout JSONWriter
  ) throws(DecodingError) {
    writer.member("physical_type", column.type.description)
    writer.member("num_values", column.numValues)
    writer.member("compression", column.codec.description)
    writer.member("encodings", try encodings(of: column).map(\.description))
    writer.member("has_dictionary_page", column.hasDictionaryPage)
    writer.member("dictionary_page_offset", column.dictionaryPageOffset)
    writer.member("data_page_offset", column.dataPageOffset)
    writer.member("total_compressed_size", column.totalCompressedSize)
    writer.member("total_uncompressed_size", column.totalUncompressedSize)
    writer.member("has_bloom_filter", column.bloomFilterOffset != nil)
    writer.member("bloom_filter_offset", column.bloomFilterOffset)
    writer.member("bloom_filter_length", column.bloomFilterLength)
    let statistics = try leaf.flatMap { (leaf) throws(DecodingError) in
      try typedStatistics(of: column, leaf: leaf)
    }
    writer.member("is_stats_set", statistics != nil)
    writer.member("statistics", statistics)
  }

  private func write(_ node: SchemaNode, to writer: inout JSONWriter) {
    let element = node.element
    writer.object {
      $0.member("name", element.name)
      $0.member("physical_type", node.isLeaf ? element.type?.description : nil)
      $0.member("type_length", element.typeLength)
      $0.member("repetition_type", element.repetitionType?.description)
      $0.member("num_children", node.isLeaf ? nil : element.numChildren ?? 0)
      $0.member("converted_type", element.convertedType?.description)
      $0.member("logical_type", element.logicalType)
      $0.member("precision", element.precision)
      $0.member("scale", element.scale)
      $0.member("field_id", element.fieldID)
      $0.member("max_definition_level", node.maxDefinitionLevel)
      $0.member("max_repetition_level", node.maxRepetitionLevel)
    }
  }

  /// Keys may repeat, so entries are objects of their own.
  private func write(_ entries: [KeyValue]?, to writer: inout JSONWriter) {
    writer.array("key_value_metadata") { writer in
      for entry in entries ?? [] {
        writer.object {
          $0.member("key", entry.key)
          $0.member("value", entry.value)
        }
      }
    }
  }
}

extension TypedStatistics: JSONWritable {
  package func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("has_min_max", min != nil && max != nil)
      $0.member("min", min)
      $0.member("max", max)
      $0.member("is_min_exact", isMinExact)
      $0.member("is_max_exact", isMaxExact)
      $0.member("null_count", nullCount)
      $0.member("distinct_count", distinctCount)
      $0.member("nan_count", nanCount)
    }
  }
}

extension LogicalType: JSONWritable {
  package func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("type", name)
      switch self {
      case .decimal(let scale, let precision):
        $0.member("precision", precision)
        $0.member("scale", scale)
      case .time(let isAdjustedToUTC, let unit), .timestamp(let isAdjustedToUTC, let unit):
        $0.member("is_adjusted_to_utc", isAdjustedToUTC)
        $0.member("unit", unit.description)
      case .integer(let bitWidth, let isSigned):
        $0.member("bit_width", bitWidth)
        $0.member("is_signed", isSigned)
      case .variant(let version): $0.member("specification_version", version)
      case .geometry(let crs): $0.member("crs", crs)
      case .geography(let crs, let algorithm):
        $0.member("crs", crs)
        $0.member("algorithm", (algorithm ?? .spherical).description)
      default: break
      }
    }
  }
}
