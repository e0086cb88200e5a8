package import PFCore

/// Reads a foreign `struct ArrowSchema`, which is not trusted beyond its pointers being readable.
private struct SchemaImporter {
  /// Structs that may still be looked at. Child pointers can be shared, which would let a small
  /// struct unfold without end.
  private var budget = 1 << 20

  private static let formatLimit = 1 << 16
  private static let nameLimit = 16 << 20

  mutating func field(
    _ pointer: UnsafePointer<CArrowSchema>, depth: Int = 0
  ) throws(ReadError) -> Field {
    let schema = unsafe pointer.pointee
    guard depth <= DataType.maximumDepth else {
      throw ReadError(
        .limitExceeded(
          limit: "the nesting of the schema", declared: depth, maximum: DataType.maximumDepth))
    }
    guard unsafe schema.release != nil else {
      throw ReadError(.inconsistent("the schema was released before"))
    }
    guard let format = unsafe schema.format else {
      throw ReadError(.inconsistent("the schema has no format string"))
    }
    let name = try unsafe schema.name.map { (start) throws(ReadError) in
      try unsafe cString(start, limit: Self.nameLimit, what: "a field name")
    }
    let (flags, children) = (unsafe schema.flags, try unsafe children(of: schema, depth: depth))
    var type = try unsafe DataType(
      cFormat: cString(format, limit: Self.formatLimit, what: "a format string"),
      children: children, flags: flags)
    if let dictionary = unsafe schema.dictionary {
      try spend(1)
      type = .dictionary(
        index: type, value: try unsafe field(dictionary, depth: depth + 1).type,
        isOrdered: flags & CSchemaFlag.dictionaryOrdered != 0)
      try type.checkParameters()
    }
    return Field(
      name ?? "", type, isNullable: flags & CSchemaFlag.nullable != 0,
      metadata: try unsafe CMetadata.decode(schema.metadata))
  }

  private mutating func children(
    of schema: CArrowSchema, depth: Int
  ) throws(ReadError) -> [Field] {
    guard let count = unsafe Int(exactly: schema.childCount), count >= 0 else {
      throw ReadError(.inconsistent("the schema has \(unsafe schema.childCount) children"))
    }
    guard count > 0 else { return [] }
    guard let pointers = unsafe schema.children else {
      throw ReadError(.inconsistent("the schema has no pointer to its children"))
    }
    try spend(count)
    var fields: [Field] = []
    for index in 0..<count {
      guard let child = unsafe pointers[index] else {
        throw ReadError(.inconsistent("child \(index) of the schema is a null pointer"))
      }
      fields.append(try unsafe field(child, depth: depth + 1))
    }
    return fields
  }

  private mutating func spend(_ count: Int) throws(ReadError) {
    guard count <= budget else {
      throw ReadError(
        .limitExceeded(limit: "the fields of the schema", declared: count, maximum: budget))
    }
    budget -= count
  }
}

extension Field {
  /// Takes over the `struct ArrowSchema` at `source`: it is read and released, also on failure.
  ///
  /// - Throws: `.unsupported` for a type that the engine lacks, `.inconsistent` and
  ///   `.limitExceeded` when the struct breaks the interface.
  package init(importing source: UnsafeMutableRawPointer) throws(ReadError) {
    let pointer = unsafe source.assumingMemoryBound(to: CArrowSchema.self)
    defer { unsafe pointer.releaseContent() }
    var importer = SchemaImporter()
    self = try unsafe importer.field(pointer)
  }
}

extension Schema {
  /// Takes over the `struct ArrowSchema` at `source`: it is read and released, also on failure.
  ///
  /// A schema that is no struct becomes one with that single field.
  ///
  /// - Throws: as `Field.init(importing:)`.
  package init(importing source: UnsafeMutableRawPointer) throws(ReadError) {
    self.init(of: try unsafe Field(importing: source))
  }

  /// The columns that arrays of `field` are.
  init(of field: Field) {
    if case .structure(let fields) = field.type {
      self.init(fields, metadata: field.metadata)
    } else {
      self.init([field])
    }
  }
}
