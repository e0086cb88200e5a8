import PFCompression
import PFCore

/// Arbitrary bytes: the same bytes or the same error with a workspace that was used before and a
/// new one, into a buffer that grows and one that need not; none is larger than the limit.
@c(LLVMFuzzerTestOneInput)
public func fuzzBzip2(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  guard let start = unsafe start, count > 0 else { return 0 }
  // A copy of its own, so that the sanitizer sees a read past the end.
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let used = decompress(input, capacity: 0, unsafe workspace)
  let fresh = decompress(input, capacity: 1 << 20, Bzip2.Workspace())
  precondition(used == fresh, "the forms disagree")
  return 0
}

nonisolated(unsafe) private let workspace = Bzip2.Workspace()

private func decompress(
  _ input: [UInt8], capacity: Int, _ workspace: Bzip2.Workspace
) -> Result<[UInt8], DecodingError> {
  guard var output = try? MutableBuffer(byteCount: capacity) else {
    return .failure(.outOfMemory(byteCount: capacity))
  }
  do throws(DecodingError) {
    try Bzip2.decompress(
      input.span, into: &output, limit: 1 << 20, slack: 32, workspace: workspace)
  } catch { return .failure(error) }
  precondition(output.byteCount <= 1 << 20, "more than the limit")
  return .success(
    unsafe Array(UnsafeRawBufferPointer(start: output.start, count: output.byteCount)))
}
