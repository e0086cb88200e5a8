public import PFArrow
public import PFCore
internal import Synchronization

/// A Parquet file that is open for reading.
///
/// The footer is found when it is opened; its bytes are read and decoded when something is asked of
/// them, and of a long one no more than that needs. May be used from any threads at once.
public final class ParquetFile: Sendable {
  /// Where the bytes come from.
  public let source: any ByteSource
  private let footer: Footer
  /// Made when first asked for; without a lock, which a fork could leave held.
  private let decoded = AtomicLazyReference<Contents>()
  private let outlined = AtomicLazyReference<Outline>()
  /// How often the footer may still be walked over for a part of it before all of it is kept.
  private let walksLeft = Atomic<Int>(2)

  /// What stands before the row groups in a footer.
  final class Outline: Sendable {
    let elements: [SchemaElement]
    let schema: SchemaTree
    let rowCount: Int64
    let rowGroupCount: Int
    /// Where their list begins in the footer, if that was not decoded whole.
    fileprivate let rowGroupsOffset: Int?

    init(_ head: FileMetaData.Head, schema: SchemaTree) {
      elements = head.schema
      self.schema = schema
      rowCount = head.numRows
      rowGroupCount = head.rowGroupCount
      rowGroupsOffset = head.rowGroupsOffset
    }

    init(_ contents: Contents) {
      elements = contents.metaData.schema
      schema = contents.schema
      rowCount = contents.metaData.numRows
      rowGroupCount = contents.metaData.rowGroups.count
      rowGroupsOffset = nil
    }
  }

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
    try self.init(openSource(path: path, memoryMap: memoryMap))
  }

  /// The file offset at which the data ends.
  var dataEnd: Int { footer.offset }

  /// The number of rows; decodes no more of the footer than it needs.
  ///
  /// - Throws: `.malformed` when the footer is.
  public func rowCount() throws(ReadError) -> Int {
    if decoded.load() == nil {
      let read = try atThisFile { () throws(ReadError) in
        try footer.decodeHead { (bytes) throws(DecodingError) in
          Int(try FileMetaData.readRowCount(bytes))
        }
      }
      do throws(DecodingError) {
        let count = try read.get()
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

  /// The Parquet schema as a tree; decodes no more of the footer than it needs.
  ///
  /// - Throws: `.malformed` or `.inconsistent` when the footer is.
  public func schemaTree() throws(ReadError) -> SchemaTree { try outline().schema }

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
    if selection.sections.isDisjoint(with: [.file, .rowGroups]) {
      return try outline().schema.json(selection, layout: layout)
    }
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

  /// What stands before the row groups, which are decoded only where it cannot be had without them.
  func outline() throws(ReadError) -> Outline {
    if let outline = outlined.load() { return outline }
    if decoded.load() == nil {
      let head = try atThisFile { () throws(ReadError) in
        try footer.decodeHead { (bytes) throws(DecodingError) in
          try FileMetaData.Head(decoding: bytes)
        }
      }
      if case .success(let head) = head {
        return outlined.storeIfNil(Outline(head, schema: try tree(of: head.schema)))
      }
    }
    // Which also tells what is wrong.
    return outlined.storeIfNil(Outline(try contents()))
  }

  /// What a walk over all of a long footer gives.
  struct Walked: Sendable {
    var walk: FooterWalk
    let groups: [FooterWalk.Group]
    let rest: FooterWalk.Rest
  }

  /// Walks over a long footer, of which only a part is asked for, while another thread makes
  /// something of what stands before the row groups.
  ///
  /// - Parameters:
  ///   - keyValues: Whether the file's key-value metadata is asked for.
  ///   - make: What the other thread makes.
  /// - Returns: nil where it is as well, or needed, to decode all of the footer.
  func walk<Value: Sendable>(
    keyValues: Bool, meanwhile make: @escaping @Sendable (Outline) -> Value?
  ) -> (walked: Walked, outline: Outline, value: Value)? {
    guard decoded.load() == nil, footer.isWalked, walksLeft.load(ordering: .relaxed) > 0,
      let start = outlined.load().map(\.rowGroupsOffset) ?? rowGroupsOffset()
    else { return nil }
    walksLeft.subtract(1, ordering: .relaxed)
    let footer = footer
    let found = Mutex<(walked: Walked?, outline: Outline?, value: Value?)>((nil, nil, nil))
    _ = ParallelLoop.run(count: 2, threads: Settings.current.threadCount, makeScratch: {}) {
      (half, _) in
      if half == 0 {
        var walk = FooterWalk(footer, from: start)
        guard let groups = try? walk.rowGroups(), let rest = try? walk.rest(keyValues: keyValues)
        else { return }
        let walked = Walked(walk: walk, groups: groups, rest: rest)
        found.withLock { $0.walked = walked }
      } else {
        guard let outline = try? self.outline(), outline.rowGroupsOffset == start,
          let value = make(outline)
        else { return }
        found.withLock { ($0.outline, $0.value) = (outline, value) }
      }
    }
    return found.withLock { found in
      guard let walked = found.walked, let outline = found.outline, let value = found.value else {
        return nil
      }
      return (walked, outline, value)
    }
  }

  /// Where the row groups begin, found without decoding what stands before.
  private func rowGroupsOffset() -> Int? {
    let found = try? footer.decodeHead { (bytes) throws(DecodingError) in
      try FileMetaData.Head.rowGroupsOffset(in: bytes)
    }
    return (try? found?.get()) ?? nil
  }

  /// The decoded footer.
  ///
  /// - Parameter threads: The most threads to decode a long one with; nil for those that a call may
  ///   use.
  /// - Returns: all of it.
  /// - Throws: `.malformed` or `.inconsistent` when it is.
  func contents(threads: Int? = nil) throws(ReadError) -> Contents {
    if let contents = decoded.load() { return contents }
    let isLong = footer.byteCount >= Footer.parallelByteCount
    let threads = isLong ? threads ?? Settings.current.threadCount : 1
    let bytes = try atThisFile { () throws(ReadError) in try footer.bytes(threads: threads) }
    if threads > 1, outlined.load() == nil, let contents = sideBySide(bytes) {
      return decoded.storeIfNil(contents)
    }
    let outline = outlined.load()
    let metaData: FileMetaData
    do throws(DecodingError) {
      metaData = try FileMetaData(decoding: bytes, schema: outline?.elements)
    } catch { throw located(error) }
    let schema = if let outline { outline.schema } else { try tree(of: metaData.schema) }
    return decoded.storeIfNil(Contents(metaData: metaData, schema: schema))
  }

  /// The footer, its schema decoded on one thread and its row groups on another; nil where either
  /// is not as it should be.
  private func sideBySide(_ bytes: [UInt8]) -> Contents? {
    let found = Mutex<(metaData: FileMetaData?, outline: Outline?)>((nil, nil))
    _ = ParallelLoop.run(count: 2, threads: 2, makeScratch: {}) { (half, _) in
      if half == 0 {
        let metaData = try? FileMetaData(decoding: bytes, schema: [])
        found.withLock { $0.metaData = metaData }
      } else if let head = try? FileMetaData.Head(decoding: bytes.span),
        let schema = try? SchemaTree(head.schema)
      {
        let outline = Outline(head, schema: schema)
        found.withLock { $0.outline = outline }
      }
    }
    return found.withLock { found in
      guard var metaData = found.metaData, let outline = found.outline else { return nil }
      metaData.schema = outline.elements
      return Contents(metaData: metaData, schema: outline.schema)
    }
  }

  private func tree(of elements: [SchemaElement]) throws(ReadError) -> SchemaTree {
    do throws(SchemaError) {
      return try SchemaTree(elements)
    } catch {
      throw ReadError(.inconsistent(error.description)).at(.init(file: source.name))
    }
  }

  private func atThisFile<Value>(
    _ body: () throws(ReadError) -> Value
  ) throws(ReadError) -> Value {
    do throws(ReadError) {
      return try body()
    } catch { throw error.at(.init(file: source.name)) }
  }

  /// An error of a part of the footer that was decoded late: its offset counts in the file.
  package func located(_ error: DecodingError) -> ReadError {
    ReadError(error, base: footer.offset, at: .init(file: source.name))
  }
}
