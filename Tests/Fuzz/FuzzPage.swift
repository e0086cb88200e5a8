import PFArrow
import PFCore
import PFParquet

/// Arbitrary bytes as the pages of one column chunk behind a right footer. The first byte chooses
/// the physical type, whether the column is optional and its codec; the second the rows. Encodings
/// are chosen by the page headers: there is a seed for each.
@c(LLVMFuzzerTestOneInput)
public func fuzzPage(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  guard count >= 2 else { return 0 }
  // SAFETY: libFuzzer lends `count` readable bytes for the call.
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let rowCount = Int64(bytes[1]) * 8 + 1
  let file = file(of: bytes[2...], choice: bytes[0], rowCount: rowCount)
  var options = ParquetReadOptions()
  options.threads = 1
  options.arrayByteLimit = 1 << 20
  options.batchSize = 100
  do throws(ReadError) {
    let buffer: Buffer
    do throws(AllocationError) {
      buffer = try Buffer(copying: file.span)
    } catch { return 0 }
    let parquet = try ParquetFile(MemorySource(buffer))
    // The footer is ours: it must always do.
    _ = try parquet.metaData()
    read(parquet, options, rowCount: rowCount)
  } catch {
    preconditionFailure("the synthetic footer: \(error)")
  }
  return 0
}

private func read(_ file: ParquetFile, _ options: ParquetReadOptions, rowCount: Int64) {
  let table = try? file.read(options)
  var values: [ArrowValue] = []
  for batch in table?.batches ?? [] {
    check(batch)
    values += (0..<batch.rowCount).map { batch.columns[0][$0] }
  }
  precondition(table == nil || values.count == Int(rowCount), "rows are missing")

  guard let scanner = try? ParquetScanner(file, options) else { return }
  var scanned: [ArrowValue] = []
  do throws(ReadError) {
    while let batch = try scanner.next() {
      check(batch)
      scanned += (0..<batch.rowCount).map { batch.columns[0][$0] }
    }
    // NaN is not itself: descriptions are.
    precondition(table != nil && scanned.map(\.description) == values.map(\.description))
  } catch {
    precondition(table == nil, "read, but not scanned")
    precondition((try? scanner.next()) == nil, "a scan goes on behind an error")
  }
}

private func check(_ batch: RecordBatch) {
  for column in batch.columns {
    let checked = try? ArrowArray(
      checking: column.type, length: column.length, offset: column.offset, buffers: column.buffers)
    precondition(checked?.nullCount == column.nullCount, "an array breaks the rules of Arrow")
  }
}

/// A file of one column chunk with `pages` as its bytes.
private func file(of pages: ArraySlice<UInt8>, choice: UInt8, rowCount: Int64) -> [UInt8] {
  /// Physical type, length, converted type, precision.
  let kinds: [(Int64, Int64?, Int64?, Int64?)] = [
    (0, nil, nil, nil), (1, nil, nil, nil), (2, nil, nil, nil), (3, nil, nil, nil),
    (4, nil, nil, nil), (5, nil, nil, nil), (6, nil, nil, nil), (7, 5, nil, nil),
    (6, nil, 0, nil), (1, nil, 15, nil), (1, nil, 16, nil), (7, 19, 5, 38), (6, nil, 5, 38),
    (7, 40, 5, 76), (2, nil, 5, 76), (7, 16, nil, nil),
  ]
  let (type, length, converted, precision) = kinds[Int(choice & 15)]
  var footer = Footer()
  footer.integer(1, 2)
  footer.list(2, count: 2)
  footer.text(4, "r")
  footer.integer(5, 1)
  footer.stop()
  footer.integer(1, type)
  if let length { footer.integer(2, length) }
  footer.integer(3, Int64(choice >> 4 & 1))
  footer.text(4, "c")
  if let converted { footer.integer(6, converted) }
  if let precision { footer.integer(8, precision) }
  footer.stop()
  footer.integer(3, rowCount, isWide: true)
  footer.list(4, count: 1)
  footer.list(1, count: 1)
  footer.integer(2, 0, isWide: true)
  footer.structure(3)
  footer.integer(1, type)
  footer.list(2, count: 0)
  footer.list(3, count: 0)
  footer.integer(4, Int64(choice >> 5 & 1))
  footer.integer(5, rowCount, isWide: true)
  footer.integer(6, Int64(pages.count) * 2, isWide: true)
  footer.integer(7, Int64(pages.count), isWide: true)
  footer.integer(9, 4, isWide: true)
  footer.stop()
  footer.stop()
  footer.integer(2, 0, isWide: true)
  footer.integer(3, rowCount, isWide: true)
  footer.stop()
  footer.stop()
  let size = (0..<4).map { UInt8(truncatingIfNeeded: footer.bytes.count >> ($0 * 8)) }
  return Array("PAR1".utf8) + pages + footer.bytes + size + Array("PAR1".utf8)
}

/// Just enough of the Thrift compact protocol, every field header in its long form.
private struct Footer {
  var bytes: [UInt8] = []

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func field(_ id: UInt64, _ type: UInt8) {
    bytes.append(type)
    varint(id << 1)
  }

  mutating func integer(_ id: UInt64, _ value: Int64, isWide: Bool = false) {
    field(id, isWide ? 6 : 5)
    varint(UInt64(value) << 1)
  }

  mutating func text(_ id: UInt64, _ text: String) {
    field(id, 8)
    varint(UInt64(text.utf8.count))
    bytes += text.utf8
  }

  mutating func list(_ id: UInt64, count: UInt8) {
    field(id, 9)
    bytes.append(count << 4 | 12)
  }

  mutating func structure(_ id: UInt64) { field(id, 12) }

  mutating func stop() { bytes.append(0) }
}
