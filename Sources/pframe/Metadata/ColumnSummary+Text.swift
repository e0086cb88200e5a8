import ParquetFrame

extension ColumnSummary {
  /// The physical type, with its length where it has one.
  var physicalTypeText: String {
    leaf.physicalType.description + (leaf.typeLength > 0 ? "(\(leaf.typeLength))" : "")
  }

  /// Encrypted chunks do not tell theirs.
  var codecText: String {
    (codecs.map(\.description) + (hasEncryptedChunks ? ["encrypted"] : [])).joined(separator: ", ")
  }

  /// As text; empty where a row group does not say, or where there are only nulls.
  var minText: String { statistics.min.map(leaf.element.text) ?? "" }
  /// As `minText`.
  var maxText: String { statistics.max.map(leaf.element.text) ?? "" }

  /// Bytes of all pages, headers included.
  var sizes: Sizes {
    Sizes(compressed: totalCompressedSize, uncompressed: totalUncompressedSize)
  }

  struct Sizes {
    var compressed: Int64 = 0
    var uncompressed: Int64 = 0

    func adding(_ other: Sizes) -> Sizes {
      Sizes(
        compressed: compressed.addingSaturated(other.compressed),
        uncompressed: uncompressed.addingSaturated(other.uncompressed))
    }

    /// How many times smaller compression makes it.
    var ratio: String {
      guard compressed > 0 else { return "" }
      let ratio = Double(uncompressed) / Double(compressed)
      return ratio < 100_000 ? ratio.withOneDigit : "> 99999"
    }
  }
}

extension SchemaElement {
  /// A bound for people: dates and times as such, not as the numbers that the file stores.
  func text(of value: StatisticsValue) -> String {
    // Zero bounds stand for the zeros of both signs.
    if case .double(0) = value { return "0.0" }
    return calendarText(of: value) ?? value.description
  }
}
