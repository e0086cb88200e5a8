import PFCompression
import PFCore

typealias Outcome = Result<[UInt8], DecodingError>

/// What the forms of a decompressor never throw.
private let disagreement = DecodingError.missingField(id: -1, offset: -1)

/// The bytes in use.
func content(of buffer: borrowing MutableBuffer) -> [UInt8] {
  // SAFETY: so many bytes were written.
  unsafe Array(UnsafeRawBufferPointer(start: buffer.start, count: buffer.byteCount))
}

/// The outcome of a decompressor into a new buffer, into one that held something else, with slack,
/// with limits at the size and below it, and into an array: all must agree.
func decompressEveryWay(
  _ input: [UInt8],
  buffer decompress: ([UInt8], inout MutableBuffer, Int, Int) throws(DecodingError) -> Void,
  array: ([UInt8], Int) throws(DecodingError) -> [UInt8]
) -> Outcome {
  func outcome(limit: Int, slack: Int = 0, from filled: Int = 0) -> Outcome {
    do throws(DecodingError) {
      guard var output = try? MutableBuffer(byteCount: filled) else { throw disagreement }
      guard (try? output.fill(upTo: filled, with: 0xA5)) != nil else { throw disagreement }
      try decompress(input, &output, limit, slack)
      guard output.capacity - output.byteCount >= slack else { throw disagreement }
      return .success(content(of: output))
    } catch { return .failure(error) }
  }
  let limit = 1 << 22
  let first = outcome(limit: limit)
  var others = [
    outcome(limit: limit, slack: 1), outcome(limit: limit, slack: 5000, from: 3000),
    outcome(limit: limit, slack: 64, from: 1 << 22),
  ]
  do throws(DecodingError) {
    others.append(.success(try array(input, limit)))
  } catch { others.append(.failure(error)) }
  if case .success(let bytes) = first {
    others.append(outcome(limit: bytes.count))
    others.append(outcome(limit: bytes.count, slack: 3, from: 1 << 16))
    if bytes.count > 0 {
      guard case .failure(.limitExceeded) = outcome(limit: bytes.count - 1) else {
        return .failure(disagreement)
      }
    }
  }
  return others.allSatisfy { $0 == first } ? first : .failure(disagreement)
}
