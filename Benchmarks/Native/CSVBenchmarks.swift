internal import PFArrow
internal import PFCSV
internal import PFCore

/// Cases of `PFCSV`.
let csvBenchmarks =
  scanBenchmarks + readBenchmarks + [
    parsing("csv/parse/int64/digits=6/64Ki", Integers.self) {
      "\(Int.random(in: 100_000...999_999, using: &$0))"
    },
    parsing("csv/parse/int64/digits=1-18/64Ki", Integers.self) {
      "\($0.next() >> UInt64.random(in: 4..<64, using: &$0))"
    },
    parsing("csv/parse/float64/digits=8/64Ki", Doubles.self) { fixed(whole: 4, fraction: 4, &$0) },
    parsing("csv/parse/float64/digits=17/64Ki", Doubles.self) {
      fixed(whole: 1, fraction: 16, &$0)
    },
    parsing("csv/parse/float64/shortest/64Ki", Doubles.self) {
      Double.random(in: 0..<1000, using: &$0).description
    },
    parsing("csv/parse/float64/exponent/64Ki", Doubles.self) {
      Double.random(in: 0..<1e-20, using: &$0).description
    },
    parsing("csv/parse/float64/digits=30/4Ki", count: 4096, Doubles.self) {
      fixed(whole: 1, fraction: 29, &$0)
    },
    parsing("csv/parse/decimal128/digits=8/64Ki", Prices.self) {
      fixed(whole: 6, fraction: 2, &$0)
    },
    parsing("csv/parse/date/64Ki", Dates.self) { String(timestamp(&$0).prefix(10)) },
    parsing("csv/parse/timestamp/seconds/64Ki", Timestamps.self) { timestamp(&$0) },
    parsing("csv/parse/timestamp/microseconds/64Ki", Timestamps.self) {
      "\(timestamp(&$0)).123456Z"
    },
    parsing("csv/parse/boolean/64Ki", Booleans.self) { Bool.random(using: &$0) ? "true" : "false" },
    parsing("csv/parse/format/64Ki", GivenFormat.self) { timestamp(&$0) },
    parsing("csv/parse/nothing/64Ki", Nothing.self) {
      "\(Int.random(in: 100_000...999_999, using: &$0))"
    },
  ]

/// Here, so that no call into the module is needed to get it.
private let format = NumberFormat()

/// What is done with each field of a case.
private protocol FieldReader {
  static func read(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int
}

private enum Integers: FieldReader {
  @inline(__always) static func read(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
    Int(unsafe IntegerText.parseInt64(start, count, format) ?? 0)
  }
}

private enum Doubles: FieldReader {
  @inline(__always) static func read(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
    let value = unsafe FloatText.parse(start, count, format, as: Double.self)
    return Int(truncatingIfNeeded: (value ?? 0).bitPattern)
  }
}

private enum Prices: FieldReader {
  static let price = DecimalText(precision: 12, scale: 2)

  @inline(__always) static func read(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
    Int(truncatingIfNeeded: unsafe price.parse128(start, count, format) ?? 0)
  }
}

private enum Dates: FieldReader {
  @inline(__always) static func read(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
    Int(unsafe DateText.parse(start, count) ?? 0)
  }
}

private enum Timestamps: FieldReader {
  @inline(__always) static func read(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
    Int(unsafe TimestampText.parse(start, count, unit: .microsecond)?.count ?? 0)
  }
}

private enum Booleans: FieldReader {
  @inline(__always) static func read(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
    unsafe BooleanText.standard.parse(start, count) == true ? 1 : 0
  }
}

private enum GivenFormat: FieldReader {
  static let parsed = try? FormatText("%Y-%m-%d %H:%M:%S")

  @inline(__always) static func read(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
    Int(unsafe parsed?.parseTimestamp(start, count, unit: .second) ?? 0)
  }
}

/// What the loop itself takes, a call across modules not counted.
private enum Nothing: FieldReader {
  @inline(never) static func read(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
    unsafe Int(start.pointee) + count
  }
}

/// A case that reads `count` fields, which stand one behind the other.
private func parsing<Reader: FieldReader>(
  _ name: String, count: Int = 1 << 16, _ reader: Reader.Type,
  _ field: @escaping @Sendable (inout SeededGenerator) -> String
) -> Benchmark {
  Benchmark(name: name, amount: count, unit: .millions, allocationLimit: 0) {
    var random = SeededGenerator(seed: 11)
    var bytes: [UInt8] = []
    var ends: [Int32] = []
    for _ in 0..<count {
      bytes += Array(field(&random).utf8)
      ends.append(Int32(bytes.count))
      bytes.append(UInt8(ascii: ","))
    }
    bytes += [UInt8](repeating: 0, count: DigitWords.slack)
    return { [bytes, ends] in
      unsafe bytes.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return 0 }
        var sum = 0
        var begin = 0
        for end in ends {
          unsafe sum &+= Reader.read(base + begin, Int(end) - begin)
          begin = Int(end) + 1
        }
        return sum
      }
    }
  }
}

/// A number of so many random digits.
private func fixed(whole: Int, fraction: Int, _ random: inout SeededGenerator) -> String {
  var text = String(Int.random(in: 1...9, using: &random))
  for index in 1..<(whole + fraction) {
    if index == whole { text += "." }
    text += String(Int.random(in: 0...9, using: &random))
  }
  return text
}

/// `YYYY-MM-DD HH:MM:SS`.
private func timestamp(_ random: inout SeededGenerator) -> String {
  func two(_ range: ClosedRange<Int>, _ random: inout SeededGenerator) -> String {
    let value = Int.random(in: range, using: &random)
    return value < 10 ? "0\(value)" : "\(value)"
  }
  let day = "20\(two(10...29, &random))-\(two(1...12, &random))-\(two(1...28, &random))"
  return
    "\(day) \(two(0...23, &random)):\(two(0...59, &random)):\(two(0...59, &random))"
}

/// Finding all separators of text in memory, as a read does before it parses.
private let scanBenchmarks = [
  scanning("csv/scan/fields=6/16Mi") { row in
    "\(100_000 + row % 900_000),\(row % 1000),12345,0.25,text,2020-01-01\n"
  },
  scanning("csv/scan/fields=20/16Mi") { row in
    "\(row),some text of a usual length,another text that is longer than that\n"
  },
  scanning("csv/scan/crlf/16Mi") { row in "\(row),some text of a usual length,another\r\n" },
  scanning("csv/scan/quoted/16Mi") { row in
    "\"text \(row)\",\"say \"\"hi\"\" to\nall\",\"another, longer text of a usual length\"\n"
  },
  // The memory's share of the cases above: the same bytes, which are added up and no more.
  Benchmark(
    name: "csv/scan/bytes-alone/16Mi", amount: 16 << 20, unit: .gigabytes, allocationLimit: 0
  ) {
    let words = [UInt64](repeating: 0x2C31_322C_3738_0A39, count: 2 << 20)
    return {
      var sum: UInt64 = 0
      for word in words { sum &+= word }
      return Int(truncatingIfNeeded: sum)
    }
  },
]

/// Reads of files in memory, by one thread. A limit is a quarter above what was counted when it was
/// set; it depends on columns and chunks, not on rows.
private let readBenchmarks = [
  reading("mixed", "id,price,name,day,flag", limit: 560) { row, _ in
    "\(row),\(row % 1000).25,name \(row % 77),2024-02-\(10 + row % 19),true\n"
  },
  reading("int64", "a,b,c", limit: 400) { row, random in
    "\(row),\(Int.random(in: -9999...9999, using: &random)),"
      + "\(Int.random(in: 0...1_000_000_000, using: &random))\n"
  },
  reading("float64", "a,b", limit: 340) { row, random in
    "\(Double.random(in: -1000...1000, using: &random)),"
      + "\(fixed(whole: 3, fraction: 2, &random))\n"
  },
  reading("timestamp", "a,b", limit: 360) { row, random in
    "\(timestamp(&random)),\(timestamp(&random)).123456\n"
  },
  reading("nulls", "a,b,c", limit: 630) { row, random in
    "\(row % 3 == 0 ? "" : "\(row)"),,\(row % 7 == 0 ? "" : "x")\n"
  },
  reading("quoted", "a,b", limit: 400) { row, _ in
    "\"text \(row)\",\"say \"\"hi\"\" to\nall\"\n"
  },
  reading("columns=100", (0..<100).map { "c\($0)" }.joined(separator: ","), limit: 5300) { row, _ in
    (0..<100).map { "\(row * $0 % 10_007)" }.joined(separator: ",") + "\n"
  },
  reading("columns=2-of-5", "id,price,name,day,flag", limit: 360, columns: ["id", "flag"]) {
    row, _ in
    "\(row),\(row % 1000).25,name \(row % 77),2024-02-\(10 + row % 19),true\n"
  },
]

private func reading(
  _ name: String, _ header: String, limit: Int, columns: [String]? = nil,
  _ line: @escaping @Sendable (Int, inout SeededGenerator) -> String
) -> Benchmark {
  Benchmark(
    name: "csv/read/\(name)/4Mi", amount: 4 << 20, unit: .gigabytes, allocationLimit: limit
  ) {
    var random = SeededGenerator(seed: 13)
    var text = Array((header + "\n").utf8)
    var row = 0
    while text.count < 4 << 20 {
      text += line(row, &random).utf8
      row += 1
    }
    let source = MemorySource(try Buffer(copying: text.span), name: name)
    var options = CSVReadOptions()
    options.threads = 1
    options.columns = columns
    return { [options] in try CSVFile(source).read(options).table.rowCount }
  }
}

private func scanning(
  _ name: String, _ line: @escaping @Sendable (Int) -> String
) -> Benchmark {
  let byteCount = 16 << 20
  return Benchmark(name: name, amount: byteCount, unit: .gigabytes, allocationLimit: 0) {
    var text: [UInt8] = []
    text.reserveCapacity(byteCount + 256)
    var row = 0
    while text.count < byteCount {
      text += line(row).utf8
      row += 1
    }
    let scan = try ScanBench(text)
    return { try scan.run()?.separators ?? -1 }
  }
}
