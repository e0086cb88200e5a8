/// What one exported `ArrowSchema` points to; freed by its release callback.
@safe private final class SchemaNode {
  /// Format, name and metadata, in this order.
  let text: UnsafeMutablePointer<CChar>
  let children: CChildren<CArrowSchema>

  init(text bytes: [UInt8], children: CChildren<CArrowSchema>) {
    unsafe text = .allocate(capacity: bytes.count)
    let target = unsafe UnsafeMutableRawPointer(text)
    // SAFETY: both sides hold `bytes.count` bytes, and the target is new.
    unsafe bytes.withUnsafeBytes { source in
      if let base = source.baseAddress {
        unsafe target.copyMemory(from: base, byteCount: source.count)
      }
    }
    unsafe self.children = unsafe children
  }

  deinit { unsafe text.deallocate() }
}

private func releaseSchema(_ raw: UnsafeMutableRawPointer?) {
  guard let schema = unsafe raw?.assumingMemoryBound(to: CArrowSchema.self),
    unsafe schema.pointee.release != nil, let node = unsafe schema.pointee.privateData
  else { return }
  unsafe schema.pointee.release = nil
  unsafe schema.pointee.privateData = nil
  unsafe Unmanaged<SchemaNode>.fromOpaque(node).release()
}

extension CArrowSchema {
  /// A struct that owns its content; whoever holds it calls `release` once, from any thread.
  fileprivate init(exporting field: Field) {
    let nested = field.type.children
    var flags: Int64 = field.isNullable ? CSchemaFlag.nullable : 0
    var dictionary: DataType?
    switch field.type {
    case .dictionary(_, let value, let isOrdered):
      dictionary = value
      if isOrdered { flags |= CSchemaFlag.dictionaryOrdered }
    case .map(_, let keysSorted): if keysSorted { flags |= CSchemaFlag.mapKeysSorted }
    default: break
    }
    let children = unsafe CChildren<CArrowSchema>(
      childCount: nested.count, hasDictionary: dictionary != nil
    ) { index in
      let child = index < nested.count ? nested[index] : Field("", dictionary ?? .null)
      return unsafe CArrowSchema(exporting: child)
    }
    let format = field.type.cFormat
    var text: [UInt8] = []
    text.reserveCapacity(format.utf8.count + field.name.utf8.count + 2)
    // A zero byte inside ends a C string early: what follows it could not be seen anyway.
    text.append(contentsOf: format.utf8)
    text.append(0)
    let nameStart = text.count
    text.append(contentsOf: field.name.utf8)
    text.append(0)
    let metadataStart = text.count
    text.append(contentsOf: CMetadata.encode(field.metadata))
    let node = unsafe SchemaNode(text: text, children: children)
    unsafe self.init(
      format: node.text, name: node.text + nameStart,
      metadata: field.metadata.isEmpty ? nil : node.text + metadataStart, flags: flags,
      childCount: Int64(nested.count), children: nested.isEmpty ? nil : children.pointers,
      dictionary: children.dictionary, release: releaseSchema,
      privateData: Unmanaged.passRetained(node).toOpaque())
  }
}

extension Field {
  /// Writes the field as a `struct ArrowSchema` to `target`, whose content is overwritten.
  ///
  /// The consumer owns the struct: it calls `release` once.
  package func export(to target: UnsafeMutableRawPointer) {
    unsafe target.initializeMemory(as: CArrowSchema.self, to: CArrowSchema(exporting: self))
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
