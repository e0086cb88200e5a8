extension Character {
  /// The columns of a terminal that the character takes: 0, 1 or 2.
  ///
  /// Wide are the East Asian wide and full-width ranges (Unicode Standard Annex 11) and emoji;
  /// marks join the character that they modify.
  var displayWidth: Int {
    var width = 0
    for scalar in unicodeScalars {
      if scalar.value < 0x300 {
        width = max(width, 1)
      } else if scalar.value == 0xFE0F || scalar.isWide {
        return 2
      } else if !scalar.isZeroWidth {
        width = max(width, 1)
      }
    }
    return width
  }
}

extension Unicode.Scalar {
  fileprivate var isZeroWidth: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: true
    default: false
    }
  }

  fileprivate var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1B000...0x1B2FF, 0x20000...0x3FFFD:
      true
    case 0x1F1E6...0x1F1FF: true
    default: value >= 0x231A && properties.isEmojiPresentation
    }
  }
}

extension String {
  /// The columns of a terminal that the text takes.
  package var displayWidth: Int {
    if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
    return reduce(0) { $0 + $1.displayWidth }
  }

  /// The text, or what of it and an ellipsis fits `width` columns.
  package func cut(toDisplayWidth width: Int) -> String {
    var used = 0
    var end = startIndex
    for index in indices {
      used += self[index].displayWidth
      if used > width { return self[..<end] + "…" }
      // The ellipsis takes a column too.
      if used < width { end = self.index(after: index) }
    }
    return self
  }
}

extension String {
  /// The text with control characters, line ends and marks that change the direction of reading
  /// escaped, so that it cannot act on a terminal.
  package var escapedForTerminal: String {
    var sink = TextSink()
    sink.write(escaping: self, isQuoted: false)
    return sink.text
  }
}

/// What `write` writes, cut to `width` columns with an ellipsis. It is told to stop not far behind.
func cellText(width: Int, _ write: (inout TextSink) -> Void) -> String {
  // Four bytes make the longest character; room for marks on some.
  var sink = TextSink(limit: width * 4 + 64)
  write(&sink)
  return (sink.isFull ? sink.text + "…" : sink.text).cut(toDisplayWidth: width)
}
