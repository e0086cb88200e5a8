internal import PFArrow
internal import PFCore
internal import PFParquet

/// `pf_parquet_row_count` of the header.
@c(pf_parquet_row_count)
public func parquetRowCount(
  _ file: UInt64, _ rowCount: UnsafeMutablePointer<Int64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let rowCount = try unsafe required(rowCount, "row_count")
    let readable = try Handles.readable(file)
    let count = try reading { () throws(ReadError) in
      switch readable {
      case .file(let file): try file.rowCount()
      case .dataset(let dataset): try dataset.rowCount()
      }
    }
    unsafe rowCount.pointee = Int64(count)
  }
}

/// `pf_parquet_counts` of the header.
@c(pf_parquet_counts)
public func parquetCounts(
  _ file: UInt64, _ rowCount: UnsafeMutablePointer<Int64>?,
  _ rowGroupCount: UnsafeMutablePointer<Int64>?, _ columnCount: UnsafeMutablePointer<Int64>?,
  _ uncompressedByteCount: UnsafeMutablePointer<Int64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let readable = try Handles.readable(file)
    let counts = try reading { () throws(ReadError) in
      switch readable {
      case .file(let file):
        try file.counts(withBytes: unsafe uncompressedByteCount != nil)
      case .dataset(let dataset): try dataset.counts()
      }
    }
    unsafe rowCount?.pointee = Int64(counts.rows)
    unsafe rowGroupCount?.pointee = Int64(counts.rowGroups)
    unsafe columnCount?.pointee = Int64(counts.columns)
    unsafe uncompressedByteCount?.pointee = Int64(counts.uncompressedBytes)
  }
}

/// `pf_parquet_metadata` of the header.
@c(pf_parquet_metadata)
public func parquetMetadata(
  _ file: UInt64, _ options: UnsafePointer<CChar>?,
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let json = try unsafe required(json, "json")
    let parquet = try Handles.parquet(file)
    let selection = try MetadataSelection(json: try unsafe string(options))
    let text = try reading { () throws(ReadError) in try parquet.metaDataJSON(selection) }
    unsafe json.pointee = CText.allocate(text)
  }
}

/// `pf_parquet_statistics` of the header.
@c(pf_parquet_statistics)
public func parquetStatistics(
  _ file: UInt64, _ options: UnsafePointer<CChar>?,
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let json = try unsafe required(json, "json")
    let parquet = try Handles.parquet(file)
    let text = try unsafe string(options)
    let (columns, rowGroups) = try PFCInterface.options { () throws(OptionError) in
      var options = try JSONOptions(text)
      let columns = try options.strings("columns")
      let rowGroups = try options.integers("row_groups", in: .min ... .max)
      try options.finish()
      return (columns, rowGroups)
    }
    let summaries = try reading { () throws(ReadError) in
      try parquet.columnSummaries(of: columns, rowGroups: rowGroups)
    }
    var writer = JSONWriter()
    writer.value(summaries)
    unsafe json.pointee = CText.allocate(writer.text)
  }
}

/// `pf_parquet_schema` of the header.
@c(pf_parquet_schema)
public func parquetSchema(
  _ file: UInt64, _ schema: UnsafeMutableRawPointer?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let target = try unsafe required(schema, "schema")
    let readable = try Handles.readable(file)
    let schema = try reading { () throws(ReadError) in
      switch readable {
      case .file(let file): try file.schema()
      case .dataset(let dataset): try dataset.schema()
      }
    }
    unsafe schema.export(to: target)
  }
}

extension MetadataSelection {
  /// The options of `pf_parquet_metadata`.
  fileprivate init(json: String?) throws(CallError) {
    self.init()
    self = try options { () throws(OptionError) in
      var selection = MetadataSelection()
      var options = try JSONOptions(json)
      if let names = try options.strings("sections") {
        selection.sections = []
        for name in names {
          guard let section = Section(rawValue: name) else {
            throw .notAllowed(
              name: "sections", value: name, allowed: Section.allCases.map(\.rawValue))
          }
          selection.sections.insert(section)
        }
      }
      selection.rowGroups = try options.integers("row_groups", in: 0 ... .max)
      selection.chunks = try options.integers("columns", in: 0 ... .max)
      try options.finish()
      return selection
    }
  }
}
