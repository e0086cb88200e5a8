internal import PFCore

/// Constants of Message.fbs and Schema.fbs.
enum IPCFormat {
  /// `MetadataVersion.V5`.
  static let version: Int16 = 4
  /// `MetadataVersion.V4`, which differs in the validity of unions alone.
  static let previousVersion: Int16 = 3
  /// What stands before the length of every message.
  static let continuation: UInt32 = 0xFFFF_FFFF
  /// Buffers start at multiples of it; 8 would do, 64 serves readers better.
  static let alignment = 64

  /// `count` rounded up to the alignment.
  static func padded(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
}

/// `MessageHeader` of Message.fbs.
enum IPCMessageKind: UInt8 {
  case schema = 1
  case dictionaryBatch
  case recordBatch
  case tensor
  case sparseTensor
}

/// `Type` of Schema.fbs.
enum IPCTypeKind: UInt8 {
  case null = 1
  case int
  case floatingPoint
  case binary
  case utf8
  case bool
  case decimal
  case date
  case time
  case timestamp
  case interval
  case list
  case structure
  case union
  case fixedSizeBinary
  case fixedSizeList
  case map
  case duration
  case largeBinary
  case largeUTF8
  case largeList
  case runEndEncoded
  case binaryView
  case utf8View
  case listView
  case largeListView
}

/// A field with the ids by which a stream tells its dictionaries.
struct IPCField {
  let field: Field
  /// The id of its dictionary.
  let dictionaryID: Int64?
  /// The children of its type, or of the dictionary's values.
  let children: [IPCField]

  /// The type of the values, behind the dictionary where there is one.
  var valueType: DataType {
    if case .dictionary(_, let value, _) = field.type { value } else { field.type }
  }
}
