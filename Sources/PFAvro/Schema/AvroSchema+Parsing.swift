public import PFCore

extension AvroSchema {
  /// Reads a schema from its JSON text (Avro specification, "Schema Declaration").
  ///
  /// Strict where bytes would be read wrongly, lenient where they would not: `Specs/avro.md` has the
  /// rules.
  ///
  /// - Complexity: O(n) in the length of `text`, in time and in memory: a name that is referred to
  ///   stays a name.
  /// - Throws: `.inconsistent` with the place in the schema and what is wrong there.
  public init(parsing text: Span<UInt8>) throws(ReadError) {
    let json: JSONValue
    do throws(JSONError) {
      json = try JSONValue(parsing: text, depthLimit: Self.jsonDepthLimit)
    } catch {
      throw ReadError(.inconsistent("the Avro schema is not JSON: \(error.message(in: text))"))
    }
    try self.init(json)
  }

  /// Reads a schema from its JSON text, as `init(parsing:)` does from a span.
  public init(parsing text: String) throws(ReadError) { try self.init(parsing: text.utf8.span) }

  /// Reads a schema from parsed JSON, as `init(parsing:)` does from text.
  public init(_ json: JSONValue) throws(ReadError) {
    do throws(AvroSchemaParser.Mistake) {
      var parser = AvroSchemaParser()
      var type = try parser.parse(json)
      if let names = parser.names.forSecondPass() {
        parser = AvroSchemaParser(names)
        type = try parser.parse(json)
      }
      self.init(type: type, definitions: parser.names.definitions, json: json)
    } catch {
      throw ReadError(.inconsistent(error.text))
    }
  }

  /// A record in a nullable field is four levels of JSON, and types may nest
  /// `AvroSchemaParser.greatestDepth` deep.
  private static let jsonDepthLimit = 512
}

/// Makes the types of a schema from its JSON.
struct AvroSchemaParser {
  /// The deepest nesting of types.
  ///
  /// WHY: types are built, walked and freed by recursion, which has to fit the stack of any thread.
  static let greatestDepth = 100

  private(set) var names: AvroNames
  private var path = AvroSchemaPath()
  private var depth = 0

  init(_ names: AvroNames = AvroNames()) { self.names = names }

  mutating func parse(_ json: JSONValue) throws(Mistake) -> AvroType {
    try type(json, in: nil)
  }

  // MARK: Types

  // WHY `@inline(never)` in this type: what recurses keeps a small frame, so that the deepest schema
  // fits 256 KiB of stack.

  private mutating func type(
    _ json: JSONValue, in namespace: String?
  ) throws(Mistake) -> AvroType {
    try deepen()
    defer { depth -= 1 }
    switch json {
    case .string(let name): return AvroType(try simpleKind(name, in: namespace))
    case .array(let branches): return AvroType(.union(try union(branches, in: namespace)))
    case .object(let object): return try type(object, in: namespace)
    default: throw error("a type is a string, an object or an array, not \(json.kindName)")
    }
  }

  private mutating func deepen() throws(Mistake) {
    guard depth < Self.greatestDepth else {
      throw error("types are nested more than \(Self.greatestDepth) levels deep")
    }
    depth += 1
  }

  @inline(never)
  private mutating func type(
    _ object: JSONObject, in namespace: String?
  ) throws(Mistake) -> AvroType {
    guard case .string(let word) = try required("type", of: object) else {
      return try unwrapped(object, in: namespace)
    }
    switch word {
    case "record", "error":
      return define(.record(try record(object, in: namespace)), object)
    case "enum": return define(.enumeration(try enumeration(object, in: namespace)), object)
    case "fixed": return define(.fixed(try fixed(object, in: namespace)), object)
    case "array":
      return AvroType(.array(try part("items", of: object, in: namespace))).described(by: object)
    case "map":
      return AvroType(.map(try part("values", of: object, in: namespace))).described(by: object)
    default: return AvroType(try simpleKind(word, in: namespace)).described(by: object)
    }
  }

  /// The type in `{"type": {"type": "string"}}`: the outer object only adds attributes.
  @inline(never)
  private mutating func unwrapped(
    _ object: JSONObject, in namespace: String?
  ) throws(Mistake) -> AvroType {
    try type(try required("type", of: object), in: namespace).described(by: object)
  }

  /// Ends the definition of a named type.
  @inline(never)
  private mutating func define(_ kind: AvroType.Kind, _ object: JSONObject) -> AvroType {
    let type = AvroType(kind).described(by: object)
    if let name = kind.definedName { names.define(name, type) }
    return type
  }

  /// The type of the items of an array or of the values of a map.
  private mutating func part(
    _ name: String, of object: JSONObject, in namespace: String?
  ) throws(Mistake) -> AvroType {
    let json = try required(name, of: object)
    path.push(.name(name))
    defer { path.pop() }
    return try type(json, in: namespace)
  }

  @inline(never)
  private mutating func union(
    _ branches: [JSONValue], in namespace: String?
  ) throws(Mistake) -> [AvroType] {
    var types: [AvroType] = []
    types.reserveCapacity(branches.count)
    var seen: Set<AvroUnionBranch> = []
    for (index, json) in branches.enumerated() {
      path.push(.branch(index))
      defer { path.pop() }
      let type = try type(json, in: namespace)
      guard let branch = AvroUnionBranch(type.kind) else {
        throw error("a union stands directly in a union")
      }
      guard seen.insert(branch).inserted else {
        throw error("\(branch) is in the union twice")
      }
      types.append(type)
    }
    return types
  }

  /// A primitive type or a reference to a named one.
  @inline(never)
  private mutating func simpleKind(
    _ text: String, in namespace: String?
  ) throws(Mistake) -> AvroType.Kind {
    if let primitive = AvroType.Kind(primitive: text) { return primitive }
    if let name = names.resolve(text, in: namespace) { return .named(name) }
    throw unknown(text)
  }

  // MARK: Named types

  private mutating func record(
    _ object: JSONObject, in namespace: String?
  ) throws(Mistake) -> AvroRecord {
    let name = try declare(object, in: namespace)
    path.enter(name)
    defer { path.leave(name) }
    guard case .array(let list) = try required("fields", of: object) else {
      throw error("\"fields\" is not an array")
    }
    let fields = try fields(list, in: name.namespace)
    return AvroRecord(
      name: name, aliases: try aliases(of: object).map { AvroName($0, in: name.namespace) },
      doc: object["doc"]?.string, fields: fields, isError: object["type"] == .string("error"))
  }

  @inline(never)
  private mutating func fields(
    _ list: [JSONValue], in namespace: String?
  ) throws(Mistake) -> [AvroField] {
    var fields: [AvroField] = []
    fields.reserveCapacity(list.count)
    for json in list { fields.append(try field(json, in: namespace)) }
    if let name = firstRepeated(in: fields.lazy.map(\.name)) {
      throw error("the field \(quoted(name)) is there twice")
    }
    return fields
  }

  @inline(never)
  private func firstRepeated(in names: some Sequence<String>) -> String? {
    var seen: Set<ExactName> = []
    return names.first { !seen.insert(ExactName(text: $0)).inserted }
  }

  private mutating func field(
    _ json: JSONValue, in namespace: String?
  ) throws(Mistake) -> AvroField {
    guard case .object(let object) = json else {
      throw error("a field is an object, not \(json.kindName)")
    }
    let name = try requiredString("name", of: object)
    path.push(.name(name))
    defer { path.pop() }
    let type = try type(try required("type", of: object), in: namespace)
    return try field(name, type, object)
  }

  @inline(never)
  private func field(
    _ name: String, _ type: AvroType, _ object: JSONObject
  ) throws(Mistake) -> AvroField {
    AvroField(
      name: name, aliases: try aliases(of: object), doc: object["doc"]?.string, type: type,
      defaultValue: object["default"], order: try order(of: object),
      attributes: object.filter { !AvroField.attributeNames.contains($0) })
  }

  @inline(never)
  private func order(of object: JSONObject) throws(Mistake) -> AvroField.Order {
    guard let text = try optionalString("order", of: object) else { return .ascending }
    guard let order = AvroField.Order(rawValue: text.lowercased()) else {
      throw error("\"order\" is \(quoted(text)), not ascending, descending or ignore")
    }
    return order
  }

  @inline(never)
  private mutating func enumeration(
    _ object: JSONObject, in namespace: String?
  ) throws(Mistake) -> AvroEnumeration {
    let name = try declare(object, in: namespace)
    path.enter(name)
    defer { path.leave(name) }
    guard let symbols = try required("symbols", of: object).strings else {
      throw error("\"symbols\" is not an array of strings")
    }
    if let symbol = firstRepeated(in: symbols) {
      throw error("the symbol \(quoted(symbol)) is there twice")
    }
    let defaultSymbol = try optionalString("default", of: object)
    if let defaultSymbol,
      !symbols.contains(where: { ExactName(text: $0) == ExactName(text: defaultSymbol) })
    {
      throw error(
        "the default \(quoted(defaultSymbol)) is none of the symbols"
          + hint(nearestNames(to: defaultSymbol, among: symbols)))
    }
    return AvroEnumeration(
      name: name, aliases: try aliases(of: object).map { AvroName($0, in: name.namespace) },
      doc: object["doc"]?.string, symbols: symbols, defaultSymbol: defaultSymbol)
  }

  @inline(never)
  private mutating func fixed(
    _ object: JSONObject, in namespace: String?
  ) throws(Mistake) -> AvroFixed {
    let name = try declare(object, in: namespace)
    path.enter(name)
    defer { path.leave(name) }
    let size = try required("size", of: object)
    // The canonical form speaks of sizes in quotes: they occur.
    let literal = size.number?.literal ?? size.string ?? ""
    guard let byteCount = Int32(literal), byteCount >= 0 else {
      throw error("\"size\" is not an integer from 0 to \(Int32.max)")
    }
    return AvroFixed(
      name: name, aliases: try aliases(of: object).map { AvroName($0, in: name.namespace) },
      doc: object["doc"]?.string, byteCount: Int(byteCount))
  }

  /// Begins the definition of a named type.
  @inline(never)
  private mutating func declare(
    _ object: JSONObject, in namespace: String?
  ) throws(Mistake) -> AvroName {
    let text = try requiredString("name", of: object)
    let own = try optionalString("namespace", of: object)
    let name = AvroName(text, in: own ?? namespace)
    guard AvroType.Kind(primitive: name.fullName) == nil else {
      throw error("a named type has the name of the primitive type \(name.fullName)")
    }
    guard names.declare(name) else {
      throw error("the type \(quoted(name.fullName)) is defined twice")
    }
    return name
  }

  // MARK: Attributes

  @inline(never)
  private func required(
    _ name: String, of object: JSONObject
  ) throws(Mistake) -> JSONValue {
    guard let value = object[name] else { throw error("\(quoted(name)) is missing") }
    return value
  }

  private func requiredString(
    _ name: String, of object: JSONObject
  ) throws(Mistake) -> String {
    guard let string = try required(name, of: object).string else {
      throw error("\(quoted(name)) is not a string")
    }
    return string
  }

  /// A string; nil where it is absent or `null`.
  private func optionalString(
    _ name: String, of object: JSONObject
  ) throws(Mistake) -> String? {
    guard let value = object[name], !value.isNull else { return nil }
    guard let string = value.string else { throw error("\(quoted(name)) is not a string") }
    return string
  }

  private func aliases(of object: JSONObject) throws(Mistake) -> [String] {
    guard let value = object["aliases"], !value.isNull else { return [] }
    guard let aliases = value.strings else {
      throw error("\"aliases\" is not an array of strings")
    }
    return aliases
  }

  // MARK: Errors

  /// What is wrong, with the place.
  ///
  /// WHY not `ReadError`: it is large, and functions that recurse have room for one on their frame
  /// for each call that may throw.
  struct Mistake: Error {
    let text: String
  }

  @inline(never)
  private func error(_ what: String) -> Mistake {
    Mistake(text: "Avro schema\(path.text): \(what)")
  }

  private func unknown(_ text: String) -> Mistake {
    if ["record", "error", "enum", "fixed", "array", "map"].contains(text) {
      return error(
        "the type \"\(text)\" needs an object of its own, {\"type\": \"\(text)\", …}")
    }
    return error("no type is called \(quoted(text))" + hint(names.nearest(to: text)))
  }

  private func hint(_ nearest: [String]) -> String {
    nearest.isEmpty ? "" : "; did you mean \(nearest.map(quoted).joined(separator: ", "))?"
  }

  /// Names come from input: in JSON's quotes, and not endless.
  private func quoted(_ name: String) -> String {
    JSONValue.string(name.count > 100 ? name.prefix(100) + "…" : name).text()
  }
}

extension AvroField {
  /// What the specification says of fields; all else is an attribute of its own.
  fileprivate static let attributeNames: Set<String> = [
    "name", "type", "doc", "default", "order", "aliases",
  ]
}

extension AvroType {
  /// What the specification says of types, of whatever kind: Java takes none of them for an
  /// attribute of its own either.
  fileprivate static let attributeNames: Set<String> = [
    "type", "name", "namespace", "doc", "aliases", "fields", "symbols", "items", "values", "size",
  ]

  /// The type with the attributes of its object, and with the logical type that they give it.
  @inline(never)
  fileprivate consuming func described(by object: JSONObject) -> AvroType {
    let more = object.attributes(of: kind)
    guard !more.members.isEmpty else { return self }
    for member in more.members { _ = attributes.append(member.name, member.value) }
    if logicalType == nil, let logicalType = AvroLogicalType(attributes, on: kind) {
      self.logicalType = logicalType
      let names = logicalType.attributeNames
      attributes = attributes.filter { !names.contains($0) }
    }
    return self
  }
}

extension JSONObject {
  fileprivate func filter(_ isWanted: (String) -> Bool) -> JSONObject {
    var object = JSONObject()
    for member in members where isWanted(member.name) {
      _ = object.append(member.name, member.value)
    }
    return object
  }

  /// The members that the specification does not name, for a type of `kind`.
  fileprivate func attributes(of kind: AvroType.Kind) -> JSONObject {
    var isEnumeration = false
    if case .enumeration = kind { isEnumeration = true }
    return filter {
      !AvroType.attributeNames.contains($0) && !(isEnumeration && $0 == "default")
    }
  }
}

extension JSONValue {
  /// What the value is, for people.
  fileprivate var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// The strings of an array of strings.
  fileprivate var strings: [String]? {
    guard let array else { return nil }
    let strings = array.compactMap(\.string)
    return strings.count == array.count ? strings : nil
  }
}
