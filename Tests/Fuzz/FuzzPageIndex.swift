import PFCore
import PFParquet

/// Arbitrary bytes as a column index, an offset index and a Bloom filter: each is read, or refused
/// with a place inside the input.
@c(LLVMFuzzerTestOneInput)
public func fuzzPageIndex(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  // SAFETY: libFuzzer lends `count` readable bytes for the call. A copy of its own, so that the
  // sanitizer sees a read past the end.
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  do throws(DecodingError) {
    var thrift = ThriftReader(bytes.span)
    let index = try ColumnIndex(from: &thrift)
    for range in index.minValues + index.maxValues { precondition(range.upperBound <= count) }
  } catch { precondition((0...count).contains(error.offset), "an error outside of the input") }
  do throws(DecodingError) {
    var thrift = ThriftReader(bytes.span)
    let index = try OffsetIndex(from: &thrift)
    if let rows = index.rowRanges(of: 1000) { precondition(rows.last?.upperBound == 1000) }
  } catch { precondition((0...count).contains(error.offset), "an error outside of the input") }
  guard let buffer = try? Buffer(copying: bytes.span) else { return 0 }
  do throws(ReadError) {
    let filter = try BloomFilter(MemorySource(buffer), at: 0, limit: count)
    _ = try filter?.mayContain(bytes.span)
  } catch { precondition((0...count).contains(error.place.offset ?? 0)) }
  return 0
}
