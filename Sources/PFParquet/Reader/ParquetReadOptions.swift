public import PFArrow

/// What to read of a Parquet file, and how.
public struct ParquetReadOptions: Sendable {
  /// The names of the columns, in the order wanted; nil for all in the file's order.
  ///
  /// The name of a column gives the whole of it, or of all columns that have the name; they keep
  /// their order and are told apart by their index. Any other name is a path into a nested column:
  /// `a.b` for a field of a struct; `c.list.element.x`, `c.element.x` or `c.x` for that of a
  /// list's elements; `m.key_value.value` or `m.value` for the values of a map. What is left of a
  /// map without its keys or its values is a list. Paths into one column give one column, at the
  /// place of the first, its fields in the file's order.
  public var columns: [String]?
  /// The indices of the row groups, in the order wanted; nil for all.
  public var rowGroups: [Int]?
  /// The condition that rows have to meet; nil for all rows. Its columns need not be among
  /// `columns`. Row groups and pages without such rows are passed over as far as statistics, page
  /// indexes, Bloom filters and dictionaries tell.
  public var filter: RowPredicate?
  /// The most rows to give, of those that meet the condition; nil for all.
  public var limit: Int?
  /// The most threads to use; nil for the setting of the process.
  public var threads: Int?
  /// Whether pages that carry a checksum are checked against it.
  public var verifiesChecksums = false
  /// The unit of INT96 timestamps. Nanoseconds reach from 1677 to 2262 only; values outside are
  /// an error, never wrapped.
  public var int96Unit = TimeUnit.nanosecond
  /// The most bytes of strings in one array, from 1 to 2³¹ - 1, which is as far as offsets of 32
  /// bits reach; a column with more is split into several batches.
  public var arrayByteLimit = Int(Int32.max)
  /// The layout of all columns of strings and bytes; nil for `utf8`, or what the file's own Arrow
  /// schema says.
  public var stringOutput: StringOutput?
  /// The layout of single columns, by name or dotted path of a leaf, where it is another one.
  public var columnStringOutputs: [String: StringOutput] = [:]
  /// Whether types that Parquet lacks are restored from the Arrow schema that Arrow writers leave
  /// in a file: zones, durations, dictionaries, extension types.
  public var restoresArrowSchema = true
  /// What the file may ask for before the read is given up.
  public var limits = ParquetLimits()
  /// The most rows of a batch of a scan.
  public var batchSize = 65_536
  /// Whether a scan decodes its next batch while the caller works on the present one; with one
  /// thread, and for small files, it never does.
  public var readsAhead = true

  /// All of the file.
  public init() {}
}
