import PFArrow
import PFCSV
import PFCore

/// Reads the bytes as CSV in a dialect that the first bytes choose: masks and the byte-by-byte scan
/// find the same records; whole reads, reads in small chunks and scans give the same.
@c(LLVMFuzzerTestOneInput)
public func fuzzCSV(_ bytes: UnsafePointer<UInt8>?, _ byteCount: Int) -> Int32 {
  guard byteCount >= 3 else { return 0 }
  // SAFETY: libFuzzer lends `byteCount` readable bytes for the call.
  let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: byteCount))
  let (first, second, third) = (input[0], input[1], input[2])
  let text = Array(input.dropFirst(3))

  var dialect = CSVDialect()
  dialect.hasHeader = first & 1 != 0
  if first & 2 != 0 { dialect.quote = nil }
  if first & 4 != 0 { dialect.comment = "#" }
  if first & 8 != 0 { dialect.trimming = .both }
  if first & 16 != 0 { dialect.delimiter = first & 32 != 0 ? "||" : ";" }
  if first & 64 != 0 { dialect.escape = "\\" }
  if first & 128 != 0 { dialect.skipsBlankLines = false }

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
  options.threads = 1
  let whole = outcome(text, options)
  options.chunkByteCount = Int(third) + 1
  precondition(outcome(text, options) == whole, "chunks give another result")
  // Both take long, so a part of the inputs has to do.
  if second & 3 == 3, third & 1 == 0 {
    options.threads = 2
    precondition(outcome(text, options) == whole, "threads give another result")
  }
  if second & 3 == 3, third & 1 == 1 { _ = try? file(text)?.sniff() }
  return 0
}

private func file(_ bytes: [UInt8]) -> CSVFile? {
  guard let buffer = try? Buffer(copying: bytes.span) else { return nil }
  return try? CSVFile(MemorySource(buffer))
}

/// What a read gives, as text.
private func outcome(_ bytes: [UInt8], _ options: CSVReadOptions) -> String {
  do throws(ReadError) {
    guard let result = try file(bytes)?.read(options) else { return "" }
    var text = "\(result.table.schema.fields) \(result.rejects)"
    for batch in result.table.batches {
      for row in 0..<batch.rowCount {
        for column in batch.columns { text += "\(column[row])," }
        text += ";"
      }
    }
    return text
  } catch {
    return "\(error)"
  }
}
