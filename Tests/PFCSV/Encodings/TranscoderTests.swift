import PFCSV
import Testing

@Suite struct `text encodings` {
  /// What a piecewise reading gives: the text, or the offset of the error.
  enum Outcome: Equatable {
    case text([UInt8])
    case wrong(Int, isTruncated: Bool)
  }

  /// Transcodes `input` cut into pieces of `pieceCount` bytes, with room for `room` bytes at once.
  static func transcode(
    _ input: [UInt8], _ encoding: TextEncoding, _ treatment: Transcoder.Treatment,
    pieceCount: Int, room: Int
  ) -> Outcome {
    var transcoder = Transcoder(encoding, treatment)
    var text: [UInt8] = []
    var output = [UInt8](repeating: 0xA5, count: room + 8)
    func take(_ count: Int) {
      text += output[..<count]
      #expect(output[room...].allSatisfy { $0 == 0xA5 }, "more was written than there is room")
    }
    do throws(TextEncodingError) {
      var start = 0
      while start < input.count {
        // A piece of its own, so that a sanitizer sees reads beyond it.
        var piece = Array(input[start..<min(start + pieceCount, input.count)])
        start += piece.count
        while !piece.isEmpty {
          let progress = try lend(&output, room) { target throws(TextEncodingError) in
            try unsafe piece.span.withUnsafeBytes { source throws(TextEncodingError) in
              try unsafe transcoder.transcode(source, into: target)
            }
          }
          take(progress.written)
          if progress.read == 0, progress.written == 0 {
            Issue.record("no progress")
            return .text([])
          }
          piece.removeFirst(progress.read)
        }
      }
      while true {
        let count = try lend(&output, room) { target throws(TextEncodingError) in
          try unsafe transcoder.finish(into: target)
        }
        if count == 0 { break }
        take(count)
      }
      return .text(text)
    } catch { return .wrong(error.offset, isTruncated: error.isTruncated) }
  }

  /// The same for many ways to cut; they must agree.
  static func everyWay(
    _ input: [UInt8], _ encoding: TextEncoding, _ treatment: Transcoder.Treatment
  ) -> Outcome {
    let whole = transcode(
      input, encoding, treatment, pieceCount: max(input.count, 1), room: 4 * input.count + 8)
    for (pieceCount, room) in [(1, 4), (2, 5), (3, 4), (5, 7), (16, 33), (17, 64), (1000, 4)] {
      let cut = transcode(input, encoding, treatment, pieceCount: pieceCount, room: room)
      #expect(cut == whole, "\(encoding) by \(pieceCount) to \(room)")
    }
    return whole
  }

  static let text =
    "name,größe,price\nZoë,1.5,€ 20\n\"日本\",𝄞,\u{FFFD}\u{FEFF}\n"
    + String(repeating: "plain ascii, ", count: 9)

  static func bytes(_ text: String, _ encoding: TextEncoding) -> [UInt8] {
    switch encoding {
    case .utf16LittleEndian: text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    case .utf16BigEndian: text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    case .latin1: text.unicodeScalars.map { UInt8($0.value) }
    default: Array(text.utf8)
    }
  }

  @Test(
    "of Unicode give the text back, however it is cut",
    arguments: [
      TextEncoding.utf8, .utf16LittleEndian, .utf16BigEndian,
    ])
  func unicode(encoding: TextEncoding) {
    for treatment in [Transcoder.Treatment.refuse, .replace] {
      #expect(
        Self.everyWay(Self.bytes(Self.text, encoding), encoding, treatment)
          == .text(Array(Self.text.utf8)))
    }
  }

  @Test func `latin-1 has all bytes`() {
    let all = [UInt8](0...255)
    let text = String(String.UnicodeScalarView(all.map { Unicode.Scalar($0) }))
    #expect(Self.everyWay(all, .latin1, .refuse) == .text(Array(text.utf8)))
  }

  @Test func `windows-1252 has all but five bytes`() {
    let known = [UInt8](0...255).filter { ![0x81, 0x8D, 0x8F, 0x90, 0x9D].contains($0) }
    // Python: bytes(range(128, 160)).decode("cp1252", "replace").
    let middle = "€\u{FFFD}‚ƒ„…†‡ˆ‰Š‹Œ\u{FFFD}Ž\u{FFFD}\u{FFFD}‘’“”•–—˜™š›œ\u{FFFD}žŸ"
    let rest = String(String.UnicodeScalarView((0xA0...0xFF).map { Unicode.Scalar(UInt8($0)) }))
    let ascii = String(String.UnicodeScalarView((0..<0x80).map { Unicode.Scalar(UInt8($0)) }))
    #expect(
      Self.everyWay(known, .windows1252, .refuse)
        == .text(Array((ascii + middle.filter { $0 != "\u{FFFD}" } + rest).utf8)))
    #expect(
      Self.everyWay([UInt8](0...255), .windows1252, .replace)
        == .text(Array((ascii + middle + rest).utf8)))
    for byte: UInt8 in [0x81, 0x8D, 0x8F, 0x90, 0x9D] {
      #expect(
        Self.everyWay([65, 66, byte, 67], .windows1252, .refuse) == .wrong(2, isTruncated: false))
    }
  }

  static let illFormed:
    [(encoding: TextEncoding, bytes: [UInt8], offset: Int, isCut: Bool, text: String)] = [
      (.utf8, [0x41, 0xFF, 0x42], 1, false, "A\u{FFFD}B"),
      (.utf8, [0xC0, 0xAF], 0, false, "\u{FFFD}\u{FFFD}"),
      (.utf8, [0xE2, 0x82, 0x41], 0, false, "\u{FFFD}A"),
      (.utf8, [0x41, 0xE2, 0x82], 1, true, "A\u{FFFD}"),
      (.utf8, [0xED, 0xA0, 0x80], 0, false, "\u{FFFD}\u{FFFD}\u{FFFD}"),
      (.utf8, [0xF0, 0x90, 0x80, 0x41], 0, false, "\u{FFFD}A"),
      (.utf8, [0xF4, 0x90, 0x80, 0x80], 0, false, "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
      (.utf8, [0xE2, 0xC3, 0xA9], 0, false, "\u{FFFD}é"),
      // Unicode 3.9, table 3-11.
      (
        .utf8, [0xE1, 0x80, 0xE2, 0xF0, 0x91, 0x92, 0xF1, 0xBF, 0x41], 0, false,
        "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}A"
      ),
      (.utf16LittleEndian, [0x41, 0x00, 0x42], 2, true, "A\u{FFFD}"),
      (.utf16LittleEndian, [0x00, 0xD8, 0x41, 0x00], 0, false, "\u{FFFD}A"),
      (.utf16LittleEndian, [0x00, 0xDC, 0x41, 0x00], 0, false, "\u{FFFD}A"),
      (.utf16LittleEndian, [0x00, 0xD8], 0, true, "\u{FFFD}"),
      (.utf16LittleEndian, [0x00, 0xD8, 0x41], 0, true, "\u{FFFD}"),
      (.utf16LittleEndian, [0x00, 0xD8, 0x00, 0xD8, 0x00, 0xDC], 0, false, "\u{FFFD}\u{10000}"),
      (.utf16BigEndian, [0x00, 0x41, 0xDC, 0x00], 2, false, "A\u{FFFD}"),
      (.utf16BigEndian, [0xD8, 0x00, 0xDC, 0x00, 0xD8], 4, true, "\u{10000}\u{FFFD}"),
    ]

  @Test(arguments: illFormed)
  func `what is ill-formed has a place, or a replacement`(
    encoding: TextEncoding, bytes: [UInt8], offset: Int, isCut: Bool, text: String
  ) {
    #expect(Self.everyWay(bytes, encoding, .refuse) == .wrong(offset, isTruncated: isCut))
    #expect(Self.everyWay(bytes, encoding, .replace) == .text(Array(text.utf8)))
    let marked = text.unicodeScalars.flatMap { scalar in
      scalar == "\u{FFFD}" ? [0xFF] : Array(String(scalar).utf8)
    }
    #expect(Self.everyWay(bytes, encoding, .mark) == .text(marked))
    // Behind a long run of ASCII, which is copied by words.
    let run = String(repeating: "0123456789", count: 7)
    let prefix = Self.bytes(run, encoding)
    #expect(
      Self.everyWay(prefix + bytes, encoding, .refuse)
        == .wrong(prefix.count + offset, isTruncated: isCut))
    #expect(Self.everyWay(prefix + bytes, encoding, .replace) == .text(Array((run + text).utf8)))
  }

  @Test func `random bytes of UTF-8 are replaced as the standard library does it`() {
    var random = SeededGenerator(seed: 81)
    let leads: [UInt8] = [
      0x41, 0x80, 0xBF, 0xC2, 0xE0, 0xE2, 0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0xFF, 0x90, 0xA0,
    ]
    for _ in 0..<sampleCount(40_000) {
      let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        leads.randomElement(using: &random) ?? 0
      }
      let expected = Array(String(decoding: bytes, as: UTF8.self).utf8)
      #expect(Self.everyWay(bytes, .utf8, .replace) == .text(expected), "\(bytes)")
    }
  }

  @Test func `random units of UTF-16 are replaced as the standard library does it`() {
    var random = SeededGenerator(seed: 82)
    for _ in 0..<sampleCount(40_000) {
      let units: [UInt16] = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        [0x41, 0xE9, 0x20AC, 0xD800, 0xDBFF, 0xDC00, 0xDFFF].randomElement(using: &random) ?? 0
      }
      let expected = Array(String(decoding: units, as: UTF16.self).utf8)
      let little = units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
      let big = units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
      #expect(Self.everyWay(little, .utf16LittleEndian, .replace) == .text(expected), "\(units)")
      #expect(Self.everyWay(big, .utf16BigEndian, .replace) == .text(expected), "\(units)")
    }
  }

  @Test func `names as Python spells them`() {
    let names: [(names: [String], encoding: NamedEncoding)] = [
      (["utf-8", "utf8", "UTF_8", "U8", "utf-8-sig"], .exactly(.utf8)),
      (["latin-1", "latin1", "Latin_1", "iso-8859-1", "ISO8859-1", "L1"], .exactly(.latin1)),
      (["cp1252", "windows-1252", "CP_1252", "Windows1252"], .exactly(.windows1252)),
      (["utf-16-le", "utf_16_le", "UTF-16LE"], .exactly(.utf16LittleEndian)),
      (["utf-16-be", "UTF16BE"], .exactly(.utf16BigEndian)), (["utf-16", "utf16"], .utf16ByMark),
    ]
    for (names, encoding) in names {
      for name in names { #expect(NamedEncoding(name) == encoding, "\(name)") }
    }
    for name in ["", "utf", "utf-32", "ascii", "cp1251", "iso-8859-15", "latin-2", "utf-7"] {
      #expect(name == "utf" || NamedEncoding(name) == nil, "\(name)")
    }
  }

  @Test func `byte order marks`() {
    func mark(_ bytes: [UInt8]) -> TextEncoding.Mark? { TextEncoding.mark(of: bytes.span) }
    #expect(mark([0xEF, 0xBB, 0xBF])?.encoding == .utf8)
    #expect(mark([0xFF, 0xFE, 0x41])?.encoding == .utf16LittleEndian)
    #expect(mark([0xFE, 0xFF])?.byteCount == 2)
    for bytes: [UInt8] in [
      [], [0xEF], [0xEF, 0xBB], [0xFF], [0xFE, 0xFE], [0x41, 0xEF, 0xBB, 0xBF],
    ] {
      #expect(mark(bytes) == nil)
    }
    #expect(NamedEncoding.utf16ByMark.encoding(with: nil) == .utf16LittleEndian)
    #expect(NamedEncoding.utf16ByMark.encoding(with: mark([0xFE, 0xFF])) == .utf16BigEndian)
    #expect(NamedEncoding.exactly(.latin1).encoding(with: mark([0xFE, 0xFF])) == .latin1)
  }
}
