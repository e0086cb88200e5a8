import ParquetFrame

/// Avro on the command line: one file, or those that a pattern stands for.
struct AvroInput {
  /// What a file is called, or the pattern.
  let name: String
  let dataset: AvroDataset

  /// The first of the files, whose schema is that of all.
  var first: AvroFile { dataset.files[0] }

  /// Opens `path` where it is Avro: by its name, or by its first bytes; nil where it is not.
  ///
  /// - Throws: what opening it throws.
  init?(_ path: String) throws(ReadError) {
    name = path
    let isNamedSo = AvroDataset.fileNameSuffixes.contains(where: path.lowercased().hasSuffix)
    if ParquetDataset.isNeeded(for: path) {
      // A directory is one of Avro where it has no Parquet.
      if !isNamedSo {
        guard (try? InputFiles.paths(path, ParquetDataset.fileNameSuffixes)) == nil else {
          return nil
        }
        guard (try? InputFiles.paths(path, AvroDataset.fileNameSuffixes)) != nil else {
          return nil
        }
      }
      dataset = try AvroDataset(
        paths: try InputFiles.paths(path, AvroDataset.fileNameSuffixes))
      return
    }
    if !isNamedSo {
      guard try InputFiles.firstBytes(of: path, count: 4) == Array("Obj\u{1}".utf8) else {
        return nil
      }
    }
    dataset = try AvroDataset(paths: [path])
  }
}
