internal import PFArrow
internal import PFCore

/// The types that all values of a column fit, of those that are inferred.
///
/// In their order the first is the type of the column. Each value leaves some; what is left of a
/// column does not depend on the order in which its values are seen.
struct TypeSet: OptionSet, Sendable, Hashable {
  let rawValue: UInt16

  init(rawValue: UInt16) { self.rawValue = rawValue }

  static let null = TypeSet(rawValue: 1 << 0)
  static let boolean = TypeSet(rawValue: 1 << 1)
  static let int64 = TypeSet(rawValue: 1 << 2)
  static let float64 = TypeSet(rawValue: 1 << 3)
  static let date32 = TypeSet(rawValue: 1 << 4)
  static let timeMicrosecond = TypeSet(rawValue: 1 << 5)
  static let timeNanosecond = TypeSet(rawValue: 1 << 6)
  static let timestampMicrosecond = TypeSet(rawValue: 1 << 7)
  static let timestampNanosecond = TypeSet(rawValue: 1 << 8)
  static let zonedMicrosecond = TypeSet(rawValue: 1 << 9)
  static let zonedNanosecond = TypeSet(rawValue: 1 << 10)
  static let string = TypeSet(rawValue: 1 << 11)

  /// What a column without values fits.
  static let all = TypeSet(rawValue: (1 << 12) - 1)

  /// The set of the first type alone.
  var first: TypeSet {
    rawValue == 0 ? .string : TypeSet(rawValue: rawValue & (0 &- rawValue))
  }

  /// The type that the set stands for.
  var type: DataType {
    switch first {
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
    if candidates.contains(.date32), unsafe DateText.parse(start, count) != nil {
      set.insert(.date32)
    }
    let clock: TypeSet = [.timeMicrosecond, .timeNanosecond]
    if !candidates.isDisjoint(with: clock), let time = unsafe TimeText.parts(start, count) {
      if time.value(in: .microsecond) != nil { set.insert(.timeMicrosecond) }
      if time.value(in: .nanosecond) != nil { set.insert(.timeNanosecond) }
    }
    let local: TypeSet = [.timestampMicrosecond, .timestampNanosecond]
    let zoned: TypeSet = [.zonedMicrosecond, .zonedNanosecond]
    if !candidates.isDisjoint(with: local.union(zoned)),
      let time = unsafe TimestampText.parts(start, count, allowsDate: true)
    {
      let isLocal = time.zoneOffset == nil
      if time.value(in: .microsecond) != nil {
        set.insert(isLocal ? .timestampMicrosecond : .zonedMicrosecond)
      }
      if time.value(in: .nanosecond) != nil {
        set.insert(isLocal ? .timestampNanosecond : .zonedNanosecond)
      }
    }
    self = set.intersection(candidates.union(.string))
  }
}
