internal import PFArrow
internal import PFCore

/// Compiles a writer's schema and a reader's columns to a decode program (Avro specification,
/// "Schema Resolution").
struct ProgramCompiler {
  private let writer: AvroSchema
  private let reader: AvroSchema
  private var program = Program()
  private var path: SchemaPath?
  /// Named types of the writer that are open around the one at hand.
  private var open: [AvroName] = []
  private var leastByteCounts: [AvroName: Int] = [:]

  private static let greatestCodeCount = 1 << 20

  /// A program that reads what `writer` wrote as `reader`, and the columns that it fills.
  ///
  /// `columns` are dotted paths of what is wanted, in order; nil for all.
  /// - Returns: The program, the node of the records, and the fields of the batches.
  /// - Throws: `.unsupported` for a type that contains itself; `.inconsistent` where the schemas do
  ///   not fit; `.unknownColumn`; `.limitExceeded`.
  static func compile(
    writer: AvroSchema, reader: AvroSchema? = nil, columns: [String]? = nil,
    unionLayout: AvroReadOptions.UnionLayout = .dense
  ) throws(ReadError) -> (program: Program, root: ColumnNode, fields: [Field]) {
    let target = reader ?? writer
    var layout = ColumnLayout(target, unionLayout)
    var requests: [ColumnRequest]?
    if let columns {
      var names: [String] = []
      if case .record(let record) = try target.dereferenced(target.type).kind {
        names = record.fields.map(\.name)
      }
      requests = ColumnRequest.requests(columns, fieldNames: names)
    }
    let (root, fields) = try layout.columns(wanted: requests)
    var compiler = ProgramCompiler(writer: writer, reader: target)
    compiler.program.slots = layout.slots
    compiler.program.levelCount = layout.levelCount + 1
    try compiler.emit(writer.type, as: root)
    compiler.program.leastByteCount = try compiler.leastByteCount(of: writer.type)
    return (compiler.program, root, fields)
  }

  private init(writer: AvroSchema, reader: AvroSchema) {
    self.writer = writer
    self.reader = reader
  }

  // MARK: - Code

  private var here: Int { program.code.count }

  private mutating func add(_ instruction: Instruction) throws(ReadError) {
    guard here < Self.greatestCodeCount else {
      throw ReadError(
        .limitExceeded(
          limit: "the steps to decode a record", declared: here + 1,
          maximum: Self.greatestCodeCount))
    }
    program.code.append(instruction)
    program.paths.append(path)
  }

  private mutating func add(
    _ code: Opcode, slot: Int = 0, a: Int = 0, b: Int = 0, c: Int = 0, d: Int = 0
  ) throws(ReadError) {
    try add(
      Instruction(
        code: code, slot: Int32(slot), a: Int32(a), b: Int32(b), c: Int32(c), d: Int32(d)))
  }

  /// Sets where the instruction at `place` goes on to the end of the code.
  private mutating func end(_ place: Int) { program.code[place].b = Int32(here) }

  private mutating func addFills(_ node: ColumnNode) -> (begin: Int, end: Int) {
    let begin = program.fills.count
    program.fills += node.fills(program.slots)
    return (begin, program.fills.count)
  }

  private mutating func fail(_ error: ReadError) throws(ReadError) {
    program.messages.append(error.summary)
    try add(.fail, a: program.messages.count - 1)
  }

  private func mismatch(_ type: AvroType, _ node: ColumnNode) -> ReadError {
    ReadError(
      .inconsistent(
        "\(type.branchName) of the file cannot be read as \(node.type.branchName)"),
      at: .init(column: path?.text))
  }

  // MARK: - Unions

  private mutating func emit(_ written: AvroType, as node: ColumnNode) throws(ReadError) {
    let type = try writer.dereferenced(written)
    guard case .union(let branches) = type.kind else {
      try emitBranch(type, as: node)
      return
    }
    if branches.count == 2, let validity = node.validity,
      let null = branches.firstIndex(where: { $0.kind == .null })
    {
      let other = try writer.dereferenced(branches[1 - null])
      if other.kind != .null, matches(other, node) != nil {
        let fills = addFills(node)
        let place = here
        try add(.nullable, slot: validity, a: null, c: fills.begin, d: fills.end)
        try emitValue(other, as: node)
        end(place)
        return
      }
    }
    let table = program.tables.count
    program.tables += [Int32](repeating: 0, count: branches.count)
    try add(.branch, a: branches.count, b: table)
    var jumps: [Int] = []
    for (index, branch) in branches.enumerated() {
      program.tables[table + index] = Int32(here)
      let branch = try writer.dereferenced(branch)
      // A branch that cannot be read is an error only where a value has it.
      if isReadable(branch, as: node) {
        try emitBranch(branch, as: node)
      } else {
        try fail(mismatch(branch, node))
      }
      if index + 1 < branches.count {
        jumps.append(here)
        try add(.jump)
      }
    }
    for jump in jumps { end(jump) }
  }

  private func isReadable(_ type: AvroType, as node: ColumnNode) -> Bool {
    if node.validity != nil, type.kind == .null { return true }
    switch node.shape {
    case .union(_, let branches): return branches.contains { matches(type, $0.node) != nil }
    case .branches(let nodes): return nodes.contains { matches(type, $0) != nil }
    default: return matches(type, node) != nil
    }
  }

  /// The first branch that is the same type, else the first that it can become.
  private func chosen(_ type: AvroType, _ nodes: [ColumnNode]) throws(ReadError) -> Int {
    let ranks = nodes.map { matches(type, $0) }
    guard let chosen = ranks.firstIndex(of: .same) ?? ranks.firstIndex(of: .promotable) else {
      throw ReadError(
        .inconsistent("\(type.branchName) of the file is no branch of the reader's union"),
        at: .init(column: path?.text))
    }
    return chosen
  }

  /// A value that is no union, into a column that may be one.
  private mutating func emitBranch(_ type: AvroType, as node: ColumnNode) throws(ReadError) {
    if let validity = node.validity {
      if type.kind == .null {
        let fills = addFills(node)
        try add(.fill, c: fills.begin, d: fills.end)
        return
      }
      try add(.validate, slot: validity)
    }
    switch node.shape {
    case .union(let slot, let branches):
      let chosen = try chosen(type, branches.map(\.node))
      let place = here
      try add(.variant, slot: slot, a: chosen, c: branches[chosen].level)
      try emitBranch(type, as: branches[chosen].node)
      end(place)
    case .branches(let nodes):
      let chosen = try chosen(type, nodes)
      let begin = program.fills.count
      for index in nodes.indices where index != chosen {
        program.fills += nodes[index].fills(program.slots)
      }
      try add(.fill, c: begin, d: program.fills.count)
      try emitBranch(type, as: nodes[chosen])
    default: try emitValue(type, as: node)
    }
  }

  private enum Match { case same, promotable }

  /// Whether a type of the writer that is no union can be read as a node's, its parts apart.
  private func matches(_ type: AvroType, _ node: ColumnNode) -> Match? {
    switch (type.kind, node.type.kind) {
    case (.null, .null), (.boolean, .boolean), (.int, .int), (.long, .long), (.float, .float),
      (.double, .double), (.bytes, .bytes), (.string, .string):
      type.logicalType == node.type.logicalType ? .same : .promotable
    case (.int, .long), (.int, .float), (.int, .double), (.long, .float), (.long, .double),
      (.float, .double), (.bytes, .string), (.string, .bytes):
      .promotable
    case (.array, .array), (.map, .map): .same
    case (.record(let one), .record(let other)):
      Self.areOne(one.name, other.name, other.aliases) ? .same : nil
    case (.enumeration(let one), .enumeration(let other)):
      Self.areOne(one.name, other.name, other.aliases) ? .same : nil
    case (.fixed(let one), .fixed(let other)):
      one.byteCount == other.byteCount && Self.areOne(one.name, other.name, other.aliases)
        ? .same : nil
    default: nil
    }
  }

  /// Whether a writer's name is the reader's, its namespace apart, or one of the reader's aliases.
  private static func areOne(_ name: AvroName, _ other: AvroName, _ aliases: [AvroName]) -> Bool {
    name.name == other.name || aliases.contains { $0 == name || $0.name == name.name }
  }

  // MARK: - Values

  private mutating func emitValue(_ type: AvroType, as node: ColumnNode) throws(ReadError) {
    switch (type.kind, node.type.kind, node.shape) {
    case (.null, .null, _): break
    case (.record(let record), .record, .record(let fields)):
      try emitRecord(record, as: fields)
    case (.array(let item), .array, .array(let slot, let level, let node)):
      try enter(level, slot: slot, least: try leastByteCount(of: item)) {
        (compiler) throws(ReadError) in
        try compiler.named("item") { (compiler) throws(ReadError) in
          try compiler.emit(item, as: node)
        }
      }
    case (.map(let value), .map, .map(let slot, let level, let keys, let node)):
      let least = Self.sum(1, try leastByteCount(of: value))
      try enter(level, slot: slot, least: least) { (compiler) throws(ReadError) in
        try compiler.named("key") { (compiler) throws(ReadError) in
          try compiler.add(.bytes, slot: keys)
        }
        try compiler.named("value") { (compiler) throws(ReadError) in
          try compiler.emit(value, as: node)
        }
      }
    case (_, _, .leaf(let slot)): try emitLeaf(type, as: node, slot)
    default: throw mismatch(type, node)
    }
  }

  private mutating func named(
    _ name: String, _ body: (inout Self) throws(ReadError) -> Void
  ) throws(ReadError) {
    let outer = path
    let inner = SchemaPath(name, in: outer)
    guard inner.depth <= 2 * ColumnLayout.greatestDepth else {
      throw ReadError(
        .limitExceeded(
          limit: "the nesting of the schema", declared: inner.depth,
          maximum: 2 * ColumnLayout.greatestDepth))
    }
    path = inner
    try body(&self)
    path = outer
  }

  /// An array or a map around the instructions of `body`.
  private mutating func enter(
    _ level: Int, slot: Int, least: Int, _ body: (inout Self) throws(ReadError) -> Void
  ) throws(ReadError) {
    let place = here
    try add(.list, slot: slot, a: min(least, Int(Int32.max)), c: level)
    try body(&self)
    end(place)
  }

  private mutating func emitLeaf(
    _ type: AvroType, as node: ColumnNode, _ slot: Int
  ) throws(ReadError) {
    switch (type.kind, node.type.kind) {
    case (.boolean, .boolean): try add(.boolean, slot: slot)
    case (.int, .int): try add(.int32OfInt, slot: slot)
    case (.int, .long): try add(.int64OfInt, slot: slot)
    case (.int, .float): try add(.float32OfInt, slot: slot)
    case (.int, .double): try add(.float64OfInt, slot: slot)
    case (.long, .long): try add(.int64OfLong, slot: slot)
    case (.long, .float): try add(.float32OfLong, slot: slot)
    case (.long, .double): try add(.float64OfLong, slot: slot)
    case (.float, .float): try add(.float32, slot: slot)
    case (.float, .double): try add(.float64OfFloat, slot: slot)
    case (.double, .double): try add(.float64, slot: slot)
    case (.bytes, .bytes), (.bytes, .string), (.string, .bytes), (.string, .string):
      try checkDecimals(type, node)
      if let width = node.decimalWidth {
        try add(.decimal, slot: slot, a: width, b: -1)
      } else {
        try add(.bytes, slot: slot)
      }
    case (.fixed(let fixed), .fixed(let other)) where fixed.byteCount == other.byteCount:
      try checkDecimals(type, node)
      if let width = node.decimalWidth {
        try add(.decimal, slot: slot, a: width, b: fixed.byteCount)
      } else if case .interval = node.dataType {
        try add(.duration, slot: slot)
      } else {
        try add(.fixed, slot: slot, a: fixed.byteCount)
      }
    case (.enumeration(let enumeration), .enumeration(let other)):
      try emitSymbols(enumeration, as: other, slot)
    default: throw mismatch(type, node)
    }
  }

  /// Decimals match where their scales do and the reader's has no fewer digits.
  private func checkDecimals(_ type: AvroType, _ node: ColumnNode) throws(ReadError) {
    guard case .decimal(let precision, let scale)? = type.logicalType,
      case .decimal(let wantedPrecision, let wantedScale)? = node.type.logicalType
    else { return }
    guard scale == wantedScale, precision <= wantedPrecision else {
      throw ReadError(
        .inconsistent(
          "decimal(\(precision), \(scale)) of the file cannot be read as "
            + "decimal(\(wantedPrecision), \(wantedScale))"),
        at: .init(column: path?.text))
    }
  }

  private mutating func emitSymbols(
    _ enumeration: AvroEnumeration, as other: AvroEnumeration, _ slot: Int
  ) throws(ReadError) {
    if enumeration.symbols == other.symbols {
      try add(.enumeration, slot: slot, a: enumeration.symbols.count)
      return
    }
    var places: [String: Int32] = [:]
    for (index, symbol) in other.symbols.enumerated() { places[symbol] = Int32(index) }
    let fallback = other.defaultSymbol.flatMap { places[$0] } ?? -1
    let table = program.tables.count
    program.tables += enumeration.symbols.map { places[$0] ?? fallback }
    try add(.mappedEnumeration, slot: slot, a: enumeration.symbols.count, b: table)
  }

  private mutating func emitRecord(
    _ record: AvroRecord, as fields: [(field: AvroField, node: ColumnNode)]
  ) throws(ReadError) {
    try open(record) { (compiler) throws(ReadError) in
      var given = [Bool](repeating: false, count: fields.count)
      for field in record.fields {
        try compiler.named(field.name) { (compiler) throws(ReadError) in
          let place =
            fields.firstIndex { $0.field.name == field.name }
            ?? fields.firstIndex { $0.field.aliases.contains(field.name) }
          if let place, !given[place] {
            given[place] = true
            try compiler.emit(field.type, as: fields[place].node)
          } else {
            try compiler.emitSkip(field.type)
          }
        }
      }
      for (place, (field, node)) in fields.enumerated() where !given[place] {
        try compiler.named(field.name) { (compiler) throws(ReadError) in
          try compiler.emitDefault(of: field, as: node)
        }
      }
    }
  }

  private mutating func open(
    _ record: AvroRecord, _ body: (inout Self) throws(ReadError) -> Void
  ) throws(ReadError) {
    guard !open.contains(record.name) else {
      throw ReadError(
        .unsupported(feature: "the type \(record.name.fullName), which contains itself,"),
        at: .init(column: path?.text))
    }
    open.append(record.name)
    try body(&self)
    open.removeLast()
  }

  /// What a field gets that the writer lacks.
  private mutating func emitDefault(of field: AvroField, as node: ColumnNode) throws(ReadError) {
    guard let value = field.defaultValue else {
      throw ReadError(
        .inconsistent("the file has no such field, and the reader's schema gives no default"),
        at: .init(column: path?.text))
    }
    let bytes: [UInt8]
    do throws(ReadError) {
      bytes = try encodedDefault(value, of: field.type, in: reader)
    } catch { throw error.at(.init(column: path?.text)) }
    do throws(AllocationError) {
      program.defaults.append(
        try Buffer(copying: bytes + [UInt8](repeating: 0, count: Cursor.slack)))
    } catch { throw ReadError(error) }
    let place = here
    try add(.constant, a: program.defaults.count - 1)
    var inner = ProgramCompiler(writer: reader, reader: reader)
    swap(&inner.program, &program)
    inner.path = path
    defer { swap(&inner.program, &program) }
    try inner.emit(field.type, as: node)
    inner.end(place)
  }

  // MARK: - What is not wanted

  private mutating func emitSkip(_ written: AvroType) throws(ReadError) {
    let type = try writer.dereferenced(written)
    switch type.kind {
    case .null, .named: break
    case .boolean: try emitSkip(byteCount: 1)
    case .int, .long, .enumeration: try add(.skipVarint)
    case .float: try emitSkip(byteCount: 4)
    case .double: try emitSkip(byteCount: 8)
    case .bytes, .string: try add(.skipBytes)
    case .fixed(let fixed): try emitSkip(byteCount: fixed.byteCount)
    case .record(let record):
      try open(record) { (compiler) throws(ReadError) in
        for field in record.fields {
          try compiler.named(field.name) { (compiler) throws(ReadError) in
            try compiler.emitSkip(field.type)
          }
        }
      }
    case .array(let item):
      let place = here
      try add(.skipList, a: min(try leastByteCount(of: item), Int(Int32.max)))
      try named("item") { (compiler) throws(ReadError) in try compiler.emitSkip(item) }
      end(place)
    case .map(let value):
      let place = here
      try add(
        .skipList, a: min(Self.sum(1, try leastByteCount(of: value)), Int(Int32.max)))
      try add(.skipBytes)
      try named("value") { (compiler) throws(ReadError) in try compiler.emitSkip(value) }
      end(place)
    case .union(let branches):
      let table = program.tables.count
      program.tables += [Int32](repeating: 0, count: branches.count)
      try add(.branch, a: branches.count, b: table)
      var jumps: [Int] = []
      for (index, branch) in branches.enumerated() {
        program.tables[table + index] = Int32(here)
        try emitSkip(branch)
        if index + 1 < branches.count {
          jumps.append(here)
          try add(.jump)
        }
      }
      for jump in jumps { end(jump) }
    }
  }

  private mutating func emitSkip(byteCount: Int) throws(ReadError) {
    if byteCount > 0 { try add(.skipFixed, a: byteCount) }
  }

  // MARK: - Sizes

  private static func sum(_ one: Int, _ other: Int) -> Int {
    let (sum, overflow) = one.addingReportingOverflow(other)
    return overflow ? .max : sum
  }

  /// The fewest bytes of a value of a writer's type; 0 for one that contains itself.
  private mutating func leastByteCount(of written: AvroType) throws(ReadError) -> Int {
    switch written.kind {
    case .null: return 0
    case .boolean, .int, .long, .bytes, .string, .enumeration, .array, .map: return 1
    case .float: return 4
    case .double: return 8
    case .fixed(let fixed): return fixed.byteCount
    case .named(let name):
      if let known = leastByteCounts[name] { return known }
      return try leastByteCount(of: try writer.dereferenced(written))
    case .union(let branches):
      var least = Int.max
      for branch in branches { least = min(least, try leastByteCount(of: branch)) }
      return Self.sum(1, branches.isEmpty ? 0 : least)
    case .record(let record):
      if let known = leastByteCounts[record.name] { return known }
      leastByteCounts[record.name] = 0
      var least = 0
      for field in record.fields { least = Self.sum(least, try leastByteCount(of: field.type)) }
      leastByteCounts[record.name] = least
      return least
    }
  }
}

extension ColumnNode {
  /// The bytes of a decimal; nil for anything else.
  fileprivate var decimalWidth: Int? {
    switch dataType {
    case .decimal128: 16
    case .decimal256: 32
    default: nil
    }
  }
}

extension AvroSchema {
  /// The type, or what its name stands for.
  func dereferenced(_ type: AvroType) throws(ReadError) -> AvroType {
    guard case .named(let name) = type.kind else { return type }
    guard let definition = definition(of: name) else {
      throw ReadError(.inconsistent("the schema has no type \(name.fullName)"))
    }
    return definition
  }
}
