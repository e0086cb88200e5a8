public import PFArrow

/// What to read of a CSV file, and how.
public struct CSVReadOptions: Sendable {
  /// How the file is written.
  public var dialect = CSVDialect()
  /// The encoding, as Python spells it: `utf-8`, `latin-1`, `cp1252`, `utf-16`, `utf-16-le`,
  /// `utf-16-be`; nil for what the byte order mark says, or UTF-8.
  public var encoding: String?
  /// The names of all columns of the file, in place of its header or where it has none; nil takes
  /// the header, or `column_1`, `column_2`, ….
  public var columnNames: [String]?
  /// The names of the columns to read, in the order wanted; nil for all. Others are not parsed.
  public var columns: [String]?
  /// The types of columns by name; those of others are inferred.
  public var types: [String: DataType] = [:]
  /// How dates, times and timestamps may be written, in the directives of `strptime`, such as
  /// `%d.%m.%Y %H:%M`, or `iso8601`.
  ///
  /// In a column of a given type the formats that say such a type stand in place of ISO 8601. Where
  /// types are inferred, they are tried behind numbers and before ISO 8601: a column has values of
  /// these formats alone, or of ISO 8601 alone.
  public var datetimeFormats: [String] = []
  /// The same for single columns, in place of `datetimeFormats`. The type of such a column is not
  /// inferred: without a given one it is one of dates, of times of microseconds or of timestamps of
  /// microseconds, as the formats say.
  public var columnDatetimeFormats: [String: [String]] = [:]
  /// Names and types: of columns by name where there is a header or `columnNames`, else of all
  /// columns in order. `types` comes first.
  public var schema: Schema?
  /// Whether the types of columns without a given one are inferred; otherwise they are strings.
  public var infersTypes = true
  /// Records that inference looks at before the parse, which then verifies it for all others.
  public var sampleCount = 1000
  /// Texts that are null in any column.
  public var nullValues = [""]
  /// Texts that are null in single columns, in place of `nullValues`.
  public var columnNullValues: [String: [String]] = [:]
  /// Whether columns of strings and bytes have nulls at all.
  public var stringsCanBeNull = true
  /// Whether null texts in quotes are nulls in columns of strings and bytes. In others they always
  /// are.
  public var quotedStringsCanBeNull = false
  /// Texts that are true; nil for `true`, `True` and `TRUE`, in columns of a given type also `1`.
  public var trueValues: [String]?
  /// Texts that are false; nil for `false`, `False` and `FALSE`, in columns of a given type also
  /// `0`.
  public var falseValues: [String]?
  /// The most records to give; nil for all. No more is read than they need.
  public var limit: Int?
  /// What happens to a value that does not fit the type that was given, to text in a wrong
  /// encoding, and to ragged records.
  public var errorRule = ErrorRule.raise
  /// What happens to records with too few or too many fields.
  public var raggedRule = RaggedRule.error
  /// What happens to names that occur more than once.
  public var duplicateNameRule = DuplicateNameRule.rename
  /// Whether files of a `CSVDataset` may lack columns that others have, which are null there; the
  /// columns come in the order in which the files have them. Otherwise all have the same.
  public var unitesColumns = false
  /// Columns that the file may lack, as others of its dataset have them.
  var columnsOfOthers: Set<String> = []
  /// Whether bytes that are no text become U+FFFD rather than an error.
  public var replacesInvalidText = false
  /// The most rejects to keep; more are counted.
  public var rejectLimit = 100_000
  /// The most fields that a record may have: each column needs memory of its own, whatever it
  /// holds.
  public var columnLimit = 100_000
  /// The most threads to use; nil for the setting of the process.
  public var threads: Int?
  /// Bytes of the file that one thread takes at a time; nil for the setting of the process. The
  /// result depends on it in the borders of its batches only.
  public var chunkByteCount: Int?
  /// The most rows of a batch of a scan.
  public var batchSize = 65_536

  /// All of a file as RFC 4180 has it, with a header.
  public init() {}

  /// What happens to what is wrong.
  public enum ErrorRule: String, Sendable, CaseIterable {
    /// The read ends with an error.
    case raise
    /// The value is null, and among the rejects.
    case null
    /// The record is left out, and among the rejects.
    case skip
  }

  /// What happens to records of another length.
  public enum RaggedRule: String, Sendable, CaseIterable {
    /// As `errorRule` says.
    case error
    /// Missing fields are null; too many are an error.
    case pad
    /// Fields too many are left out; too few are an error.
    case cut
    /// Missing fields are null, fields too many are left out.
    case padAndCut = "pad_and_cut"
    /// The record is left out, and among the rejects.
    case skip
  }

  /// What happens to equal names.
  public enum DuplicateNameRule: String, Sendable, CaseIterable {
    /// The second `a` is called `a_1`, or the next that is free.
    case rename
    /// They stay.
    case keep
    /// The read ends with an error.
    case error
  }
}
