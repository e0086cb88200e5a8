import Foundation
import PFCSV
import PFCompression
import PFCore
import Testing

@Suite struct `input of CSV` {
  /// All text of a source, read by pieces of `pieceCount` bytes.
  static func readAll(
    _ source: any ByteSource, encoding: NamedEncoding? = nil,
    wrongBytes: CSVInput.WrongBytes = .refuse, pieceCount: Int
  ) -> Result<[UInt8], ReadError> {
    var text: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: pieceCount)
    do throws(ReadError) {
      let input = try CSVInput(source, encoding: encoding, wrongBytes: wrongBytes)
      while true {
        let count = try lend(&piece, pieceCount) { target throws(ReadError) in
          try unsafe input.read(into: target)
        }
        if count == 0 { break }
        text += piece[..<count]
      }
      let again = try lend(&piece, pieceCount) { target throws(ReadError) in
        try unsafe input.read(into: target)
      }
      #expect(again == 0)
      return .success(text)
    } catch { return .failure(error) }
  }

  static func source(_ bytes: [UInt8]) -> MemorySource { MemorySource(buffer(bytes)) }

  static func buffer(_ bytes: [UInt8]) -> Buffer {
    guard var target = try? MutableBuffer(byteCount: bytes.count) else { return .empty }
    target.append(bytes.span)
    return target.freeze()
  }

  static func fixture(_ path: String) throws -> [UInt8] {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try [UInt8](Data(contentsOf: tests.appending(path: "Fixtures/\(path)")))
  }

  static let gzips = [
    "text-level0", "text-level1", "text-level6", "text-level9", "text-huffman", "integers-rle",
    "text-fixed", "text-filtered", "integers", "doubles", "zeros", "far", "flushed", "empty",
  ]

  @Test("GZIP files in pieces of any size", arguments: gzips)
  func gzip(name: String) throws {
    let bytes = try Self.fixture("gzip/\(name).gz")
    let expected = try Gzip.decompress(bytes.span)
    for pieceCount in [1000, 1 << 16, 1 << 20] + (expected.count < 50_000 ? [1, 3] : []) {
      let text = try Self.readAll(Self.source(bytes), wrongBytes: .pass, pieceCount: pieceCount)
        .get()
      #expect(text == expected)
    }
  }

  static let zstandards = [
    "byte", "doubles", "empty", "far", "integers-19", "letters", "members", "random", "text-19",
    "text-stream", "unchecked", "zeros", "corpus-00", "corpus-07",
  ]

  @Test("Zstandard files in pieces of any size", arguments: zstandards)
  func zstandard(name: String) throws {
    let bytes = try Self.fixture("zstd/\(name).zst")
    let expected = try Zstandard.decompress(bytes.span)
    for pieceCount in [1000, 1 << 16, 1 << 20] + (expected.count < 50_000 ? [1, 3] : []) {
      let text = try Self.readAll(Self.source(bytes), wrongBytes: .pass, pieceCount: pieceCount)
        .get()
      #expect(text == expected)
    }
  }

  @Test func `several members and frames, from a source that has nothing in memory`() throws {
    for path in ["gzip/text-level6.gz", "zstd/text-3.zst"] {
      let bytes = try Self.fixture(path)
      let whole = Array([bytes, bytes, bytes].joined())
      let once = try Self.readAll(Self.source(bytes), pieceCount: 4096).get()
      let callback = CallbackSource(name: "callback", byteCount: whole.count) {
        (offset: Int, target: inout MutableSpan<UInt8>) throws(SourceError) in
        for index in target.indices { target[index] = whole[offset + index] }
      }
      let text = try Self.readAll(callback, pieceCount: 10_000).get()
      #expect(text == Array([once, once, once].joined()))
      let input = try CSVInput(callback)
      #expect(input.prefersSequential && input.compression != nil && input.encoding == .utf8)
    }
  }

  @Test(
    "cut or damaged input is an error with its place",
    arguments: [
      "gzip/flushed.gz", "zstd/text-stream.zst",
    ])
  func damaged(path: String) throws {
    let bytes = try Self.fixture(path)
    let expected = try Self.readAll(Self.source(bytes), wrongBytes: .pass, pieceCount: 4096).get()
    for end in stride(from: 4, to: bytes.count, by: max(bytes.count / 60, 1)) {
      switch Self.readAll(Self.source(Array(bytes[..<end])), wrongBytes: .pass, pieceCount: 4096) {
      case .success: Issue.record("\(end) of \(bytes.count) bytes were read")
      case .failure(let error):
        #expect(error.place.offset.map { $0 <= end } == true && error.place.file == "memory")
      }
    }
    for place in stride(from: 4, to: bytes.count, by: max(bytes.count / 60, 1)) {
      var damaged = bytes
      damaged[place] ^= 0x10
      // Times and names in headers may be anything.
      let text = try? Self.readAll(Self.source(damaged), wrongBytes: .pass, pieceCount: 4096).get()
      if let text { #expect(text == expected, "byte \(place)") }
    }
  }

  @Test func `byte order marks are passed, and tell the encoding`() throws {
    let text = Array("a,ß\n1,2\n".utf8)
    var little: [UInt8] = [0xFF, 0xFE]
    var big: [UInt8] = [0xFE, 0xFF]
    for unit in "a,ß\n1,2\n".utf16 {
      little += [UInt8(unit & 0xFF), UInt8(unit >> 8)]
      big += [UInt8(unit >> 8), UInt8(unit & 0xFF)]
    }
    let marked: [UInt8] = [0xEF, 0xBB, 0xBF] + text
    let latin: [UInt8] = [0x61, 0x2C, 0xDF] + text[4...]
    let cases: [(bytes: [UInt8], name: String?)] = [
      (text, nil), (marked, nil), (little, nil), (big, nil), (text, "utf-8"), (marked, "utf-8"),
      (little, "utf-16"), (big, "utf-16"), (Array(little[2...]), "utf-16"),
      (little, "utf-16-le"), (Array(big[2...]), "utf-16-be"), (latin, "latin-1"),
    ]
    for (bytes, name) in cases {
      for wrongBytes in [CSVInput.WrongBytes.refuse, .replace, .pass] {
        for pieceCount in [1, 2, 3, 4, 5, 100] {
          let found = try Self.readAll(
            Self.source(bytes), encoding: name.flatMap { NamedEncoding($0) },
            wrongBytes: wrongBytes,
            pieceCount: pieceCount
          ).get()
          #expect(found == text, "\(bytes) as \(name ?? "-"), \(pieceCount)")
        }
      }
    }
    let input = try CSVInput(Self.source(marked))
    #expect(!input.prefersSequential && input.markByteCount == 3)
    #expect(try CSVInput(Self.source(little)).prefersSequential)
    #expect(try CSVInput(Self.source(text), wrongBytes: .replace).prefersSequential)
  }

  @Test func `bytes that are no character have an offset in the source`() throws {
    func failure(_ bytes: [UInt8], _ name: String?) -> ReadError? {
      let result = Self.readAll(
        Self.source(bytes), encoding: name.flatMap { NamedEncoding($0) }, pieceCount: 100)
      if case .failure(let error) = result { return error }
      return nil
    }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    #expect(failure([0x41, 0x42, 0xFF], nil)?.place.offset == 2)
    #expect(failure(mark + [0x41, 0xFF], nil)?.place.offset == 4)
    #expect(failure([0xFF, 0xFE, 0x41, 0x00, 0x00, 0xDC], nil)?.place.offset == 4)
    #expect(failure([0x41, 0x42, 0x81], "cp1252")?.place.offset == 2)
    #expect(
      failure([0x41, 0xE2, 0x82], nil)?.description
        == "memory, byte 1: bytes that are not UTF-8")
    #expect(failure([0x41, 0xFF], nil)?.summary == "bytes that are not UTF-8")
    let replaced = Self.readAll(Self.source([0x41, 0xFF]), wrongBytes: .replace, pieceCount: 100)
    #expect(try replaced.get() == Array("A\u{FFFD}".utf8))
    let passed = Self.readAll(Self.source([0x41, 0xFF]), wrongBytes: .pass, pieceCount: 100)
    #expect(try passed.get() == [0x41, 0xFF])
  }

  @Test func `nothing, and less than a magic`() throws {
    for bytes: [UInt8] in [[], [0x41], [0x1F], [0x28, 0xB5], [0xEF, 0xBB]] {
      let input = try CSVInput(Self.source(bytes))
      #expect(input.compression == nil)
      #expect(
        try Self.readAll(Self.source(bytes), wrongBytes: .pass, pieceCount: 10).get() == bytes)
    }
    #expect(try CSVInput(Self.source([0x1F, 0x8B]), decompresses: false).compression == nil)
    #expect(throws: ReadError.self) { try CSVInput(Self.source([0x1F, 0x8B])) }
  }
}
