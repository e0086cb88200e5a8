import Foundation
import Testing

/// Files of `Tests/Fixtures/metadata` and of the corpora, and their footers.
enum FooterFixture {
  /// The footer of a committed fixture, without length and magic.
  static func fixture(_ name: String) throws -> [UInt8] {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = tests.appending(path: "Fixtures/metadata/\(name).parquet")
    return try #require(footer(of: [UInt8](Data(contentsOf: file))))
  }

  /// Nil for what does not end like a Parquet file with a plain footer.
  static func footer(of file: [UInt8]) -> [UInt8]? {
    guard file.count >= 12, file.suffix(4) == Array("PAR1".utf8)[...] else { return nil }
    let length = file[(file.count - 8)..<(file.count - 4)].reversed().reduce(0) {
      $0 << 8 | Int($1)
    }
    guard length <= file.count - 12 else { return nil }
    return Array(file[(file.count - 8 - length)..<(file.count - 8)])
  }

  /// Every Parquet file of the corpora; nil where `PARQUETFRAME_CORPORA` is not set.
  static func corpus() -> [URL]? {
    guard let root = ProcessInfo.processInfo.environment["PARQUETFRAME_CORPORA"] else { return nil }
    let folder = URL(filePath: root).appending(path: "parquet")
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return (files?.allObjects as? [URL] ?? [])
      .filter { $0.pathExtension == "parquet" }
      .sorted { $0.path < $1.path }
  }
}
