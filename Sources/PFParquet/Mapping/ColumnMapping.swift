internal import PFArrow
internal import PFCore

/// How a leaf column becomes an Arrow column (Specs/parquet-types.md).
struct ColumnMapping: Sendable {
  let leaf: LeafColumn
  private(set) var field: Field
  /// What is above the leaf.
  var path = LevelPath()
  private var layout: Layout
  private let arrayByteLimit: Int

  /// The buffers that the values go to.
  private enum Layout: Sendable {
    case boolean
    case width1(PlainConversion)
    case width2(PlainConversion)
    case width4(PlainConversion)
    case width8(PlainConversion)
    case width16(PlainConversion)
    case width32(PlainConversion)
    case fixedBytes(Int)
    case byteArray(isText: Bool)

    /// The layout of a decimal with values of another width.
    func resized(_ width: (PlainConversion) -> Layout) -> Layout {
      switch self {
      case .width4(let conversion), .width8(let conversion), .width16(let conversion),
        .width32(let conversion):
        width(conversion)
      default: self
      }
    }
  }

  /// - Throws: `.unsupported` or `.inconsistent` for a type that cannot be.
  init(_ leaf: LeafColumn, _ options: ParquetReadOptions) throws(ReadError) {
    self.leaf = leaf
    arrayByteLimit = min(max(options.arrayByteLimit, 1), Int(Int32.max))
    (field, layout) = try Self.describe(leaf, options)
  }

  /// The field that `init` gives, without the rest.
  static func field(
    of leaf: LeafColumn, _ options: ParquetReadOptions
  ) throws(ReadError) -> Field {
    try describe(leaf, options).0
  }

  private static func describe(
    _ leaf: LeafColumn, _ options: ParquetReadOptions
  ) throws(ReadError) -> (Field, Layout) {
    let (type, layout): (DataType, Layout)
    if leaf.physicalType == .int96 {
      (type, layout) = (
        .timestamp(options.int96Unit, timeZone: nil), .width8(.int96(options.int96Unit))
      )
    } else {
      (type, layout) = try map(leaf)
    }
    var metadata = ExtensionTypes.metadata(of: leaf.element, as: type)
    if let id = leaf.element.fieldID {
      metadata.insert(.init("PARQUET:field_id", "\(id)"), at: 0)
    }
    let field = Field(
      leaf.element.name, type, isNullable: leaf.maxDefinitionLevel > 0, metadata: metadata)
    return (field, layout)
  }

  /// Takes over what Arrow's own schema says of the column, as far as its values can be that.
  mutating func restore(from origin: Field) {
    field = field.restored(from: origin)
    switch field.type {
    case .decimal32: layout = layout.resized(Layout.width4)
    case .decimal64: layout = layout.resized(Layout.width8)
    case .decimal128: layout = layout.resized(Layout.width16)
    case .decimal256: layout = layout.resized(Layout.width32)
    default: break
    }
  }

  /// Chooses the layout of a column of strings or bytes; others stay as they are.
  mutating func choose(_ output: StringOutput) {
    guard case .byteArray = layout, let type = output.type(for: field.type) else { return }
    field.type = type
    // An extension type knows strings and bytes, but not dictionaries of them.
    if case .dictionary = type { field.metadata.removeAll(where: \.isOfExtension) }
  }

  /// Bytes that a slot takes, offsets for byte arrays.
  var slotByteCount: Int {
    switch layout {
    case .boolean, .width1: 1
    case .width2: 2
    case .width4: 4
    case .byteArray: field.type == .utf8View || field.type == .binaryView ? 16 : 4
    case .width8: 8
    case .width16: 16
    case .width32: 32
    case .fixedBytes(let width): width
    }
  }

  /// An empty output for one column chunk.
  func makeOutput() -> ColumnOutput {
    switch layout {
    case .boolean: BooleanOutput()
    case .width1(let conversion): FixedWidthOutput<UInt8>(conversion, filler: 0)
    case .width2(let conversion): FixedWidthOutput<UInt16>(conversion, filler: 0)
    case .width4(let conversion): FixedWidthOutput<UInt32>(conversion, filler: 0)
    case .width8(let conversion): FixedWidthOutput<UInt64>(conversion, filler: 0)
    case .width16(let conversion): FixedWidthOutput<SIMD2<UInt64>>(conversion, filler: .zero)
    case .width32(let conversion): FixedWidthOutput<SIMD4<UInt64>>(conversion, filler: .zero)
    case .fixedBytes(let width): FixedBytesOutput(width: width)
    case .byteArray(let isText):
      switch field.type {
      case .utf8View, .binaryView: ViewOutput(isText: isText)
      case .dictionary(let index, _, _):
        DictionaryOutput(isText: isText, index: index, byteLimit: arrayByteLimit)
      default: ByteArrayOutput(isText: isText, byteLimit: arrayByteLimit)
      }
    }
  }

  /// The array of what the output holds.
  func finish(
    _ output: ColumnOutput, validity: Buffer?, nullCount: Int
  ) throws(DecodingError) -> ArrowArray {
    guard case .null = field.type else {
      return try output.finish(type: field.type, validity: validity, nullCount: nullCount)
    }
    // LogicalTypes.md, "UNKNOWN": the column holds nothing but nulls.
    let slots = output.slotCount
    _ = try output.finish(type: field.type, validity: validity, nullCount: nullCount)
    guard nullCount == slots else { throw .invalidValue(offset: 0) }
    return ArrowArray(type: .null, length: slots, nullCount: slots, buffers: [])
  }
}

// MARK: - LogicalTypes.md

extension ColumnMapping {
  private static func map(_ leaf: LeafColumn) throws(ReadError) -> (DataType, Layout) {
    let annotation = Annotation(leaf.element)
    switch (leaf.physicalType, annotation) {
    case (_, .null): return (.null, try map(leaf, .none).1)
    default: return try map(leaf, annotation)
    }
  }

  private static func map(
    _ leaf: LeafColumn, _ annotation: Annotation
  ) throws(ReadError) -> (DataType, Layout) {
    if case .decimal(let precision, let scale) = annotation,
      let mapped = try mapDecimal(leaf, precision: precision, scale: scale)
    {
      return mapped
    }
    switch (leaf.physicalType, annotation) {
    case (.boolean, _): return (.boolean, .boolean)
    case (.int32, .integer(8, true)): return (.int8, .width1(.truncate))
    case (.int32, .integer(16, true)): return (.int16, .width2(.truncate))
    case (.int32, .integer(8, false)): return (.uint8, .width1(.truncate))
    case (.int32, .integer(16, false)): return (.uint16, .width2(.truncate))
    case (.int32, .integer(32, false)): return (.uint32, .width4(.copy))
    case (.int32, .date): return (.date32, .width4(.copy))
    case (.int32, .time(.millisecond)): return (.time32(.millisecond), .width4(.copy))
    case (.int32, _): return (.int32, .width4(.copy))
    case (.int64, .integer(64, false)): return (.uint64, .width8(.copy))
    case (.int64, .time(.microsecond)): return (.time64(.microsecond), .width8(.copy))
    case (.int64, .time(.nanosecond)): return (.time64(.nanosecond), .width8(.copy))
    case (.int64, .timestamp(let unit, let isUTC)):
      return (.timestamp(unit, timeZone: isUTC ? "UTC" : nil), .width8(.copy))
    case (.int64, _): return (.int64, .width8(.copy))
    case (.int96, _):
      return (.timestamp(.nanosecond, timeZone: nil), .width8(.int96(.nanosecond)))
    case (.float, _): return (.float32, .width4(.copy))
    case (.double, _): return (.float64, .width8(.copy))
    case (.byteArray, .text): return (.utf8, .byteArray(isText: true))
    case (.byteArray, _): return (.binary, .byteArray(isText: false))
    case (.fixedLenByteArray, .float16) where leaf.typeLength == 2:
      return (.float16, .width2(.copy))
    case (.fixedLenByteArray, _):
      return (.fixedSizeBinary(byteWidth: leaf.typeLength), .fixedBytes(leaf.typeLength))
    }
  }

  private static func mapDecimal(
    _ leaf: LeafColumn, precision: Int, scale: Int
  ) throws(ReadError) -> (DataType, Layout)? {
    let conversion: PlainConversion
    switch leaf.physicalType {
    case .int32: conversion = .signExtend(from: 4)
    case .int64: conversion = .signExtend(from: 8)
    case .fixedLenByteArray where leaf.typeLength > 0:
      conversion = .bigEndian(width: leaf.typeLength)
    case .byteArray: conversion = .bigEndianByteArray
    default: return nil
    }
    guard scale >= 0, scale <= max(precision, 0) else {
      throw ReadError(.inconsistent("a decimal of precision \(precision) has the scale \(scale)"))
    }
    switch precision {
    case 1...38:
      return (.decimal128(precision: precision, scale: scale), .width16(conversion))
    case 39...76:
      return (.decimal256(precision: precision, scale: scale), .width32(conversion))
    case 77...: throw ReadError(.unsupported(feature: "decimals of precision \(precision)"))
    default: throw ReadError(.inconsistent("a decimal has the precision \(precision)"))
    }
  }
}

/// What a leaf's values mean: its logical type, or else the converted type that came before.
private enum Annotation {
  case none
  case text
  case decimal(precision: Int, scale: Int)
  case date
  case time(PFArrow.TimeUnit)
  case timestamp(PFArrow.TimeUnit, isUTC: Bool)
  case integer(bitWidth: Int, isSigned: Bool)
  case float16
  case null

  init(_ element: SchemaElement) {
    if let logical = element.logicalType, let annotation = Self(logical) {
      self = annotation
    } else if let converted = element.convertedType {
      self = Self(converted, element)
    } else {
      self = .none
    }
  }

  /// Nil for types of a later specification: the converted type may know better.
  private init?(_ type: LogicalType) {
    switch type {
    case .string, .enum, .json: self = .text
    case .decimal(let scale, let precision):
      self = .decimal(precision: Int(precision), scale: Int(scale))
    case .date: self = .date
    case .time(_, let unit):
      guard let unit = Self.unit(unit) else { return nil }
      self = .time(unit)
    case .timestamp(let isUTC, let unit):
      guard let unit = Self.unit(unit) else { return nil }
      self = .timestamp(unit, isUTC: isUTC)
    case .integer(let bitWidth, let isSigned):
      self = .integer(bitWidth: Int(bitWidth), isSigned: isSigned)
    case .null: self = .null
    case .float16: self = .float16
    case .map, .list, .bson, .uuid, .variant, .geometry, .geography: self = .none
    case .unknown: return nil
    }
  }

  private init(_ type: ConvertedType, _ element: SchemaElement) {
    switch type {
    case .utf8, .enum, .json: self = .text
    case .decimal:
      self = .decimal(precision: Int(element.precision ?? 0), scale: Int(element.scale ?? 0))
    case .date: self = .date
    case .timeMillis: self = .time(.millisecond)
    case .timeMicros: self = .time(.microsecond)
    case .timestampMillis: self = .timestamp(.millisecond, isUTC: true)
    case .timestampMicros: self = .timestamp(.microsecond, isUTC: true)
    case .uint8: self = .integer(bitWidth: 8, isSigned: false)
    case .uint16: self = .integer(bitWidth: 16, isSigned: false)
    case .uint32: self = .integer(bitWidth: 32, isSigned: false)
    case .uint64: self = .integer(bitWidth: 64, isSigned: false)
    case .int8: self = .integer(bitWidth: 8, isSigned: true)
    case .int16: self = .integer(bitWidth: 16, isSigned: true)
    case .int32: self = .integer(bitWidth: 32, isSigned: true)
    case .int64: self = .integer(bitWidth: 64, isSigned: true)
    case .map, .mapKeyValue, .list, .bson, .interval: self = .none
    }
  }

  private static func unit(_ unit: LogicalType.TimeUnit) -> PFArrow.TimeUnit? {
    switch unit {
    case .millis: .millisecond
    case .micros: .microsecond
    case .nanos: .nanosecond
    case .unknown: nil
    }
  }
}
