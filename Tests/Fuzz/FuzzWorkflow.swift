import PFCInterface
import PFCompression
import PFCore

/// Hostile definitions and journals, through the functions that C callers have: each call gives an
/// answer or an error, runs come to their end, and results are JSON whatever a journal says.
///
/// The input is a byte that chooses, a definition on one line, and lines of a journal. These get
/// their checksums here, and `@0` to `@9` in them become the keys of the steps, which nobody guesses.
@c(LLVMFuzzerTestOneInput)
public func fuzzWorkflow(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  guard count >= 2, count <= 1 << 16 else { return 0 }
  // SAFETY: libFuzzer lends `count` readable bytes for the call.
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let lines = input[1...].split(separator: newline, omittingEmptySubsequences: false)
  Trial(choices: input[0], lines: lines.map { Array($0) }).run()
  return 0
}

private let newline = UInt8(ascii: "\n")
private let path = "/tmp/parquetframe-fuzz-workflow-\(MonotonicClock.now())"

@safe private struct Trial {
  let choices: UInt8
  let lines: [[UInt8]]

  func run() {
    var workflow: UInt64 = 0
    let isGood = unsafe withText(lines[0]) { definition in
      unsafe withText(Array(#"{"handlers":["h","python"]}"#.utf8)) { options in
        unsafe call { unsafe workflowOpen(definition, options, &workflow, $0) }
      }
    }
    guard isGood else { return }
    defer { free(workflow) }
    draw(workflow)
    var description: UnsafeMutablePointer<CChar>?
    unsafe must { unsafe workflowDescribe(workflow, &description, $0) }
    guard let facts = try? JSONValue(parsing: unsafe taken(description)),
      let steps = facts.object?["steps"]?.array?.map({ $0.object ?? JSONObject() }),
      // What the engine does itself touches files.
      steps.allSatisfy({ $0["operation"] == nil || $0["external"] != nil })
    else { return }

    write([])
    drive(workflow, steps)
    guard lines.count > 1 else { return }
    write(choices & 1 == 0 ? journal(steps) : Array(lines[1...].joined(separator: [newline])))
    // The second time finds what the first one has appended.
    drive(workflow, steps)
    drive(workflow, steps)
  }

  /// The lines of the input as a journal, with the head and the keys of the one that is there.
  private func journal(_ steps: [JSONObject]) -> [UInt8] {
    let old = ((try? JournalFile(path: path).readAll()) ?? []).split(separator: newline)
    guard let header = old.first else { return [] }
    var keys = [[UInt8]](repeating: [], count: 10)
    for line in old.dropFirst() {
      guard let record = (try? JSONValue(parsing: Array(line.dropFirst(9)).span))?.object,
        let key = record["key"]?.string,
        let number = steps.firstIndex(where: { $0["name"]?.string == record["step"]?.string }),
        number < keys.count
      else { continue }
      keys[number] = Array(key.utf8)
    }
    var bytes = Array(header) + [newline]
    for line in lines[1...] {
      var text: [UInt8] = []
      var isNumber = false
      for byte in line {
        if isNumber, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
          text.removeLast()
          text += keys[Int(byte - UInt8(ascii: "0"))]
        } else {
          text.append(byte)
        }
        isNumber = byte == UInt8(ascii: "@")
      }
      let sum = String(CRC32.checksum(of: text.span), radix: 16)
      bytes += Array((String(repeating: "0", count: 8 - sum.count) + sum + " ").utf8) + text
      bytes.append(newline)
    }
    return bytes
  }

  private func write(_ bytes: [UInt8]) {
    guard let file = try? JournalFile(path: path) else { return }
    try? file.truncate(to: 0)
    try? file.append(bytes, isDurable: false)
  }

  /// A run that never waits: what waits for a time is cancelled.
  private func drive(_ workflow: UInt64, _ steps: [JSONObject]) {
    let options = """
      {"checkpoint":{"path":"\(path)"\(choices & 16 == 0 ? "" : #","unreadable":["a"]"#)},\
      "events":\(choices & 2 != 0),"grace":0}
      """
    var run: UInt64 = 0
    let isGood = unsafe withText(Array(options.utf8)) { options in
      unsafe call { unsafe workflowStart(workflow, options, 0, &run, $0) }
    }
    guard isGood else { return }
    defer { free(run) }
    look(run, steps.count)
    var turn = [Int32](repeating: 0, count: 7)
    var (outcome, value) = (Int32(-1), Int64(0))
    var idleCount = 0
    for count in 0..<4000 where turn[5] != 2 {
      take(run, &turn, outcome, value, patience: 0)
      outcome = -1
      if turn[5] == 2 { break }
      if turn[5] == 0 {
        idleCount += 1
        if idleCount == 3 || count > 3900 { unsafe must { unsafe workflowCancel(run, $0) } }
        if idleCount > 6 { break }
        // Steps that hold inner workflows are done in here.
        take(run, &turn, -1, 0, patience: 1)
        continue
      }
      if choices & 4 == 0 {
        let kept = [UInt8(truncatingIfNeeded: turn[2]), choices]
        unsafe must { error in
          unsafe turn.withUnsafeBufferPointer { unit in
            unsafe kept.withUnsafeBytes { bytes in
              unsafe workflowKeep(run, unit.baseAddress, bytes.baseAddress, 2, error)
            }
          }
        }
      }
      let isList =
        turn[3] < 0 && turn[4] == 0 && steps[Int(turn[2])]["for_each"] != nil
      (outcome, value) = isList ? (4, Int64(choices >> 6)) : (0, 0)
      if choices & 8 != 0, count % 5 == 4 { (outcome, value) = (2, 0) }
    }
    look(run, steps.count)
    var json: UnsafeMutablePointer<CChar>?
    unsafe must { unsafe workflowResult(run, 1, &json, $0) }
    precondition((try? JSONValue(parsing: unsafe taken(json))) != nil, "a result that is no JSON")
    draw(run)
  }

  private func take(
    _ run: UInt64, _ turn: inout [Int32], _ outcome: Int32, _ value: Int64, patience: Int64
  ) {
    unsafe turn.withUnsafeMutableBufferPointer { turn in
      unsafe withText([UInt8(ascii: "p")]) { problem in
        unsafe must { error in
          unsafe workflowTurn(run, turn.baseAddress, outcome, value, problem, patience, error)
        }
      }
    }
  }

  private func look(_ run: UInt64, _ stepCount: Int) {
    for step in 0..<min(stepCount, 20) {
      for element: Int32 in [-1, 0, 1, 7] {
        var (table, byteCount, elementCount): (UInt64, Int64, Int64) = (0, 0, 0)
        var bytes: UnsafeMutablePointer<CChar>?
        unsafe must {
          unsafe workflowOutput(
            run, Int32(step), element, &table, &bytes, &byteCount, &elementCount, $0)
        }
        unsafe stringFree(bytes)
        if table != 0 { free(table) }
      }
    }
  }

  private func draw(_ handle: UInt64) {
    for kind in ["mermaid", "dot", "timeline"] {
      unsafe withText(Array(kind.utf8)) { kind in
        var picture: UnsafeMutablePointer<CChar>?
        if unsafe call({ unsafe workflowPicture(handle, kind, 400, &picture, $0) }) {
          unsafe stringFree(picture)
        }
      }
    }
  }

  private func taken(_ text: UnsafeMutablePointer<CChar>?) -> String {
    guard let text = unsafe text else { return "" }
    defer { unsafe stringFree(text) }
    return unsafe String(cString: text)
  }

  private func withText<Result>(
    _ bytes: [UInt8], _ body: (UnsafePointer<CChar>?) -> Result
  ) -> Result {
    let text = bytes.map { CChar(bitPattern: $0) } + [0]
    return unsafe text.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
  }

  private func free(_ handle: UInt64) { unsafe must { unsafe handleFree(handle, $0) } }

  private func must(_ body: (UnsafeMutablePointer<UnsafeMutableRawPointer?>) -> Int32) {
    unsafe precondition(call(body), "a call that cannot fail has failed")
  }

  /// Calls, and frees the error, which there is exactly where the call has failed.
  private func call(_ body: (UnsafeMutablePointer<UnsafeMutableRawPointer?>) -> Int32) -> Bool {
    var error: UnsafeMutableRawPointer?
    let status = unsafe body(&error)
    precondition(unsafe (status == 0) == (error == nil), "a status without an error, or with one")
    if unsafe error != nil { unsafe errorFree(error) }
    return status == 0
  }
}
