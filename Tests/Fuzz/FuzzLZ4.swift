import PFCompression
import PFCore

/// Arbitrary bytes: both block decoders give the same bytes or the same error, with and without
/// slack behind the output; frames and Hadoop's records give bytes or an error. The first two
/// bytes are the expected size.
@c(LLVMFuzzerTestOneInput)
public func fuzzLZ4(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  guard let start = unsafe start, count > 1 else { return 0 }
  // A copy of its own, so that the sanitizer sees a read past the end.
  let whole = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let input = Array(whole[2...])
  let byteCount = Int(whole[0]) << 8 | Int(whole[1])

  let expected = decode(byteCount, slack: 0) { target throws(DecodingError) in
    try LZ4.decompressChecked(input.span, into: &target, byteCount: byteCount)
  }
  for slack in [0, LZ4.outputSlack] {
    let result = decode(byteCount, slack: slack) { target throws(DecodingError) in
      try LZ4.decompress(input.span, into: &target, byteCount: byteCount)
    }
    precondition(result == expected, "the decoders disagree")
  }
  _ = decode(byteCount, slack: LZ4.outputSlack) { target throws(DecodingError) in
    try LZ4.decompressFrames(input.span, into: &target, byteCount: byteCount)
  }
  let any = decode(byteCount, slack: LZ4.outputSlack) { target throws(DecodingError) in
    try LZ4.decompressAnyDialect(input.span, into: &target, byteCount: byteCount)
  }
  if case .success = expected, case .failure = any {
    preconditionFailure("a raw block is not read under the old name")
  }
  return 0
}

private func decode(
  _ byteCount: Int, slack: Int,
  _ decode: (inout MutableSpan<UInt8>) throws(DecodingError) -> Void
) -> Result<[UInt8], DecodingError> {
  var output = [UInt8](repeating: 0, count: byteCount + slack)
  do throws(DecodingError) {
    var target = output.mutableSpan
    try decode(&target)
    return .success(Array(output[..<byteCount]))
  } catch {
    return .failure(error)
  }
}
