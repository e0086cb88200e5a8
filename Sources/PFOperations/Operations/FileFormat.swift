internal import PFAvro
internal import PFCSV
internal import PFCore
internal import PFParquet

/// The formats of files.
enum FileFormat: String, CaseIterable, Sendable {
  case parquet, csv, avro, arrow

  /// What the names of such files end in, in lower case.
  var fileNameSuffixes: [String] {
    switch self {
    case .parquet: ParquetDataset.fileNameSuffixes
    case .csv: CSVDataset.fileNameSuffixes
    case .avro: AvroDataset.fileNameSuffixes
    case .arrow: [".arrow", ".arrows", ".ipc"]
    }
  }

  /// The format that the end of a name or pattern tells.
  init?(named path: String) {
    let name = path.lowercased()
    guard
      let format = Self.allCases.first(where: {
        $0.fileNameSuffixes.contains(where: name.hasSuffix)
      })
    else { return nil }
    self = format
  }

  /// The format of what is at a path: by the names in a directory, or by the first bytes of a file;
  /// nil where there is nothing, or nothing that tells it.
  ///
  /// - Throws: what reading it throws.
  init?(of path: String) throws(ReadError) {
    switch Directory.kind(of: path) {
    case .nothing: return nil
    case .directory:
      let format = Self.allCases.first { format in
        (try? DatasetPath.files(of: [path], endingIn: format.fileNameSuffixes, isHive: false))
          != nil
      }
      guard let format else { return nil }
      self = format
    case .file:
      let source = try openSource(path: path, memoryMap: false)
      let head = try source.bytes(at: 0, byteCount: min(4, source.byteCount))
      let bytes = head.bytes.indices.map { head.bytes[$0] }
      switch bytes {
      case Array("PAR1".utf8): self = .parquet
      case Array("Obj\u{1}".utf8): self = .avro
      case [0xFF, 0xFF, 0xFF, 0xFF]: self = .arrow
      default: return nil
      }
    }
  }
}
