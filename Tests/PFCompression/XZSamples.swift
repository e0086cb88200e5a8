import Foundation
import PFCompression
import PFCore

/// Writes .xz files as asked, also ones that no compressor would make.
struct XZFile {
  var bytes: [UInt8] = []
  var checkNumber = 1
  private var records: [(unpadded: Int, plain: Int)] = []

  /// A chunk of LZMA2.
  enum Chunk {
    /// As it is; the dictionary begins anew.
    case first([UInt8])
    case raw([UInt8])
    case bytes([UInt8])
  }

  /// What may differ from what a compressor writes.
  struct Options {
    var flags: UInt8 = 0
    /// Behind the flags.
    var fields: [UInt8] = [0x21, 1, 0x16]
    var check: [UInt8]?
    var padding: [UInt8]?
    var headerChecksum: UInt32?
  }

  init(check: Int = 1) {
    checkNumber = check
    bytes = [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0] + Self.summed([0, UInt8(check)])
  }

  static func packed(_ chunks: [Chunk], hasEnd: Bool = true) -> [UInt8] {
    var made: [UInt8] = []
    for chunk in chunks {
      switch chunk {
      case .first(let plain), .raw(let plain):
        if case .first = chunk { made.append(1) } else { made.append(2) }
        made += [UInt8((plain.count - 1) >> 8), UInt8((plain.count - 1) & 255)] + plain
      case .bytes(let bytes): made += bytes
      }
    }
    return made + (hasEnd ? [0] : [])
  }

  mutating func block(_ chunks: [Chunk], decoding plain: [UInt8], _ options: Options = Options()) {
    block(packed: Self.packed(chunks), decoding: plain, options)
  }

  mutating func block(packed: [UInt8], decoding plain: [UInt8], _ options: Options = Options()) {
    var fields = [options.flags] + options.fields
    while (fields.count + 5) % 4 != 0 { fields.append(0) }
    let header = [UInt8((fields.count + 5) / 4 - 1)] + fields
    let sum = options.headerChecksum ?? CRC32.checksum(of: header.span)
    bytes += header + Self.little(Int(sum), 4) + packed
    bytes += options.padding ?? [UInt8](repeating: 0, count: (4 - packed.count % 4) % 4)
    let check = options.check ?? Self.check(checkNumber, plain)
    bytes += check
    records.append((header.count + 4 + packed.count + check.count, plain.count))
  }

  /// Ends the stream and gives its bytes.
  mutating func end(
    count: Int? = nil, first: (unpadded: Int, plain: Int)? = nil, backward: Int? = nil,
    flags: UInt8? = nil, magic: [UInt8] = [0x59, 0x5A]
  ) -> [UInt8] {
    if let first { records[0] = first }
    var index = [0] + Self.number(count ?? records.count)
    for record in records { index += Self.number(record.unpadded) + Self.number(record.plain) }
    while index.count % 4 != 0 { index.append(0) }
    bytes += Self.summed(index)
    let tail: [UInt8] =
      Self.little(backward ?? (index.count + 4) / 4 - 1, 4) + [0, flags ?? UInt8(checkNumber)]
    bytes += Self.little(Int(CRC32.checksum(of: tail.span)), 4) + tail + magic
    return bytes
  }

  static func check(_ number: Int, _ plain: [UInt8]) -> [UInt8] {
    switch number {
    case 0: return []
    case 1: return little(Int(CRC32.checksum(of: plain.span)), 4)
    case 4:
      var crc = UInt64.max
      for byte in plain {
        crc ^= UInt64(byte)
        for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xC96C_5795_D787_0F42 : 0) }
      }
      return little(Int(bitPattern: UInt(~crc)), 8)
    default: return [UInt8](repeating: 0xEE, count: 4 << ((number - 1) / 3))
    }
  }

  static func summed(_ field: [UInt8]) -> [UInt8] {
    field + little(Int(CRC32.checksum(of: field.span)), 4)
  }

  static func number(_ value: Int) -> [UInt8] {
    var (value, made) = (value, [UInt8]())
    while value >= 0x80 {
      made.append(UInt8(value & 0x7F) | 0x80)
      value >>= 7
    }
    return made + [UInt8(value)]
  }

  static func little(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

/// A file of Tests/Fixtures/xz.
func xzFixture(_ name: String) throws -> [UInt8] {
  let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  return try [UInt8](Data(contentsOf: tests.appending(path: "Fixtures/xz/\(name).xz")))
}
