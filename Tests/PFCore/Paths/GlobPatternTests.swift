import PFCore
import Testing

@Suite struct `glob patterns` {
  static let matches: [(name: String, pattern: String, isMatch: Bool)] = [
    ("a.parquet", "*.parquet", true), ("a.parquet", "*.pq", false), ("abc", "a?c", true),
    ("ac", "a?c", false), ("aéc", "a?c", true), ("part-07", "part-[0-4][0-9]", true),
    ("part-57", "part-[0-4][0-9]", false), ("b", "[!a]", true), ("a", "[!a]", false),
    ("]", "[]]", true), ("[x", "[x", true), ("-", "[a-]", true), ("", "*", true),
    ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*a*a*a*c", false), ("a*b", "a*b", true),
    ("year=2020", "year=*", true), ("abcab", "*ab", true), ("x", "", false),
  ]

  @Test("match names", arguments: matches)
  func match(name: String, pattern: String, isMatch: Bool) {
    #expect(
      GlobPattern.matches(Array(name.unicodeScalars), Array(pattern.unicodeScalars)) == isMatch)
  }

  @Test func `a path without wild cards is none`() {
    #expect(GlobPattern("/a/b.parquet") == nil)
    #expect(GlobPattern("/a/*.parquet") != nil)
  }
}

@Suite struct `hive partitions` {
  static let segments: [(text: String, key: String?, value: String?)] = [
    ("year=2020", "year", "2020"), ("k=a%20b", "k", "a b"), ("a%3Db=c", "a=b", "c"),
    ("k=100%", "k", "100%"), ("k=%zz", "k", "%zz"), ("k=%C3%A9", "k", "é"), ("k=", "k", ""),
    ("k=a=b", "k", "a=b"), ("k=__HIVE_DEFAULT_PARTITION__", "k", nil), ("plain", nil, nil),
    ("=x", nil, nil),
  ]

  @Test("are segments with a key and a value", arguments: segments)
  func segment(text: String, key: String?, value: String?) {
    let found = PartitionValue(Substring(text))
    #expect(found?.key == key)
    #expect(found?.value == value)
  }
}
