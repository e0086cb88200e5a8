internal import PFCore

/// The names of a schema while it is parsed (Avro specification, "Names").
///
/// A name may be used before its definition, and stands for one of two types then: that of the
/// namespace around it or, where there is none, that without a namespace. So a schema that has such
/// names is parsed again, with all names known.
struct AvroNames {
  /// All names that the schema defines; nil where that is not known yet.
  private let known: Set<AvroName>?
  /// The names that were defined so far, those whose definition is open included.
  private var declared: Set<AvroName> = []
  /// The named types so far.
  private(set) var definitions: [AvroName: AvroType] = [:]
  /// Whether a name was used for which no definition had begun.
  private var hasOpenReferences = false

  init() { known = nil }

  private init(known: Set<AvroName>) { self.known = known }

  /// What a second parse begins with; nil where none is needed.
  func forSecondPass() -> AvroNames? {
    hasOpenReferences ? AvroNames(known: declared) : nil
  }

  /// Begins the definition of a named type; false where there is one of this name.
  mutating func declare(_ name: AvroName) -> Bool { declared.insert(name).inserted }

  /// Ends the definition of a named type.
  mutating func define(_ name: AvroName, _ type: AvroType) { definitions[name] = type }

  /// The type that a name stands for inside of a namespace; nil for none.
  mutating func resolve(_ text: String, in namespace: String?) -> AvroName? {
    let name = AvroName(text, in: namespace)
    if declared.contains(name) { return name }
    guard let known else {
      hasOpenReferences = true
      return name
    }
    if known.contains(name) { return name }
    // As Java has it: a name that its namespace lacks is one without a namespace.
    let plain = AvroName(text, in: nil)
    return known.contains(plain) ? plain : nil
  }

  /// The names that are most like one that is unknown.
  func nearest(to text: String) -> [String] {
    // Sorted, because sets have no order and errors should not change from run to run.
    let known = known ?? declared
    let names = known.map(\.fullName).sorted()
    let shortNames = known.filter { $0.namespace != nil }.map(\.name).sorted()
    return nearestNames(to: text, among: AvroType.Kind.primitiveNames + names + shortNames)
  }
}

extension AvroName {
  /// A name as it is written inside of a namespace (Avro specification, "Names"): one with a dot is
  /// a full name, and an empty namespace is none.
  init(_ text: String, in namespace: String?) {
    if let dot = text.utf8.lastIndex(of: UInt8(ascii: ".")) {
      let start = text.utf8.startIndex
      self.init(dot == start ? String(text[text.utf8.index(after: start)...]) : text)
    } else if let namespace, !namespace.isEmpty {
      self.init("\(namespace).\(text)")
    } else {
      self.init(text)
    }
  }
}
