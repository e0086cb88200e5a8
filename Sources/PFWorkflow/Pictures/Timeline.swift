internal import PFCore

/// Where the attempts of a run stand in a picture of it.
struct Timeline {
  /// A step, or an element, from its first attempt to its end.
  struct Span {
    let unit: Int32
    let start: Int64
    let end: Int64
    var lane = 0
    /// The attempts that were repeated.
    var past: [Schedule.PastAttempt] = []
    /// The last attempt, where it is not among those.
    var last: (start: Int64, end: Int64)?
  }

  /// In the order of their starts.
  private(set) var spans: [Span] = []
  private(set) var laneCount = 0

  /// Each span goes to the lowest lane that is free: there are never more lanes than spans open at
  /// once.
  ///
  /// - Complexity: O(n log n) in the attempts.
  init(_ schedule: Schedule) {
    var past: [Int32: [Schedule.PastAttempt]] = [:]
    for attempt in schedule.pastAttempts { past[attempt.unit, default: []].append(attempt) }
    for (index, unit) in schedule.units.enumerated() {
      // A step that was fanned out is its elements.
      guard unit.startTime >= 0, schedule.fanOuts[Int32(index)] == nil else { continue }
      let end = max(unit.endTime, unit.startTime)
      var span = Span(unit: Int32(index), start: unit.startTime, end: end)
      span.past = past[Int32(index)] ?? []
      if span.past.last?.attempt != unit.attempt {
        span.last = (max(unit.attemptTime, unit.startTime), end)
      }
      spans.append(span)
    }
    spans.sort { ($0.start, $0.end, $0.unit) < ($1.start, $1.end, $1.unit) }
    var free = Heap<Int>()
    var open = Heap<OpenLane>()
    for index in spans.indices {
      while let first = open.first, first.end <= spans[index].start {
        _ = open.removeFirst()
        free.insert(first.lane)
      }
      if let lane = free.removeFirst() {
        spans[index].lane = lane
      } else {
        spans[index].lane = laneCount
        laneCount += 1
      }
      open.insert(OpenLane(end: spans[index].end, lane: spans[index].lane))
    }
  }

  private struct OpenLane: Comparable {
    let end: Int64
    let lane: Int
    static func < (one: OpenLane, other: OpenLane) -> Bool {
      (one.end, one.lane) < (other.end, other.lane)
    }
  }

  /// How many units were ready and had no room, from each of these times on.
  static func waiting(in schedule: Schedule) -> [(time: Int64, count: Int)] {
    var changes: [(time: Int64, change: Int)] = []
    for unit in schedule.units where unit.startTime > unit.readyTime && unit.readyTime >= 0 {
      changes.append((unit.readyTime, 1))
      changes.append((unit.startTime, -1))
    }
    changes.sort { $0.time < $1.time }
    var steps: [(time: Int64, count: Int)] = []
    var count = 0
    for (time, change) in changes {
      count += change
      if steps.last?.time == time { steps.removeLast() }
      steps.append((time, count))
    }
    return steps
  }
}

/// Marks of a time axis: their distance, and what to call them.
struct TimeAxis {
  let step: Int64

  /// At most `count` marks up to `end`, at round numbers of the unit that suits them.
  init(end: Int64, count: Int) {
    let least = max(1, end / Int64(max(1, count)))
    var steps: [Int64] = []
    var power: Int64 = 1
    while power <= 10_000_000_000 {
      steps += [power, 2 * power, 5 * power].filter { $0 <= 30_000_000_000 }
      power *= 10
    }
    for minutes: Int64 in [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440] {
      steps.append(minutes * 60_000_000_000)
    }
    let day: Int64 = 86_400_000_000_000
    step = steps.first { $0 >= least } ?? (least / day + 1) * day
  }

  /// The label of the mark at `time`.
  func label(_ time: Int64) -> String {
    if time == 0 { return "0" }
    if step >= 60_000_000_000 {
      let minutes = time / 60_000_000_000
      return minutes < 60 ? "\(minutes) min" : "\(minutes / 60) h" + padded(minutes % 60, " min")
    }
    for (unit, size) in [("s", Int64(1_000_000_000)), ("ms", 1_000_000), ("µs", 1000)]
    where step * 10 >= size && time >= size || step >= size {
      let tenths = time / (size / 10)
      return tenths % 10 == 0 ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
    }
    return "\(time) ns"
  }

  private func padded(_ value: Int64, _ unit: String) -> String {
    value == 0 ? "" : " \(value)\(unit)"
  }
}

/// A duration with three digits and the unit that suits it.
package func durationText(_ nanoseconds: Int64) -> String {
  switch nanoseconds {
  case ..<1000: return "\(nanoseconds) ns"
  case ..<999_500: return scaled(nanoseconds, 1000) + " µs"
  case ..<999_500_000: return scaled(nanoseconds, 1_000_000) + " ms"
  case ..<59_950_000_000: return scaled(nanoseconds, 1_000_000_000) + " s"
  default:
    let seconds = nanoseconds / 1_000_000_000 + (nanoseconds % 1_000_000_000 >= 500_000_000 ? 1 : 0)
    return seconds < 3600
      ? "\(seconds / 60) min \(seconds % 60) s" : "\(seconds / 3600) h \(seconds / 60 % 60) min"
  }
}

private func scaled(_ value: Int64, _ unit: Int64) -> String {
  let places = value < 9_995 * (unit / 1000) ? 2 : value < 99_950 * (unit / 1000) ? 1 : 0
  let scale: Int64 = places == 2 ? 100 : places == 1 ? 10 : 1
  let rounded = (value + unit / scale / 2) / (unit / scale)
  guard places > 0 else { return "\((value + unit / 2) / unit)" }
  let (number, part) = rounded.quotientAndRemainder(dividingBy: scale)
  return "\(number)." + (places == 2 && part < 10 ? "0" : "") + "\(part)"
}
