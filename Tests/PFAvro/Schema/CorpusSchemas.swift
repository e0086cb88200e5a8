import Foundation
import PFCore

/// The Avro files of the corpora; nil where `PARQUETFRAME_CORPORA` is not set.
func corpusFiles() -> [URL]? {
  guard let root = ProcessInfo.processInfo.environment["PARQUETFRAME_CORPORA"] else { return nil }
  let folder = URL(filePath: root).appending(path: "avro")
  let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
  return files?.compactMap { $0 as? URL }.filter { !$0.hasDirectoryPath }
    .sorted { $0.path() < $1.path() }
}

/// The schema text in the header of a container file; nil where the header is broken.
func schemaText(ofFile bytes: [UInt8]) -> [UInt8]? {
  var reader = ByteReader(bytes.span)
  guard bytes.starts(with: Array("Obj\u{1}".utf8)) else { return nil }
  do throws(DecodingError) {
    try reader.skip(4)
    while true {
      var count = try reader.readZigZag()
      if count == 0 { return nil }
      if count < 0 {
        count = 0 - count
        _ = try reader.readZigZag()
      }
      for _ in 0..<count {
        let name = try reader.readSpan(count: Int(try reader.readZigZag()))
        let key = (0..<name.count).map { name[$0] }
        let value = try reader.readSpan(count: Int(try reader.readZigZag()))
        if key == Array("avro.schema".utf8) { return (0..<value.count).map { value[$0] } }
      }
    }
  } catch {
    return nil
  }
}

/// A generator whose numbers depend on its seed alone.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func pick<T>(_ choices: [T]) -> T { choices[Int(next() % UInt64(choices.count))] }
}
