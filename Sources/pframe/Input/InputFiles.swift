import ParquetFrame

/// What the kinds of input look at to know their own.
enum InputFiles {
  /// The files that a directory or a pattern stands for, of those whose names end in `suffixes`.
  ///
  /// - Throws: `ReadError` where there is none.
  static func paths(_ path: String, _ suffixes: [String]) throws(ReadError) -> [String] {
    try DatasetPath.files(of: [path], endingIn: suffixes, isHive: false).map(\.path)
  }

  /// The first bytes of a file, `count` at most.
  ///
  /// - Throws: what opening and reading it throw.
  static func firstBytes(of path: String, count: Int) throws(ReadError) -> [UInt8] {
    do throws(SourceError) {
      let source = try FileSource(path: path)
      var bytes = [UInt8](repeating: 0, count: min(count, source.byteCount))
      var span = bytes.mutableSpan
      try source.read(at: 0, into: &span)
      return bytes
    } catch { throw ReadError(.source(error), at: .init(file: path)) }
  }
}
