internal import PFCore

/// A walk over the row groups of a long footer, and what stands behind them, that keeps what is
/// asked for.
///
/// The bytes pass through a window that stays in the processor's cache: to read megabytes of footer
/// into memory of their own costs more than to walk over them. Where anything is not as it should
/// be, or a struct is larger than the window, the walk ends without a result; the whole footer then
/// tells what is wrong.
struct FooterWalk {
  /// The whole footer is to tell.
  struct Stopped: Error {}

  /// A row group whose chunks were passed.
  struct Group {
    /// Field 3, `num_rows`.
    var rowCount: Int64 = 0
    /// The length of field 1, `columns`.
    var chunkCount = 0
    /// Where in the footer every `markDistance`th chunk begins.
    fileprivate var marks: [UInt32] = []
  }

  /// What stands behind the row groups.
  struct Rest {
    /// Field 5, `key_value_metadata`, if it was asked for.
    var keyValues: [KeyValue] = []
    /// The length of field 7, `column_orders`, and where its elements begin.
    fileprivate var orders: (count: Int, start: Int)?
  }

  /// An entry of the file's metadata; its value may be a large part of the footer.
  struct KeyValue {
    let key: String
    /// Text in UTF-8, if the file is as it should be.
    let value: [UInt8]?
  }

  private static let windowByteCount = 128 << 10
  private static let markDistance = 64

  private let footer: Footer
  private var window = [UInt8](repeating: 0, count: windowByteCount)
  /// The bytes of the footer that the window has.
  private var range = 0..<0
  /// How many are read at a time.
  private var stepByteCount = windowByteCount
  /// Where the walk stands in the footer.
  private var position: Int
  private var shapes = StructShapes()
  /// The bytes of the chunks that were asked for.
  private(set) var kept: [UInt8] = []

  /// A walk from where the list of row groups begins.
  init(_ footer: Footer, from position: Int) {
    self.footer = footer
    self.position = position
  }
}

// MARK: - Row groups

extension FooterWalk {
  /// Passes the row groups.
  mutating func rowGroups() throws(Stopped) -> [Group] {
    let count = try read { (thrift) throws(DecodingError) in
      try thrift.readStructListCount(.init(id: 4, type: .list))
    }
    var groups: [Group] = []
    for _ in 0..<count { groups.append(try rowGroup()) }
    return groups
  }

  private mutating func rowGroup() throws(Stopped) -> Group {
    var group = Group()
    // The fields that `RowGroup` has to have.
    var missing: Set<Int16> = [1, 2, 3]
    var last: Int16 = 0
    while let field = try nextField(&last) {
      missing.remove(field.id)
      if field.id == 1 {
        group.marks = []
        group.chunkCount = try read { (thrift) throws(DecodingError) in
          try thrift.readStructListCount(field)
        }
        try passChunks(of: &group)
      } else {
        try read { (thrift) throws(DecodingError) in
          switch field.id {
          case 3: group.rowCount = try thrift.readCount64(field)
          case 2, 5, 6: _ = try thrift.readI64(field)
          case 7: _ = try thrift.readI16(field)
          default: try thrift.skip(field)
          }
        }
      }
    }
    guard missing.isEmpty else { throw Stopped() }
    return group
  }

  private mutating func passChunks(of group: inout Group) throws(Stopped) {
    var left = group.chunkCount
    while left > 0 {
      group.marks.append(UInt32(truncatingIfNeeded: position))
      try pass(min(left, Self.markDistance))
      left -= Self.markDistance
    }
  }

  /// Moves past so many structs; the last of them is in the window then.
  private mutating func pass(_ count: Int) throws(Stopped) {
    var left = count
    while left > 0 {
      guard position <= range.upperBound else {
        try refill()
        continue
      }
      // Taken out and put back: the span holds on to all of the walk.
      var shapes = StructShapes()
      swap(&shapes, &self.shapes)
      var offset = position - range.lowerBound
      left -= Self.pass(
        left, of: window.span.extracting(0..<range.count), from: &offset, &shapes,
        toEnd: range.upperBound == footer.byteCount)
      swap(&shapes, &self.shapes)
      position = range.lowerBound + offset
      if left > 0 { try refill() }
    }
  }

  private static func pass(
    _ count: Int, of bytes: Span<UInt8>, from offset: inout Int, _ shapes: inout StructShapes,
    toEnd: Bool
  ) -> Int {
    var passed = shapes.pass(count, of: bytes, from: &offset)
    // At the end of the footer there may be less behind a struct than `pass` needs to compare.
    while toEnd, passed < count, let end = try? shapes.end(of: bytes, from: offset) {
      offset = end
      passed += 1
    }
    return passed
  }
}

// MARK: - What stands behind them

extension FooterWalk {
  /// Passes the rest of the footer.
  ///
  /// - Parameter keyValues: Whether the file's key-value metadata is asked for.
  /// - Returns: what was asked for, and where the orders are.
  /// - Throws: where the whole footer is to tell.
  mutating func rest(keyValues: Bool) throws(Stopped) -> Rest {
    var rest = Rest()
    var last: Int16 = 4
    while let field = try nextField(&last) {
      switch field.id {
      // What the head has, again; and what is rare.
      case 1...4, 8: throw Stopped()
      case 5: rest.keyValues = try passKeyValues(field, keeping: keyValues)
      case 6:
        guard field.type == .binary else { throw Stopped() }
        _ = try passBinary(keeping: false)
      case 7:
        let count = try read { (thrift) throws(DecodingError) in
          try thrift.readStructListCount(field)
        }
        rest.orders = (count, position)
        try pass(count)
      default: try read { (thrift) throws(DecodingError) in try thrift.skip(field) }
      }
    }
    return rest
  }

  private mutating func passKeyValues(
    _ field: ThriftReader.Field, keeping: Bool
  ) throws(Stopped) -> [KeyValue] {
    let count = try read { (thrift) throws(DecodingError) in
      try thrift.readStructListCount(field)
    }
    var found: [KeyValue] = []
    for _ in 0..<count {
      let pair = try passKeyValue(keeping: keeping)
      if keeping { found.append(pair) }
    }
    return found
  }

  private mutating func passKeyValue(keeping: Bool) throws(Stopped) -> KeyValue {
    var parts: [[UInt8]?] = [nil, nil]
    var last: Int16 = 0
    while let field = try nextField(&last) {
      if field.id == 1 || field.id == 2 {
        guard field.type == .binary else { throw Stopped() }
        parts[Int(field.id) - 1] = try passBinary(keeping: keeping)
      } else {
        try read { (thrift) throws(DecodingError) in try thrift.skip(field) }
      }
    }
    guard let key = parts[0] else { throw Stopped() }
    return KeyValue(key: String(decoding: key, as: UTF8.self), value: parts[1])
  }

  /// Moves past a `binary`, which may be larger than the window.
  ///
  /// - Returns: its bytes; none if they are not kept.
  private mutating func passBinary(keeping: Bool) throws(Stopped) -> [UInt8] {
    let count = try read { (thrift) throws(DecodingError) in try thrift.readVarint() }
    guard count <= UInt64(footer.byteCount - position) else { throw Stopped() }
    let start = position
    position += Int(count)
    guard keeping else { return [] }
    if position <= range.upperBound {
      return Array(window[(start - range.lowerBound)..<(position - range.lowerBound)])
    }
    guard let bytes = try? footer.read(start..<position) else { throw Stopped() }
    return bytes
  }
}

// MARK: - What is read again

extension FooterWalk {
  /// Goes back for the chunk of a leaf, whose bytes are kept.
  ///
  /// - Precondition: `leaf` is below `group.chunkCount`.
  /// - Returns: where in `kept` it begins.
  mutating func keep(_ leaf: Int, of group: Group) throws(Stopped) -> Int {
    move(to: Int(group.marks[leaf / Self.markDistance]))
    try pass(leaf % Self.markDistance)
    let start = position
    try pass(1)
    let offset = kept.count
    kept += window[(start - range.lowerBound)..<(position - range.lowerBound)]
    return offset
  }

  /// The order of a leaf's bounds; nil where the file does not say.
  mutating func order(of leaf: Int, in rest: Rest) throws(Stopped) -> ColumnOrder? {
    guard let (count, start) = rest.orders, leaf < count else { return nil }
    move(to: start)
    try pass(leaf)
    return try read { (thrift) throws(DecodingError) in try ColumnOrder(from: &thrift) }
  }

  /// Takes the walk to another place, where no more is read than a chunk and those before it take.
  private mutating func move(to position: Int) {
    self.position = position
    range = position..<position
    stepByteCount = 16 << 10
  }
}

// MARK: - The window

extension FooterWalk {
  private mutating func nextField(
    _ last: inout Int16
  ) throws(Stopped) -> ThriftReader.Field? {
    let before = last
    let (field, id) = try read { (thrift) throws(DecodingError) in
      var last = before
      let field = try thrift.readField(after: &last)
      return (field, last)
    }
    last = id
    return field
  }

  /// What `body` reads where the walk stands.
  private mutating func read<Value>(
    _ body: (inout ThriftReader) throws(DecodingError) -> Value
  ) throws(Stopped) -> Value {
    while true {
      let start = position - range.lowerBound
      if let (value, end) = try? Self.read(window.span.extracting(0..<range.count), start, body) {
        position = range.lowerBound + end
        return value
      }
      try refill()
    }
  }

  private static func read<Value>(
    _ bytes: Span<UInt8>, _ start: Int, _ body: (inout ThriftReader) throws(DecodingError) -> Value
  ) throws(DecodingError) -> (Value, end: Int) {
    var thrift = ThriftReader(bytes, at: start)
    return (try body(&thrift), thrift.offset)
  }

  /// Moves the window to where the walk stands.
  ///
  /// - Throws: where it stands there already in full, or at the footer's end.
  private mutating func refill() throws(Stopped) {
    if !range.isEmpty, position == range.lowerBound {
      guard range.count < Self.windowByteCount else { throw Stopped() }
      stepByteCount = Self.windowByteCount
    }
    guard range.upperBound < footer.byteCount, position < footer.byteCount else {
      throw Stopped()
    }
    let next = position..<min(footer.byteCount, position + stepByteCount)
    let footer = footer
    var target = window.mutableSpan
    do throws(ReadError) {
      try footer.read(next, into: &target)
    } catch { throw Stopped() }
    range = next
  }
}
