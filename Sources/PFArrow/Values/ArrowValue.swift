/// One value of an Arrow array, of any type.
///
/// Dictionaries give the value that the index means, unions that of the member in use.
public indirect enum ArrowValue: Hashable, Sendable {
  /// No value.
  case null
  /// A truth value.
  case boolean(Bool)
  /// A signed integer of any width.
  case int(Int64)
  /// An unsigned integer of any width.
  case uint(UInt64)
  /// IEEE 754 binary16.
  case float16(Float16)
  /// IEEE 754 binary32.
  case float32(Float)
  /// IEEE 754 binary64.
  case float64(Double)
  /// A decimal of any width.
  case decimal(DecimalValue)
  /// Days since 1970-01-01.
  case date(days: Int64)
  /// Units since midnight.
  case time(Int64, TimeUnit)
  /// Units since 1970-01-01T00:00, in UTC where there is a zone.
  case timestamp(Int64, TimeUnit, timeZone: String?)
  /// A span of time in units.
  case duration(Int64, TimeUnit)
  /// A span of time on the calendar.
  case interval(months: Int32, days: Int32, nanoseconds: Int64)
  /// Bytes of fixed or varying length.
  case binary([UInt8])
  /// Text; bytes that are no UTF-8 are repaired.
  case string(String)
  /// The values of a list of any kind.
  case list([ArrowValue])
  /// One value for each field.
  case structure([NamedValue])
  /// Keys and values in their order.
  case map([MapEntry])

  /// A field of a struct and its value.
  public struct NamedValue: Hashable, Sendable {
    /// The name of the field.
    public var name: String
    /// Its value.
    public var value: ArrowValue

    /// A named value.
    public init(name: String, value: ArrowValue) {
      self.name = name
      self.value = value
    }
  }

  /// One entry of a map.
  public struct MapEntry: Hashable, Sendable {
    /// The key.
    public var key: ArrowValue
    /// Its value.
    public var value: ArrowValue

    /// An entry.
    public init(key: ArrowValue, value: ArrowValue) {
      self.key = key
      self.value = value
    }
  }
}

extension ArrowValue: CustomStringConvertible {
  /// The whole value as text: ISO 8601 dates and times, shortest floats that read back the same,
  /// exact decimals.
  public var description: String {
    var sink = TextSink()
    sink.write(self, isNested: false)
    return sink.text
  }
}
