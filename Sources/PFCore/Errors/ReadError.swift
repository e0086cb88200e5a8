/// Why an input could not be read, with the place as far as it is known.
///
/// Every reader of the engine throws this one type at its edge. Layers below throw their own small
/// errors; the layer that knows the file, the row group or the column adds it with `at(_:)`.
public struct ReadError: Error, Equatable, Sendable {
  /// What is wrong.
  public enum Reason: Equatable, Sendable {
    /// The input breaks its format.
    case malformed(DecodingError)
    /// The input breaks its format in a way that needs words.
    case inconsistent(String)
    /// The input is legal, but uses a feature that this version lacks; it is named.
    case unsupported(feature: String)
    /// The bytes could not be had.
    case source(SourceError)
    /// A limit of the options was passed.
    case limitExceeded(limit: String, declared: Int, maximum: Int)
    /// The caller asked to stop.
    case cancelled
    /// No column has this name; the nearest names that exist.
    case unknownColumn(name: String, nearest: [String])
    /// There is no such row group, batch or the like.
    case indexOutOfRange(what: String, index: Int, count: Int)
    /// An option is not known, or its value is not allowed.
    case invalidOption(name: String, why: String)
    /// There was no memory.
    case outOfMemory(byteCount: Int)
    /// The text of a field is no value of the type that its column has; `text` may be cut.
    case badValue(text: String, expected: String)
    /// A record has another number of fields than the first one.
    case raggedRecord(expected: Int, found: Int)
    /// A quoted field does not end; the place is where it begins.
    case unclosedQuote
    /// Bytes that are no text in the encoding of the file.
    case invalidText(encoding: String)
  }

  /// Where. What is not known, or makes no sense for the format, is nil.
  public struct Place: Equatable, Sendable {
    /// The path, or another name of the source.
    public var file: String?
    /// Bytes from the start of the file, or of the message.
    public var offset: Int?
    /// Index of the row group.
    public var rowGroup: Int?
    /// Dotted path of the column.
    public var column: String?
    /// Index of the page in its column chunk, the dictionary page not counted.
    public var page: Int?
    /// Index of the block of an Avro file.
    public var block: Int?
    /// Physical line of a text file, from 1.
    public var line: Int?
    /// Record of a text file, from 1; the header is not counted. In an Avro file, of the block.
    public var record: Int?
    /// Index of the message, where there are several that are no file.
    public var message: Int?
    /// Index of the field in its record, from 0.
    public var columnIndex: Int?

    /// A place from what is known of it.
    public init(
      file: String? = nil, offset: Int? = nil, rowGroup: Int? = nil, column: String? = nil,
      page: Int? = nil, block: Int? = nil, line: Int? = nil, record: Int? = nil,
      message: Int? = nil, columnIndex: Int? = nil
    ) {
      self.file = file
      self.offset = offset
      self.rowGroup = rowGroup
      self.column = column
      self.page = page
      self.block = block
      self.line = line
      self.record = record
      self.message = message
      self.columnIndex = columnIndex
    }
  }

  /// What is wrong.
  public var reason: Reason {
    get { content.reason }
    set { content = Content(newValue, content.place) }
  }
  /// Where it is.
  public var place: Place {
    get { content.place }
    set { content = Content(content.reason, newValue) }
  }

  /// WHY a class: code that may throw has room for the error and moves it about; as a value it would
  /// be thirty words, all over the engine.
  private final class Content: Sendable {
    let reason: Reason
    let place: Place

    init(_ reason: Reason, _ place: Place) {
      self.reason = reason
      self.place = place
    }
  }
  private var content: Content

  /// An error, with what is known of the place.
  public init(_ reason: Reason, at place: Place = Place()) {
    var place = place
    if place.offset == nil, case .malformed(let error) = reason { place.offset = error.offset }
    content = Content(reason, place)
  }

  /// Whether both say the same.
  public static func == (left: ReadError, right: ReadError) -> Bool {
    left.reason == right.reason && left.place == right.place
  }

  /// The same error with the parts of `outer` that it does not know itself.
  public func at(_ outer: Place) -> ReadError {
    var merged = place
    // An option that is wrong is so for any file.
    if case .invalidOption = reason {} else { merged.file = place.file ?? outer.file }
    merged.offset = place.offset ?? outer.offset
    merged.rowGroup = place.rowGroup ?? outer.rowGroup
    merged.column = place.column ?? outer.column
    merged.page = place.page ?? outer.page
    merged.block = place.block ?? outer.block
    merged.line = place.line ?? outer.line
    merged.record = place.record ?? outer.record
    merged.message = place.message ?? outer.message
    merged.columnIndex = place.columnIndex ?? outer.columnIndex
    return ReadError(reason, at: merged)
  }

  /// The error of a decoder that began `base` bytes into the file.
  package init(_ error: DecodingError, base: Int = 0, at place: Place = Place()) {
    switch error {
    case .outOfMemory(let byteCount):
      self.init(.outOfMemory(byteCount: byteCount), at: place)
    case .unsupported(let feature, let offset):
      self.init(.unsupported(feature: feature.description), at: place)
      if self.place.offset == nil { self.place.offset = offset &+ base }
    default:
      self.init(.malformed(error.shifted(by: base)), at: place)
    }
  }

  package init(_ error: AllocationError) { self.init(.outOfMemory(byteCount: error.byteCount)) }

  package init(_ error: SourceError) { self.init(.source(error)) }
}

extension ReadError: CustomStringConvertible {
  /// One sentence for people, with the place.
  public var description: String {
    let parts = [
      place.file,
      place.rowGroup.map { "row group \($0)" },
      place.line.map { "line \($0)" },
      place.message.map { "message \($0)" },
      place.record.map { "record \($0)" },
      place.column.map { "column \"\($0)\"" } ?? place.columnIndex.map { "field \($0 + 1)" },
      place.page.map { "page \($0)" },
      place.block.map { "block \($0)" },
      place.offset.map { "byte \($0)" },
    ].compactMap { $0 }
    return parts.isEmpty ? summary : "\(parts.joined(separator: ", ")): \(summary)"
  }

  /// The sentence without the place.
  public var summary: String {
    switch reason {
    case .malformed(let error): return error.description
    case .inconsistent(let what): return what
    case .unsupported(let feature): return "\(feature) is not supported"
    case .source(let error): return error.description
    case .limitExceeded(let limit, let declared, let maximum):
      return "\(limit) is \(declared), the limit is \(maximum)"
    case .cancelled: return "cancelled"
    case .unknownColumn(let name, let nearest):
      let hint = nearest.map { "\"\($0)\"" }.joined(separator: ", ")
      return "no column \"\(name)\"" + (nearest.isEmpty ? "" : "; the nearest are \(hint)")
    case .indexOutOfRange(let what, let index, let count):
      return "\(what) \(index) does not exist; there are \(count)"
    case .invalidOption(let name, let why): return "option \"\(name)\": \(why)"
    case .outOfMemory(let byteCount): return "no memory for \(byteCount) bytes"
    case .badValue(let text, let expected):
      return "\(JSONValue.string(text).text()) is no \(expected)"
    case .raggedRecord(let expected, let found):
      return "\(found) \(found == 1 ? "field" : "fields") where \(expected) are expected"
    case .unclosedQuote: return "the quoted field that begins here does not end"
    case .invalidText(let encoding): return "bytes that are not \(encoding)"
    }
  }
}
