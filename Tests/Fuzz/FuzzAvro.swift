import PFArrow
import PFAvro
import PFCore

/// Arbitrary bytes as an Avro file: read at once, batch by batch and with broken blocks left out,
/// which must agree, and what comes holds the invariants of Arrow.
@c(LLVMFuzzerTestOneInput)
public func fuzzAvro(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  // SAFETY: libFuzzer lends `count` readable bytes for the call. A copy of its own, so that the
  // sanitizer sees a read past the end.
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let buffer = try? Buffer(copying: bytes.span),
    let file = try? AvroFile(MemorySource(buffer))
  else { return 0 }
  var options = AvroReadOptions()
  options.threads = 1
  options.limit = 3000
  options.batchSize = 700
  options.allocationByteLimit = 1 << 24
  options.blockByteLimit = 1 << 20
  // A byte of the input, so that what is found stays found.
  let choice = bytes[bytes.count / 2]
  options.unionLayout = choice & 1 == 0 ? .dense : .structure
  guard let schema = try? file.schema(options) else { return 0 }
  if choice & 2 != 0 {
    options.columns = schema.fields.enumerated().filter { $0.offset & 1 == 0 }.map(\.element.name)
  }
  let table = try? file.read(options)
  for batch in table?.batches ?? [] { check(batch) }
  scan(file, options, table)

  let rejects = AvroRejects()
  let rest = try? file.read(options, rejects: rejects)
  for batch in rest?.batches ?? [] { check(batch) }
  if let table {
    precondition(rest?.rowCount == table.rowCount, "a good file has rejects")
  }
  for error in rejects.errors { precondition(!error.description.isEmpty, "no words") }

  // What resolution makes of a schema that is the same.
  options.readerSchema = file.header.schema
  precondition((try? file.read(options))?.rowCount == table?.rowCount, "read as itself otherwise")
  return 0
}

private func scan(_ file: AvroFile, _ options: AvroReadOptions, _ table: Table?) {
  guard let scanner = try? AvroScanner(AvroDataset([file]), options) else {
    precondition(table == nil, "read, but not scanned")
    return
  }
  var rowCount = 0
  do throws(ReadError) {
    while let batch = try scanner.next() {
      precondition(batch.rowCount <= 700, "a batch is too long")
      rowCount += batch.rowCount
    }
    // A scan ends with the limit, and does not see what a read of the same blocks found broken.
    precondition(table == nil || table?.rowCount == rowCount, "a scan has other rows than a read")
  } catch {
    precondition(table == nil, "read, but not scanned")
    precondition(!error.description.isEmpty, "no words")
    precondition((try? scanner.next()) == nil, "a scan goes on behind an error")
  }
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
