internal import PFCore

/// A walk over the row groups of a long footer that keeps the column chunks that are asked for.
///
/// The bytes pass through a window that stays in the processor's cache: to read megabytes of footer
/// into memory of their own costs more than to walk over them. Where anything is not as it should
/// be, or a struct is larger than the window, the walk ends without a result; the whole footer then
/// tells what is wrong.
struct FooterWalk {
  private struct Stopped: Error {}

  private static let windowByteCount = 128 << 10

  private let footer: Footer
  /// Leaves, their indices going up.
  private let wanted: [Int]
  private var window = [UInt8](repeating: 0, count: windowByteCount)
  /// The bytes of the footer that the window has.
  private var range = 0..<0
  /// Where the walk stands in the footer.
  private var position: Int
  private var shapes = StructShapes()
  /// The bytes of the chunks that are wanted.
  private var kept: [UInt8] = []

  private init(_ footer: Footer, keeping wanted: [Int], from position: Int) {
    self.footer = footer
    self.wanted = wanted
    self.position = position
  }

  /// The footer's metadata with the column chunks of some leaves and no others.
  ///
  /// - Parameters:
  ///   - footer: a footer.
  ///   - head: what it begins with.
  ///   - wanted: the leaves; their indices go up.
  ///   - keyValues: whether to decode the file's key-value metadata.
  /// - Returns: nil where only the whole footer tells.
  static func metaData(
    of footer: Footer, _ head: FileMetaData.Head, keeping wanted: [Int], keyValues: Bool
  ) -> FileMetaData? {
    guard let start = head.rowGroupsOffset, footer.byteCount <= Int(UInt32.max) else { return nil }
    var walk = FooterWalk(footer, keeping: wanted, from: start)
    guard let found = try? walk.rowGroups() else { return nil }
    var rowGroups: [RowGroup] = []
    rowGroups.reserveCapacity(found.count)
    for group in found {
      let columns = ColumnChunks(
        keeping: Array(wanted.prefix(group.offsets.count)), of: group.count, in: walk.kept,
        offsets: group.offsets)
      guard let group = try? RowGroup(group.fields, columns, offset: 0) else { return nil }
      rowGroups.append(group)
    }
    guard let rest = try? footer.read(walk.position..<footer.byteCount) else { return nil }
    return try? FileMetaData(
      chunks: walk.kept, head, rowGroups, rest: rest, keyValues: keyValues)
  }

  /// A row group whose chunks were passed.
  private struct Found {
    var fields = RowGroup.Fields()
    var count = 0
    /// Where in `kept` the chunks that are wanted begin.
    var offsets: [UInt32] = []
  }

  private mutating func rowGroups() throws(Stopped) -> [Found] {
    let count = try read { (thrift) throws(DecodingError) in
      try thrift.readStructListCount(.init(id: 4, type: .list))
    }
    var found: [Found] = []
    for _ in 0..<count { found.append(try rowGroup()) }
    return found
  }

  private mutating func rowGroup() throws(Stopped) -> Found {
    var found: Found?
    var fields = RowGroup.Fields()
    var last: Int16 = 0
    while true {
      let before = last
      let next = try read { (thrift) throws(DecodingError) in
        last = before
        return try thrift.readField(after: &last)
      }
      guard let field = next else { break }
      if field.id == 1 {
        let count = try read { (thrift) throws(DecodingError) in
          try thrift.readStructListCount(field)
        }
        found = try passChunks(count)
      } else {
        try read { (thrift) throws(DecodingError) in try fields.read(field, from: &thrift) }
      }
    }
    guard var found else { throw Stopped() }
    found.fields = fields
    return found
  }

  /// Passes the chunks of a row group, and keeps those that are wanted.
  private mutating func passChunks(_ count: Int) throws(Stopped) -> Found {
    var found = Found(count: count)
    var passed = 0
    for leaf in wanted where leaf < count {
      try pass(leaf - passed)
      let start = position
      try pass(1)
      found.offsets.append(UInt32(truncatingIfNeeded: kept.count))
      kept += window[(start - range.lowerBound)..<(position - range.lowerBound)]
      passed = leaf + 1
    }
    try pass(count - passed)
    return found
  }

  /// Moves past so many structs; the last of them is in the window then.
  private mutating func pass(_ count: Int) throws(Stopped) {
    var left = count
    while left > 0 {
      // Taken out and put back: the span holds on to all of the walk.
      var shapes = StructShapes()
      swap(&shapes, &self.shapes)
      var offset = position - range.lowerBound
      Self.pass(&left, of: window.span.extracting(0..<range.count), from: &offset, &shapes)
      swap(&shapes, &self.shapes)
      position = range.lowerBound + offset
      if left > 0 { try refill() }
    }
  }

  private static func pass(
    _ left: inout Int, of bytes: Span<UInt8>, from offset: inout Int, _ shapes: inout StructShapes
  ) {
    while left > 0, let end = try? shapes.end(of: bytes, from: offset) {
      offset = end
      left -= 1
    }
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
  /// - Throws: where it stands there already, or at the footer's end.
  private mutating func refill() throws(Stopped) {
    guard range.isEmpty || position > range.lowerBound, range.upperBound < footer.byteCount,
      position < footer.byteCount
    else { throw Stopped() }
    let next = position..<min(footer.byteCount, position + Self.windowByteCount)
    let footer = footer
    var target = window.mutableSpan
    do throws(ReadError) {
      try footer.read(next, into: &target)
    } catch { throw Stopped() }
    range = next
  }
}
