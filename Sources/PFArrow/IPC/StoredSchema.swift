package import PFCore

/// A schema as files of other formats keep it, in a message of the IPC format, whose fields are
/// read one by one: there may be thousands of which few are of interest.
package struct StoredSchema {
  private let tables: FlatTables

  /// - Throws: as `IPCStreamReader`.
  package init(message input: Buffer) throws(ReadError) {
    var offset = 0
    guard let message = try IPCMessage(in: input, offset: &offset), message.kind == .schema else {
      throw ReadError(.inconsistent("there is no schema"))
    }
    tables = try IPCSchemaReader.tables(message.header)
  }

  /// The number of fields.
  package var count: Int { tables.count }

  /// A field that has metadata or is of another type than numbers, times without a zone, and
  /// strings and bytes with 32-bit offsets; nil for those. Of types that this version lacks the
  /// nearest one is taken, or null.
  ///
  /// - Precondition: `0 <= index < count`.
  /// - Throws: as `IPCStreamReader`.
  package func remarkableField(at index: Int) throws(ReadError) -> Field? {
    do throws(DecodingError) {
      if try IPCSchemaReader.isPlain(try tables[index]) { return nil }
    } catch { throw ReadError(error) }
    return try IPCSchemaReader.readField(at: index, of: tables)
  }
}
