internal import PFCore

/// What to read of an Avro file, and how.
public struct AvroReadOptions: Sendable {
  /// The columns, by dotted path, in the order of the result; nil for all.
  public var columns: [String]?
  /// The schema to read as; nil for the one that the file was written with.
  public var readerSchema: AvroSchema?
  /// The most records; nil for all.
  public var limit: Int?
  /// The most threads; nil for what `Settings` says.
  public var threads: Int?
  /// The most rows of a batch of a scan.
  public var batchSize = 65_536
  /// What a union of several types becomes.
  public var unionLayout = UnionLayout.dense
  /// The most bytes of Arrow memory that the result of a read, or one batch of a scan, may have;
  /// three quarters of the machine's memory. What is decoded side by side is counted with the room
  /// that it grows in, some megabytes for each thread. Option `allocation_limit`.
  public var allocationByteLimit = memoryByteCount / 4 * 3
  /// The most bytes that a block may have when decompressed. Option `block_byte_limit`.
  public var blockByteLimit = 1 << 30

  /// How a union of several types is laid out.
  public enum UnionLayout: String, Sendable, CaseIterable {
    /// An Arrow dense union, a child for each branch.
    case dense
    /// A struct with a field for each branch but null, of which one at most is not null.
    case structure = "struct"
  }

  /// The defaults.
  public init() {}
}
