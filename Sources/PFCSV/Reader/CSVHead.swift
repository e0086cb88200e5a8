internal import PFArrow
internal import PFCore

/// What the begin of a file says: where the data is, and the columns.
struct CSVHead: Sendable {
  let plan: CSVReadPlan
  /// Where the first record begins, the header not counted.
  let dataOffset: Int
  /// Physical lines before it.
  let lineCount: Int

  /// - Throws: `.invalidOption`, `.unknownColumn`, `.inconsistent` for a file without a header,
  ///   what reading throws.
  init(
    of source: any ByteSource, encoding: TextEncoding = .utf8, _ options: CSVReadOptions
  ) throws(ReadError) {
    let dialect = try CompiledDialect(options.dialect)
    let window = try Window(source)
    var offset = try Self.byteOrderMark(window)
    var lines = 0
    for _ in 0..<options.dialect.skippedLineCount {
      guard let next = try Self.lineEnd(window, from: offset) else { break }
      offset = next
      lines += 1
    }

    let reader = try BlockReader(window, dialect, blockByteCount: 64 << 10)
    let first: FirstRecord?
    do throws(ReadError) {
      first = try Self.firstRecord(reader, at: offset, line: lines + 1)
    } catch { throw error.at(.init(line: lines + 1)) }
    var names: [String]
    var width = first?.fields.count
    if let width, width > options.columnLimit {
      throw ReadError(
        .limitExceeded(
          limit: "the number of columns (option column_limit)", declared: width,
          maximum: options.columnLimit),
        at: .init(line: first?.line))
    }
    if options.dialect.hasHeader {
      guard let first else {
        guard let given = options.columnNames ?? options.schema?.fields.map(\.name) else {
          throw ReadError(.inconsistent("there is no header: the file is empty"))
        }
        names = given
        width = given.count
        offset = source.byteCount
        self.init(
          try Self.plan(
            options, dialect, names: names, width: given.count, source, encoding),
          dataOffset: offset, lineCount: lines)
        return
      }
      names = try first.names(encoding, replacesInvalidText: options.replacesInvalidText)
      offset = first.end
      lines += first.lineCount
      if let given = options.columnNames {
        guard given.count == names.count else {
          throw ReadError(
            .invalidOption(
              name: "column_names", why: "there are \(given.count), the header has \(names.count)"),
            at: .init(file: source.name))
        }
        names = given
      }
    } else {
      let given = options.columnNames ?? options.schema?.fields.map(\.name)
      guard let count = given?.count ?? width else {
        throw ReadError(.inconsistent("the file is empty"))
      }
      width = count
      names = given ?? (0..<count).map { "column_\($0 + 1)" }
    }
    self.init(
      try Self.plan(
        options, dialect, names: names, width: width ?? names.count, source, encoding),
      dataOffset: offset, lineCount: lines)
  }

  private init(_ plan: CSVReadPlan, dataOffset: Int, lineCount: Int) {
    self.plan = plan
    self.dataOffset = dataOffset
    self.lineCount = lineCount
  }

  /// The length of a byte order mark.
  static func byteOrderMark(_ window: Window) throws(ReadError) -> Int {
    try window.move(to: 0, wanted: 64 << 10)
    // SAFETY: 64 bytes can be read.
    let bytes = unsafe window.bytes
    let isMarked = unsafe bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
    return window.count >= 3 && isMarked ? 3 : 0
  }

  /// The offset behind the line end next to `offset`; nil where there is no more line.
  static func lineEnd(_ window: Window, from offset: Int) throws(ReadError) -> Int? {
    guard offset < window.end else { return nil }
    try window.move(to: offset, wanted: 64 << 10)
    var position = 0
    while true {
      // SAFETY: positions are those of the window.
      let bytes = unsafe window.bytes
      let end = window.scannable
      while position < end, unsafe !ExactScan.isLineEnd(bytes[position]) { position += 1 }
      if position < end {
        return unsafe offset + ExactScan.behindLineEnd(bytes, position, window.count)
      }
      if window.isAtEnd { return window.end }
      try window.fill(to: window.count * 2)
    }
  }

  /// A record at the begin.
  private struct FirstRecord {
    /// What the fields hold, and where their first byte that is no UTF-8 is.
    var fields: [(text: [UInt8], wrong: (offset: Int, line: Int)?)]
    var end: Int
    var lineCount: Int
    var line: Int

    /// The fields as names, where they are text or may be repaired.
    func names(
      _ encoding: TextEncoding, replacesInvalidText: Bool
    ) throws(ReadError) -> [String] {
      var names: [String] = []
      for (index, field) in fields.enumerated() {
        if let wrong = field.wrong, !replacesInvalidText {
          throw ReadError(
            .invalidText(encoding: encoding.name),
            at: .init(offset: wrong.offset, line: wrong.line, columnIndex: index))
        }
        names.append(String(decoding: field.text, as: UTF8.self))
      }
      return names
    }
  }

  /// The first record that is no comment and no blank line; nil where there is none.
  private static func firstRecord(
    _ reader: BlockReader, at start: Int, line firstLine: Int
  ) throws(ReadError) -> FirstRecord? {
    var offset = start
    var lines = 0
    while offset < reader.window.end {
      // One record at a time: what comes behind may be another table.
      do throws(ReadError) {
        guard try reader.next(at: offset, goal: offset + 1, width: 0) else { return nil }
      } catch {
        var error = error
        error.place.line = error.place.line.map { $0 + firstLine - 1 + lines }
        throw error
      }
      let block = reader.block
      guard block.byteCount > 0 else { return nil }
      do throws(AllocationError) {
        let records = try reader.rawRecords()
        if records.recordCount > 0 {
          let range = records.fields(of: 0)
          // SAFETY: positions of records lie in the window.
          let table = unsafe try reader.shaper.shape(
            records, reader.window.bytes, byteCount: block.byteCount, width: range.count,
            reader.dialect, .init())
          if table.recordCount > 0 {
            var rules = ColumnRules()
            rules.nullTokens = []
            let context = FieldContext(reader.dialect, rules)
            var fields: [(text: [UInt8], wrong: (offset: Int, line: Int)?)] = []
            for column in range.indices.map({ $0 - range.lowerBound }) {
              let own = table.column(column)
              var text: [UInt8] = []
              if case .text(let start, let count, _) = unsafe try context.content(
                own.bytes, own.begin(0), own.end(0), absentPosition: own.absentPosition)
              {
                unsafe text = Array(UnsafeBufferPointer(start: start, count: count))
              }
              var wrong: (offset: Int, line: Int)?
              // SAFETY: the field lies in the window.
              if let index = unsafe UTF8Validation.firstWrong(
                own.bytes + own.begin(0), byteCount: max(0, own.end(0) - own.begin(0)))
              {
                let position = unsafe own.begin(0) + index
                wrong = unsafe (
                  offset + position,
                  firstLine + lines + LineCount.lineEnds(own.bytes, count: position)
                )
              }
              fields.append((text, wrong))
            }
            return FirstRecord(
              fields: fields, end: offset + block.byteCount, lineCount: lines + block.lineCount,
              line: firstLine + lines)
          }
        }
      } catch { throw ReadError(error) }
      offset += block.byteCount
      lines += block.lineCount
    }
    return nil
  }

  private static func plan(
    _ options: CSVReadOptions, _ dialect: CompiledDialect, names: [String], width: Int,
    _ source: any ByteSource, _ encoding: TextEncoding
  ) throws(ReadError) -> CSVReadPlan {
    let names = try unique(names, options.duplicateNameRule)
    var types: [String: DataType] = [:]
    if let schema = options.schema {
      let isByName = options.dialect.hasHeader || options.columnNames != nil
      for (index, field) in schema.fields.enumerated() {
        let name = isByName ? field.name : (index < names.count ? names[index] : field.name)
        types[name] = field.type
      }
    }
    types.merge(options.types) { $1 }
    func check(_ name: String) throws(ReadError) {
      guard !names.contains(name), !options.columnsOfOthers.contains(name) else { return }
      throw ReadError(.unknownColumn(name: name, nearest: nearestNames(to: name, among: names)))
    }
    for name in types.keys.sorted() { try check(name) }
    let commonForms = try Self.forms(options.datetimeFormats)
    var forms: [String: TemporalForms] = [:]
    for (name, texts) in options.columnDatetimeFormats.sorted(by: { $0.key < $1.key }) {
      try check(name)
      do throws(ReadError) {
        let own = try Self.forms(texts)
        forms[name] = own
        guard let type = types[name] ?? own?.type else { continue }
        for form in own?.forms ?? [] where !form.fits(type.values) {
          throw ReadError(
            .invalidOption(
              name: Self.formatsName, why: "\"\(form.format?.text ?? "")\" says no \(type)"))
        }
        types[name] = type
      } catch { throw error.at(.init(column: name)) }
    }
    for name in options.columnNullValues.keys.sorted() { try check(name) }

    func words(_ isGiven: Bool) -> BooleanText {
      BooleanText(
        trueWords: options.trueValues ?? ["true", "True", "TRUE"] + (isGiven ? ["1"] : []),
        falseWords: options.falseValues ?? ["false", "False", "FALSE"] + (isGiven ? ["0"] : []))
    }
    let (inferredWords, givenWords) = (words(false), words(true))
    func column(_ index: Int?, _ name: String) -> CSVReadPlan.Column {
      let given = types[name] ?? (options.infersTypes ? nil : .utf8)
      var rules = ColumnRules()
      rules.words = given == nil ? inferredWords : givenWords
      let isOwn = options.columnDatetimeFormats[name] != nil
      rules.forms = isOwn ? forms[name] : commonForms
      if let given { rules.forms = rules.forms?.fitting(given.values) }
      rules.nullTokens = (options.columnNullValues[name] ?? options.nullValues).map {
        Array($0.utf8)
      }
      rules.format = given == nil ? .inferred : .given
      rules.format.decimalMark = dialect.decimalMark
      rules.format.thousandsMark = dialect.thousandsMark
      var stringRules = rules
      if !options.stringsCanBeNull { stringRules.nullTokens = [] }
      stringRules.quotedNulls = options.quotedStringsCanBeNull
      return CSVReadPlan.Column(
        fieldIndex: index, name: name, given: given, rules: rules, stringRules: stringRules)
    }
    var columns: [CSVReadPlan.Column] = []
    if let wanted = options.columns {
      for name in wanted {
        try check(name)
        let own = names.indices.filter { names[$0] == name }
        columns += own.isEmpty ? [column(nil, name)] : own.map { column($0, name) }
      }
    } else {
      columns = names.indices.map { column($0, names[$0]) }
    }

    var ragged = RecordShaper.Rules()
    let isNull = options.errorRule == .null && options.raggedRule != .skip
    ragged.padsShort = [.pad, .padAndCut].contains(options.raggedRule) || isNull
    ragged.cutsLong = [.cut, .padAndCut].contains(options.raggedRule) || isNull
    ragged.skips = options.raggedRule == .skip || options.errorRule == .skip
    return CSVReadPlan(
      dialect: dialect, width: width, names: names, columns: columns,
      errorRule: options.errorRule, raggedRules: ragged,
      rejectsRepaired: isNull && options.raggedRule == .error,
      rejectLimit: max(0, options.rejectLimit), replacesInvalidText: options.replacesInvalidText,
      encodingName: encoding.name, file: source.name)
  }

  private static let formatsName = "datetime_formats"

  /// The forms that texts name; nil for none.
  ///
  /// - Throws: `.invalidOption`.
  private static func forms(_ texts: [String]) throws(ReadError) -> TemporalForms? {
    var forms: [TemporalForms.Form] = []
    for text in texts {
      do throws(FormatText.Failure) {
        forms.append(try TemporalForms.Form(text))
      } catch {
        throw ReadError(.invalidOption(name: formatsName, why: "\"\(text)\" \(error)"))
      }
    }
    return forms.isEmpty ? nil : TemporalForms(forms: forms)
  }

  /// Names by the rule for those that occur more than once.
  private static func unique(
    _ names: [String], _ rule: CSVReadOptions.DuplicateNameRule
  ) throws(ReadError) -> [String] {
    guard rule != .keep else { return names }
    var taken = Set(names)
    var seen: Set<String> = []
    var counts: [String: Int] = [:]
    var result: [String] = []
    for name in names {
      if seen.insert(name).inserted {
        result.append(name)
        continue
      }
      guard rule == .rename else {
        throw ReadError(.inconsistent("the column \"\(name)\" occurs more than once"))
      }
      var number = counts[name, default: 0]
      var renamed: String
      repeat {
        number += 1
        renamed = "\(name)_\(number)"
      } while taken.contains(renamed)
      counts[name] = number
      taken.insert(renamed)
      result.append(renamed)
    }
    return result
  }

  /// The types that the first records leave. `isCut` says that more comes behind `source`.
  func sampledTypes(
    _ source: any ByteSource, _ options: CSVReadOptions, isCut: Bool
  ) throws(ReadError) -> [ColumnType] {
    var types = plan.firstTypes
    let isInferred = types.map { type in
      if case .inferred = type { true } else { false }
    }
    guard options.sampleCount > 0, isInferred.contains(true) else { return types }
    var sample = plan
    // What is wrong is told by the parse.
    sample.raggedRules.skips = true
    let window = try Window(source)
    let reader = try BlockReader(window, plan.dialect, blockByteCount: 16 << 10)
    let contexts = plan.columns.map { FieldContext(plan.dialect, $0.rules) }
    let wanted = min(options.sampleCount, options.limit ?? .max)
    var seen = 0
    var offset = dataOffset
    // Enough to be right most times; the parse finds where it is not.
    let lastOffset = min(window.end, dataOffset + (256 << 10))
    while seen < wanted, offset < lastOffset {
      guard (try? reader.next(at: offset, goal: window.end, width: plan.width)) == true else {
        break
      }
      let block = reader.block
      guard block.byteCount > 0 else { break }
      // The last record of what is there may go on behind it.
      if isCut, offset + block.byteCount >= window.end { break }
      do throws(AllocationError) {
        let table = try reader.table(width: plan.width, sample.raggedRules)
        let count = min(table.recordCount, wanted - seen)
        for index in types.indices where isInferred[index] {
          guard case .inferred(var set) = types[index],
            let fieldIndex = plan.columns[index].fieldIndex
          else { continue }
          let fields = table.column(fieldIndex)
          let string = TypeSet.string
          for row in 0..<count where set != string {
            // SAFETY: the row is one of the block.
            if case .text(let text, let length, _) = unsafe try contexts[index].content(
              fields.bytes, fields.begin(row), fields.end(row),
              absentPosition: fields.absentPosition)
            {
              unsafe set.formIntersection(TypeSet(of: text, length, contexts[index], among: set))
            }
          }
          types[index] = .inferred(set)
        }
        seen += count
      } catch { throw ReadError(error) }
      offset += block.byteCount
    }
    return types
  }
}

extension CSVReadPlan {
  /// The schema of columns of these types.
  func schema(_ types: [ColumnType]) -> Schema {
    Schema(
      zip(columns, types).map { column, type in
        Field(column.name, type.type == .null && column.given == nil ? .utf8 : type.type)
      })
  }
}

extension TemporalForms {
  /// The type that holds what all formats say; nil where ISO 8601 is all there is.
  fileprivate var type: DataType? {
    let formats = forms.compactMap(\.format)
    if formats.isEmpty { return nil }
    if !formats.contains(where: \.hasDate) { return .time64(.microsecond) }
    if !formats.contains(where: \.hasTime) { return .date32 }
    let hasZone = formats.contains(where: \.hasZone)
    return .timestamp(.microsecond, timeZone: hasZone ? "UTC" : nil)
  }
}
