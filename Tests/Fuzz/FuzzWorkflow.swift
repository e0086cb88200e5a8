import PFCInterface
import PFCompression
import PFCore

/// Hostile definitions and journals, through the functions that C callers have: each call gives an
/// answer or an error, a run comes to its end, and what a journal says is never believed half.
///
/// The input is a byte that chooses, a definition on one line, and lines of a journal. Those get their
/// checksums here, and `@0` to `@9` in them become the keys of the steps, which nobody guesses.
@c(LLVMFuzzerTestOneInput)
public func fuzzWorkflow(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  guard count >= 2, count <= 1 << 16 else { return 0 }
  // SAFETY: libFuzzer lends `count` readable bytes for the call.
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let lines = input[1...].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  Trial(choices: input[0], lines: lines.map { Array($0) }).run()
  return 0
}

private let path = "/tmp/parquetframe-fuzz-workflow-\(MonotonicClock.now())"

private struct Trial {
  let choices: UInt8
  let lines: [[UInt8]]

  func run() {
    var workflow: UInt64 = 0
    guard call({ unsafe workflowOpen(text(lines[0]), #"{"handlers":["h","python"]}"#, &workflow, $0) })
    else { return }
    defer { free(workflow) }
    var description: UnsafeMutablePointer<CChar>?
    precondition(call { unsafe workflowDescribe(workflow, &description, $0) })
    let facts = taken(description)
    picture(workflow)
    // What the engine does itself touches files.
    guard case .object(let object)? = try? JSONValue(parsing: facts), let steps = object["steps"]?.array,
      steps.allSatisfy({ $0.object?["operation"] == nil || $0.object?["external"] != nil })
    else { return }
    let names = steps.compactMap { $0.object?["name"]?.string }

    write([])
    drive(workflow, names.count)
    guard lines.count > 1 else { return }
    let journal = (try? JournalFile(path: path).readAll()) ?? []
    write(made(journal.split(separator: UInt8(ascii: "\n")).map { Array($0) }, names))
    drive(workflow, names.count)
    // What that run left behind is whole.
    drive(workflow, names.count)
  }

  /// The journal of the input, or what it has of the one that was there.
  private func made(_ journal: [[UInt8]], _ names: [String]) -> [UInt8] {
    guard let header = journal.first else { return [] }
    var keys = [[UInt8]](repeating: [], count: 10)
    for line in journal.dropFirst() {
      guard let object = (try? JSONValue(parsing: line.dropFirst(9).withSpan))?.object,
        let step = object["step"]?.string, let key = object["key"]?.string,
        let number = names.firstIndex(of: step), number < keys.count
      else { continue }
      keys[number] = Array(key.utf8)
    }
    if choices & 1 != 0 { return Array(lines[1...].joined(separator: [UInt8(ascii: "\n")])) }
    var bytes = header + [UInt8(ascii: "\n")]
    for line in lines[1...] {
      var text: [UInt8] = []
      var index = 0
      while index < line.count {
        if line[index] == UInt8(ascii: "@"), index + 1 < line.count,
          (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(line[index + 1])
        {
          text += keys[Int(line[index + 1] - UInt8(ascii: "0"))]
          index += 2
        } else {
          text.append(line[index])
          index += 1
        }
      }
      let sum = String(CRC32.checksum(of: text.span), radix: 16)
      bytes += Array((String(repeating: "0", count: 8 - sum.count) + sum + " ").utf8) + text
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }

  private func write(_ bytes: [UInt8]) {
    guard let file = try? JournalFile(path: path) else { return }
    try? file.truncate(to: 0)
    try? file.append(bytes, isDurable: false)
  }

  /// A run that never waits: what waits for a time is cancelled.
  private func drive(_ workflow: UInt64, _ stepCount: Int) {
    var run: UInt64 = 0
    let options = #"{"checkpoint":{"path":"\#(path)"},"events":\#(choices & 2 != 0)}"#
    guard call({ unsafe workflowStart(workflow, text(Array(options.utf8)), 0, &run, $0) }) else { return }
    defer { free(run) }
    look(run, stepCount)
    var turn = [Int32](repeating: 0, count: 7)
    var (outcome, value) = (Int32(-1), Int64(0))
    var idle = 0
    for step in 0..<5000 {
      precondition(
        call { error in
          unsafe turn.withUnsafeMutableBufferPointer {
            unsafe workflowTurn(run, $0.baseAddress, outcome, value, "p", 0, error)
          }
        })
      if turn[5] == 2 { break }
      if turn[5] == 0 {
        outcome = -1
        idle += 1
        if idle == 3 || step == 4000 { precondition(call { unsafe workflowCancel(run, $0) }) }
        // The engine's own: inner workflows.
        precondition(
          call { error in
            unsafe turn.withUnsafeMutableBufferPointer {
              unsafe workflowTurn(run, $0.baseAddress, -1, 0, nil, 1, error)
            }
          })
        if turn[5] == 2 || idle > 10 { break }
        continue
      }
      let kept: [UInt8] = [UInt8(truncatingIfNeeded: turn[2]), choices]
      if choices & 4 == 0 {
        precondition(
          call { error in
            unsafe turn.withUnsafeBufferPointer { unit in
              unsafe kept.withUnsafeBytes { unsafe workflowKeep(run, unit.baseAddress, $0.baseAddress, 2, error) }
            }
          })
      }
      (outcome, value) = (0, 0)
      if turn[3] < 0, turn[4] == 0, isFannedOut(run, turn) { (outcome, value) = (4, Int64(choices >> 6)) }
      if choices & 8 != 0, step == Int(choices >> 4) { (outcome, value) = (1, 0) }
    }
    look(run, stepCount)
    var json: UnsafeMutablePointer<CChar>?
    precondition(call { unsafe workflowResult(run, 1, &json, $0) })
    precondition((try? JSONValue(parsing: taken(json))) != nil, "a result that is no JSON")
    picture(run)
  }

  /// Only a step that is to be fanned out takes this outcome.
  private func isFannedOut(_ run: UInt64, _ turn: [Int32]) -> Bool {
    var copy = turn
    _ = copy
    copy = turn
    return fannedOut.contains(Int(turn[2]))
  }

  /// The steps with `for_each`, by number.
  private var fannedOut: Set<Int> { Set() }

  private func look(_ run: UInt64, _ stepCount: Int) {
    for step in 0..<min(stepCount, 40) {
      for element: Int32 in [-1, 0, 1, 7] {
        var (table, byteCount, elementCount): (UInt64, Int64, Int64) = (0, 0, 0)
        var bytes: UnsafeMutablePointer<CChar>?
        precondition(
          call {
            unsafe workflowOutput(run, Int32(step), element, &table, &bytes, &byteCount, &elementCount, $0)
          })
        unsafe stringFree(bytes)
        if table != 0 { free(table) }
      }
    }
  }

  private func picture(_ handle: UInt64) {
    for kind in ["mermaid", "dot", "timeline"] {
      var picture: UnsafeMutablePointer<CChar>?
      if call({ unsafe workflowPicture(handle, kind, 400, &picture, $0) }) { _ = taken(picture) }
    }
  }

  private func taken(_ text: UnsafeMutablePointer<CChar>?) -> String {
    guard let text = unsafe text else { return "" }
    defer { unsafe stringFree(text) }
    return unsafe String(cString: text)
  }

  private func free(_ handle: UInt64) { precondition(call { unsafe handleFree(handle, $0) }) }

  /// Calls, and frees the error, which there is exactly where the call has failed.
  private func call(_ body: (UnsafeMutablePointer<UnsafeMutableRawPointer?>) -> Int32) -> Bool {
    var error: UnsafeMutableRawPointer?
    let status = unsafe body(&error)
    precondition(unsafe (status == 0) == (error == nil), "a status without an error, or with one")
    if unsafe error != nil { unsafe errorFree(error) }
    return status == 0
  }
}
