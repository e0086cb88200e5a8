import PFArrow
import PFCSV

/// Arbitrary bytes as a field: each parser agrees with a slow twin, whatever stands behind the
/// field; as text of an encoding: cut in two, it becomes what the standard library makes of it.
/// The first byte chooses what stands behind, and where the text is cut.
@c(LLVMFuzzerTestOneInput)
public func fuzzCSVValues(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  guard let start = unsafe start, count > 0 else { return 0 }
  let choice = unsafe start.pointee
  let field = unsafe Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
  transcode(field, cut: Int(choice))
  // Exactly the bytes that parsers may load, so that the sanitizer sees a read past them.
  let padded = field + [UInt8](repeating: choice, count: DigitWords.slack)
  unsafe padded.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return }
    unsafe parse(base, field)
  }
  return 0
}

private let decimal = DecimalText(precision: 38, scale: 5)
private let wideDecimal = DecimalText(precision: 76, scale: 20)
private let format = try? FormatText("%d.%m.%Y %I:%M:%S.%f %p %z")
private let grouped = NumberFormat(
  decimalMark: UInt8(ascii: ","), thousandsMark: UInt8(ascii: "."))

private func parse(_ start: UnsafePointer<UInt8>, _ field: [UInt8]) {
  let count = field.count
  let number = Twin.Number(field)

  let integer: Int64? = unsafe IntegerText.parse(start, count, .given)
  let whole = number.flatMap { $0.hasMark || $0.exponentText != nil ? nil : $0 }
  let expected = whole.flatMap { Twin.integer($0) }
  precondition(integer == expected.flatMap { Int64(exactly: $0) }, "an integer of 64 bits")
  let small: UInt8? = unsafe IntegerText.parse(start, count, .given)
  precondition(small == expected.flatMap { UInt8(exactly: $0) }, "an integer of 8 bits")

  let double = unsafe FloatText.parse(start, count, .given, as: Double.self)
  if let double, double.isFinite {
    precondition(
      number.flatMap { Double($0.text) }?.bitPattern == double.bitPattern, "a Double")
  } else if double == nil {
    precondition(number.flatMap { Double($0.text) }?.isFinite != true, "a Double was left out")
  }
  let float = unsafe FloatText.parse(start, count, .given, as: Float.self)
  if let float, float.isFinite {
    precondition(number.flatMap { Float($0.text) }?.bitPattern == float.bitPattern, "a Float")
  } else if float == nil {
    precondition(number.flatMap { Float($0.text) }?.isFinite != true, "a Float was left out")
  }
  precondition(
    unsafe decimal.parse128(start, count, .given)
      == number.flatMap { Twin.decimal($0, precision: 38, scale: 5) }?.int128, "a decimal")
  precondition(
    unsafe wideDecimal.parse256(start, count, .given)
      == number.flatMap { Twin.decimal($0, precision: 76, scale: 20) }, "a wide decimal")
  _ = unsafe FloatText.parse(start, count, grouped, as: Double.self)

  let time = Twin.timestamp(field)
  let parts = unsafe TimestampText.parts(start, count)
  precondition(parts?.seconds == time?.seconds, "a timestamp's seconds")
  precondition(parts.map { Int($0.clock.nanosecond) } == time?.nanosecond, "its fraction")
  precondition(
    unsafe DateText.parse(start, count).map { Int64($0) * 86400 }
      == (count == 10 ? time?.seconds : nil), "a date")
  _ = unsafe TimeText.parts(start, count)
  _ = unsafe format?.parts(start, count)
  _ = unsafe BooleanText.standard.parse(start, count)
}

/// The same, slowly.
private enum Twin {
  struct Number {
    var isNegative = false
    var whole: [UInt8] = []
    var fraction: [UInt8] = []
    var hasMark = false
    var exponentText: String?
    let text: String

    init?(_ field: [UInt8]) {
      guard field.allSatisfy({ $0 < 0x80 }) else { return nil }
      text = String(decoding: field, as: UTF8.self)
      var rest = text[...]
      if rest.hasPrefix("-") { isNegative = true }
      if rest.hasPrefix("-") || rest.hasPrefix("+") { rest = rest.dropFirst() }
      func digits() -> [UInt8] {
        let run = rest.prefix { ("0"..."9").contains($0) }
        rest = rest.dropFirst(run.count)
        return run.utf8.map { $0 - 48 }
      }
      whole = digits()
      if rest.hasPrefix(".") {
        hasMark = true
        rest = rest.dropFirst()
        fraction = digits()
      }
      guard !(whole + fraction).isEmpty else { return nil }
      guard !rest.isEmpty else { return }
      guard rest.hasPrefix("e") || rest.hasPrefix("E") else { return nil }
      rest = rest.dropFirst()
      exponentText = String(rest)
      if rest.hasPrefix("-") || rest.hasPrefix("+") { rest = rest.dropFirst() }
      guard !digits().isEmpty, rest.isEmpty else { return nil }
    }
  }

  static func integer(_ number: Number) -> Int128? {
    var value: Int128 = 0
    for digit in number.whole {
      value = value * 10 + Int128(digit)
      guard value < 1 << 70 else { return nil }
    }
    return number.isNegative ? -value : value
  }

  static func decimal(_ number: Number, precision: Int, scale: Int) -> Int256? {
    var digits = number.whole + number.fraction
    guard digits.contains(where: { $0 > 0 }) else { return Int256(0) }
    // Digits behind the scale, or missing before it.
    var exponent = Int128(scale) - Int128(number.fraction.count)
    if let text = number.exponentText {
      guard let value = Int128(text) else { return nil }
      let (sum, overflow) = exponent.addingReportingOverflow(value)
      guard !overflow else { return nil }
      exponent = sum
    }
    while exponent < 0, digits.last == 0 {
      digits.removeLast()
      exponent += 1
    }
    digits = Array(digits.drop { $0 == 0 })
    guard exponent >= 0, exponent <= 76, digits.count + Int(exponent) <= precision else {
      return nil
    }
    digits += [UInt8](repeating: 0, count: Int(exponent))
    var value = Int256(0)
    for digit in digits {
      guard let product = value.timesTen else { return nil }
      value = product
      for _ in 0..<digit { value = value.successor ?? value }
    }
    guard number.isNegative else { return value }
    // Two's complement.
    return Int256(high: ~value.high, low: ~value.low).successor
  }

  static func timestamp(_ field: [UInt8]) -> (seconds: Int64, nanosecond: Int)? {
    guard field.allSatisfy({ $0 < 0x80 }) else { return nil }
    var rest = String(decoding: field, as: UTF8.self)[...]
    func number(_ width: Int, _ range: ClosedRange<Int>) -> Int? {
      let digits = rest.prefix(width)
      guard digits.utf8.count == width, digits.allSatisfy({ ("0"..."9").contains($0) }) else {
        return nil
      }
      rest = rest.dropFirst(width)
      return Int(digits).flatMap { range.contains($0) ? $0 : nil }
    }
    func mark(_ mark: String) -> Bool {
      guard rest.hasPrefix(mark) else { return false }
      rest = rest.dropFirst()
      return true
    }
    guard let year = number(4, 1...9999), mark("-"), let month = number(2, 1...12), mark("-"),
      let day = number(2, 1...31)
    else { return nil }
    func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
    let lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard day <= lengths[month - 1] else { return nil }
    var days = lengths[..<(month - 1)].reduce(day - 1, +)
    if year >= 1970 {
      for earlier in 1970..<year { days += isLeap(earlier) ? 366 : 365 }
    } else {
      for later in year..<1970 { days -= isLeap(later) ? 366 : 365 }
    }
    var seconds = Int64(days) * 86400
    guard !rest.isEmpty else { return (seconds, 0) }

    guard mark("T") || mark(" "), let hour = number(2, 0...23), mark(":"),
      let minute = number(2, 0...59)
    else { return nil }
    seconds += Int64(hour * 3600 + minute * 60)
    var nanosecond = 0
    if mark(":") {
      guard let second = number(2, 0...59) else { return nil }
      seconds += Int64(second)
      if mark(".") {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        guard (1...9).contains(digits.count) else { return nil }
        rest = rest.dropFirst(digits.count)
        nanosecond = Int(digits + String(repeating: "0", count: 9 - digits.count)) ?? 0
      }
    }
    guard !rest.isEmpty else { return (seconds, nanosecond) }
    if mark("Z") { return rest.isEmpty ? (seconds, nanosecond) : nil }
    let isAhead = rest.hasPrefix("+")
    guard mark("+") || mark("-"), let hours = number(2, 0...23) else { return nil }
    var minutes = 0
    if !rest.isEmpty {
      _ = mark(":")
      guard let found = number(2, 0...59), rest.isEmpty else { return nil }
      minutes = found
    }
    let offset = Int64(hours * 3600 + minutes * 60)
    return (isAhead ? seconds - offset : seconds + offset, nanosecond)
  }
}

private func transcode(_ bytes: [UInt8], cut: Int) {
  let utf8 = String(decoding: bytes, as: UTF8.self)
  check(bytes, .utf8, cut, Array(utf8.utf8))
  let even = bytes.count & ~1
  let little = stride(from: 0, to: even, by: 2).map {
    UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8
  }
  check(
    Array(bytes[..<even]), .utf16LittleEndian, cut,
    Array(String(decoding: little, as: UTF16.self).utf8))
  check(
    Array(bytes[..<even]), .utf16BigEndian, cut,
    Array(String(decoding: little.map(\.byteSwapped), as: UTF16.self).utf8))
  let latin = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  check(bytes, .latin1, cut, Array(latin.utf8))
  _ = run(bytes, .windows1252, .replace, cut)
}

/// With replacement the text is `expected`; without, the same or an error.
private func check(_ bytes: [UInt8], _ encoding: TextEncoding, _ cut: Int, _ expected: [UInt8]) {
  precondition(run(bytes, encoding, .replace, cut) == expected, "a replacement")
  if let strict = run(bytes, encoding, .refuse, cut) {
    precondition(strict == expected, "a text")
  } else {
    precondition(encoding != .latin1, "latin-1 refuses nothing")
  }
}

private func run(
  _ bytes: [UInt8], _ encoding: TextEncoding, _ treatment: Transcoder.Treatment, _ cut: Int
) -> [UInt8]? {
  var transcoder = Transcoder(encoding, treatment)
  var text: [UInt8] = []
  let room = 4 + cut % 61
  var output = [UInt8](repeating: 0, count: room)
  let first = min(cut, bytes.count)
  for piece in [Array(bytes[..<first]), Array(bytes[first...])] {
    var used = 0
    while used < piece.count {
      var progress = Transcoder.Progress()
      var isWrong = false
      unsafe output.withUnsafeMutableBytes { target in
        unsafe piece.withUnsafeBytes { source in
          do throws(TextEncodingError) {
            progress = try unsafe transcoder.transcode(
              UnsafeRawBufferPointer(rebasing: source[used...]), into: target)
          } catch { isWrong = true }
        }
      }
      if isWrong { return nil }
      precondition(progress.read + progress.written > 0, "no progress")
      used += progress.read
      text += output[..<progress.written]
    }
  }
  while true {
    var count = 0
    var isWrong = false
    unsafe output.withUnsafeMutableBytes { target in
      do throws(TextEncodingError) {
        count = try unsafe transcoder.finish(into: target)
      } catch { isWrong = true }
    }
    if isWrong { return nil }
    if count == 0 { return text }
    text += output[..<count]
  }
}
