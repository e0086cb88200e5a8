internal import PFArrow
internal import PFCore
internal import Synchronization

extension TableOperation {
  /// `filter`: the rows that meet a condition, in `filters` or, as text, in `query`.
  static let makeFilter: Making = { (name, options) throws(OperationError) in
    let query = try opting { () throws(OptionError) in
      // `expr` is the word of `query`.
      let (query, expression) = (try options.string("query"), try options.string("expr"))
      return query ?? expression
    }
    let filters = try filter(&options)
    let threads = try opting { () throws(OptionError) in try options.threads() }
    let condition: RowPredicate
    switch (filters, query) {
    case (let filters?, nil): condition = filters
    case (let filters?, let query?): condition = .and([filters, try RowPredicate(query: query)])
    case (nil, let query?): condition = try RowPredicate(query: query)
    case (nil, nil) where name == "query": throw .needsHandler(name: name)
    case (nil, nil): throw .missing(operation: name, parameter: "filters")
    }
    return Parts { (inputs, context) throws(OperationError) in
      try inputs[0].filtered(condition, threads: threads, context)
    }
  }

  /// The option `filters`.
  static func filter(_ options: inout JSONOptions) throws(OperationError) -> RowPredicate? {
    try opting { () throws(OptionError) in
      try options.value("filters").map { (json) throws(OptionError) in try terms(json) }
    }
  }

  /// A condition in the form of Specs/filters.md, or in that of pyarrow: a list of terms of a
  /// column, an operator and a value that all have to be true, or a list of such lists of which one
  /// has to be.
  private static func terms(_ json: JSONValue) throws(OptionError) -> RowPredicate {
    guard let list = json.array else { return try RowPredicate(json: json) }
    guard let first = list.first?.array else {
      throw .wrongType(name: "filters", expected: "a condition, or a list of terms")
    }
    if first.first?.array != nil {
      var any: [RowPredicate] = []
      for all in list {
        guard case .array(let inner) = all, inner.first?.array?.first?.array == nil else {
          throw .wrongType(name: "filters", expected: "a list of lists of terms")
        }
        any.append(try terms(all))
      }
      return .or(any)
    }
    var all: [RowPredicate] = []
    for term in list {
      var object = JSONObject()
      guard let parts = term.array, parts.count == 3, parts[0].string != nil,
        object.append("column", parts[0]), object.append("op", parts[1]),
        object.append("value", parts[2])
      else {
        throw .wrongType(
          name: "filters", expected: "a list of terms of a column, an operator and a value")
      }
      all.append(try RowPredicate(json: .object(object)))
    }
    return .and(all)
  }
}

extension Table {
  /// Rows that one thread looks at together.
  private static let blockRowCount = 1 << 18

  /// The rows for which a condition is true, in order; where that is all of a batch, its memory is
  /// shared.
  ///
  /// - Throws: `.read` for a column that is not there, or that cannot be compared so; `.cancelled`.
  func filtered(
    _ condition: RowPredicate, threads: Int? = nil, _ context: OperationContext
  ) throws(OperationError) -> Table {
    try reading { () throws(ReadError) in
      var paths: [[Int]] = []
      let predicate = try BoundPredicate(
        condition, fail: { ReadError(.invalidOption(name: "filters", why: $0.description)) }
      ) { (name) throws(ReadError) -> (column: Int, type: DataType) in
        let (path, type) = try schema.path(of: name)
        paths.append(path)
        return (paths.count - 1, type)
      }
      var blocks: [RecordBatch] = []
      for batch in batches {
        for start in stride(from: 0, to: batch.rowCount, by: Self.blockRowCount) {
          let count = min(Self.blockRowCount, batch.rowCount - start)
          blocks.append(batch.slice(start: start, count: count))
        }
      }
      let kept = Mutex([RecordBatch?](repeating: nil, count: blocks.count))
      let done = Atomic<Int>(0)
      let completed = try ParallelLoop.run(
        count: blocks.count,
        threads: context.threads(threads) ?? Settings.current.threadCount,
        cancellation: context.cancellation, makeScratch: {}
      ) { [blocks, paths] (index: Int, _: inout Void) throws(ReadError) in
        do throws(AllocationError) {
          let block = try blocks[index].filtered(predicate, paths)
          kept.withLock { $0[index] = block }
        } catch { throw ReadError(error) }
        let count = done.add(1, ordering: .relaxed).newValue
        context.report(Double(count) / Double(blocks.count))
      }
      guard completed else { throw ReadError(.cancelled) }
      return Table(
        schema: schema, batches: kept.withLock { $0 }.compactMap { $0 }.filter { $0.rowCount > 0 })
    }
  }
}

extension RecordBatch {
  fileprivate func filtered(
    _ predicate: BoundPredicate, _ paths: [[Int]]
  ) throws(AllocationError) -> RecordBatch {
    let mask = try predicate.truth(rowCount: rowCount) { (test) throws(AllocationError) in
      let test = predicate.tests[test]
      return try column(at: paths[test.column]).truth(of: test.test)
    }.mask
    if mask.isAll { return self }
    var kept: [ArrowArray] = []
    // Stretches are copied whole; where they are short, a pass over the bits is quicker.
    if mask.stretchCount > mask.rowCount / 128 {
      for column in columns { kept.append(try column.filter(mask)) }
    } else {
      let selection = mask.selection
      for column in columns { kept.append(try column.filter(selection)) }
    }
    return RecordBatch(schema: schema, columns: kept, rowCount: mask.selectedCount)
  }

  /// A column, or a field of structs in it, whose nulls are also those of the structs.
  private func column(at path: [Int]) throws(AllocationError) -> ArrowArray {
    var array = columns[path[0]]
    for index in path.dropFirst() {
      let child = array.children[index].slice(start: array.offset, count: array.length)
      guard array.nullCount > 0, child.type.hasValidity else {
        array = child
        continue
      }
      var bits = [UInt8](repeating: 0, count: (child.offset + child.length + 7) >> 3)
      var valid = 0
      for slot in 0..<child.length where array.isValid(slot) && child.isValid(slot) {
        let bit = child.offset + slot
        bits[bit >> 3] |= 1 << UInt8(truncatingIfNeeded: bit & 7)
        valid += 1
      }
      array = ArrowArray(
        type: child.type, length: child.length, nullCount: child.length - valid,
        offset: child.offset,
        buffers: [try Buffer(copying: bits.span)] + child.buffers.dropFirst(),
        children: child.children, dictionary: child.dictionary)
    }
    return array
  }
}

extension Schema {
  /// Where the column is that a name means, or the field that a path with dots means. A name with
  /// dots in it comes before a path.
  fileprivate func path(of name: String) throws(ReadError) -> (path: [Int], type: DataType) {
    var found = fields.indices.filter { fields[$0].name == name }.map { [$0] }
    if found.isEmpty { found = Self.paths(of: name[...], in: fields) }
    guard let path = found.first else {
      throw ReadError(
        .unknownColumn(name: name, nearest: nearestNames(to: name, among: fields.map(\.name))))
    }
    guard found.count == 1 else {
      throw ReadError(
        .invalidOption(
          name: "filters", why: "column \"\(name)\" is there \(found.count) times"))
    }
    var type = fields[path[0]].type
    for index in path.dropFirst() {
      if case .structure(let fields) = type { type = fields[index].type }
    }
    return (path, type)
  }

  private static func paths(of name: Substring, in fields: [Field]) -> [[Int]] {
    var found: [[Int]] = []
    for (index, field) in fields.enumerated() {
      if field.name == name { found.append([index]) }
      guard case .structure(let inner) = field.type, name.hasPrefix(field.name + ".") else {
        continue
      }
      let rest = name.dropFirst(field.name.count + 1)
      found += paths(of: rest, in: inner).map { [index] + $0 }
    }
    return found
  }
}
