import ParquetFrame

extension BinaryInteger {
  /// The digits in groups of three: `1,000,000`.
  var grouped: String {
    var text = ""
    let digits = String(magnitude)
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return self < 0 ? "-" + text : text
  }

  /// A number of bytes in the largest unit that leaves a whole part: `1.5 MiB`.
  var byteText: String {
    var value = Double(self)
    guard value >= 1024 else { return "\(self) B" }
    var unit = ""
    for next in ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] where value >= 1024 {
      value /= 1024
      unit = next
    }
    return "\(value.withOneDigit) \(unit)"
  }
}

extension Double {
  /// The number with one digit behind the point. Precondition: it is finite and fits 60 bits.
  var withOneDigit: String {
    let tenths = Int(self * 10 + 0.5)
    return "\(tenths / 10).\(tenths % 10)"
  }
}

extension FixedWidthInteger {
  /// The sum, or the largest number where it is larger: files may claim any size. Precondition:
  /// neither is negative.
  func addingSaturated(_ other: Self) -> Self {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}

extension Output {
  /// Writes one JSON object as a document of its own.
  func writeJSON(_ body: (inout JSONWriter) -> Void) {
    var writer = JSONWriter(isTerminal ? .indented : .compact)
    writer.object { body(&$0) }
    write(writer.text + "\n")
  }

  /// Writes which file the following is about.
  func writeHeading(_ file: String, isFirst: Bool) {
    if !isFirst { write("\n") }
    write(styled("==> \(file.escapedForTerminal) <==", .bold) + "\n")
  }
}
