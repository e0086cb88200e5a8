import ParquetFrame

/// A leaf column over all row groups of a file.
struct ColumnSummary {
  /// Bytes of all pages, headers included.
  struct Sizes {
    var compressed: Int64 = 0
    var uncompressed: Int64 = 0

    func adding(_ other: Sizes) -> Sizes {
      Sizes(
        compressed: compressed.addingSaturated(other.compressed),
        uncompressed: uncompressed.addingSaturated(other.uncompressed))
    }

    /// How many times smaller compression makes it.
    var ratio: String {
      guard compressed > 0 else { return "" }
      let ratio = Double(uncompressed) / Double(compressed)
      return ratio < 100_000 ? ratio.withOneDigit : "> 99999"
    }
  }

  let path: String
  let physicalType: String
  let logicalType: String
  /// Without repetition, in the order met.
  private(set) var encodings: [String] = []
  private(set) var codecs: [String] = []
  private(set) var sizes = Sizes()
  /// Nil where a row group does not say.
  private(set) var nullCount: Int64? = 0
  private var bounds = Bounds.none
  private let element: SchemaElement

  /// As text; nil where a row group does not say, or where there are only nulls.
  var min: String? { bounds.values.map { element.text(of: $0.min) } }
  var max: String? { bounds.values.map { element.text(of: $0.max) } }

  /// Every leaf column of `file`, in the order of the schema.
  static func all(of file: ParquetFile) throws(ReadError) -> [ColumnSummary] {
    let metaData = try file.metaData()
    let tree = try file.schemaTree()
    var columns = tree.leaves.map { ColumnSummary($0, in: tree) }
    for group in metaData.rowGroups {
      for (leaf, chunk) in zip(tree.leaves, group.columns) {
        guard let chunk = chunk.metaData else {
          columns[leaf.index].addEncrypted()
          continue
        }
        do throws(DecodingError) {
          columns[leaf.index].add(
            chunk, try metaData.encodings(of: chunk),
            try metaData.typedStatistics(of: chunk, leaf: leaf))
        } catch { throw file.footerError(error) }
      }
    }
    return columns
  }

  private init(_ leaf: LeafColumn, in tree: SchemaTree) {
    element = leaf.element
    path = tree.dottedPath(of: leaf)
    physicalType =
      leaf.physicalType.description + (leaf.typeLength > 0 ? "(\(leaf.typeLength))" : "")
    logicalType = leaf.element.meaningInWords ?? ""
  }

  private mutating func add(
    _ chunk: ColumnMetaData, _ chunkEncodings: [Encoding], _ statistics: TypedStatistics?
  ) {
    for encoding in chunkEncodings.map(\.description) where !encodings.contains(encoding) {
      encodings.append(encoding)
    }
    let codec = chunk.codec.description
    if !codecs.contains(codec) { codecs.append(codec) }
    sizes = sizes.adding(
      Sizes(compressed: chunk.totalCompressedSize, uncompressed: chunk.totalUncompressedSize))
    let nulls = statistics?.nullCount
    nullCount = nullCount.flatMap { sum in nulls.map { sum.addingSaturated($0) } }
    // A chunk of nulls alone, or of nothing, has no bounds and needs none.
    if nulls != chunk.numValues { bounds.widen(to: statistics) }
  }

  /// A chunk whose metadata needs a key.
  private mutating func addEncrypted() {
    if !codecs.contains("encrypted") { codecs.append("encrypted") }
    nullCount = nil
    bounds = .unknown
  }
}

extension ParquetFile {
  /// The error of a part of the footer that was decoded late.
  func footerError(_ error: DecodingError) -> ReadError {
    // What lies between the footer and the end: its length and the magic.
    let base = (try? metaData()).map { source.byteCount - 8 - $0.bytes.count } ?? 0
    return ReadError(error, base: base, at: .init(file: source.name))
  }
}
