internal import PFArrow
internal import PFCore

/// The types that all values of a column fit, of those that are inferred.
///
/// In their order the first is the type of the column. Each value leaves some; what is left of a
/// column does not depend on the order in which its values are seen.
struct TypeSet: OptionSet, Sendable, Hashable {
  let rawValue: UInt32

  init(rawValue: UInt32) { self.rawValue = rawValue }

  static let null = TypeSet(rawValue: 1 << 0)
  static let boolean = TypeSet(rawValue: 1 << 1)
  static let int64 = TypeSet(rawValue: 1 << 2)
  static let float64 = TypeSet(rawValue: 1 << 3)
  static let date32 = TypeSet(rawValue: 1 << 11)
  static let timeMicrosecond = TypeSet(rawValue: 1 << 12)
  static let timeNanosecond = TypeSet(rawValue: 1 << 13)
  static let timestampMicrosecond = TypeSet(rawValue: 1 << 14)
  static let timestampNanosecond = TypeSet(rawValue: 1 << 15)
  static let zonedMicrosecond = TypeSet(rawValue: 1 << 16)
  static let zonedNanosecond = TypeSet(rawValue: 1 << 17)
  static let string = TypeSet(rawValue: 1 << 18)

  /// What a column without values fits.
  static let all = TypeSet(rawValue: (1 << 19) - 1)

  /// The types of dates and times as ISO 8601 writes them.
  static let iso: TypeSet = [
    .date32, .timeMicrosecond, .timeNanosecond, .timestampMicrosecond, .timestampNanosecond,
    .zonedMicrosecond, .zonedNanosecond,
  ]
  /// The same types in the forms that were given: a column is all in these, or all in ISO 8601.
  static let formed = iso.formed

  /// The set with the types of dates and times in given forms in place of those in ISO 8601.
  private var formed: TypeSet { TypeSet(rawValue: rawValue >> 7) }
  private var unformed: TypeSet { TypeSet(rawValue: rawValue << 7) }

  /// The set of the first type alone.
  var first: TypeSet {
    rawValue == 0 ? .string : TypeSet(rawValue: rawValue & (0 &- rawValue))
  }

  /// The type that the set stands for.
  var type: DataType {
    switch Self.formed.contains(first) ? first.unformed : first {
    case .null: .null
    case .boolean: .boolean
    case .int64: .int64
    case .float64: .float64
    case .date32: .date32
    case .timeMicrosecond: .time64(.microsecond)
    case .timeNanosecond: .time64(.nanosecond)
    case .timestampMicrosecond: .timestamp(.microsecond, timeZone: nil)
    case .timestampNanosecond: .timestamp(.nanosecond, timeZone: nil)
    case .zonedMicrosecond: .timestamp(.microsecond, timeZone: "UTC")
    case .zonedNanosecond: .timestamp(.nanosecond, timeZone: "UTC")
    default: .utf8
    }
  }

  /// The types of `candidates` that a text fits; it is no null.
  ///
  /// SAFETY: the caller promises `count` readable bytes and 32 more.
  @unsafe init(
    of start: UnsafePointer<UInt8>, _ count: Int, _ context: FieldContext,
    among candidates: TypeSet = .all
  ) {
    var set = TypeSet.string
    let format = context.format
    if candidates.contains(.boolean), unsafe context.words.parse(start, count) != nil {
      set.insert(.boolean)
    }
    var isShortInteger = false
    if candidates.contains(.int64),
      let value = unsafe IntegerParser<Int64>(format: format).parse(start, count)
    {
      set.insert(.int64)
      isShortInteger = value.magnitude < 1 << 53
    }
    // An integer that a double holds as it is is one, too.
    if isShortInteger {
      set.insert(.float64)
    } else if candidates.contains(.float64),
      unsafe InferredFloatParser(format: format).parse(start, count) != nil
    {
      set.insert(.float64)
    }
    if !candidates.isDisjoint(with: .iso) {
      if unsafe DateText.parse(start, count) != nil { set.insert(.date32) }
      set.insert(unsafe TimeText.parts(start, count))
      set.insert(unsafe TimestampText.parts(start, count, allowsDate: true))
    }
    if let forms = context.forms, !candidates.isDisjoint(with: .formed) {
      var formed: TypeSet = []
      if unsafe forms.date(start, count) != nil { formed.insert(.date32) }
      formed.insert(unsafe forms.time(start, count))
      formed.insert(unsafe forms.timestamp(start, count, hasZone: false))
      formed.insert(unsafe forms.timestamp(start, count, hasZone: true))
      set.formUnion(formed.formed)
    }
    self = set.intersection(candidates.union(.string))
  }

  /// Inserts the types that hold a time of day.
  private mutating func insert(_ time: ClockTime?) {
    guard let time else { return }
    if time.value(in: .microsecond) != nil { insert(.timeMicrosecond) }
    if time.value(in: .nanosecond) != nil { insert(.timeNanosecond) }
  }

  /// Inserts the types that hold a timestamp.
  private mutating func insert(_ time: CivilTime?) {
    guard let time else { return }
    let isLocal = time.zoneOffset == nil
    if time.value(in: .microsecond) != nil {
      insert(isLocal ? .timestampMicrosecond : .zonedMicrosecond)
    }
    if time.value(in: .nanosecond) != nil {
      insert(isLocal ? .timestampNanosecond : .zonedNanosecond)
    }
  }
}
