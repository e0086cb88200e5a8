internal import PFCore

/// One step of a decode program: how one value, or a part of one, goes from bytes to its column.
///
/// A program is compiled once for a pair of schemas and runs over every record. Steps follow each
/// other in the order of the bytes; those with a body (`nullable`, `variant`, `list`, ...) have it
/// behind them.
struct Instruction {
  var code: Opcode
  /// The slot that is written, where there is one.
  var slot: Int32 = 0
  /// Operands; see `Opcode`.
  var a: Int32 = 0
  var b: Int32 = 0
  var c: Int32 = 0
  var d: Int32 = 0
}

/// What an instruction does. `i` is the index of the value in its level, `slot` where it goes.
enum Opcode: UInt8 {
  // Integers: what is read, and as what it is kept. `int` is checked to have 32 bits.
  case int32OfInt
  case int64OfInt, int64OfLong
  case float32OfInt, float32OfLong, float64OfInt, float64OfLong
  // Floats.
  case float32, float64OfFloat, float64
  case boolean
  /// `bytes` or `string`: a length and so many bytes.
  case bytes
  /// `a` bytes as they are.
  case fixed
  /// A big-endian integer, in `b` bytes, or after a length where `b < 0`; kept in `a` bytes.
  case decimal
  /// An enum of `a` symbols, kept as its index.
  case enumeration
  /// An enum of `a` symbols, kept as `tables[b + index]`; below 0, the symbol cannot be read.
  case mappedEnumeration
  /// Months, days and milliseconds.
  case duration

  /// A union of null (branch `a`) and another type: validity in `slot`, the body up to `b`, what null
  /// fills in `fills[c..<d]`.
  case nullable
  /// A union of `a` branches: goes to `tables[b + branch]`.
  case branch
  /// Goes to `b`.
  case jump
  /// Marks the value as valid in `slot`.
  case validate
  /// Fills a null by `fills[c..<d]`.
  case fill
  /// A value of a dense union: `slot` has type ids, `slot + 1` offsets; the value is of type id
  /// `a` and level `c`, its body goes up to `b`.
  case variant
  /// An array or a map: `slot` has offsets, items are of level `c`, their body goes up to `b`;
  /// each has `a` bytes at least.
  case list
  /// The body up to `b` reads the default value `defaults[a]` instead of the input.
  case constant
  /// The value cannot be had; `messages[a]` says why.
  case fail

  // What is not wanted.
  case skipVarint
  /// `a` bytes.
  case skipFixed
  case skipBytes
  /// An array or a map whose items have the body up to `b` and `a` bytes at least.
  case skipList
}

/// What a null puts into a column that has a slot for it all the same.
struct Fill {
  enum Kind: UInt8 {
    /// `a` zero bytes.
    case zeros
    /// The offset before once more.
    case offset
    /// A value of type id `a` and level `b` in a dense union, filled by the `c` steps behind this.
    case variant
  }
  var kind: Kind
  var slot: Int32
  var a: Int32 = 0
  var b: Int32 = 0
  var c: Int32 = 0
}

/// A decode program, and the shape of the columns that it writes.
struct Program: Sendable {
  var code: [Instruction] = []
  /// Jump targets and symbol indexes.
  var tables: [Int32] = []
  var fills: [Fill] = []
  /// Encoded default values, `Cursor.slack` bytes behind each.
  var defaults: [Buffer] = []
  var messages: [String] = []
  /// The value that an instruction reads, by instruction; nil for the whole record.
  var paths: [SchemaPath?] = []
  var slots: [SlotShape] = []
  /// How many levels there are. Level 0 is that of the records; the last is that of values that are
  /// skipped.
  var levelCount = 1
  /// The fewest bytes of a record.
  var leastByteCount = 0
}

/// What a slot holds for each value of its level.
struct SlotShape: Sendable {
  enum Content: Sendable {
    /// So many bytes.
    case fixed(width: Int)
    /// A bit, 0 until it is written.
    case bit
    /// The 32-bit offset behind the value; offset 0 stands before all.
    case offset
    /// The 32-bit offset behind the value, and its bytes.
    case bytes
  }
  var content: Content
  var level: Int
}
