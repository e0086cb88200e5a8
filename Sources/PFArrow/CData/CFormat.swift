package import PFCore

/// Format strings (Arrow C data interface, "Data type description -- format strings").
extension DataType {
  /// The format string; of a dictionary, that of its indices.
  package var cFormat: String {
    switch self {
    case .null: "n"
    case .boolean: "b"
    case .int8: "c"
    case .uint8: "C"
    case .int16: "s"
    case .uint16: "S"
    case .int32: "i"
    case .uint32: "I"
    case .int64: "l"
    case .uint64: "L"
    case .float16: "e"
    case .float32: "f"
    case .float64: "g"
    case .decimal32(let precision, let scale): "d:\(precision),\(scale),32"
    case .decimal64(let precision, let scale): "d:\(precision),\(scale),64"
    case .decimal128(let precision, let scale): "d:\(precision),\(scale)"
    case .decimal256(let precision, let scale): "d:\(precision),\(scale),256"
    case .date32: "tdD"
    case .date64: "tdm"
    case .time32(let unit), .time64(let unit): "tt\(unit.letter)"
    case .timestamp(let unit, let timeZone): "ts\(unit.letter):\(timeZone ?? "")"
    case .duration(let unit): "tD\(unit.letter)"
    case .interval(.yearMonth): "tiM"
    case .interval(.dayTime): "tiD"
    case .interval(.monthDayNano): "tin"
    case .binary: "z"
    case .largeBinary: "Z"
    case .binaryView: "vz"
    case .fixedSizeBinary(let byteWidth): "w:\(byteWidth)"
    case .utf8: "u"
    case .largeUTF8: "U"
    case .utf8View: "vu"
    case .list: "+l"
    case .largeList: "+L"
    case .fixedSizeList(_, let count): "+w:\(count)"
    case .structure: "+s"
    case .map: "+m"
    case .dictionary(let index, _, _): index.cFormat
    case .union(let mode, _, let typeIDs):
      (mode == .dense ? "+ud:" : "+us:") + typeIDs.map { "\($0)" }.joined(separator: ",")
    }
  }

  /// The type that a format string, its children and flags mean.
  ///
  /// - Throws: `.unsupported` with the format when it is not known, `.inconsistent` when a
  ///   parameter or the children break it.
  package init(cFormat format: String, children: [Field], flags: Int64) throws(ReadError) {
    self = try Self(cFormat: format, nested: children, flags: flags)
    guard self.children.count == children.count else {
      throw ReadError(.inconsistent("format \"\(format)\" has \(children.count) children"))
    }
    try checkParameters()
  }

  private init(cFormat format: String, nested: [Field], flags: Int64) throws(ReadError) {
    // Up to and with the colon that parameters follow.
    let end = format.firstIndex(of: ":").map { format.index(after: $0) } ?? format.endIndex
    let (name, rest) = (format[..<end], format[end...])

    func parameters() throws(ReadError) -> [Int] {
      var numbers: [Int] = []
      for part in rest.split(separator: ",", omittingEmptySubsequences: false) {
        guard let number = Int(part) else {
          throw ReadError(.inconsistent("format \"\(format)\" has a parameter that is no number"))
        }
        numbers.append(number)
      }
      return numbers
    }
    func only() throws(ReadError) -> Int {
      let numbers = try parameters()
      guard numbers.count == 1 else {
        throw ReadError(.inconsistent("format \"\(format)\" takes one parameter"))
      }
      return numbers[0]
    }
    func onlyChild() throws(ReadError) -> Field {
      guard nested.count == 1 else {
        throw ReadError(.inconsistent("format \"\(format)\" has \(nested.count) children"))
      }
      return nested[0]
    }

    switch name {
    case "n": self = .null
    case "b": self = .boolean
    case "c": self = .int8
    case "C": self = .uint8
    case "s": self = .int16
    case "S": self = .uint16
    case "i": self = .int32
    case "I": self = .uint32
    case "l": self = .int64
    case "L": self = .uint64
    case "e": self = .float16
    case "f": self = .float32
    case "g": self = .float64
    case "z": self = .binary
    case "Z": self = .largeBinary
    case "vz": self = .binaryView
    case "u": self = .utf8
    case "U": self = .largeUTF8
    case "vu": self = .utf8View
    case "tdD": self = .date32
    case "tdm": self = .date64
    case "tts": self = .time32(.second)
    case "ttm": self = .time32(.millisecond)
    case "ttu": self = .time64(.microsecond)
    case "ttn": self = .time64(.nanosecond)
    case "tDs", "tDm", "tDu", "tDn":
      self = .duration(try TimeUnit(letter: name.last, format: format))
    case "tiM": self = .interval(.yearMonth)
    case "tiD": self = .interval(.dayTime)
    case "tin": self = .interval(.monthDayNano)
    case "tss:", "tsm:", "tsu:", "tsn:":
      let unit = try TimeUnit(letter: name.dropLast().last, format: format)
      self = .timestamp(unit, timeZone: rest.isEmpty ? nil : String(rest))
    case "d:":
      let numbers = try parameters()
      guard numbers.count == 2 || numbers.count == 3 else {
        throw ReadError(.inconsistent("format \"\(format)\" takes two or three parameters"))
      }
      self = try Self.decimal(
        bitWidth: numbers.count == 3 ? numbers[2] : 128, precision: numbers[0], scale: numbers[1])
    case "w:": self = .fixedSizeBinary(byteWidth: try only())
    case "+w:": self = .fixedSizeList(try onlyChild(), count: try only())
    case "+l": self = .list(try onlyChild())
    case "+L": self = .largeList(try onlyChild())
    case "+s": self = .structure(nested)
    case "+m":
      self = .map(entries: try onlyChild(), keysSorted: flags & CSchemaFlag.mapKeysSorted != 0)
    case "+ud:", "+us:":
      var typeIDs: [Int8] = []
      for number in rest.isEmpty ? [] : try parameters() {
        guard let typeID = Int8(exactly: number) else {
          throw ReadError(.inconsistent("format \"\(format)\" has a type id beyond 127"))
        }
        typeIDs.append(typeID)
      }
      self = .union(name == "+ud:" ? .dense : .sparse, nested, typeIDs: typeIDs)
    case "+r": throw ReadError(.unsupported(feature: "Arrow type run-end encoded (format \"+r\")"))
    case "+vl", "+vL":
      throw ReadError(.unsupported(feature: "Arrow type list view (format \"\(format)\")"))
    default: throw ReadError(.unsupported(feature: "Arrow format string \"\(format.prefix(64))\""))
    }
  }
}

extension TimeUnit {
  fileprivate var letter: Character {
    switch self {
    case .second: "s"
    case .millisecond: "m"
    case .microsecond: "u"
    case .nanosecond: "n"
    }
  }

  fileprivate init(letter: Character?, format: String) throws(ReadError) {
    guard let unit = Self.allCases.first(where: { $0.letter == letter }) else {
      throw ReadError(.unsupported(feature: "Arrow format string \"\(format.prefix(64))\""))
    }
    self = unit
  }
}
