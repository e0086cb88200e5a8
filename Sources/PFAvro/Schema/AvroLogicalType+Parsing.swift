internal import PFCore

extension AvroLogicalType {
  /// The logical type that the attributes of a type give it; nil where it is unknown, stands on a
  /// type of another kind, or breaks its rules: the specification wants it ignored then.
  init?(_ attributes: JSONObject, on kind: AvroType.Kind) {
    guard let name = attributes["logicalType"]?.string else { return nil }
    switch (name, kind) {
    case ("decimal", .bytes):
      self.init(decimal: attributes, greatestPrecision: .max)
    case ("decimal", .fixed(let fixed)):
      self.init(decimal: attributes, greatestPrecision: Self.digitCount(in: fixed.byteCount))
    case ("big-decimal", .bytes): self = .bigDecimal
    case ("uuid", .string): self = .uuid
    case ("uuid", .fixed(let fixed)) where fixed.byteCount == 16: self = .uuid
    case ("date", .int): self = .date
    case ("time-millis", .int): self = .timeMillis
    case ("time-micros", .long): self = .timeMicros
    case ("timestamp-millis", .long): self = .timestampMillis
    case ("timestamp-micros", .long): self = .timestampMicros
    case ("timestamp-nanos", .long): self = .timestampNanos
    case ("local-timestamp-millis", .long): self = .localTimestampMillis
    case ("local-timestamp-micros", .long): self = .localTimestampMicros
    case ("local-timestamp-nanos", .long): self = .localTimestampNanos
    case ("duration", .fixed(let fixed)) where fixed.byteCount == 12: self = .duration
    default: return nil
    }
  }

  private init?(decimal attributes: JSONObject, greatestPrecision: Int) {
    guard let precision = attributes["precision"]?.number?.int64,
      let scale = attributes["scale"].map({ $0.number?.int64 }) ?? 0,
      precision > 0, precision <= greatestPrecision, (0...precision).contains(scale)
    else { return nil }
    self = .decimal(precision: Int(precision), scale: Int(scale))
  }

  /// The most decimal digits that all fit a two's complement integer: those of 2^(8n - 1) - 1, less
  /// one where it is not all nines.
  private static func digitCount(in byteCount: Int) -> Int {
    guard byteCount > 0 else { return 0 }
    // log10(2) in units of 10^-17. No power of two is near enough to one of ten for the rest to
    // matter below 2^31 bytes, and no field is as long as that.
    let bitCount = UInt64(8 * byteCount - 1)
    return Int(
      (100_000_000_000_000_000 as UInt64)
        .dividingFullWidth(bitCount.multipliedFullWidth(by: 30_102_999_566_398_119)).quotient)
  }

  /// The attributes that say all this.
  var attributeNames: [String] {
    switch self {
    case .decimal: ["logicalType", "precision", "scale"]
    default: ["logicalType"]
    }
  }
}
