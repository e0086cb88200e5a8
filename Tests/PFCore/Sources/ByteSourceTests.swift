import Foundation
import PFCore
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct `byte sources` {
  static let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }

  /// A folder of its own for a test, deleted afterwards.
  static func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sources-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  /// The four forms over the same bytes.
  static func withSources(_ body: ([any ByteSource]) throws -> Void) throws {
    try withFolder { folder in
      let file = folder.appending(path: "content")
      try Data(content).write(to: file)
      try body([
        FileSource(path: file.path), MappedFileSource(path: file.path),
        MemorySource(Buffer(copying: content.span)),
        CallbackSource(name: "callback", byteCount: content.count) { offset, target in
          for index in target.indices { target[index] = content[offset + index] }
        },
      ])
    }
  }

  static func read(_ source: any ByteSource, _ offset: Int, _ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    try source.read(at: offset, into: &span)
    return bytes
  }

  @Test func `of all forms give any range of the same bytes`() throws {
    try Self.withSources { sources in
      for source in sources {
        #expect(source.byteCount == Self.content.count)
        for (offset, count) in [
          (0, 0), (0, 1), (0, 100_000), (99_999, 1), (100_000, 0), (777, 4099),
        ] {
          let expected = Array(Self.content[offset..<(offset + count)])
          #expect(try Self.read(source, offset, count) == expected)
          #expect(try source.bytes(at: offset, byteCount: count) == Buffer(copying: expected.span))
          if let lent = try source.borrow(at: offset, byteCount: count) {
            #expect(try lent == Buffer(copying: expected.span))
          }
        }
      }
    }
  }

  @Test func `refuse ranges beyond their end`() throws {
    try Self.withSources { sources in
      for source in sources {
        for (offset, count) in [(99_999, 2), (100_001, 0), (-1, 1), (Int.max, 1), (Int.min, 0)] {
          #expect(throws: SourceError.truncated(offset: offset, needed: count)) {
            try Self.read(source, offset, count)
          }
        }
        for (offset, count) in [(0, Int.max), (1, Int.max), (0, -1), (Int.max, Int.max)] {
          #expect(throws: ReadError.self) { try source.bytes(at: offset, byteCount: count) }
        }
      }
    }
  }

  @Test func `serve many threads at once`() throws {
    try Self.withSources { sources in
      for source in sources {
        let completed = try ParallelLoop.run(count: 200, threads: 8, makeScratch: {}) {
          (index: Int, _: inout Void) throws(ReadError) in
          let offset = index * 499
          let buffer = try source.bytes(at: offset, byteCount: 300)
          let bytes = buffer.bytes
          for byte in bytes.indices where bytes[byte] != Self.content[offset + byte] {
            throw ReadError(.inconsistent("byte \(byte) of read \(index)"))
          }
        }
        #expect(completed)
      }
    }
  }

  @Test func `that are cut while they are open say so`() throws {
    try Self.withFolder { folder in
      let file = folder.appending(path: "cut")
      try Data(Self.content).write(to: file)
      let source = try FileSource(path: file.path)
      let handle = try FileHandle(forWritingTo: file)
      try handle.truncate(atOffset: 1000)
      #expect(try Self.read(source, 0, 1000) == Array(Self.content[..<1000]))
      #expect(throws: SourceError.truncated(offset: 1000, needed: 500)) {
        try Self.read(source, 500, 1000)
      }
      #expect(throws: SourceError.truncated(offset: 50_000, needed: 10)) {
        try Self.read(source, 50_000, 10)
      }
    }
  }

  @Test func `that cannot be opened say why`() throws {
    try Self.withFolder { folder in
      func error(_ path: String) throws -> SourceError {
        let mapped = try #require(throws: SourceError.self) { _ = try MappedFileSource(path: path) }
        let read = try #require(throws: SourceError.self) { _ = try FileSource(path: path) }
        #expect(mapped == read)
        return read
      }
      #expect(try error(folder.path) == .isDirectory)
      #expect(try error(folder.appending(path: "missing").path) == .notFound)
      #expect(try error("") == .notFound)
      #expect(try error(String(repeating: "x", count: 10_000)) == .system(code: ENAMETOOLONG))
      let file = folder.appending(path: "file")
      try Data([1]).write(to: file)
      #expect(try error(file.path + "/below") == .notFound)
      // The system would see the part before the zero byte, which exists.
      #expect(try error(file.path + "\0.parquet") == .notFound)
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: file.path)
      // Root may read everything.
      if getuid() != 0 { #expect(try error(file.path) == .permissionDenied) }
    }
  }

  @Test func `of no bytes are sources, too`() throws {
    try Self.withFolder { folder in
      let file = folder.appending(path: "empty")
      try Data().write(to: file)
      #expect(try FileSource(path: file.path).byteCount == 0)
      #expect(try MappedFileSource(path: file.path).bytes(at: 0, byteCount: 0) == .empty)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `that are pipes without a writer do not hold anybody up`() throws {
    try Self.withFolder { folder in
      let pipe = folder.appending(path: "pipe").path
      try #require(unsafe mkfifo(pipe, 0o600) == 0)
      #expect(try FileSource(path: pipe).byteCount == 0)
    }
  }

  @Test func `behind a callback pass its error on`() throws {
    let source = CallbackSource(name: "broken", byteCount: 10) { _, _ throws(SourceError) in
      throw .callbackFailed(status: 7)
    }
    #expect(throws: SourceError.callbackFailed(status: 7)) { try Self.read(source, 0, 10) }
    let error = try #require(throws: ReadError.self) { try source.bytes(at: 2, byteCount: 3) }
    #expect(error.reason == .source(.callbackFailed(status: 7)))
    #expect(error.place == .init(file: "broken", offset: 2))
  }
}
