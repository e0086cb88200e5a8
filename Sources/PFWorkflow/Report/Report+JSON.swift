internal import PFCore

// The shapes are those of `Specs/workflow.md`: times are seconds since the run began.

extension RunResult {
  /// The result without outputs, as a JSON object; `steps` are in it where `withSteps` says so.
  public func json(withSteps: Bool = true) -> String {
    var writer = JSONWriter()
    writer.object { json in
      json.member("name", name)
      json.member("status", status.rawValue)
      json.member("wall_time", wallTime.seconds)
      if case .failed(let step) = schedule.abortion {
        json.member("failed_step", schedule.plan.steps[Int(step)].name)
      }
      if let checkpointError { json.member("checkpoint_error", "\(checkpointError)") }
      json.object("metrics") { $0.write(metrics) }
      guard withSteps else { return }
      json.array("steps") { json in
        for step in steps {
          json.object { json in
            json.write(step)
            let elements = elements(of: step.name)
            if !elements.isEmpty {
              json.array("elements") { json in
                for element in elements { json.object { $0.write(element) } }
              }
            }
          }
        }
      }
    }
    return writer.text
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ metrics: RunMetrics) {
    object("steps") { json in
      for state in StepState.allCases {
        if let count = metrics.stepCounts[state] { json.member(state.name, count) }
      }
    }
    member("attempts", metrics.attemptCount)
    member("wall_time", metrics.wallTime.seconds)
    member("busy_time", metrics.busyTime.seconds)
    member("wait_time", metrics.waitTime.seconds)
    if let time = metrics.processorTime { member("cpu_time", time.seconds) }
    member("speed_up", metrics.speedUp)
    member("most_at_once", metrics.mostAtOnce)
    array("critical_path") { json in
      for name in metrics.criticalPath { json.value(name) }
    }
    member("critical_path_time", metrics.criticalPathTime.seconds)
  }

  fileprivate mutating func write(_ step: StepResult) {
    member("name", step.name)
    if let element = step.element { member("element", element) }
    member("state", step.state.name)
    member("attempts", step.attempts)
    if let time = step.readyTime { member("ready_time", time.seconds) }
    if let time = step.startTime { member("start_time", time.seconds) }
    member("end_time", step.endTime.seconds)
    member("busy_time", step.busyTime.seconds)
    member("wait_time", step.waitTime.seconds)
    if let time = step.processorTime { member("cpu_time", time.seconds) }
    if let error = step.error { member("error", "\(error)") }
  }
}

extension WorkflowEvent {
  /// The event as a JSON object.
  public var json: String {
    var writer = JSONWriter()
    writer.object { json in
      json.member("kind", kind.rawValue)
      json.member("time", time.seconds)
      if !step.isEmpty { json.member("step", step) }
      if let element { json.member("element", element) }
      if attempt > 0 { json.member("attempt", attempt) }
      if let error { json.member("error", "\(error)") }
      if let fraction { json.member("fraction", fraction) }
      if let message { json.member("message", message) }
    }
    return writer.text
  }
}

extension [WorkflowEvent] {
  /// The events as JSON lines.
  package var jsonLines: String { map { $0.json + "\n" }.joined() }
}

extension Duration {
  fileprivate var seconds: Double { Double(nanoseconds) / 1e9 }
}
