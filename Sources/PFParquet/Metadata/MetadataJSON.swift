internal import PFArrow
public import PFCore

/// Which parts of a footer are wanted as JSON.
public struct MetadataSelection: Sendable {
  /// A member of the document, or several that belong together.
  public enum Section: String, CaseIterable, Sendable {
    /// Version, counts, writer, key-value metadata.
    case file
    /// The dotted paths of the leaf columns, as a list of their own, `paths`.
    case paths
    /// The leaf columns.
    case columns
    /// The nodes of the schema.
    case schema
    /// The row groups with their column chunks.
    case rowGroups = "row_groups"
  }

  /// The parts.
  public var sections: Set<Section> = [.file, .columns, .schema, .rowGroups]
  /// The indices of the row groups; nil for all.
  public var rowGroups: [Int]?
  /// The indices of the leaf columns whose chunks are given; nil for all.
  public var chunks: [Int]?

  /// The whole footer.
  public init() {}
}

extension FileMetaData {
  /// The footer, or parts of it, as a JSON document; `Specs/metadata.md` tells its form.
  ///
  /// - Parameters:
  ///   - tree: this file's schema.
  ///   - selection: the parts; indices outside the file are passed over.
  ///   - layout: with or without white space.
  /// - Returns: the document's text.
  /// - Throws: where a part that was left in the footer is no valid Thrift.
  public func json(
    tree: SchemaTree, _ selection: MetadataSelection = MetadataSelection(),
    layout: JSONLayout = .compact
  ) throws(DecodingError) -> String {
    var writer = JSONWriter(layout)
    try writer.object { (writer: inout JSONWriter) throws(DecodingError) in
      if selection.sections.contains(.file) {
        writeFile(columnCount: tree.leaves.count, to: &writer)
      }
      tree.write(selection.sections, to: &writer)
      guard selection.sections.contains(.rowGroups) else { return }
      let leaves = selection.chunks ?? Array(tree.leaves.indices)
      let columns = leaves.filter(tree.leaves.indices.contains).map { index in
        (leaf: tree.leaves[index], path: tree.dottedPath(of: tree.leaves[index]))
      }
      try writer.array("row_groups") { (writer: inout JSONWriter) throws(DecodingError) in
        for index in selection.rowGroups ?? Array(rowGroups.indices)
        where rowGroups.indices.contains(index) {
          try write(rowGroups[index], columns: columns, to: &writer)
        }
      }
    }
    return writer.text
  }

  private func writeFile(columnCount: Int, to writer: inout JSONWriter) {
    writer.member("version", version)
    writer.member("created_by", createdBy)
    writer.member("num_rows", numRows)
    writer.member("num_row_groups", rowGroups.count)
    writer.member("num_columns", columnCount)
    writer.member("serialized_size", bytes.count)
    writer.member("encryption_algorithm", encryptionAlgorithm?.description)
    write(keyValueMetadata ?? [], to: &writer)
  }

  /// Of equal keys the last one counts, since an object's names do not repeat.
  private func write(_ entries: [KeyValue], to writer: inout JSONWriter) {
    var last: [String: Int] = [:]
    for (index, entry) in entries.enumerated() { last[entry.key] = index }
    writer.object("key_value_metadata") { writer in
      for (index, entry) in entries.enumerated() where last[entry.key] == index {
        writer.member(entry.key, entry.value)
      }
    }
  }

  // MARK: Row groups

  private func write(
    _ group: RowGroup, columns: [(leaf: LeafColumn, path: String)], to writer: inout JSONWriter
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
        // Chunks above the number of leaves belong to no column.
        for column in columns where column.leaf.index < group.columns.count {
          try write(
            group.columns[column.leaf.index], of: column.leaf, path: column.path, to: &writer)
        }
      }
    }
  }

  private func write(
    _ chunk: ColumnChunk, of leaf: LeafColumn, path: String, to writer: inout JSONWriter
  ) throws(DecodingError) {
    let column = chunk.metaData
    var encodings: [Encoding]?
    var statistics: TypedStatistics?
    var pages: (data: Int64, dictionary: Int64)?
    var sizes: SizeStatistics?
    var entries: [KeyValue]?
    if let column {
      encodings = try self.encodings(of: column)
      statistics = try typedStatistics(of: column, leaf: leaf)
      pages = try pageCounts(of: column)
      sizes = try sizeStatistics(of: column)
      entries = try keyValueMetadata(of: column)
    }
    let filePath = try filePath(of: chunk)
    let hasDictionary = column?.hasDictionaryPage ?? false
    writer.object { writer in
      writer.member("path", path)
      writer.member("physical_type", (column?.type ?? leaf.physicalType).description)
      writer.member("codec", column?.codec.description)
      writer.member("encodings", encodings?.map(\.description))
      writer.member("num_values", column?.numValues)
      writer.member("num_data_pages", pages?.data)
      writer.member("num_dictionary_pages", pages?.dictionary)
      writer.member("total_compressed_size", column?.totalCompressedSize)
      writer.member("total_uncompressed_size", column?.totalUncompressedSize)
      writer.member("data_page_offset", column?.dataPageOffset)
      writer.member("dictionary_page_offset", hasDictionary ? column?.dictionaryPageOffset : nil)
      writer.member("has_dictionary_page", hasDictionary)
      writer.member("has_column_index", chunk.columnIndexOffset != nil)
      writer.member("has_offset_index", chunk.offsetIndexOffset != nil)
      writer.member("has_bloom_filter", column?.bloomFilterOffset != nil)
      writer.member("is_encrypted", chunk.isEncrypted)
      writer.member("file_path", filePath)
      write(entries ?? [], to: &writer)
      if let sizes {
        writer.object("size_statistics") {
          $0.member("unencoded_byte_array_data_bytes", sizes.unencodedByteArrayDataBytes)
          $0.member("repetition_level_histogram", sizes.repetitionLevelHistogram)
          $0.member("definition_level_histogram", sizes.definitionLevelHistogram)
        }
      } else {
        writer.member("size_statistics", String?.none)
      }
      guard let statistics else { return writer.member("statistics", String?.none) }
      writer.object("statistics") { statistics.write(of: leaf, to: &$0) }
    }
  }
}

extension SchemaTree {
  /// The parts of a footer that are in the schema, as `FileMetaData.json` has them; others that
  /// are selected are left out.
  func json(_ selection: MetadataSelection, layout: JSONLayout) -> String {
    var writer = JSONWriter(layout)
    writer.object { write(selection.sections, to: &$0) }
    return writer.text
  }

  fileprivate func write(
    _ sections: Set<MetadataSelection.Section>, to writer: inout JSONWriter
  ) {
    if sections.contains(.paths) {
      writer.array("paths") { writer in
        for leaf in leaves.indices { writer.value(dottedPath(ofLeaf: leaf)) }
      }
    }
    if sections.contains(.columns) {
      writer.array("columns") { writer in
        for leaf in leaves { write(leaf, path: dottedPath(of: leaf), to: &writer) }
      }
    }
    if sections.contains(.schema) {
      writer.array("schema") { writer in
        for node in nodes { write(node, to: &writer) }
      }
    }
  }

  private func write(_ leaf: LeafColumn, path: String, to writer: inout JSONWriter) {
    let element = leaf.element
    // INT96 in the unit that a read without options gives it.
    let mapping = try? ColumnMapping(leaf, ParquetReadOptions())
    writer.object {
      $0.member("path", path)
      $0.member("name", element.name)
      $0.member("physical_type", leaf.physicalType.description)
      $0.member("type_length", leaf.physicalType == .fixedLenByteArray ? leaf.typeLength : nil)
      $0.member("logical_type", element.meaningInWords)
      $0.member("arrow_type", mapping?.field.type.description)
      $0.member("nullable", element.repetitionType == .optional)
      $0.member("max_definition_level", leaf.maxDefinitionLevel)
      $0.member("max_repetition_level", leaf.maxRepetitionLevel)
    }
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
      $0.member("logical_type", element.meaningInWords)
      $0.member("precision", element.precision)
      $0.member("scale", element.scale)
      $0.member("field_id", element.fieldID)
    }
  }
}

extension TypedStatistics {
  /// Writes the members of an object.
  fileprivate func write(of leaf: LeafColumn, to writer: inout JSONWriter) {
    writer.member("min", min.map { BoundJSON(value: $0, element: leaf.element) })
    writer.member("max", max.map { BoundJSON(value: $0, element: leaf.element) })
    writer.member("null_count", nullCount)
    writer.member("distinct_count", distinctCount)
    writer.member("nan_count", nanCount)
    writer.member("is_min_exact", isMinExact)
    writer.member("is_max_exact", isMaxExact)
  }
}

extension ColumnSummary: JSONWritable {
  /// Writes an object in the form of `Specs/metadata.md`, "Column statistics".
  package func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("path", path)
      statistics.write(of: leaf, to: &$0)
      $0.member("num_values", valueCount)
      $0.member("num_data_pages", dataPageCount)
      $0.member("total_compressed_size", totalCompressedSize)
      $0.member("total_uncompressed_size", totalUncompressedSize)
      $0.member("unencoded_byte_array_data_bytes", unencodedByteArrayDataBytes)
      $0.member("encodings", encodings.map(\.description))
      $0.member("codecs", codecs.map(\.description))
    }
  }
}

/// A bound in the form that its column asks for.
private struct BoundJSON: JSONWritable {
  let value: StatisticsValue
  let element: SchemaElement

  func write(to writer: inout JSONWriter) {
    if let text = element.calendarText(of: value) { return writer.value(text) }
    switch value {
    case .bool(let value): writer.value(value)
    case .int64(let value): writer.value(value)
    case .uint64(let value): writer.value(value)
    case .double(let value) where value.isFinite: writer.value(value)
    case .double(let value): writer.value(value < 0 ? "-Infinity" : "Infinity")
    case .bytes: writer.value(String(value.description.dropFirst(2)))  // without the 0x
    case .string, .decimal: writer.value(value.description)
    }
  }
}
