import PFCSV
import Testing

@Suite struct `booleans of text` {
  static func parse(_ text: String, _ words: BooleanText = .standard) -> Bool? {
    read(text) { unsafe words.parse($0, $1) }
  }

  @Test func `the standard words in three cases and no other`() {
    for text in ["true", "True", "TRUE"] { #expect(Self.parse(text) == true) }
    for text in ["false", "False", "FALSE"] { #expect(Self.parse(text) == false) }
    for text in [
      "", "t", "T", "1", "yes", "tRUE", "TRue", "tru", "true ", "truer", "fals", "falsey",
    ] {
      #expect(Self.parse(text) == nil, "\(text)")
    }
  }

  @Test func `given words, short, long and empty`() {
    let words = BooleanText(
      trueWords: ["ja", "wahrheitsgemäß", "1"],
      falseWords: ["", "nein", "12345678", "unzutreffend"])
    for text in ["ja", "wahrheitsgemäß", "1"] { #expect(Self.parse(text, words) == true) }
    for text in ["", "nein", "12345678", "unzutreffend"] {
      #expect(Self.parse(text, words) == false)
    }
    for text in [
      "true", "j", "jaa", "unzutreffenD", "unzutreffend ", "123456789", "wahrheitsgemäss",
    ] {
      #expect(Self.parse(text, words) == nil, "\(text)")
    }
  }
}
