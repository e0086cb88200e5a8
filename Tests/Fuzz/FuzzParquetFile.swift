import PFArrow
import PFCore
import PFParquet

/// Arbitrary bytes as a whole file: read at once and batch by batch, which must agree, and what
/// comes holds the invariants of Arrow.
@c(LLVMFuzzerTestOneInput)
public func fuzzParquetFile(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  // SAFETY: libFuzzer lends `count` readable bytes for the call. A copy of its own, so that the
  // sanitizer sees a read past the end.
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let buffer = try? Buffer(copying: bytes.span),
    let file = try? ParquetFile(MemorySource(buffer)), let metaData = try? file.metaData()
  else { return 0 }
  // Wide values and many columns make much of few bytes, as they may; that is not looked for here.
  let chunkCount = metaData.rowGroups.reduce(0) { $0 + $1.columns.count }
  guard chunkCount <= 200, metaData.schema.allSatisfy({ ($0.typeLength ?? 0) <= 1 << 10 }) else {
    return 0
  }
  var options = ParquetReadOptions()
  options.threads = 1
  options.limit = 3000
  options.arrayByteLimit = 1 << 20
  options.batchSize = 700
  options.verifiesChecksums = bytes.count & 1 == 0
  // A byte of the input, so that what is found stays found.
  let layouts = StringOutput.allCases.map { $0 as StringOutput? } + [nil]
  options.stringOutput = layouts[Int(bytes[bytes.count / 2]) % layouts.count]
  // Nulls in lists of one size have as many slots as the schema says.
  if let fields = (try? ParquetScanner(file, options))?.schema.fields {
    guard fields.allSatisfy({ slotsOfNull($0.type) <= 1 << 10 }) else { return 0 }
  }
  let table = try? file.read(options)
  for batch in table?.batches ?? [] { check(batch) }

  guard let scanner = try? ParquetScanner(file, options) else {
    precondition(table == nil, "read, but not scanned")
    return 0
  }
  var rowCount = 0
  do throws(ReadError) {
    while let batch = try scanner.next() {
      check(batch)
      precondition(batch.rowCount <= 700, "a batch is too long")
      rowCount += batch.rowCount
    }
    precondition(table?.rowCount == rowCount, "the rows of a scan are not those of a read")
  } catch {
    precondition(table == nil, "read, but not scanned")
    precondition(!error.description.isEmpty, "no words")
    // A scan that failed fails for good.
    precondition((try? scanner.next()) == nil, "a scan goes on behind an error")
  }
  return 0
}

private func slotsOfNull(_ type: DataType) -> Double {
  let below = type.children.reduce(0) { $0 + slotsOfNull($1.type) }
  guard case .fixedSizeList(_, let size) = type else { return max(below, 1) }
  return below * Double(size)
}

private func check(_ batch: RecordBatch) {
  for column in batch.columns { check(column) }
}

private func check(_ array: ArrowArray) {
  for child in array.children { check(child) }
  if let dictionary = array.dictionary { check(dictionary) }
  let checked = try? ArrowArray(
    checking: array.type, length: array.length, offset: array.offset, buffers: array.buffers,
    children: array.children, dictionary: array.dictionary)
  precondition(checked?.nullCount == array.nullCount, "an array breaks the rules of Arrow")
}
