import PFCore
import Testing

@Suite struct `JSON options` {
  /// Reads options as a Parquet reader would.
  private func read(_ text: String?) throws(OptionError) -> (columns: [String]?, limit: Int?) {
    var options = try JSONOptions(text)
    let columns = try options.strings("columns")
    let limit = try options.integer("limit", in: 0...Int.max)
    _ = try options.integers("row_groups", in: 0...Int.max)
    _ = try options.integer("threads", in: 0...64)
    _ = try options.bool("verify_checksums")
    _ = try options.choice("dictionary", of: ["auto", "always"])
    _ = try options.double("ratio")
    try options.finish()
    return (columns, limit)
  }

  @Test func `options come by name and type, absent and null ones as nil`() throws {
    let all = try read(
      #"{"columns":["a","b"],"limit":5,"row_groups":[0,1],"threads":2,"verify_checksums":true,"dictionary":"auto","ratio":1}"#
    )
    #expect(all.columns == ["a", "b"])
    #expect(all.limit == 5)
    for text in [nil, "", "{}", #"{"columns":null,"limit":null}"#] {
      let none = try read(text)
      #expect(none.columns == nil)
      #expect(none.limit == nil)
    }
    #expect(try read(#"{"columns":[]}"#).columns == [])
  }

  static let names = [
    "columns", "limit", "row_groups", "threads", "verify_checksums", "dictionary", "ratio",
  ]

  static let bad: [(text: String, error: OptionError)] = [
    ("{", .malformed(.unexpectedEnd(offset: 1))), ("[]", .notAnObject), ("null", .notAnObject),
    (#"{"colums":["a"]}"#, .unknown(name: "colums", nearest: ["columns"], allowed: names)),
    (#"{"Limit":null}"#, .unknown(name: "Limit", nearest: ["limit"], allowed: names)),
    (#"{"zzzzzz":1}"#, .unknown(name: "zzzzzz", nearest: [], allowed: names)),
    (#"{"columns":"a"}"#, .wrongType(name: "columns", expected: "a list of strings")),
    (#"{"columns":["a",1]}"#, .wrongType(name: "columns", expected: "a list of strings")),
    (#"{"limit":"5"}"#, .wrongType(name: "limit", expected: "an integer")),
    (#"{"limit":5.0}"#, .wrongType(name: "limit", expected: "an integer")),
    (#"{"limit":-1}"#, .outOfRange(name: "limit", allowed: 0...Int.max)),
    (#"{"limit":99999999999999999999}"#, .outOfRange(name: "limit", allowed: 0...Int.max)),
    (#"{"row_groups":[0,-1]}"#, .outOfRange(name: "row_groups", allowed: 0...Int.max)),
    (#"{"row_groups":[true]}"#, .wrongType(name: "row_groups", expected: "a list of integers")),
    (#"{"threads":65}"#, .outOfRange(name: "threads", allowed: 0...64)),
    (#"{"verify_checksums":1}"#, .wrongType(name: "verify_checksums", expected: "true or false")),
    (
      #"{"dictionary":"no"}"#,
      .notAllowed(name: "dictionary", value: "no", allowed: ["auto", "always"])
    ),
    (#"{"ratio":1e999}"#, .wrongType(name: "ratio", expected: "a finite number")),
  ]

  @Test("a bad option is named", arguments: bad)
  func refuses(text: String, error: OptionError) {
    do throws(OptionError) {
      _ = try read(text)
      Issue.record("taken")
    } catch let thrown {
      #expect(thrown == error)
      if let option = error.option { #expect("\(thrown)".contains("\"\(option)\"")) }
    }
  }

  @Test func `the sentence says what to write instead`() {
    #expect(
      "\(OptionError.unknown(name: "colums", nearest: ["columns"], allowed: ["columns"]))"
        == #"unknown option "colums"; did you mean "columns"?"#)
    #expect(
      "\(OptionError.unknown(name: "x\n", nearest: [], allowed: ["a", "b"]))"
        == #"unknown option "x\n"; there are "a", "b""#)
    #expect(
      "\(OptionError.outOfRange(name: "limit", allowed: 0...Int.max))"
        == #"option "limit" has to be at least 0"#)
  }
}
