import Foundation
import PFArrow
import PFCore
import PFOperations
import Testing

@Suite struct `operations on files` {
  @Test func `read takes Parquet with columns, filters and a limit`() throws {
    let path = fixture("sample.parquet")
    let read = try TableOperation(
      "read",
      json: #"{"path": "\#(path)", "columns": ["city", "ride"], "limit": 3, "#
        + #""filters": [["city", "==", "Bologna"], ["minutes", ">", 5]]}"#)
    #expect(read.readPaths == [path])
    #expect(read.writtenPaths.isEmpty)
    #expect(try read.filesRead() == [path])
    let table = try read.run()
    #expect(table.names == ["city", "ride"])
    #expect(table.rowCount == 3)
    let whole = try TableOperation("read", json: #"{"input": "\#(path)", "islazy": true}"#).run()
    #expect(whole.rowCount == 400)
    let twin = try TableOperation(
      "filter", json: #"{"query": "city == 'Bologna' and minutes > 5"}"#
    )
    .run([whole])
    let first = try TableOperation("limit", json: #"{"limit": 3}"#).run([twin])
    let expected = try TableOperation("select", json: #"{"columns": "city,ride"}"#).run([first])
    #expect(table.rows == expected.rows)
  }

  @Test func `read takes CSV with a filter on a column that is not wanted`() throws {
    try withFolder { folder in
      try write("a;b;c\n1;x;2\n3;y;4\n5;x;6\n7;x;8\n", to: "\(folder)/one.csv")
      try write("a;b;c\n9;x;10\n", to: "\(folder)/two.csv")
      let options = #""delimiter": ";", "columns": ["c"], "filters": [["b", "==", "x"]]"#
      let one = try TableOperation(
        "read", json: #"{"path": "\#(folder)/one.csv", "limit": 2, \#(options)}"#)
      #expect(try one.run().rows == #"[{"c":2},{"c":6}]"#)
      for path in [
        #""\#(folder)""#, #""\#(folder)/*.csv""#, #"["\#(folder)/one.csv", "\#(folder)/two.csv"]"#,
      ] {
        let all = try TableOperation("read", json: #"{"path": \#(path), \#(options)}"#)
        #expect(try all.run(threads: 2).rows == #"[{"c":2},{"c":6},{"c":8},{"c":10}]"#)
        #expect(try all.filesRead() == ["\(folder)/one.csv", "\(folder)/two.csv"])
      }
    }
  }

  @Test func `read takes Avro, also by its first bytes`() throws {
    try withFolder { folder in
      let bytes = try Data(contentsOf: URL(fileURLWithPath: fixture("rides.avro")))
      try bytes.write(to: URL(fileURLWithPath: "\(folder)/rides"))
      let table = try TableOperation(
        "read",
        json:
          #"{"path": "\#(folder)/rides", "columns": ["ride"], "filters": [["payment", "==", "APP"]], "limit": 2}"#
      ).run()
      #expect(table.names == ["ride"])
      #expect(table.rowCount == 2)
      #expect(table.rows.hasPrefix(#"[{"ride":1}"#))
    }
  }

  @Test func `what was written reads the same, and the input comes back`() throws {
    try withFolder { folder in
      let (table, path) = (try people(), "\(folder)/deep/er/people.arrow")
      let write = try TableOperation("save", json: #"{"output": "\#(path)"}"#)
      #expect(write.writtenPaths == [path])
      #expect(write.name == "write")
      let given = try write.run([table])
      #expect(addresses(given.batches[0].columns[0]) == addresses(table.batches[0].columns[0]))
      // A file that is there is replaced.
      _ = try write.run([table])
      let read = try TableOperation("read", json: #"{"path": "\#(path)"}"#)
      #expect(try read.run().rows == table.rows)
      let some = try TableOperation(
        "read",
        json: #"{"path": "\#(path)", "columns": ["name"], "filters": [["id", ">", 3]], "limit": 2}"#
      )
      #expect(try some.run().rows == #"[{"name":"Dan"},{"name":"Eve"}]"#)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: "\(folder)/deep/er") == ["people.arrow"]
      )
      let stamp = try FileStamp(path: path)
      #expect(stamp.byteCount > 0)
      #expect(stamp == (try FileStamp(path: path)))
      #expect(throws: SourceError.notFound) { _ = try FileStamp(path: "\(folder)/none") }
    }
  }

  @Test func `a write that is stopped leaves what was there`() throws {
    try withFolder { folder in
      let path = "\(folder)/a.arrow"
      try write("old", to: path)
      let token = CancellationToken()
      let context = OperationContext(cancellation: token, progress: { _ in token.cancel() })
      #expect(try failure("write", #"{"path": "\#(path)"}"#, [people()], context) == .cancelled)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.arrow"])
    }
  }

  @Test func `a path that cannot be written is named`() throws {
    try withFolder { folder in
      let table = try people()
      #expect(
        try failure("write", #"{"path": "\#(folder)/no/a.arrow"}"#, [table])
          == .write(path: "\(folder)/no/a.arrow", .notFound))
      #expect(
        try failure("write", #"{"path": "\#(folder)"}"#, [table]).description
          == "cannot write \(folder): is a directory")
      #expect(
        try failure("write", #"{"path": "a\u0000b"}"#, [table]) == .write(path: "a\0b", .notFound))
      try write("x", to: "\(folder)/file")
      guard case .write = try failure("save", #"{"output": "\#(folder)/file/a"}"#, [table]) else {
        Issue.record("a directory in a file")
        return
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
    }
  }

  @Test func `a file that is not there is named`() throws {
    let error = try failure("read", #"{"path": "/nowhere/a.parquet"}"#)
    #expect(error.description == "/nowhere/a.parquet: no such file")
    #expect(
      try failure("read", #"{"path": "/nowhere/*.csv"}"#).description.contains("/nowhere/*.csv"))
    try withFolder { folder in
      try write("text", to: "\(folder)/a.parquet")
      #expect(
        try failure("read", #"{"path": "\#(folder)/a.parquet"}"#).description.hasPrefix(folder))
    }
  }

  @Test func `progress ends at one`() throws {
    try withFolder { folder in
      let last = Last()
      let context = OperationContext(progress: { last.set($0.fraction) })
      _ = try TableOperation("write", json: #"{"path": "\#(folder)/a.arrow"}"#).run(
        [people()], context)
      #expect(last.value == 1)
      _ = try TableOperation("filter", json: #"{"query": "id > 2"}"#).run([people()], context)
      #expect(last.value == 1)
      _ = try TableOperation("read", json: #"{"path": "\#(fixture("sample.parquet"))"}"#).run(
        [], context)
      #expect(last.value == 1)
    }
  }
}

extension TableOperation {
  fileprivate func run(threads: Int) throws -> Table {
    try run([], OperationContext(threads: threads))
  }
}

/// The largest of the values that come from any thread.
private final class Last: @unchecked Sendable {
  // SAFETY: used under the lock alone.
  private let lock = NSLock()
  private var last: Double?

  func set(_ value: Double?) { lock.withLock { last = max(last ?? 0, value ?? 0) } }
  var value: Double? { lock.withLock { last } }
}
