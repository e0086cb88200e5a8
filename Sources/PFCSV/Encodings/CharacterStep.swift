/// The next character of encoded text.
struct CharacterStep {
  /// Bytes that it takes; 0 where more must come to tell.
  let byteCount: Int
  /// The character; nil where these bytes are none.
  let scalar: UInt32?

  static let incomplete = CharacterStep(byteCount: 0, scalar: nil)

  static func illFormed(_ byteCount: Int) -> CharacterStep {
    CharacterStep(byteCount: byteCount, scalar: nil)
  }

  /// Reads the character at `start`, of `left` bytes. What is ill-formed is as long as one
  /// replacement character stands for it (WHATWG Encoding; Unicode 3.9, "U+FFFD Substitution of
  /// Maximal Subparts").
  ///
  /// SAFETY: the caller promises `left` readable bytes. Precondition: `left > 0`.
  @inline(__always)
  static func next(
    _ start: UnsafePointer<UInt8>, _ left: Int, _ encoding: TextEncoding
  ) -> CharacterStep {
    switch encoding {
    case .utf8: return unsafe utf8(start, left)
    case .latin1:
      return CharacterStep(byteCount: 1, scalar: unsafe UInt32(start.pointee))
    case .windows1252:
      let byte = unsafe start.pointee
      guard 0x80...0x9F ~= byte else { return CharacterStep(byteCount: 1, scalar: UInt32(byte)) }
      let scalar = UInt32(windows1252[Int(byte &- 0x80)])
      return CharacterStep(byteCount: 1, scalar: scalar == 0 ? nil : scalar)
    case .utf16LittleEndian: return unsafe utf16(start, left, high: 1)
    case .utf16BigEndian: return unsafe utf16(start, left, high: 0)
    }
  }

  /// The characters of 0x80 to 0x9F; 0 where there is none.
  private static let windows1252: [UInt16] = [
    0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
    0x0152,
    0, 0x017D, 0, 0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161,
    0x203A, 0x0153, 0, 0x017E, 0x0178,
  ]

  /// Unicode, table 3-7, "Well-Formed UTF-8 Byte Sequences".
  private static func utf8(_ start: UnsafePointer<UInt8>, _ left: Int) -> CharacterStep {
    let lead = unsafe start.pointee
    let length: Int
    var low: UInt8 = 0x80
    var high: UInt8 = 0xBF
    switch lead {
    case 0..<0x80: return CharacterStep(byteCount: 1, scalar: UInt32(lead))
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, low) = (3, 0xA0)
    case 0xED: (length, high) = (3, 0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, low) = (4, 0x90)
    case 0xF1...0xF3: length = 4
    case 0xF4: (length, high) = (4, 0x8F)
    default: return .illFormed(1)
    }
    var scalar = UInt32(lead) & (0x7F >> UInt32(length))
    var index = 1
    while index < length {
      guard index < left else { return .incomplete }
      let byte = unsafe start[index]
      guard byte >= low, byte <= high else { return .illFormed(index) }
      (low, high) = (0x80, 0xBF)
      scalar = scalar << 6 | UInt32(byte & 0x3F)
      index += 1
    }
    return CharacterStep(byteCount: length, scalar: scalar)
  }

  /// `high` is the place of the higher byte of a unit.
  private static func utf16(
    _ start: UnsafePointer<UInt8>, _ left: Int, high: Int
  ) -> CharacterStep {
    guard left >= 2 else { return .incomplete }
    let unit = unsafe UInt32(start[high]) << 8 | UInt32(start[1 - high])
    switch unit {
    case 0xD800..<0xDC00:
      guard left >= 4 else { return .incomplete }
      let second = unsafe UInt32(start[2 + high]) << 8 | UInt32(start[3 - high])
      guard 0xDC00..<0xE000 ~= second else { return .illFormed(2) }
      return CharacterStep(
        byteCount: 4, scalar: 0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00))
    case 0xDC00..<0xE000: return .illFormed(2)
    default: return CharacterStep(byteCount: 2, scalar: unit)
    }
  }
}
