import ParquetFrame

extension SchemaElement {
  /// What the values mean, in words, from the logical type or else the converted type that came
  /// before it: `STRING`, `DECIMAL(9, 2)`, `TIMESTAMP(MICROS, UTC)`; nil where neither is given.
  var meaning: String? {
    if let logicalType { return logicalType.words }
    switch convertedType {
    case .decimal: return "DECIMAL(\(precision ?? 0), \(scale ?? 0))"
    case let type: return type?.description
    }
  }
}

extension LogicalType {
  fileprivate var words: String {
    switch self {
    case .decimal(let scale, let precision): "DECIMAL(\(precision), \(scale))"
    case .time(let isUTC, let unit): "TIME(\(unit)\(isUTC ? ", UTC" : ""))"
    case .timestamp(let isUTC, let unit): "TIMESTAMP(\(unit)\(isUTC ? ", UTC" : ""))"
    case .integer(let bitWidth, let isSigned):
      "INT(\(bitWidth), \(isSigned ? "signed" : "unsigned"))"
    case .variant(let version): "VARIANT" + (version.map { "(\($0))" } ?? "")
    case .geometry(let crs): "GEOMETRY" + (crs.map { "(\($0))" } ?? "")
    case .geography(let crs, let algorithm):
      "GEOGRAPHY(\(crs ?? "OGC:CRS84"), \(algorithm ?? .spherical))"
    default: name
    }
  }
}
