internal import PFArrow
internal import PFCore

/// What a read does with the fields of each record.
struct CSVReadPlan: Sendable {
  /// A column of the result.
  struct Column: Sendable {
    /// Its field in a record; nil where the file lacks it.
    var fieldIndex: Int?
    var name: String
    /// The type that was given; nil where it is inferred.
    var given: DataType?
    /// The rules for values, and those for strings.
    var rules: ColumnRules
    var stringRules: ColumnRules
  }

  var dialect: CompiledDialect
  /// The fields of a record.
  var width: Int
  /// The names of all fields.
  var names: [String]
  var columns: [Column]
  var errorRule: CSVReadOptions.ErrorRule
  var raggedRules: RecordShaper.Rules
  /// Whether ragged records that are repaired are rejects.
  var rejectsRepaired: Bool
  var rejectLimit: Int
  var replacesInvalidText: Bool
  /// What the source is written in.
  var encodingName: String
  /// The name of the source.
  var file: String

  /// The types that columns begin with.
  var firstTypes: [ColumnType] {
    columns.map { column in column.given.map { .given($0) } ?? .inferred(.all) }
  }

  /// A builder for column `index` as `type`.
  ///
  /// - Throws: `.unsupported` for types that text cannot be read as; `.outOfMemory`.
  func builder(
    _ index: Int, _ type: ColumnType, expectedCount: Int
  ) throws(ReadError) -> ColumnBuilder {
    let column = columns[index]
    let builder: ColumnBuilder?
    do throws(AllocationError) {
      builder = try makeBuilder(column, type)
    } catch { throw ReadError(error) }
    guard let builder else {
      throw ReadError(
        .unsupported(feature: "reading CSV fields as \(type.type)"), at: .init(column: column.name))
    }
    builder.expectedCount = expectedCount
    return builder
  }

  /// What the values of column `index` have to be, for messages.
  func expectation(_ index: Int, _ type: ColumnType) -> String {
    guard let forms = columns[index].rules.forms, columns[index].given != nil else {
      return type.type.description
    }
    return "\(type.type) as \(forms.description)"
  }

  private func makeBuilder(
    _ column: Column, _ type: ColumnType
  ) throws(AllocationError) -> ColumnBuilder? {
    var isInferred = false
    if case .inferred = type { isInferred = true }
    let target = type.type
    if let stored = TextColumn.storedType(of: target) {
      return try TextColumn(
        stored, FieldContext(dialect, column.stringRules), stopsAtMisfit: false)
    }
    if case .fixedSizeBinary(let width) = target.values {
      return try FixedBinaryColumn(
        width: width, FieldContext(dialect, column.stringRules), stopsAtMisfit: false)
    }
    let context = FieldContext(dialect, column.rules)
    // Dictionaries of truth values or nulls fall to the last case, which has no kind for them.
    switch target {
    case .null: return try NullColumn(context, stopsAtMisfit: isInferred)
    case .boolean: return try BooleanColumn(context, stopsAtMisfit: isInferred)
    default:
      let values = target.values
      guard let kind = FixedWidthKind(values, isInferred: isInferred) else { return nil }
      var forms = column.rules.forms
      if case .inferred(let set) = type, !TypeSet.formed.contains(set.first) { forms = nil }
      return try FixedWidthColumn(values, kind, context, forms: forms, stopsAtMisfit: isInferred)
    }
  }
}

extension DataType {
  /// The type of the values of a dictionary; any other is that itself.
  var values: DataType {
    if case .dictionary(_, let value, _) = self { value } else { self }
  }
}
