/// A path with wild cards: `*` any text and `?` any character inside a name, `[a-z]` and `[!a-z]` a
/// character of a set or outside of it, `**` any number of directories.
package struct GlobPattern {
  private let segments: [String]
  private let isAbsolute: Bool

  /// A pattern; nil where `path` has no wild card.
  package init?(_ path: String) {
    guard path.utf8.contains(where: { "*?[".utf8.contains($0) }) else { return nil }
    isAbsolute = path.utf8.first == UInt8(ascii: "/")
    segments = path.split(separator: "/").map(String.init)
  }

  /// The files that match, in the order of their paths' bytes. Names that begin with a dot are
  /// matched only by patterns that do.
  ///
  /// - Throws: what the system has against reading a directory on the way.
  func files() throws(SourceError) -> [String] {
    var found: Set<String> = []
    // Each path is visited once for each segment that it may stand before.
    var visited: Set<Visit> = []
    var open = [Visit(path: isAbsolute ? "/" : "", segment: 0)]
    while let visit = open.popLast() {
      guard visited.insert(visit).inserted else { continue }
      if visit.segment == segments.count {
        if Directory.kind(of: visit.path) == .file { found.insert(visit.path) }
        continue
      }
      let segment = segments[visit.segment]
      let next = visit.segment + 1
      if segment == "**" {
        // `**` at the end stands for all files below.
        if next < segments.count { open.append(Visit(path: visit.path, segment: next)) }
        for name in try Self.names(in: visit.path) where !name.utf8.starts(with: ".".utf8) {
          let path = Self.join(visit.path, name)
          switch Directory.kind(of: path) {
          case .directory: open.append(Visit(path: path, segment: visit.segment))
          case .file: if next == segments.count { found.insert(path) }
          case .nothing: break
          }
        }
      } else if segment.utf8.contains(where: { "*?[".utf8.contains($0) }) {
        let pattern = Array(segment.unicodeScalars)
        for name in try Self.names(in: visit.path) {
          guard !name.utf8.starts(with: ".".utf8) || segment.utf8.starts(with: ".".utf8),
            Self.matches(Array(name.unicodeScalars), pattern)
          else { continue }
          open.append(Visit(path: Self.join(visit.path, name), segment: next))
        }
      } else {
        let path = Self.join(visit.path, segment)
        if Directory.kind(of: path) != .nothing { open.append(Visit(path: path, segment: next)) }
      }
    }
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private struct Visit: Hashable {
    let path: String
    let segment: Int
  }

  private static func names(in path: String) throws(SourceError) -> [String] {
    let path = path.isEmpty ? "." : path
    guard Directory.kind(of: path) == .directory else { return [] }
    return try Directory.names(in: path)
  }

  private static func join(_ path: String, _ name: String) -> String {
    path.isEmpty || path.utf8.last == UInt8(ascii: "/") ? path + name : path + "/" + name
  }

  /// Whether a name matches the pattern of a segment.
  ///
  /// - Complexity: O(name × pattern): only the last `*` is ever tried again.
  package static func matches(_ name: [Unicode.Scalar], _ pattern: [Unicode.Scalar]) -> Bool {
    var (position, index) = (0, 0)
    var star: (index: Int, position: Int)?
    while position < name.count {
      if index < pattern.count, pattern[index] == "*" {
        star = (index, position)
        index += 1
      } else if index < pattern.count,
        let next = step(over: name[position], pattern, at: index)
      {
        position += 1
        index = next
      } else if let last = star {
        star = (last.index, last.position + 1)
        (position, index) = (last.position + 1, last.index + 1)
      } else {
        return false
      }
    }
    return pattern[index...].allSatisfy { $0 == "*" }
  }

  /// Where the pattern goes on behind one character; nil where that does not match.
  private static func step(
    over character: Unicode.Scalar, _ pattern: [Unicode.Scalar], at index: Int
  ) -> Int? {
    switch pattern[index] {
    case "?": return index + 1
    case "[":
      var end = index + 1
      if end < pattern.count, pattern[end] == "!" { end += 1 }
      // A bracket in the first place belongs to the set.
      if end < pattern.count { end += 1 }
      while end < pattern.count, pattern[end] != "]" { end += 1 }
      // Without its end it is a character as others are.
      guard end < pattern.count else { return character == "[" ? index + 1 : nil }
      var set = pattern[(index + 1)..<end]
      let isNegated = set.first == "!"
      if isNegated { set.removeFirst() }
      return contains(character, set) != isNegated ? end + 1 : nil
    case let literal: return literal == character ? index + 1 : nil
    }
  }

  private static func contains(
    _ character: Unicode.Scalar, _ set: ArraySlice<Unicode.Scalar>
  ) -> Bool {
    var index = set.startIndex
    while index < set.endIndex {
      if index + 2 < set.endIndex, set[index + 1] == "-" {
        if set[index] <= character, character <= set[index + 2] { return true }
        index += 3
      } else {
        if set[index] == character { return true }
        index += 1
      }
    }
    return false
  }
}
