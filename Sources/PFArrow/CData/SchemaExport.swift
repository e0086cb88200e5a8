/// Where each struct of an exported schema has its parts: indices of structs, and offsets in one
/// text. A schema may have thousands of fields; they share a few allocations.
private struct SchemaLayout {
  struct Node {
    var format = 0
    var name = 0
    var metadata: Int?
    var flags: Int64 = 0
    var children = 0..<0
    var dictionary: Int?
  }

  /// The field itself first; children of one parent stand together.
  private(set) var nodes = [Node()]
  /// Formats and names with zeros behind them, and metadata.
  private(set) var text: [UInt8] = []
  private var lastFormat: (type: DataType, offset: Int)?

  init(of field: Field) { place(field, at: 0) }

  private mutating func place(_ field: Field, at index: Int) {
    let nested = field.type.children
    var node = Node()
    node.flags = field.isNullable ? CSchemaFlag.nullable : 0
    node.children = nodes.count..<(nodes.count + nested.count)
    nodes.append(contentsOf: repeatElement(Node(), count: nested.count))
    for (child, field) in zip(node.children, nested) { place(field, at: child) }
    switch field.type {
    case .dictionary(_, let value, let isOrdered):
      if isOrdered { node.flags |= CSchemaFlag.dictionaryOrdered }
      node.dictionary = nodes.count
      nodes.append(Node())
      place(Field("", value), at: nodes.count - 1)
    case .map(_, let keysSorted): if keysSorted { node.flags |= CSchemaFlag.mapKeysSorted }
    default: break
    }
    // A zero byte inside ends a C string early: what follows it could not be seen anyway.
    node.format = place(formatOf: field.type)
    node.name = text.count
    append(field.name)
    if !field.metadata.isEmpty {
      node.metadata = text.count
      text.append(contentsOf: CMetadata.encode(field.metadata))
    }
    nodes[index] = node
  }

  private mutating func place(formatOf type: DataType) -> Int {
    // Of a thousand columns most have the type of one before: no text is made for them.
    if let last = lastFormat, last.type == type { return last.offset }
    let offset = text.count
    append(type.cFormat)
    lastFormat = (type, offset)
    return offset
  }

  private mutating func append(_ string: String) {
    text.append(contentsOf: string.utf8)
    text.append(0)
  }
}

/// The memory that the structs of an exported schema are in and point to.
///
/// A consumer may move children out (their `release` is then NULL) and release the parent first;
/// so each struct holds a reference of its own, and the memory goes with the last of them.
@safe private final class SchemaMemory {
  /// In the order of `SchemaLayout.nodes`; the first is unused, since the consumer owns it.
  private let structs: UnsafeMutablePointer<CArrowSchema>
  /// Where each struct is, so that a range of these is a `children` member.
  private let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CArrowSchema>?>
  private let text: UnsafeMutablePointer<CChar>

  private init(_ layout: SchemaLayout) {
    let count = layout.nodes.count
    unsafe structs = .allocate(capacity: count)
    unsafe pointers = .allocate(capacity: count)
    unsafe text = .allocate(capacity: layout.text.count)
    let target = unsafe UnsafeMutableRawPointer(text)
    // SAFETY: both sides hold `layout.text.count` bytes, and the target is new.
    unsafe layout.text.withUnsafeBytes { source in
      if let base = source.baseAddress {
        unsafe target.copyMemory(from: base, byteCount: source.count)
      }
    }
    // SAFETY: `count` places in both.
    for index in 0..<count { unsafe (pointers + index).initialize(to: structs + index) }
    for index in layout.nodes.indices.dropFirst() {
      unsafe (structs + index).initialize(to: makeStruct(layout.nodes[index]))
    }
  }

  deinit {
    unsafe structs.deallocate()
    unsafe pointers.deallocate()
    unsafe text.deallocate()
  }

  /// The struct of `field`; whoever holds it calls `release` once, from any thread.
  static func export(_ field: Field) -> CArrowSchema {
    let layout = SchemaLayout(of: field)
    return unsafe SchemaMemory(layout).makeStruct(layout.nodes[0])
  }

  // SAFETY: the layout's offsets and indices lie within the text and the structs made of it.
  private func makeStruct(_ node: SchemaLayout.Node) -> CArrowSchema {
    unsafe CArrowSchema(
      format: text + node.format, name: text + node.name,
      metadata: node.metadata.map { unsafe UnsafePointer(text + $0) }, flags: node.flags,
      childCount: Int64(node.children.count),
      children: node.children.isEmpty ? nil : pointers + node.children.lowerBound,
      dictionary: node.dictionary.map { unsafe structs + $0 }, release: releaseSchema,
      privateData: Unmanaged.passRetained(self).toOpaque())
  }
}

private func releaseSchema(_ raw: UnsafeMutableRawPointer?) {
  guard let schema = unsafe raw?.assumingMemoryBound(to: CArrowSchema.self),
    unsafe schema.pointee.release != nil, let memory = unsafe schema.pointee.privateData
  else { return }
  unsafe schema.pointee.release = nil
  unsafe schema.pointee.privateData = nil
  // SAFETY: our own members of a struct of ours, whose reference keeps what they point to.
  for index in unsafe 0..<Int(schema.pointee.childCount) {
    unsafe schema.pointee.children?[index]?.releaseContent()
  }
  unsafe schema.pointee.dictionary?.releaseContent()
  unsafe Unmanaged<SchemaMemory>.fromOpaque(memory).release()
}

extension Field {
  /// Writes the field as a `struct ArrowSchema` to `target`, whose content is overwritten.
  ///
  /// The consumer owns the struct: it calls `release` once.
  package func export(to target: UnsafeMutableRawPointer) {
    unsafe target.initializeMemory(as: CArrowSchema.self, to: SchemaMemory.export(self))
  }
}

extension Schema {
  /// Writes the schema as a `struct ArrowSchema` of struct type to `target`, whose content is
  /// overwritten.
  ///
  /// The consumer owns the struct: it calls `release` once.
  package func export(to target: UnsafeMutableRawPointer) {
    unsafe Field("", .structure(fields), isNullable: false, metadata: metadata).export(to: target)
  }
}
