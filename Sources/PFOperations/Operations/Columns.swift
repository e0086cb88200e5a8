package import PFArrow
internal import PFCore

extension TableOperation {
  /// `select`: columns by name, in the order wanted; of an object, with the names that they get.
  static let makeSelect: Making = { (name, options) throws(OperationError) in
    let value = options.value("columns")
    if case .object(let columns)? = value {
      let renames = try Renames(columns)
      return Parts { (inputs, _) throws(OperationError) in
        let table = inputs[0]
        let indices = try table.indices(of: renames.pairs.map(\.old))
        return table.select(indices).renamed(renames.pairs.map(\.new))
      }
    }
    let columns = try names(value, "columns", of: name)
    return Parts { (inputs, _) throws(OperationError) in
      inputs[0].select(try inputs[0].indices(of: columns))
    }
  }

  /// `drop`: all columns but some.
  static let makeDrop: Making = { (name, options) throws(OperationError) in
    let columns = try names(options.value("columns"), "columns", of: name)
    return Parts { (inputs, _) throws(OperationError) in
      let dropped = try inputs[0].indices(of: columns)
      return inputs[0].select(inputs[0].schema.fields.indices.filter { !dropped.contains($0) })
    }
  }

  /// `rename`: an object of new names by old ones.
  static let makeRename: Making = { (name, options) throws(OperationError) in
    guard let value = options.value("columns") else {
      throw .missing(operation: name, parameter: "columns")
    }
    guard case .object(let columns) = value else { throw Renames.refusal }
    let renames = try Renames(columns)
    return Parts { (inputs, _) throws(OperationError) in
      let table = inputs[0]
      var names = table.schema.fields.map(\.name)
      for (index, pair) in zip(try table.indices(of: renames.pairs.map(\.old)), renames.pairs) {
        names[index] = pair.new
      }
      for pair in renames.pairs where names.count(where: { $0 == pair.new }) > 1 {
        throw .read(
          ReadError(
            .invalidOption(
              name: "columns", why: "two columns would be called \"\(pair.new)\"")))
      }
      return table.renamed(names)
    }
  }

  /// `transform`: renames and drops of a column each, one after the other; whatever else is asked
  /// for needs a handler.
  static let makeTransform: Making = { (name, options) throws(OperationError) in
    let value = options.value("transforms")
    var steps: [TableOperation] = []
    for transform in value?.array ?? [value ?? .null] {
      let object = transform.object
      guard let column = object?["column"]?.string else { throw .needsHandler(name: name) }
      var (columns, parameters) = (JSONObject(), JSONObject())
      switch (object?["operation"]?.string, object?["to"]?.string) {
      case ("rename", let new?):
        _ = columns.append(column, .string(new))
        _ = parameters.append("columns", .object(columns))
        steps.append(try TableOperation("rename", parameters))
      case ("drop", nil):
        _ = parameters.append("columns", .array([.string(column)]))
        steps.append(try TableOperation("drop", parameters))
      default: throw .needsHandler(name: name)
      }
    }
    let chain = steps
    return Parts { (inputs, context) throws(OperationError) in
      var table = inputs[0]
      for step in chain { table = try step.run([table], context) }
      return table
    }
  }

  /// `limit`: rows from `offset` on, `limit` at most.
  static let makeLimit: Making = { (name, options) throws(OperationError) in
    let (limit, offset) = try opting { () throws(OptionError) in
      (
        try options.integer("limit", in: 0 ... .max), try options.integer("offset", in: 0 ... .max)
      )
    }
    guard limit != nil || offset != nil else { throw .missing(operation: name, parameter: "limit") }
    return Parts { (inputs, _) throws(OperationError) in
      inputs[0].slice(offset: offset ?? 0, length: limit ?? .max)
    }
  }

  /// `concatenate`: the rows of one table behind those of the other.
  static let makeConcatenate: Making = { (_, _) throws(OperationError) in
    Parts(inputCount: .oneOrMore) { (inputs, _) throws(OperationError) in
      try concatenated(inputs)
    }
  }

  /// The rows of tables with the same columns, which are there.
  static func concatenated(_ inputs: [Table]) throws(OperationError) -> Table {
    var schema = inputs[0].schema
    for (index, table) in inputs.enumerated().dropFirst() {
      let (mine, first) = (table.schema.fields, schema.fields)
      guard mine.count == first.count else {
        throw .differentSchemas(
          input: index, why: "\(mine.count) columns in place of \(first.count)")
      }
      for (column, (field, wanted)) in zip(mine, first).enumerated() {
        guard field.name == wanted.name, field.type == wanted.type else {
          throw .differentSchemas(
            input: index,
            why: "column \(column + 1) is \"\(field.name)\" of type \(field.type) in place of "
              + "\"\(wanted.name)\" of type \(wanted.type)")
        }
        if field.isNullable { schema.fields[column].isNullable = true }
      }
    }
    return Table(
      schema: schema,
      batches: inputs.flatMap { table in
        table.batches.map {
          RecordBatch(schema: schema, columns: $0.columns, rowCount: $0.rowCount)
        }
      })
  }

  /// A list of different names, or names with commas between them, that has to be given.
  private static func names(
    _ value: JSONValue?, _ parameter: String, of operation: String
  ) throws(OperationError) -> [String] {
    guard let value else {
      throw .missing(operation: operation, parameter: parameter)
    }
    let names =
      value.string.map { $0.split(separator: ",").map { String($0.trimmed) } }
      ?? value.array?.compactMap(\.string) ?? []
    guard value.string != nil || value.array?.count == names.count,
      Set(names).count == names.count
    else {
      throw .option(.wrongType(name: parameter, expected: "a list of different names"))
    }
    return names
  }
}

/// Columns and the names that they get.
private struct Renames: Sendable {
  var pairs: [(old: String, new: String)] = []

  static let refusal = OperationError.option(
    .wrongType(name: "columns", expected: "an object of different new names by old ones"))

  init(_ object: JSONObject) throws(OperationError) {
    for member in object.members {
      guard let new = member.value.string, !pairs.contains(where: { $0.new == new }) else {
        throw Self.refusal
      }
      pairs.append((member.name, new))
    }
  }
}

extension Substring {
  /// The text without spaces around it.
  fileprivate var trimmed: Substring {
    guard let start = firstIndex(where: { $0 != " " }), let end = lastIndex(where: { $0 != " " })
    else { return "" }
    return self[start...end]
  }
}

extension Table {
  /// Where a column is.
  ///
  /// - Throws: `.unknownColumn` with the nearest names; `.invalidOption` where several are called so.
  package func index(of name: String) throws(OperationError) -> Int {
    let names = schema.fields.map(\.name)
    guard let index = names.firstIndex(of: name) else {
      throw .read(
        ReadError(.unknownColumn(name: name, nearest: nearestNames(to: name, among: names))))
    }
    return index
  }

  /// Where columns are, of which there is one each.
  func indices(of names: [String]) throws(OperationError) -> [Int] {
    var indices: [Int] = []
    for name in names {
      let index = try index(of: name)
      let count = schema.fields.count { $0.name == name }
      guard count == 1 else {
        throw .read(
          ReadError(
            .invalidOption(name: "columns", why: "column \"\(name)\" is there \(count) times")))
      }
      indices.append(index)
    }
    return indices
  }

  /// The same columns under other names.
  fileprivate func renamed(_ names: [String]) -> Table {
    var schema = schema
    for (index, name) in names.enumerated() { schema.fields[index].name = name }
    return Table(
      schema: schema,
      batches: batches.map {
        RecordBatch(schema: schema, columns: $0.columns, rowCount: $0.rowCount)
      })
  }
}
