/// Writes an SVG image (SVG 1.1) piece by piece.
struct SVGWriter {
  private(set) var text: String

  /// An image of that size in pixels.
  init(width: Double, height: Double, title: String) {
    let size = "width=\"\(number(width))\" height=\"\(number(height))\""
    text = "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) "
    text += "viewBox=\"0 0 \(number(width)) \(number(height))\" "
    text += "font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\" font-size=\"11\">\n"
    text += "<title>\(xmlEscaped(title))</title>\n"
    rectangle(x: 0, y: 0, width: width, height: height, "fill=\"#ffffff\"")
  }

  /// `attributes` are of the writer's own making and no text from outside.
  mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, _ attributes: String, tooltip: String = ""
  ) {
    text += "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" "
    text += "height=\"\(number(height))\" \(attributes)"
    text += tooltip.isEmpty ? "/>\n" : "><title>\(xmlEscaped(tooltip))</title></rect>\n"
  }

  mutating func line(x1: Double, y1: Double, x2: Double, y2: Double, _ attributes: String) {
    text += "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" "
    text += "y2=\"\(number(y2))\" \(attributes)/>\n"
  }

  /// A filled shape through the points.
  mutating func polygon(_ points: [(x: Double, y: Double)], _ attributes: String) {
    let list = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
    text += "<polygon points=\"\(list)\" \(attributes)/>\n"
  }

  mutating func label(_ label: String, x: Double, y: Double, _ attributes: String) {
    text += "<text x=\"\(number(x))\" y=\"\(number(y))\" \(attributes)>"
    text += "\(xmlEscaped(label))</text>\n"
  }

  mutating func finish() -> String {
    text += "</svg>\n"
    return text
  }
}

/// Two decimals are a hundredth of a pixel.
private func number(_ value: Double) -> String {
  let hundredths = Int((min(max(value, -1e9), 1e9) * 100).rounded())
  let (whole, part) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
  let sign = hundredths < 0 ? "-" : ""
  if part == 0 { return "\(sign)\(whole)" }
  return part % 10 == 0
    ? "\(sign)\(whole).\(part / 10)" : "\(sign)\(whole).\(part < 10 ? "0" : "")\(part)"
}

/// Characters that XML 1.0 cannot have become U+FFFD.
func xmlEscaped(_ text: String) -> String {
  var escaped = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": escaped += "&amp;"
    case "<": escaped += "&lt;"
    case ">": escaped += "&gt;"
    case "\"": escaped += "&quot;"
    case "\n", "\t": escaped.unicodeScalars.append(scalar)
    case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
      escaped += "\u{FFFD}"
    default: escaped.unicodeScalars.append(scalar)
    }
  }
  return escaped
}

/// About how wide `text` is in pixels, rather more than less, at a size of 11.
func textWidth(_ text: some StringProtocol) -> Double {
  text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
}

private func width(of scalar: Unicode.Scalar) -> Double {
  switch scalar.value {
  case 0x20..<0x7F:
    switch scalar {
    case "i", "j", "l", "I", "f", "t", "r", ".", ",", ":", ";", "'", "|", "!", " ", "(", ")", "[",
      "]":
      4.8
    case "m", "w", "M", "W", "@", "%": 10.8
    case "A"..."Z": 8.6
    default: 7
    }
  case 0xB7: 4.8
  case 0x300..<0x370: 0
  case ..<0x1100: 8.8
  default: 12.5
  }
}

/// The text, cut with an ellipsis to fit `width` pixels; nil where nothing of use fits.
func fitted(_ text: String, width: Double) -> String? {
  if textWidth(text) <= width { return text }
  var (room, kept) = (width - 11, "")
  for character in text {
    room -= textWidth(String(character))
    if room < 0 { break }
    kept.append(character)
  }
  return kept.count < 3 ? nil : kept + "…"
}
