import PFCompression
import PFCore

/// Arbitrary bytes: the same bytes or the same error with and without slack behind the output.
/// The first two bytes are the expected size. The workspace goes from one input to the next.
@c(LLVMFuzzerTestOneInput)
public func fuzzBrotli(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  guard let start = unsafe start, count > 1 else { return 0 }
  // A copy of its own, so that the sanitizer sees a read past the end.
  let whole = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let input = Array(whole[2...])
  let byteCount = Int(whole[0]) << 8 | Int(whole[1])
  let plain = decompress(input, byteCount, slack: 0)
  precondition(
    decompress(input, byteCount, slack: Brotli.outputSlack) == plain, "the slack makes a difference"
  )
  return 0
}

nonisolated(unsafe) private let workspace = Brotli.Workspace()

private func decompress(
  _ input: [UInt8], _ byteCount: Int, slack: Int
) -> Result<[UInt8], DecodingError> {
  var output = [UInt8](repeating: 0, count: byteCount + slack)
  var failure: DecodingError?
  unsafe output.withUnsafeMutableBytes { target in
    unsafe input.withUnsafeBytes { source in
      do throws(DecodingError) {
        try unsafe Brotli.decompress(source, into: target, byteCount: byteCount, workspace)
      } catch {
        failure = error
      }
    }
  }
  if let failure { return .failure(failure) }
  return .success(Array(output[..<byteCount]))
}
