import PFCInterface

/// Hostile edges or lists, options in JSON and a kernel, through the functions that C callers have:
/// each call gives an answer or an error, and answers have a value for each node at most.
///
/// The input is five bytes that choose, a line of JSON, and the values of the arrays.
@c(LLVMFuzzerTestOneInput)
public func fuzzGraph(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  guard count >= 5, count <= 4096 else { return 0 }
  // SAFETY: libFuzzer lends `count` readable bytes for the call.
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let rest = input[5...]
  let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.startIndex
  var trial = Trial(
    choices: Array(input[..<5]), json: String(decoding: rest[..<end], as: UTF8.self),
    bytes: Array(rest[end...].dropFirst()))
  trial.run()
  return 0
}

private let kernels = [
  "bfs", "dfs", "topological_sort", "shortest_paths", "shortest_distances", "shortest_path",
  "minimum_spanning_forest", "pagerank", "connected_components", "strongly_connected_components",
  "core_numbers", "triangle_count", "bipartition", "out_degree", "in_degree", "clustering",
  "triangles", "degree_centrality", "degree_statistics", "hits", "eigenvector_centrality",
  "katz_centrality", "closeness_centrality", "betweenness_centrality", "label_propagation",
  "louvain", "leiden", "none",
]

/// What the kernels are asked where the input has no JSON of its own.
private let questions: [String?] = [
  nil, #"{"sources":[0]}"#, #"{"source":0,"target":1}"#, #"{"source":0}"#,
  #"{"sources":[0,1],"method":"bellman_ford"}"#, #"{"sources":[0],"method":"delta_stepping"}"#,
  #"{"k":1,"endpoints":true}"#, #"{"threads":2}"#,
]

private let formats: [(name: String, width: Int)] = [
  ("i", 4), ("l", 8), ("c", 1), ("C", 1), ("s", 2), ("S", 2), ("I", 4), ("L", 8), ("f", 4),
  ("g", 8),
]

/// Stops kernels that the options would let go on for ever.
private func stopLate(_: UnsafeMutableRawPointer?, _ iteration: Int64, _: Double) -> Int32 {
  iteration > 200 ? 1 : 0
}

private func countRelease(_ context: UnsafeMutableRawPointer?) {
  unsafe context?.assumingMemoryBound(to: Int.self).pointee += 1
}

@safe private struct Trial {
  let choices: [UInt8]
  let json: String
  let bytes: [UInt8]
  private var blocks: [UnsafeMutableRawPointer] = unsafe []

  init(choices: [UInt8], json: String, bytes: [UInt8]) {
    (self.choices, self.json, self.bytes) = (choices, json, bytes)
  }

  mutating func run() {
    defer { for index in unsafe blocks.indices { unsafe blocks[index].deallocate() } }
    let flags = choices[0]
    var releases = 0
    var graph: UInt64 = 0
    if flags & 1 == 0 {
      graph = makeFromEdges(flags)
    } else {
      unsafe withUnsafeMutablePointer(to: &releases) { counter in
        graph = unsafe makeFromLists(flags, counter)
        if graph != 0 { ask(graph) }
        if graph != 0 { free(graph) }
      }
      precondition(releases == 1, "lists were not released once")
      return
    }
    guard graph != 0 else { return }
    ask(graph)
    free(graph)
  }

  private mutating func makeFromEdges(_ flags: UInt8) -> UInt64 {
    let (source, target) = (format(choices[1] & 15), format(choices[1] >> 4))
    let weight = flags & 2 == 0 ? nil : format(choices[2])
    let small = flags & 4 == 0
    let width = small ? 3 : source.width + target.width + (weight?.width ?? 0)
    let edgeCount = bytes.count / width
    var options = """
      {"directed":\(flags & 8 == 0),"self_loops":\(flags & 16 == 0),"threads":\(1 + flags >> 7),\
      "duplicates":"\(["keep", "merge", "first"][Int(flags >> 5 & 3) % 3])"
      """
    options += small ? #","node_count":\#(choices[3] % 40)}"# : #","labels":true}"#
    // Numbers of nodes that are named cost what they say.
    if choices[4] == 255, !json.contains("node_count"), !json.contains("threads") { options = json }
    var graph: UInt64 = 0
    let sources = unsafe values(source, edgeCount, small, part: 0)
    let targets = unsafe values(target, edgeCount, small, part: 1)
    let weights = unsafe weight.map { unsafe values($0, edgeCount, small, part: 2) }
    unsafe call { error in
      unsafe graphFromEdges(
        sources, text(source.name), targets, text(target.name), weights,
        weight.map { unsafe text($0.name) } ?? nil, Int64(edgeCount), text(options), 0, &graph,
        error)
    }
    return graph
  }

  private mutating func makeFromLists(_ flags: UInt8, _ counter: UnsafeMutablePointer<Int>)
    -> UInt64
  {
    let (offset, neighbor) = (format(choices[1] & 15), format(choices[1] >> 4))
    let weight = flags & 2 == 0 ? nil : format(choices[2])
    let small = flags & 4 == 0
    let offsetCount = min(Int(choices[3] % 40), bytes.count)
    let edgeCount = bytes.count - offsetCount
    var offsets = unsafe values(offset, offsetCount, small, part: 0)
    if flags & 32 == 0, offset.width == 8, offsetCount > 0 {
      // Offsets that are right, so that what comes after them is reached.
      unsafe offsets = block(offsetCount * 8)
      for index in 0..<offsetCount {
        let place = edgeCount * index / max(1, offsetCount - 1)
        unsafe offsets.storeBytes(of: Int64(place), toByteOffset: index * 8, as: Int64.self)
      }
    }
    let neighbors = unsafe values(neighbor, edgeCount, small, part: 1)
    let weights = unsafe weight.map { unsafe values($0, edgeCount, small, part: 2) }
    var graph: UInt64 = 0
    let options = #"{"directed":\#(flags & 8 == 0)}"#
    unsafe call { error in
      unsafe graphFromCSR(
        offsets, text(offset.name), Int64(offsetCount), neighbors, text(neighbor.name), weights,
        weight.map { unsafe text($0.name) } ?? nil, Int64(edgeCount), text(options), countRelease,
        counter, 0, &graph, error)
    }
    return graph
  }

  private mutating func ask(_ graph: UInt64) {
    var (nodeCount, edgeCount): (Int64, Int64) = (0, 0)
    unsafe call { error in unsafe graphCounts(graph, &nodeCount, &edgeCount, nil, nil, error) }
    var (offsets, neighbors): (UInt64, UInt64) = (0, 0)
    unsafe call { error in unsafe graphAdjacency(graph, 1, 0, &offsets, &neighbors, error) }
    if offsets != 0 { free(offsets) }
    if neighbors != 0 { free(neighbors) }
    let name = kernels[Int(choices[2]) % kernels.count]
    let hasThreads = json.contains("threads")
    for options in [questions[Int(choices[4]) % questions.count], hasThreads ? nil : json] {
      var table: UInt64 = 0
      var summary: UnsafeMutablePointer<CChar>?
      unsafe call { error in
        unsafe graphRun(
          graph, text(name), options.map { unsafe text($0) } ?? nil, stopLate, nil, 0, &table,
          &summary, error)
      }
      guard table != 0 else { continue }
      precondition(unsafe summary != nil, "an answer without a summary")
      unsafe stringFree(summary)
      free(table)
    }
  }

  /// Calls, and frees the error, which there is exactly where the call has failed.
  private func call(_ body: (UnsafeMutablePointer<UnsafeMutableRawPointer?>) -> Int32) {
    var error: UnsafeMutableRawPointer?
    let status = unsafe body(&error)
    precondition(unsafe (status == 0) == (error == nil), "a status without an error, or with one")
    if unsafe error != nil {
      precondition(unsafe errorMessage(error) != nil && errorDetails(error) != nil)
      unsafe errorFree(error)
    }
  }

  private func free(_ handle: UInt64) { unsafe call { error in unsafe handleFree(handle, error) } }

  private func format(_ choice: UInt8) -> (name: String, width: Int) {
    formats[Int(choice) % formats.count]
  }

  /// Memory of exactly this size, so that reads behind it are found.
  private mutating func block(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 8)
    unsafe blocks.append(memory)
    return unsafe memory
  }

  /// Values of the input: whole ones, or small ones from a byte each.
  private mutating func values(
    _ format: (name: String, width: Int), _ count: Int, _ small: Bool, part: Int
  ) -> UnsafeMutableRawPointer {
    let memory = unsafe block(count * format.width)
    for index in 0..<count * format.width {
      unsafe memory.storeBytes(of: 0, toByteOffset: index, as: UInt8.self)
    }
    guard !bytes.isEmpty else { return unsafe memory }
    for index in 0..<count {
      let place = unsafe memory + index * format.width
      if !small {
        for byte in 0..<format.width {
          let from = (part * 97 + index * format.width + byte) % bytes.count
          unsafe place.storeBytes(of: bytes[from], toByteOffset: byte, as: UInt8.self)
        }
        continue
      }
      let value = bytes[(index * 3 + part) % bytes.count] % 32
      switch format.name {
      case "f": unsafe place.storeBytes(of: Float(value) - 1, as: Float.self)
      case "g": unsafe place.storeBytes(of: Double(value) - 1, as: Double.self)
      default: unsafe place.storeBytes(of: value, as: UInt8.self)
      }
    }
    return unsafe memory
  }

  private mutating func text(_ text: String) -> UnsafePointer<CChar> {
    let utf8 = Array(text.utf8)
    let copy = unsafe block(utf8.count + 1)
    for (index, byte) in utf8.enumerated() {
      unsafe copy.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
    }
    unsafe copy.storeBytes(of: 0, toByteOffset: utf8.count, as: UInt8.self)
    return unsafe UnsafePointer(copy.assumingMemoryBound(to: CChar.self))
  }
}
