import PFCore
import Testing

@Suite struct `writing JSON` {
  private static func write(_ layout: JSONLayout) -> String {
    var writer = JSONWriter(layout)
    writer.object {
      $0.member("rows", 5)
      $0.member("min", Optional<Int>.none)
      $0.array("columns") {
        $0.value("price")
        $0.object {
          $0.member("a", [1.5, -0.0])
          $0.object("empty") { _ in }
        }
        $0.array { _ in }
      }
      $0.member("tree", JSONValue.array([.null, .object(JSONObject())]))
      $0.member("none", [Int]())
    }
    return writer.text
  }

  @Test func `compact text has no white space`() {
    let expected =
      #"{"rows":5,"min":null,"columns":["price",{"a":[1.5,-0.0],"empty":{}},[]],"tree":[null,{}],"none":[]}"#
    #expect(Self.write(.compact) == expected)
  }

  @Test func `indented text has a line for each item`() {
    #expect(
      Self.write(.indented) == """
        {
          "rows": 5,
          "min": null,
          "columns": [
            "price",
            {
              "a": [
                1.5,
                -0.0
              ],
              "empty": {}
            },
            []
          ],
          "tree": [
            null,
            {}
          ],
          "none": []
        }
        """)
  }

  private func text(_ value: some JSONWritable) -> String {
    var writer = JSONWriter()
    writer.value(value)
    return writer.text
  }

  @Test func `integers keep all digits`() {
    #expect(text(Int64.min) == "-9223372036854775808")
    #expect(text(UInt64.max) == "18446744073709551615")
    #expect(text(Int8.min) == "-128")
    for value in [0, 1, 9, 10, 99, 100, -1, -10] { #expect(text(value) == "\(value)") }
  }

  @Test func `floating point is shortest, and null where JSON has no number`() {
    #expect(text(0.1) == "0.1")
    #expect(text(Float(0.1)) == "0.1")
    #expect(text(1e300) == "1e+300")
    #expect(text(Double.leastNonzeroMagnitude) == "5e-324")
    #expect(text([Double.nan, .infinity, -.infinity]) == "[null,null,null]")
    #expect(text([Float.nan, .infinity]) == "[null,null]")
  }

  @Test func `every control character, quote and backslash is escaped`() throws {
    let all = String(String.UnicodeScalarView((0 as UInt32..<0x80).compactMap(Unicode.Scalar.init)))
    let written = text(all)
    #expect(written.utf8.allSatisfy { $0 >= 0x20 })
    #expect(written.hasPrefix(#""\u0000\u0001\u0002"#))
    #expect(written.contains(##"\u001e\u001f !\"#"##))
    #expect(try JSONValue(parsing: written) == .string(all))
  }

  @Test func `an error of a body goes through`() {
    struct Stop: Error {}
    var writer = JSONWriter()
    #expect(throws: Stop.self) { try writer.object { _ in throw Stop() } }
  }
}
