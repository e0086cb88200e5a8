internal import PFArrow

extension SchemaElement {
  /// What the values mean: the logical type or, where there is none that we know, the one that
  /// the converted type stood for (LogicalTypes.md). INTERVAL has none.
  public var effectiveLogicalType: LogicalType? {
    switch logicalType {
    case nil, .unknown: convertedType.flatMap(logicalType(for:)) ?? logicalType
    default: logicalType
    }
  }

  private func logicalType(for type: ConvertedType) -> LogicalType? {
    switch type {
    case .utf8: .string
    case .map, .mapKeyValue: .map
    case .list: .list
    case .enum: .enum
    case .decimal: .decimal(scale: scale ?? 0, precision: precision ?? 0)
    case .date: .date
    case .timeMillis: .time(isAdjustedToUTC: true, unit: .millis)
    case .timeMicros: .time(isAdjustedToUTC: true, unit: .micros)
    case .timestampMillis: .timestamp(isAdjustedToUTC: true, unit: .millis)
    case .timestampMicros: .timestamp(isAdjustedToUTC: true, unit: .micros)
    case .uint8: .integer(bitWidth: 8, isSigned: false)
    case .uint16: .integer(bitWidth: 16, isSigned: false)
    case .uint32: .integer(bitWidth: 32, isSigned: false)
    case .uint64: .integer(bitWidth: 64, isSigned: false)
    case .int8: .integer(bitWidth: 8, isSigned: true)
    case .int16: .integer(bitWidth: 16, isSigned: true)
    case .int32: .integer(bitWidth: 32, isSigned: true)
    case .int64: .integer(bitWidth: 64, isSigned: true)
    case .json: .json
    case .bson: .bson
    case .interval: nil
    }
  }

  /// The meaning in words: `STRING`, `DECIMAL(9, 2)`, `TIMESTAMP(MICROS, UTC)`; nil without one.
  package var meaningInWords: String? {
    switch effectiveLogicalType {
    case nil: convertedType?.description
    case .decimal(let scale, let precision): "DECIMAL(\(precision), \(scale))"
    case .time(let isUTC, let unit): "TIME(\(unit)\(isUTC ? ", UTC" : ""))"
    case .timestamp(let isUTC, let unit): "TIMESTAMP(\(unit)\(isUTC ? ", UTC" : ""))"
    case .integer(let bitWidth, let isSigned):
      "INT(\(bitWidth), \(isSigned ? "signed" : "unsigned"))"
    // UNKNOWN in the specification, which would be taken for a type that we do not know.
    case .null: "NULL"
    case .some(let type): type.name
    }
  }

  /// A bound of a date, time or timestamp column as ISO 8601 text; nil for all other columns.
  package func calendarText(of value: StatisticsValue) -> String? {
    guard case .int64(let number) = value else { return nil }
    let shown: ArrowValue
    switch effectiveLogicalType {
    case .date: shown = .date(days: number)
    case .time(_, let unit):
      guard let unit = unit.arrowUnit else { return nil }
      shown = .time(number, unit)
    case .timestamp(let isUTC, let unit):
      guard let unit = unit.arrowUnit else { return nil }
      shown = .timestamp(number, unit, timeZone: isUTC ? "UTC" : nil)
    default: return nil
    }
    // The form of Python's `isoformat`, which the package's fallback gives.
    let text = String(shown.description.map { $0 == " " ? "T" : $0 })
    return text.hasSuffix("Z") ? text.dropLast() + "+00:00" : text
  }
}

extension LogicalType.TimeUnit {
  /// Arrow's unit; nil for a unit of a later specification.
  var arrowUnit: PFArrow.TimeUnit? {
    switch self {
    case .millis: .millisecond
    case .micros: .microsecond
    case .nanos: .nanosecond
    case .unknown: nil
    }
  }
}
