public import PFArrow
public import PFCore
internal import Synchronization

/// A Parquet file that is open for reading.
///
/// The footer's bytes are read when it is opened and decoded when something is asked of them. May
/// be used from any threads at once.
public final class ParquetFile: Sendable {
  /// Where the bytes come from.
  public let source: any ByteSource
  private let footer: Footer
  /// Made when first asked for; without a lock, which a fork could leave held.
  private let decoded = AtomicLazyReference<Contents>()

  /// The decoded footer.
  final class Contents: Sendable {
    let metaData: FileMetaData
    let schema: SchemaTree

    init(metaData: FileMetaData, schema: SchemaTree) {
      self.metaData = metaData
      self.schema = schema
    }
  }

  /// Opens a source.
  ///
  /// - Throws: `ReadError` when its end is not that of a Parquet file.
  public init(_ source: any ByteSource) throws(ReadError) {
    self.source = source
    do throws(ReadError) {
      footer = try Footer(of: source)
    } catch { throw error.at(.init(file: source.name)) }
  }

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: The file's path.
  ///   - memoryMap: Whether to map it; see `MappedFileSource` for the risk.
  /// - Throws: `ReadError` when it cannot be read or is no Parquet file.
  public convenience init(path: String, memoryMap: Bool = false) throws(ReadError) {
    let source: any ByteSource
    do throws(SourceError) {
      source = memoryMap ? try MappedFileSource(path: path) : try FileSource(path: path)
    } catch { throw ReadError(error).at(.init(file: path)) }
    try self.init(source)
  }

  /// The file offset at which the data ends.
  var dataEnd: Int { footer.offset }

  /// The number of rows; decodes no more of the footer than it needs.
  ///
  /// - Throws: `.malformed` when the footer is.
  public func rowCount() throws(ReadError) -> Int {
    if decoded.load() == nil {
      let bytes = footer.bytes
      do throws(DecodingError) {
        let count = Int(try FileMetaData.readRowCount(bytes.span))
        if count > 0 { return count }
      } catch { throw located(error) }
    }
    let metaData = try contents().metaData
    // parquet-rs 0.3 left the count of the file out.
    guard metaData.numRows == 0 else { return Int(metaData.numRows) }
    return metaData.rowGroups.reduce(0) { sum, group in
      let (sum, overflow) = sum.addingReportingOverflow(Int(group.numRows))
      return overflow ? .max : sum
    }
  }

  /// The footer.
  ///
  /// - Throws: `.malformed` when it is.
  public func metaData() throws(ReadError) -> FileMetaData { try contents().metaData }

  /// The Parquet schema as a tree.
  ///
  /// - Throws: `.malformed` or `.inconsistent` when the footer is.
  public func schemaTree() throws(ReadError) -> SchemaTree { try contents().schema }

  /// The Arrow schema of the table that `read` gives of all columns.
  ///
  /// - Throws: `.unsupported` for columns that cannot be read yet.
  public func schema() throws(ReadError) -> Schema {
    try ReadPlan.schema(of: self)
  }

  /// The footer, or parts of it, as JSON in the form of `Specs/metadata.md`.
  ///
  /// - Throws: `.malformed` when the footer is.
  public func metaDataJSON(
    _ selection: MetadataSelection = MetadataSelection(), layout: JSONLayout = .compact
  ) throws(ReadError) -> String {
    let contents = try contents()
    do throws(DecodingError) {
      return try contents.metaData.json(tree: contents.schema, selection, layout: layout)
    } catch { throw located(error) }
  }

  /// The metadata of a leaf's column chunk, decoded now.
  ///
  /// - Precondition: `rowGroup` has a chunk for each leaf, as those of a `ReadPlan` have.
  func chunk(of leaf: LeafColumn, in rowGroup: RowGroup) throws(ReadError) -> ColumnChunk {
    do throws(DecodingError) {
      return try rowGroup.columns[leaf.index]
    } catch { throw located(error) }
  }

  func contents() throws(ReadError) -> Contents {
    if let contents = decoded.load() { return contents }
    let metaData: FileMetaData
    do throws(DecodingError) {
      metaData = try FileMetaData(decoding: footer.bytes)
    } catch { throw located(error) }
    let schema: SchemaTree
    do throws(SchemaError) {
      schema = try SchemaTree(metaData.schema)
    } catch {
      throw ReadError(.inconsistent(error.description)).at(.init(file: source.name))
    }
    return decoded.storeIfNil(Contents(metaData: metaData, schema: schema))
  }

  /// An error of a part of the footer that was decoded late: its offset counts in the file.
  package func located(_ error: DecodingError) -> ReadError {
    ReadError(error, base: footer.offset, at: .init(file: source.name))
  }
}
