import PFCompression

/// `bytes` as a GZIP member that stores them as they are (RFC 1951, section 3.2.4).
func storedGzip(_ bytes: [UInt8]) -> [UInt8] {
  var member: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
  func append(_ value: Int, width: Int) {
    member += (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  for start in stride(from: 0, to: bytes.count, by: 65535) {
    let block = bytes[start..<min(start + 65535, bytes.count)]
    member.append(0)
    append(block.count, width: 2)
    append(~block.count, width: 2)
    member += block
  }
  member += [1, 0, 0, 0xFF, 0xFF]
  append(Int(CRC32.checksum(of: bytes.span)), width: 4)
  append(bytes.count, width: 4)
  return member
}
