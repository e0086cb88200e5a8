/// The contexts of literals (RFC 7932, section 7.1), which depend on the two bytes before.
enum BrotliContext {
  /// Shape: for each mode (LSB6, MSB6, UTF8, signed) 256 values for the last byte, then 256 for
  /// the one before; the context is one of each, joined by OR.
  static let tables: [UInt8] = {
    var tables: [UInt8] = []
    tables += (0..<256).map { UInt8($0 & 63) } + [UInt8](repeating: 0, count: 256)
    tables += (0..<256).map { UInt8($0 >> 2) } + [UInt8](repeating: 0, count: 256)
    tables += (0..<256).map { utf8Last(UInt8($0)) } + (0..<256).map { utf8Before(UInt8($0)) }
    tables += (0..<256).map { magnitude($0) << 3 } + (0..<256).map { magnitude($0) }
    return tables
  }()

  /// Lut0 of the RFC.
  private static func utf8Last(_ byte: UInt8) -> UInt8 {
    switch byte {
    case 0x80...0xBF: byte & 1
    case 0xC0...: 2 | byte & 1
    case 9, 10, 13: 4
    case 0..<32, 127: 0
    default:
      switch Unicode.Scalar(byte) {
      case " ": 8
      case "\"", "'": 16
      case "%": 20
      case "(", "<", "[", "{": 24
      case ")", ">", "]", "}": 28
      case ",", ":", ";": 32
      case ".": 36
      case "=": 40
      case "0"..."9": 44
      case "A", "E", "I", "O", "U": 48
      case "B"..."Z": 52
      case "a", "e", "i", "o", "u": 56
      case "b"..."z": 60
      default: 12
      }
    }
  }

  /// Lut1 of the RFC.
  private static func utf8Before(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"): 3
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"): 2
    case 33..<127: 1
    case 224...: 2
    default: 0
    }
  }

  /// Lut2 of the RFC.
  private static func magnitude(_ byte: Int) -> UInt8 {
    switch byte {
    case 0: 0
    case ..<16: 1
    case ..<64: 2
    case ..<128: 3
    case ..<192: 4
    case ..<240: 5
    case ..<255: 6
    default: 7
    }
  }
}
