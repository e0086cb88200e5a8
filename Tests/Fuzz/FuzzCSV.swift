import PFArrow
import PFCSV
import PFCore

/// Reads the bytes as CSV in a dialect, an encoding and types that the first bytes choose: masks and
/// the byte-by-byte scan find the same records; whole reads, reads in small chunks and with threads
/// give the same.
@c(LLVMFuzzerTestOneInput)
public func fuzzCSV(_ bytes: UnsafePointer<UInt8>?, _ byteCount: Int) -> Int32 {
  guard byteCount >= 4 else { return 0 }
  // SAFETY: libFuzzer lends `byteCount` readable bytes for the call.
  let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: byteCount))
  let (first, second, third, fourth) = (input[0], input[1], input[2], input[3])
  let text = Array(input.dropFirst(4))

  let dialect = dialect(first)
  let exact = ScanProbe.fields(text, dialect, blockByteCount: 64, exact: true)
  let fast = ScanProbe.fields(text, dialect, blockByteCount: 64 + Int(third), exact: false)
  precondition(exact == fast, "masks find other records")

  var options = CSVReadOptions()
  options.dialect = dialect
  options.errorRule = [.raise, .null, .skip, .raise][Int(second & 3)]
  options.raggedRule =
    [.error, .pad, .cut, .padAndCut, .skip, .error, .error, .error][
      Int(second >> 2 & 7)]
  options.infersTypes = second & 32 == 0
  options.replacesInvalidText = second & 64 != 0
  options.sampleCount = second & 128 != 0 ? 1 : 1000
  if fourth & 4 != 0 {
    options.encoding = ["utf-8", "utf-16-le", "latin-1", "cp1252"][Int(fourth & 3)]
  }
  if fourth & 8 != 0 {
    options.datetimeFormats = ["%d.%m.%Y", "%H:%M", "%a %e %b %Y %I:%M:%S.%f %p %z", "%D %T"]
    if fourth & 3 == 3 { options.datetimeFormats.append("iso8601") }
  }
  options.threads = 1
  if fourth & 128 != 0 { giveTypes(text, &options, from: Int(fourth >> 4 & 3)) }

  let whole = outcome(text, options)
  options.chunkByteCount = Int(third) + 1
  precondition(outcome(text, options) == whole, "chunks give another result")
  // These take long, so a part of the inputs has to do.
  if second & 3 == 3, third & 1 == 0 {
    options.threads = 2
    precondition(outcome(text, options) == whole, "threads give another result")
  }
  if second & 3 == 3, third & 1 == 1 { _ = try? file(text)?.sniff() }
  if fourth & 64 != 0 { unite(text, options) }
  return 0
}

private func dialect(_ choice: UInt8) -> CSVDialect {
  var dialect = CSVDialect()
  dialect.hasHeader = choice & 1 != 0
  if choice & 2 != 0 { dialect.quote = nil }
  if choice & 4 != 0 { dialect.comment = "#" }
  if choice & 8 != 0 { dialect.trimming = .both }
  if choice & 16 != 0 { dialect.delimiter = choice & 32 != 0 ? "||" : ";" }
  if choice & 64 != 0 { dialect.escape = "\\" }
  if choice & 128 != 0 { dialect.skipsBlankLines = false }
  return dialect
}

// WHY: the leak sanitizer does not see what the values of a global array of enums point to.
private var types: [DataType] {
  [
    .float16, .fixedSizeBinary(byteWidth: 2), .date64, .time32(.second), .boolean, .utf8View,
    .dictionary(index: .int32, value: .int64, isOrdered: false), .uint8, .null,
    .decimal32(precision: 5, scale: 2), .timestamp(.second, timeZone: "UTC"), .duration(.second),
    .dictionary(index: .uint16, value: .utf8, isOrdered: false),
    .decimal256(precision: 50, scale: 7),
    .largeBinary, .float32, .time64(.nanosecond),
  ]
}

/// Gives types to all columns but each third.
private func giveTypes(_ text: [UInt8], _ options: inout CSVReadOptions, from start: Int) {
  guard let fields = try? file(text)?.sampledSchema(options).fields else { return }
  for (index, field) in fields.enumerated() where index % 3 != 2 {
    options.types[field.name] = types[(start * 5 + index) % types.count]
  }
}

/// Reads the halves of a text as a table whose columns some may lack.
private func unite(_ text: [UInt8], _ options: CSVReadOptions) {
  let middle = text.count / 2
  guard let first = file(Array(text[..<middle])), let second = file(Array(text[middle...])),
    let dataset = try? CSVDataset([first, second])
  else { return }
  var options = options
  options.unitesColumns = true
  options.types = [:]
  _ = try? dataset.read(options)
}

private func file(_ bytes: [UInt8]) -> CSVFile? {
  guard let buffer = try? Buffer(copying: bytes.span) else { return nil }
  return try? CSVFile(MemorySource(buffer))
}

/// What a read gives.
private enum Outcome: Equatable {
  case none
  case failure(ReadError)
  case table([Field], CSVRejects, [ArrowValue])
}

private func outcome(_ bytes: [UInt8], _ options: CSVReadOptions) -> Outcome {
  do throws(ReadError) {
    guard let result = try file(bytes)?.read(options) else { return .none }
    var values: [ArrowValue] = []
    for batch in result.table.batches {
      for row in 0..<batch.rowCount {
        for column in batch.columns { values.append(comparable(column[row])) }
      }
    }
    return .table(result.table.schema.fields, result.rejects, values)
  } catch {
    return .failure(error)
  }
}

/// The value, with equal bits for what is no number.
private func comparable(_ value: ArrowValue) -> ArrowValue {
  switch value {
  case .float16(let number): .uint(UInt64(number.bitPattern))
  case .float32(let number): .uint(UInt64(number.bitPattern))
  case .float64(let number): .uint(number.bitPattern)
  default: value
  }
}
