/// A JSON document or a part of one (RFC 8259).
public enum JSONValue: Sendable, Equatable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number, exact as it is written.
  case number(JSONNumber)
  /// A string, unescaped.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object, its members in the order of the document.
  case object(JSONObject)

  /// Whether this is `null`.
  public var isNull: Bool { self == .null }

  /// The boolean, where this is one.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The number, where this is one.
  public var number: JSONNumber? { if case .number(let value) = self { value } else { nil } }

  /// The string, where this is one.
  public var string: String? { if case .string(let value) = self { value } else { nil } }

  /// The elements, where this is an array.
  public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

  /// The object, where this is one.
  public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
}

extension JSONValue {
  /// Reads one document.
  ///
  /// Strict RFC 8259: nothing but white space around the value, no byte order mark, valid UTF-8,
  /// paired surrogates. Beyond it, a name that occurs twice in an object is an error: schemas and
  /// options give such an object no meaning (section 4 leaves it open).
  ///
  /// - Parameters:
  ///   - text: the document as UTF-8.
  ///   - depthLimit: how many arrays and objects may be open at once; more than
  ///     `maximumDepthLimit` is cut to that.
  /// - Complexity: O(n) in the length of `text`, in time and in memory.
  /// - Throws: what is wrong first, and at which byte.
  public init(
    parsing text: Span<UInt8>, depthLimit: Int = defaultDepthLimit
  ) throws(JSONError) {
    var parser = JSONParser(text, depthLimit: min(depthLimit, Self.maximumDepthLimit))
    self = try parser.parseDocument()
  }

  /// Reads one document, as `init(parsing:depthLimit:)` does from a span.
  ///
  /// - Throws: what is wrong first, and at which byte of the text's UTF-8.
  public init(
    parsing text: String, depthLimit: Int = defaultDepthLimit
  ) throws(JSONError) {
    try self.init(parsing: text.utf8.span, depthLimit: depthLimit)
  }

  /// The nesting that documents may have unless the caller says otherwise.
  public static var defaultDepthLimit: Int { 128 }

  /// The deepest nesting that can be asked for: reading and freeing a value recurse, and have to
  /// fit the stack of any thread.
  public static var maximumDepthLimit: Int { 1024 }

  /// The value as JSON text.
  public func text(_ layout: JSONLayout = .compact) -> String {
    var writer = JSONWriter(layout)
    writer.value(self)
    return writer.text
  }
}
