// Dijkstra's method: the nearest node that waits is final, and its edges are walked.
//
// Method: Dijkstra, "A note on two problems in connexion with graphs" (Numerische Mathematik 1,
// 1959), with a heap of four-way nodes (Johnson 1975) into which a node is pushed again when it
// comes nearer. Tricks: a stale element is one whose key is no longer the node's distance, so there
// is no mark and no index into the heap. Targets lower the limit when the last of them is final;
// nodes as far as it are still taken, so the answer does not depend on the order of equal keys.

extension PathSearch {
  /// Searches with a heap.
  func runDijkstra() throws(GraphError) {
    var heap = try NodeHeap(kernel)
    for source in query.sources { try heap.push(0, source) }
    var targets = Set(query.targets)
    var limit = Self.unreached
    var hasRest = false
    var steps = 0
    while let element = heap.pop(), element.key <= limit {
      let node = element.node
      guard element.key == distances[node] else { continue }
      steps += 1
      if steps & 4095 == 0 { try kernel.check() }
      if !targets.isEmpty, targets.remove(node) != nil, targets.isEmpty { limit = element.key }
      let distance = Double(bitPattern: element.key)
      for entry in lists.range(of: node) {
        let target = lists.neighbors[entry]
        let offer = distance + lengths[entry]
        if relax(node, distance, to: target, offer, hasRest: &hasRest) {
          try heap.push(offer.bitPattern, target)
        }
      }
    }
    try cutBehindTargets()
    if hasRest { try explainRest() }
  }
}
