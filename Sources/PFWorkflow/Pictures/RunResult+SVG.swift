internal import PFCore

extension RunResult {
  /// The run as an SVG image: time goes right, and each step is a bar in one of the lanes.
  ///
  /// A step takes the lowest lane that is free, so that there are as many lanes as steps were open
  /// at once. Attempts that failed and were repeated are light and red, joined by a line to the
  /// next one; the critical path is outlined; below stands how many steps waited for room. Bars
  /// have tooltips. Where bars are narrower than can be seen, neighbours become one.
  ///
  /// - Parameter width: The width in pixels, at least 320.
  /// - Returns: the image as text.
  /// - Complexity: O(n log n) in the attempts.
  public func timelineSVG(width: Int = 1000) -> String {
    var picture = TimelinePicture(self, width: Double(min(max(width, 320), 100_000)))
    return picture.draw()
  }
}

private struct TimelinePicture {
  let result: RunResult
  let timeline: Timeline
  let metrics: RunMetrics
  let waiting: [(time: Int64, count: Int)]
  let critical: Set<Int32>
  let width: Double
  let left: Double
  let right = 20.0
  let top = 66.0
  let laneHeight: Double
  let end: Int64
  var svg: SVGWriter

  private var schedule: Schedule { result.schedule }
  private var bottom: Double { top + laneHeight * Double(max(1, timeline.laneCount)) }

  init(_ result: RunResult, width: Double) {
    self.result = result
    self.width = width
    timeline = Timeline(result.schedule)
    metrics = result.metrics
    waiting = Timeline.waiting(in: result.schedule)
    var critical: Set<Int32> = []
    for name in metrics.criticalPath {
      if let step = result.schedule.plan.index[name] { critical.insert(step) }
    }
    self.critical = critical
    let lanes = max(1, timeline.laneCount)
    // 24 pixels while that is no more than a screen or two, and never thinner than can be drawn.
    laneHeight = max(0.2, min(24, 1200 / Double(lanes)))
    left = laneHeight >= 12 ? 24 + textWidth("\(lanes)") : 20
    end = max(
      1, result.wallTime.nanoseconds, timeline.spans.reduce(0) { max($0, $1.end) })
    let height =
      top + laneHeight * Double(lanes) + (waiting.isEmpty ? 0 : 62) + 40
    svg = SVGWriter(width: width, height: height, title: result.name)
  }

  private func x(_ time: Int64) -> Double {
    left + (width - left - right) * Double(time) / Double(end)
  }

  mutating func draw() -> String {
    drawHead()
    drawAxis()
    drawBars()
    var y = bottom
    if !waiting.isEmpty {
      drawWaiting(top: y + 22)
      y += 62
    }
    drawLegend(y: y + 24)
    return svg.finish()
  }

  private mutating func drawHead() {
    let room = width - 40
    // The heading is larger than what `fitted` measures: 15 to 11 pixels, and bold.
    if let name = fitted(result.name, width: room / 1.5) {
      svg.label(name, x: 20, y: 24, "font-size=\"15\" font-weight=\"bold\" fill=\"#1f2933\"")
    }
    var parts = ["\(result.status.rawValue.replacingUnderscores) in \(durationText(end))"]
    for state in StepState.allCases {
      if let count = metrics.stepCounts[state] {
        parts.append("\(count) \(state.name.replacingUnderscores)")
      }
    }
    parts.append("\(metrics.mostAtOnce) at once")
    let tenths = Int((min(metrics.speedUp, 1e6) * 10).rounded())
    parts.append("speed-up \(tenths / 10).\(tenths % 10)")
    parts.append("critical path \(durationText(metrics.criticalPathTime.nanoseconds))")
    if let text = fitted(parts.joined(separator: " · "), width: room) {
      svg.label(text, x: 20, y: 42, "fill=\"#52606d\"")
    }
  }

  private mutating func drawAxis() {
    let axis = TimeAxis(end: end, count: Int((width - left - right) / 90))
    var time: Int64 = 0
    while time <= end {
      let place = x(time)
      svg.line(
        x1: place, y1: top - 5, x2: place, y2: bottom, "stroke=\"#e4e7eb\" stroke-width=\"1\"")
      let label = axis.label(time)
      let half = textWidth(label) / 2
      if place + half <= width {
        svg.label(
          label, x: max(place, min(half, left)), y: top - 9,
          "text-anchor=\"middle\" fill=\"#7b8794\"")
      }
      time = later(time, by: axis.step)
    }
    svg.line(x1: left, y1: bottom, x2: width - right, y2: bottom, "stroke=\"#cbd2d9\"")
    guard laneHeight >= 12 else { return }
    for lane in 0..<timeline.laneCount {
      svg.label(
        "\(lane + 1)", x: left - 8, y: top + laneHeight * (Double(lane) + 0.5) + 4,
        "text-anchor=\"end\" fill=\"#9aa5b1\"")
    }
  }

  // MARK: Bars

  /// Bars of one lane that are too narrow to be seen alone.
  private struct Crowd {
    var start: Double
    var end: Double
    var startTime: Int64
    var endTime: Int64
    var count: Int
    var state: StepState
    var isCritical: Bool
  }

  private mutating func drawBars() {
    var lanes = [[Timeline.Span]](repeating: [], count: timeline.laneCount)
    for span in timeline.spans { lanes[span.lane].append(span) }
    for (lane, spans) in lanes.enumerated() {
      var crowd: Crowd?
      for (index, span) in spans.enumerated() {
        let next = index + 1 < spans.count ? x(spans[index + 1].start) : width - 4
        let state = schedule.units[Int(span.unit)].state
        let isCritical = critical.contains(schedule.units[Int(span.unit)].step)
        guard x(span.end) - x(span.start) < 1.5 else {
          draw(crowd, lane)
          crowd = nil
          draw(span, lane, next: next)
          continue
        }
        // Who failed is seen alone.
        if var crowded = crowd, x(span.start) - crowded.end < 0.75, crowded.state == state,
          crowded.isCritical == isCritical
        {
          crowded.end = max(crowded.end, x(span.end))
          crowded.endTime = max(crowded.endTime, span.end)
          crowded.count += 1
          crowd = crowded
        } else {
          draw(crowd, lane)
          crowd = Crowd(
            start: x(span.start), end: x(span.end), startTime: span.start, endTime: span.end,
            count: 1, state: state, isCritical: isCritical)
          if index + 1 == spans.count || next - x(span.end) >= 0.75 {
            draw(span, lane, next: next)
            crowd = nil
          }
        }
      }
      draw(crowd, lane)
    }
  }

  private func barTop(_ lane: Int) -> Double {
    top + laneHeight * Double(lane) + min(3, laneHeight * 0.125)
  }
  private var barHeight: Double { laneHeight - min(6, laneHeight * 0.25) }

  private mutating func draw(_ crowd: Crowd?, _ lane: Int) {
    guard let crowd else { return }
    svg.rectangle(
      x: crowd.start, y: barTop(lane), width: max(0.75, crowd.end - crowd.start),
      height: barHeight, "fill=\"\(crowd.isCritical ? Self.outline : crowd.state.color)\"",
      tooltip: "\(crowd.count) steps \(crowd.state.name.replacingUnderscores)\n"
        + "\(durationText(crowd.startTime)) to \(durationText(crowd.endTime))")
  }

  private static let outline = "#1f2933"

  private mutating func draw(_ span: Timeline.Span, _ lane: Int, next: Double) {
    let unit = schedule.units[Int(span.unit)]
    let y = barTop(lane)
    if !span.past.isEmpty {
      let middle = y + barHeight / 2
      svg.line(
        x1: x(span.start), y1: middle, x2: x(span.end), y2: middle,
        "stroke=\"#b8433a\" stroke-width=\"\(laneHeight >= 6 ? 1.25 : 0.2)\"")
    }
    let tooltip = self.tooltip(span)
    for attempt in span.past {
      bar(
        x(attempt.startTime), x(attempt.endTime), y,
        "fill=\"#f6dbd8\" stroke=\"#b8433a\" stroke-width=\"\(laneHeight >= 6 ? 1 : 0)\"",
        "attempt \(attempt.attempt) failed after "
          + "\(durationText(attempt.endTime - attempt.startTime))\n\(tooltip)")
    }
    guard let last = span.last else { return }
    let (start, end) = (x(last.start), max(x(last.end), x(last.start) + 0.75))
    let isCritical = critical.contains(unit.step)
    var style = "fill=\"\(unit.state.color)\""
    if isCritical {
      style =
        laneHeight >= 6 && end - start >= 4
        ? style + " stroke=\"\(Self.outline)\" stroke-width=\"2\""
        : "fill=\"\(Self.outline)\""
    }
    bar(start, end, y, style, tooltip)
    guard laneHeight >= 14 else { return }
    let name = label(of: span.unit)
    let baseline = y + barHeight / 2 + 4
    if let text = fitted(name, width: end - start - 10) {
      svg.label(text, x: start + 5, y: baseline, "fill=\"#ffffff\" pointer-events=\"none\"")
    } else if textWidth(name) + 10 <= min(next, width - 4) - end {
      svg.label(name, x: end + 5, y: baseline, "fill=\"#3e4c59\" pointer-events=\"none\"")
    }
  }

  private mutating func bar(
    _ start: Double, _ end: Double, _ y: Double, _ style: String, _ tooltip: String
  ) {
    let corner = laneHeight >= 12 && end - start >= 12 ? " rx=\"2\"" : ""
    svg.rectangle(
      x: start, y: y, width: max(0.75, end - start), height: barHeight, style + corner,
      tooltip: tooltip)
  }

  private func label(of unit: Int32) -> String {
    let record = schedule.units[Int(unit)]
    let name = schedule.plan.steps[Int(record.step)].name
    return record.element < 0 ? name : "\(name) [\(record.element)]"
  }

  private func tooltip(_ span: Timeline.Span) -> String {
    let unit = schedule.units[Int(span.unit)]
    var lines = [label(of: span.unit), unit.state.name.replacingUnderscores]
    lines[1] += ", \(durationText(span.start)) to \(durationText(span.end))"
    lines.append(
      "ran for \(durationText(unit.busyTime)), waited for \(durationText(unit.waitTime))")
    if unit.attempt > 1 { lines.append("\(unit.attempt) attempts") }
    if critical.contains(unit.step) { lines.append("on the critical path") }
    if let error = schedule.errors[span.unit], !unit.state.isGood {
      let text = "\(error)"
      lines.append(text.count > 300 ? text.prefix(300) + "…" : text)
    }
    return lines.joined(separator: "\n")
  }

  // MARK: Below

  private mutating func drawWaiting(top: Double) {
    let most = max(1, waiting.reduce(0) { max($0, $1.count) })
    let height = 30.0
    let base = top + height
    var points = [(x: left, y: base)]
    // Where many changes share a pixel, the largest count of it.
    var index = 0
    var count = 0
    while index < waiting.count {
      let place = x(waiting[index].time)
      points.append((place, base - height * Double(count) / Double(most)))
      var peak = waiting[index].count
      while index < waiting.count, x(waiting[index].time) < place + 0.5 {
        peak = max(peak, waiting[index].count)
        count = waiting[index].count
        index += 1
      }
      points.append((place, base - height * Double(peak) / Double(most)))
      if peak != count {
        points.append((place + 0.5, base - height * Double(peak) / Double(most)))
        points.append((place + 0.5, base - height * Double(count) / Double(most)))
      }
    }
    points.append((x(end), base - height * Double(count) / Double(most)))
    points.append((x(end), base))
    svg.polygon(points, "fill=\"#d9c8a9\"")
    svg.line(x1: left, y1: base, x2: width - right, y2: base, "stroke=\"#cbd2d9\"")
    svg.label(
      "waiting for room, \(most) at most", x: left, y: top - 6, "fill=\"#7b8794\"")
  }

  private mutating func drawLegend(y: Double) {
    var entries: [(label: String, style: String)] = []
    var states: Set<StepState> = []
    var hasRetries = false
    var hasCritical = false
    for span in timeline.spans {
      let unit = schedule.units[Int(span.unit)]
      states.insert(unit.state)
      hasRetries = hasRetries || !span.past.isEmpty
      hasCritical = hasCritical || critical.contains(unit.step)
    }
    for state in StepState.allCases where states.contains(state) {
      entries.append((state.name.replacingUnderscores, "fill=\"\(state.color)\""))
    }
    if hasRetries { entries.append(("failed, repeated", "fill=\"#f6dbd8\" stroke=\"#b8433a\"")) }
    if hasCritical {
      entries.append(
        ("critical path", "fill=\"none\" stroke=\"\(Self.outline)\" stroke-width=\"2\""))
    }
    var place = left
    for entry in entries {
      guard place + 20 + textWidth(entry.label) <= width - 4 else { break }
      svg.rectangle(x: place, y: y - 9, width: 12, height: 10, entry.style)
      svg.label(entry.label, x: place + 18, y: y, "fill=\"#52606d\"")
      place += 40 + textWidth(entry.label)
    }
  }
}

extension String {
  fileprivate var replacingUnderscores: String { String(map { $0 == "_" ? " " : $0 }) }
}
