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
  /// The most bytes that a block may have when decompressed. Option `block_byte_limit`.
  public var blockByteLimit = 1 << 30

  /// The defaults.
  public init() {}
}
