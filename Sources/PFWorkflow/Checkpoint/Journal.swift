internal import PFCompression
internal import PFCore

/// What a checkpoint's file says of the steps, and the file to append more to.
///
/// Each line is the CRC-32 of what follows, in hexadecimal, a space, and a JSON object. The first
/// one is the header. Lines are believed up to the first that is not whole.
struct Journal {
  /// What is known of one step.
  struct Record {
    let key: String
    /// The output; of a step that was fanned out, those of its elements by number. Nil where it
    /// could not be kept.
    var outputs: [Int: StoredOutput?] = [:]
    /// The number of elements of a step that was fanned out.
    var elementCount: Int?

    var isComplete: Bool { outputs.count == elementCount ?? 1 }
  }

  /// By the names of steps.
  private(set) var records: [String: Record] = [:]
  /// Whether nothing of an earlier run is in it.
  private(set) var isNew = false
  let file: JournalFile

  /// Opens or makes the journal of workflow `name`, reads what can be believed and cuts the rest.
  init(_ checkpoint: Checkpoint, workflow name: String) throws(CheckpointError) {
    let path = checkpoint.path
    file = try Self.asking(path) { () throws(SourceError) in try JournalFile(path: path) }
    let file = file
    guard try Self.asking(path, { () throws(SourceError) in try file.lock() }) else {
      throw .inUse(path: path)
    }
    let bytes = try Self.asking(path) { () throws(SourceError) in try file.readAll() }
    let header = Self.header(workflow: name)
    // One that was killed while it wrote its first line has lost nothing.
    isNew = bytes.count < header.count && header.starts(with: bytes)
    var end = isNew ? 0 : try read(bytes, path, name)
    if !checkpoint.resumes {
      records = [:]
      (isNew, end) = (true, 0)
    }
    try Self.asking(path) { () throws(SourceError) in
      try file.truncate(to: end)
      guard isNew else { return }
      try file.append(header, isDurable: checkpoint.isDurable)
      if checkpoint.isDurable { Directory.synchronize(directory(of: path)) }
    }
  }

  private static func asking<Result>(
    _ path: String, _ body: () throws(SourceError) -> Result
  ) throws(CheckpointError) -> Result {
    do throws(SourceError) { return try body() } catch { throw .file(path: path, error) }
  }

  // MARK: Lines

  private static func header(workflow name: String) -> [UInt8] {
    line { json in
      json.member("format", 1)
      json.member("workflow", name)
    }
  }

  /// A line with these members.
  static func line(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    writer.object(members)
    var line = checksum(of: writer.bytes.span)
    line.reserveCapacity(writer.bytes.count + 10)
    line.append(UInt8(ascii: " "))
    line += writer.bytes
    line.append(UInt8(ascii: "\n"))
    return line
  }

  /// Eight hexadecimal digits.
  private static func checksum(of text: Span<UInt8>) -> [UInt8] {
    let digits = String(CRC32.checksum(of: text), radix: 16).utf8
    return [UInt8](repeating: UInt8(ascii: "0"), count: 8 - digits.count) + digits
  }

  /// What the whole line `bytes[start..<end]` says; nil when it is damaged.
  private static func object(_ bytes: [UInt8], _ start: Int, _ end: Int) -> JSONObject? {
    let space = start + 8
    guard end > space, bytes[space] == UInt8(ascii: " ") else { return nil }
    let text = bytes.span.extracting((space + 1)..<end)
    guard bytes[start..<space].elementsEqual(checksum(of: text)) else { return nil }
    return (try? JSONValue(parsing: text))?.object
  }

  /// Reads all that can be believed, and gives where that ends.
  private mutating func read(
    _ bytes: [UInt8], _ path: String, _ name: String
  ) throws(CheckpointError) -> Int {
    var start = 0
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")),
      let object = Self.object(bytes, start, end)
    {
      if start == 0 {
        guard let format = object["format"]?.number?.int64,
          let workflow = object["workflow"]?.string
        else { throw .notAJournal(path: path) }
        guard format == 1 else { throw .unknownFormat(path: path, version: Int(format)) }
        guard workflow == name else { throw .otherWorkflow(path: path, name: workflow) }
      } else {
        add(object)
      }
      start = end + 1
    }
    // Whatever it is, it is not ours to cut.
    guard start > 0 else { throw .notAJournal(path: path) }
    return start
  }

  private mutating func add(_ object: JSONObject) {
    guard let step = object["step"]?.string, let key = object["key"]?.string else { return }
    let output = StoredOutput(object["output"])
    if let count = object["count"]?.number?.int64 {
      guard count >= 0, records[step]?.key != key || records[step]?.elementCount != Int(count)
      else { return }
      records[step] = Record(key: key, elementCount: Int(count))
    } else if let element = object["element"]?.number?.int64 {
      guard records[step]?.key == key, let count = records[step]?.elementCount,
        (0..<count).contains(Int(element))
      else { return }
      records[step]?.outputs[Int(element)] = .some(output)
    } else {
      records[step] = Record(key: key, outputs: [0: output])
    }
  }
}

/// The directory that `path` is in.
func directory(of path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}
