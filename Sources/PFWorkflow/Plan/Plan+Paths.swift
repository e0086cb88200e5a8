extension Plan {
  /// One cycle through each group of steps that are on cycles; each step needs the next one.
  ///
  /// Depth-first search with the path on a stack of its own; steps of a cycle that was found are
  /// not searched again.
  static func cycles(_ offsets: [Int32], _ dependencies: [Int32]) -> [[Int]] {
    enum Mark { case new, onPath, done }
    var marks = [Mark](repeating: .new, count: offsets.count - 1)
    var cycles: [[Int]] = []
    for root in marks.indices where marks[root] == .new {
      var path: [(step: Int, next: Int)] = [(root, Int(offsets[root]))]
      marks[root] = .onPath
      search: while let (step, next) = path.last {
        guard next < Int(offsets[step + 1]) else {
          marks[step] = .done
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let dependency = Int(dependencies[next])
        switch marks[dependency] {
        case .new:
          marks[dependency] = .onPath
          path.append((dependency, Int(offsets[dependency])))
        case .done: continue
        case .onPath:
          let start = path.lastIndex { $0.step == dependency } ?? 0
          cycles.append(path[start...].map(\.step))
          for entry in path { marks[entry.step] = .done }
          break search
        }
      }
    }
    return cycles
  }

  /// The level of each step: 0 for those that need nothing, else one more than the highest of what
  /// it needs.
  func levels() -> [Int32] {
    var levels = [Int32](repeating: 0, count: count)
    for step in order {
      for dependency in dependencies(of: Int(step)) {
        levels[Int(step)] = max(levels[Int(step)], levels[Int(dependency)] + 1)
      }
    }
    return levels
  }

  /// The chain of steps with the largest sum of durations, first to last, and that sum.
  func criticalPath(duration: (Int) -> Double) -> (steps: [Int], length: Double) {
    var ends = [Double](repeating: 0, count: count)
    var before = [Int32](repeating: -1, count: count)
    for step in order {
      let step = Int(step)
      for dependency in dependencies(of: step) {
        let end = ends[Int(dependency)]
        if before[step] < 0 || end > ends[Int(before[step])]
          || end == ends[Int(before[step])] && dependency < before[step]
        {
          before[step] = dependency
        }
      }
      ends[step] = max(0, duration(step)) + (before[step] < 0 ? 0 : ends[Int(before[step])])
    }
    guard var last = ends.indices.max(by: { (ends[$0], -$0) < (ends[$1], -$1) }) else {
      return ([], 0)
    }
    let length = ends[last]
    var path = [last]
    while before[last] >= 0 {
      last = Int(before[last])
      path.append(last)
    }
    return (path.reversed(), length)
  }
}
