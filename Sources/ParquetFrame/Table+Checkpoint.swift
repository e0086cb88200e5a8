public import PFArrow
internal import PFCore
internal import PFOperations
public import PFWorkflow

/// Tables as outputs that a checkpoint keeps: each is an Arrow IPC stream in a file beside the
/// journal.
extension Table: CheckpointValue {
  /// The name in journals.
  public static var checkpointName: String { "table" }

  /// Writes the file, which is there as a whole or not at all; nothing of it is in the journal.
  public func checkpointBytes(_ place: CheckpointPlace) throws -> [UInt8] {
    var parameters = JSONObject()
    _ = parameters.append("path", .string(place.path + ".arrow"))
    _ = try TableOperation("write", parameters).run([self])
    return []
  }

  /// Reads the file.
  public init(checkpointBytes: [UInt8], _ place: CheckpointPlace) throws {
    let file = try openSource(path: place.path + ".arrow", memoryMap: false)
    try self.init(ipcStream: try file.bytes(at: 0, byteCount: file.byteCount))
  }
}
