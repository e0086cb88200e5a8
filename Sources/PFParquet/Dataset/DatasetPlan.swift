internal import PFArrow
internal import PFCore

/// How the columns of several files become those of one table.
struct DatasetPlan: Sendable {
  /// Where a column of the table comes from.
  private enum Origin: Sendable {
    /// The column of this name; of equal names the one at this place among them.
    case file(name: String, occurrence: Int)
    case partition(Int)
  }

  let schema: Schema
  /// The names to ask the files for; nil for all.
  private let columns: [String]?
  private let origins: [Origin]

  /// - Throws: `.unknownColumn` for a name that no file has; `.inconsistent` for files that do not
  ///   fit each other; what the files' types have against them.
  init(of dataset: ParquetDataset, _ options: ParquetReadOptions) throws(ReadError) {
    let partitions = dataset.partitions
    let names = options.columns
    columns = names?.filter { name in !partitions.fields.contains { $0.name == name } }
    let asked = options.with(columns: columns)
    let schemas = try dataset.each(threads: options.threads) { (file) throws(ReadError) in
      try asked.knownSchema(of: file)
    }
    for name in columns ?? [] where !schemas.contains(where: { $0.names.contains(name) }) {
      let all = try dataset.file(at: 0).schema().fields.map(\.name) + partitions.fields.map(\.name)
      throw ReadError(
        .unknownColumn(name: name, nearest: nearestNames(to: name, among: all)),
        at: .init(file: dataset.name))
    }
    let unified = try Self.unify(schemas.map(\.schema), dataset)
    var fields: [Field] = []
    var origins: [Origin] = []
    func append(_ name: String?) {
      for (field, origin) in unified where name == nil || field.name == name {
        fields.append(field)
        origins.append(origin)
      }
    }
    if let names {
      var done: Set<String> = []
      for name in names {
        if let index = partitions.fields.firstIndex(where: { $0.name == name }) {
          fields.append(partitions.fields[index])
          origins.append(.partition(index))
        } else {
          // Several parts of a struct make one column, and the files give a repeated name twice.
          let top = Self.topName(of: name, in: unified.map(\.field))
          if done.insert(top).inserted { append(top) }
        }
      }
    } else {
      append(nil)
      for (index, field) in partitions.fields.enumerated() {
        if let found = unified.first(where: { $0.field.name == field.name }) {
          throw ReadError(
            .inconsistent(
              "the column \"\(found.field.name)\" is in the file and in the names of directories"),
            at: .init(file: dataset.files[0].path, column: field.name))
        }
        fields.append(field)
        origins.append(.partition(index))
      }
    }
    self.origins = origins
    schema = Schema(fields, metadata: schemas.first?.schema.metadata ?? [])
  }

  /// The column that a name asks for; of a dotted path its first part.
  private static func topName(of name: String, in fields: [Field]) -> String {
    if fields.contains(where: { $0.name == name }) { return name }
    return fields.first { name.utf8.starts(with: "\($0.name).".utf8) }?.name ?? name
  }

  private static func unify(
    _ schemas: [Schema], _ dataset: ParquetDataset
  ) throws(ReadError) -> [(field: Field, origin: Origin)] {
    var unified: [(field: Field, origin: Origin)] = []
    var places: [Key: Int] = [:]
    var seenCounts: [Int] = []
    var previous: Schema?
    var sameCount = 0
    for (file, schema) in schemas.enumerated() {
      // Most files of a dataset have the schema of the one before.
      if schema.fields == previous?.fields {
        sameCount += 1
        for index in unified.indices where seenCounts[index] == file { seenCounts[index] += 1 }
        continue
      }
      previous = schema
      var occurrences: [String: Int] = [:]
      for field in schema.fields {
        let occurrence = occurrences[field.name, default: 0]
        occurrences[field.name] = occurrence + 1
        let key = Key(name: field.name, occurrence: occurrence)
        guard let place = places[key] else {
          places[key] = unified.count
          unified.append((field, .file(name: field.name, occurrence: occurrence)))
          seenCounts.append(file == 0 ? 1 : 0)
          continue
        }
        guard let common = Widening.common(unified[place].field, field) else {
          throw ReadError(
            .inconsistent(
              "the column \"\(field.name)\" is \(field.type) in place of "
                + "\(unified[place].field.type) in the files before"),
            at: .init(file: dataset.files[file].path, column: field.name))
        }
        unified[place].field = common
        if seenCounts[place] == file { seenCounts[place] += 1 }
      }
    }
    // What a file lacks is null there.
    for index in unified.indices where seenCounts[index] < schemas.count {
      unified[index].field.isNullable = true
    }
    return unified
  }

  private struct Key: Hashable {
    let name: String
    let occurrence: Int
  }

  /// The options for one file: of the columns wanted those that it has.
  func options(
    for file: ParquetFile, _ options: ParquetReadOptions
  ) throws(ReadError) -> ParquetReadOptions {
    guard columns != nil else { return options.with(columns: nil) }
    let asked = options.with(columns: columns)
    return options.with(columns: try asked.knownSchema(of: file).names)
  }

  /// A batch of one file as one of the table.
  func adapt(
    _ batch: RecordBatch, file: Int, of dataset: ParquetDataset
  ) throws(ReadError) -> RecordBatch {
    var arrays: [ArrowArray] = []
    arrays.reserveCapacity(origins.count)
    var places: [Key: Int] = [:]
    var occurrences: [String: Int] = [:]
    for (index, field) in batch.schema.fields.enumerated() {
      let occurrence = occurrences[field.name, default: 0]
      occurrences[field.name] = occurrence + 1
      places[Key(name: field.name, occurrence: occurrence)] = index
    }
    do throws(AllocationError) {
      for (field, origin) in zip(schema.fields, origins) {
        switch origin {
        case .partition(let column):
          arrays.append(
            try dataset.partitions.array(column, file: file, count: batch.rowCount))
        case .file(let name, let occurrence):
          if let index = places[Key(name: name, occurrence: occurrence)] {
            arrays.append(try Widening.widen(batch.columns[index], to: field.type))
          } else {
            arrays.append(try .nulls(field.type, count: batch.rowCount))
          }
        }
      }
    } catch { throw ReadError(error).at(.init(file: dataset.files[file].path)) }
    return RecordBatch(schema: schema, columns: arrays, rowCount: batch.rowCount)
  }
}

extension ParquetReadOptions {
  /// The same options for other columns.
  func with(columns: [String]?) -> ParquetReadOptions {
    var options = self
    options.columns = columns
    return options
  }

  /// The schema of the columns wanted that a file has, and the names that it knows.
  fileprivate func knownSchema(
    of file: ParquetFile
  ) throws(ReadError) -> (schema: Schema, names: [String]) {
    var known = columns
    while true {
      do throws(ReadError) {
        let schema = try ReadPlan(of: file, with(columns: known)).schema
        return (schema, known ?? schema.fields.map(\.name))
      } catch {
        guard case .unknownColumn(let name, _) = error.reason, known?.contains(name) == true else {
          throw error
        }
        known?.removeAll { $0 == name }
      }
    }
  }
}
