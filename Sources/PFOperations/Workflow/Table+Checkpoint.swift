public import PFArrow
internal import PFCore
public import PFWorkflow

/// A table is kept in a file beside the journal, as an Arrow IPC stream.
extension Table: CheckpointValue {
  /// The name in journals.
  public static var checkpointName: String { "table" }

  /// Writes the file; gives what it is known by.
  public func checkpointBytes(_ place: CheckpointPlace) throws -> [UInt8] {
    let file = try place.makeFile(ending: ".arrow")
    try writeIPCStream { (bytes) throws(ReadError) in
      guard file.append(bytes) else { throw ReadError(.source(.callbackFailed(status: 1))) }
    }
    return try file.finish()
  }

  /// Reads the file.
  public init(checkpointBytes bytes: [UInt8], _ place: CheckpointPlace) throws {
    let stored = try place.readFile(ending: ".arrow", bytes)
    try self.init(ipcStream: Buffer(copying: stored.span))
  }
}

/// The table that an output is, or that it has beside the bytes that a caller gave.
package func table(of output: (any Sendable)?) -> Table? {
  guard let list = output as? [any Sendable] else { return output as? Table }
  return list.count == 2 && list[0] is ExternalOutput ? list[1] as? Table : nil
}
