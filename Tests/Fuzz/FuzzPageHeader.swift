import PFCore
import PFParquet

/// Arbitrary bytes as a page header: one is read, or refused with a place inside the input.
@c(LLVMFuzzerTestOneInput)
public func fuzzPageHeader(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  // SAFETY: libFuzzer lends `count` readable bytes for the call. A copy of its own, so that the
  // sanitizer sees a read past the end.
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  var thrift = ThriftReader(bytes.span)
  do throws(DecodingError) {
    let header = try PageHeader(from: &thrift)
    precondition(header.compressedPageSize >= 0 && header.uncompressedPageSize >= 0)
    switch header.content {
    case .dataPage(let page): precondition(page.numValues >= 0)
    case .dictionaryPage(let page): precondition(page.numValues >= 0)
    case .dataPageV2(let page):
      precondition(page.numNulls >= 0 && page.numNulls <= page.numValues && page.numRows >= 0)
      precondition(page.definitionLevelsByteLength >= 0 && page.repetitionLevelsByteLength >= 0)
    case .indexPage, .unknown: break
    }
  } catch {
    precondition((0...count).contains(error.offset), "an error outside of the input")
  }
  return 0
}
