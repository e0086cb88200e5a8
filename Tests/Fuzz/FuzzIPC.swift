import PFArrow
import PFCore

/// An Arrow IPC stream: reading it and everything in it must not trap; what was read must be
/// written and read again with the same rows.
@c(LLVMFuzzerTestOneInput)
public func fuzzIPC(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  // SAFETY: the fuzzer lends `count` readable bytes.
  let input = unsafe UnsafeBufferPointer(start: start, count: count)
  guard let buffer = try? unsafe Buffer(copying: input.span),
    let table = try? Table(ipcStream: buffer)
  else { return 0 }
  let format = TableFormat(rowLimit: 20)
  let text = table.formatted(format)
  _ = table.jsonRows(rowLimit: 20)
  // A list of nulls or empty structs may claim rows that memory could not hold.
  guard text.utf8.count < 1 << 20 else { return 0 }
  var bytes: [UInt8] = []
  do throws(ReadError) {
    try table.writeIPCStream { (part) throws(ReadError) in
      unsafe part.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }
  } catch { return 0 }
  guard let copy = try? Buffer(copying: bytes.span) else { return 0 }
  do throws(ReadError) {
    let again = try Table(ipcStream: copy)
    precondition(again.schema == table.schema, "another schema")
    precondition(again.formatted(format) == text, "other values")
  } catch {
    preconditionFailure("what was written cannot be read: \(error)")
  }
  return 0
}
