/// A file of a dataset, and what the directories on its way say about all of its rows.
package struct DatasetPath: Equatable, Sendable {
  /// The path of the file.
  package let path: String
  /// Keys and values of `key=value` directories, outermost first.
  package private(set) var partition: [PartitionValue] = []

  /// The files that `sources` stand for, in the order of their paths' bytes.
  ///
  /// A directory stands for the files below it whose names end in one of `suffixes`, in any case.
  /// Names in it that begin with `.` or `_` are passed over. A path with wild cards stands for the files that match, unless a file has just
  /// that name. `key=value` directories count below a directory that was given; on the whole path
  /// of a file that a pattern found or a list names, as in pyarrow; and not for a single file.
  ///
  /// - Throws: `.notFound` where there is nothing; what the system has against reading.
  package static func files(
    of sources: [String], endingIn suffixes: [String], isHive: Bool
  ) throws(ReadError) -> [DatasetPath] {
    guard !sources.isEmpty else {
      throw ReadError(.invalidOption(name: "paths", why: "there is none"))
    }
    var found: [DatasetPath] = []
    for source in sources {
      do throws(SourceError) {
        switch (Directory.kind(of: source), GlobPattern(source)) {
        case (.directory, _): found += try files(below: source, endingIn: suffixes, isHive: isHive)
        case (.nothing, .some(let pattern)):
          let files = try pattern.files()
          guard !files.isEmpty else { throw .notFound }
          found += files.map { DatasetPath($0, below: "", isHive: isHive) }
        case (_, _):
          found.append(DatasetPath(source, below: "", isHive: isHive && sources.count > 1))
        }
      } catch { throw ReadError(error).at(.init(file: source)) }
    }
    return found.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// Whether a path names a directory, or no file but a pattern, so that it may stand for several
  /// files.
  package static func standsForSeveral(_ path: String) -> Bool {
    switch Directory.kind(of: path) {
    case .directory: true
    case .file: false
    case .nothing: GlobPattern(path) != nil
    }
  }

  private init(_ path: String, below root: String, isHive: Bool) {
    self.path = path
    guard isHive else { return }
    // The last segment is the file's own name.
    for segment in path.dropFirst(root.count).split(separator: "/").dropLast() {
      if let value = PartitionValue(segment) { partition.append(value) }
    }
  }

  private static func files(
    below root: String, endingIn suffixes: [String], isHive: Bool
  ) throws(SourceError) -> [DatasetPath] {
    var files: [DatasetPath] = []
    // With its depth: a link may lead back up.
    var open = [(path: root, depth: 0)]
    while let (directory, depth) = open.popLast() {
      for name in try Directory.names(in: directory) {
        guard let first = name.utf8.first, first != UInt8(ascii: "."), first != UInt8(ascii: "_")
        else { continue }
        let path =
          directory.utf8.last == UInt8(ascii: "/") ? directory + name : "\(directory)/\(name)"
        switch Directory.kind(of: path) {
        case .directory: if depth < 40 { open.append((path, depth + 1)) }
        case .file:
          let lowercased = name.lowercased()
          if suffixes.contains(where: lowercased.hasSuffix) {
            files.append(DatasetPath(path, below: root, isHive: isHive))
          }
        case .nothing: break
        }
      }
    }
    guard !files.isEmpty else { throw .notFound }
    return files
  }
}

/// What a `key=value` directory says.
package struct PartitionValue: Hashable, Sendable {
  /// The name of the column.
  package let key: String
  /// The value as text; nil for null.
  package let value: String?

  /// What Hive writes for null.
  private static let null = "__HIVE_DEFAULT_PARTITION__"

  /// Nil where the segment is not of that form.
  package init?(_ segment: Substring) {
    guard let sign = segment.firstIndex(of: "="), sign > segment.startIndex else { return nil }
    key = Self.decoded(segment[..<sign])
    let value = Self.decoded(segment[segment.index(after: sign)...])
    self.value = value == Self.null ? nil : value
  }

  /// The text with `%41` and the like as the bytes that they stand for.
  private static func decoded(_ text: Substring) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
        let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2])
      {
        result.append(high << 4 | low)
        index += 3
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
