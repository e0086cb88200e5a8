import PFArrow
import PFCSV
import PFCore
import Testing

@Suite struct `finding records` {
  /// Texts made of what scanners stumble over.
  static let pieces = [
    ",", "\"", "\"\"", "\n", "\r", "\r\n", "a", "bc", " ", "\"x\"", "\"a,b\"", "\"a\nb\"",
    "\"a\"\"b\"", "longer text without anything", "\u{0}", "é", "#", "\\", ";", "||",
  ]

  static func text(_ seed: UInt64, _ pieces: [String] = pieces) -> [UInt8] {
    var random = Seeded(seed)
    var text = ""
    for _ in 0..<(random.next() % 60) { text += random.pick(pieces) }
    return Array(text.utf8)
  }

  static let dialects: [CSVDialect] = {
    var list: [CSVDialect] = []
    func add(_ change: (inout CSVDialect) -> Void) {
      var dialect = CSVDialect()
      dialect.hasHeader = false
      change(&dialect)
      list.append(dialect)
    }
    add { _ in }
    add { $0.quote = nil }
    add { $0.comment = "#" }
    add { $0.trimming = .both }
    add { $0.delimiter = ";" }
    add { $0.skipsBlankLines = false }
    add {
      $0.quote = nil
      $0.trimming = .both
      $0.comment = "#"
    }
    return list
  }()

  @Test(arguments: 0..<40)
  func `masks find what the byte-by-byte scan finds`(round: Int) throws {
    for seed in 0..<50 {
      let bytes = Self.text(UInt64(round * 1000 + seed))
      for dialect in Self.dialects {
        for blockByteCount in [64, 100, 4096] {
          let fast = ScanProbe.fields(bytes, dialect, blockByteCount: blockByteCount, exact: false)
          let exact = ScanProbe.fields(bytes, dialect, blockByteCount: blockByteCount, exact: true)
          #expect(fast == exact, "seed \(round * 1000 + seed): \(bytes), \(dialect)")
        }
      }
    }
  }

  static let examples: [(text: String, records: [[String]])] = [
    ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
    ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
    ("a,b\r1,2\r", [["a", "b"], ["1", "2"]]),
    ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
    ("a,b\r1,2\n3,4\r\n5,6", [["a", "b"], ["1", "2"], ["3", "4"], ["5", "6"]]),
    ("\n\na,b\n\n1,2\n\n", [["a", "b"], ["1", "2"]]),
    ("\r\n\r\na,b\r\n\r\n1,2", [["a", "b"], ["1", "2"]]),
    ("\"a\nb\",\"c\"\"d\"\n", [["a\nb", "c\"d"]]),
    ("a\"b,c\"\"d\n", [["a\"b", "c\"\"d"]]),
    ("\"a\"b,\"c\" \"d\"\n", [["ab", "c \"d\""]]),
    ("\"\",\"\"\"\"\n", [["", "\""]]),
    ("a\n\nb\n", [["a"], ["b"]]),
    ("a,\nb,\n", [["a", ""], ["b", ""]]),
    (",\n,", [["", ""], ["", ""]]),
    ("\u{FEFF}a,b\n", [["a", "b"]]),
    ("a\u{0}b,c\n", [["a\u{0}b", "c"]]),
  ]

  @Test(arguments: examples)
  func `worked examples`(text: String, records: [[String]]) throws {
    for chunk in [1, 2, 3, 5, 8, 64, 1 << 20] {
      let options = plain { $0.chunkByteCount = chunk }
      let table = try file(text).read(options).table
      #expect(rows(table).map { $0.map { $0 ?? "null" } } == records, "chunk \(chunk)")
    }
  }

  @Test func `an unclosed quote is an error at the line where it opens`() throws {
    for chunk in [1, 7, 1 << 20] {
      let options = plain { $0.chunkByteCount = chunk }
      #expect {
        _ = try file("a,b\nc,d\ne,\"f\ng\nh").read(options)
      } throws: { error in
        let error = error as? ReadError
        return error?.reason == .unclosedQuote && error?.place.line == 3
          && error?.place.offset == 10
      }
    }
  }
}
