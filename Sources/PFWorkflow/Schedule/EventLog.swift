/// Events that nobody has fetched yet.
struct EventLog {
  let isOn: Bool
  private(set) var records: [Record] = []

  /// An event with numbers in place of names.
  struct Record {
    let kind: WorkflowEvent.Kind
    let unit: Int32
    let attempt: Int32
    let time: Int64
    var error: (any Error)?
    var fraction: Double?
    var message: String?
  }

  init(isOn: Bool) { self.isOn = isOn }

  mutating func append(
    _ kind: WorkflowEvent.Kind, unit: Int32, attempt: Int32, time: Int64,
    error: (any Error)? = nil, fraction: Double? = nil, message: String? = nil
  ) {
    guard isOn else { return }
    records.append(
      Record(
        kind: kind, unit: unit, attempt: attempt, time: time, error: error, fraction: fraction,
        message: message))
  }

  mutating func append(
    ending state: StepState, _ unit: Int32, _ attempt: Int32, _ time: Int64, _ error: (any Error)?
  ) {
    let kind: WorkflowEvent.Kind
    switch state {
    case .succeeded: kind = .completed
    case .failed, .timedOut: kind = .failed
    case .cancelled: kind = .cancelled
    default: kind = .skipped
    }
    append(kind, unit: unit, attempt: attempt, time: time, error: error)
  }

  mutating func takeAll() -> [Record] {
    let taken = records
    records = []
    return taken
  }
}
