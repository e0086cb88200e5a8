import PFCore

/// Reads the bytes as JSON; what is read has to survive writing and reading again.
@c(LLVMFuzzerTestOneInput)
public func fuzzJSON(_ bytes: UnsafePointer<UInt8>?, _ byteCount: Int) -> Int32 {
  // SAFETY: libFuzzer lends `byteCount` readable bytes for the call.
  let input = unsafe UnsafeBufferPointer(start: bytes, count: byteCount).span
  do throws(JSONError) {
    let value = try JSONValue(parsing: input)
    for layout in [JSONLayout.compact, .indented] {
      let again = try? JSONValue(parsing: value.text(layout))
      precondition(again == value, "a value changed on its way out and in")
    }
  } catch {
    precondition((0...byteCount).contains(error.offset), "an error outside of the input")
    precondition(!error.message(in: input).isEmpty)
  }
  return 0
}
