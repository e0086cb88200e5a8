internal import PFArrow
internal import PFCore
internal import PFWorkflow

/// `pf_workflow_start` of the header.
@c(pf_workflow_start)
public func workflowStart(
  _ workflow: UInt64, _ json: UnsafePointer<CChar>?, _ cancel: UInt64,
  _ run: UnsafeMutablePointer<UInt64>?, _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(run, "run")
    let definition = try Handles.workflow(workflow)
    let text = try unsafe string(json)
    var settings = definition.settings
    let (logsEvents, inputs, checkpoint) = try options { () throws(OptionError) in
      var options = try JSONOptions(text)
      try settings.read(&options)
      let logsEvents = try options.bool("events") ?? false
      let inputs = try options.texts("inputs")
      var checkpoint = try Checkpoint(&options)
      checkpoint?.types = [Table.self]
      try options.finish()
      return (logsEvents, inputs, checkpoint)
    }
    let token = try Handles.cancellation(cancel)
    let started: ManualRun
    do throws(WorkflowError) {
      started = try ManualRun(
        definition.workflow, settings, inputs: inputs, checkpoint: checkpoint,
        cancellation: token, logsEvents: logsEvents)
    } catch {
      if case .checkpoint(.file(let path, let reason)) = error.problems.first {
        throw .read(ReadError(.source(reason), at: .init(file: path)))
      }
      throw .workflow(error)
    }
    unsafe out.pointee = Handles.add(.run(started))
  }
}

/// What a caller said of an attempt that failed.
struct CallerError: Error, CustomStringConvertible {
  let description: String
}

/// `pf_workflow_turn` of the header.
@c(pf_workflow_turn)
public func workflowTurn(
  _ run: UInt64, _ turn: UnsafeMutablePointer<Int32>?, _ outcome: Int32, _ value: Int64,
  _ problem: UnsafePointer<CChar>?, _ patience: Int64,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let numbers = try unsafe required(turn, "turn")
    let run = try Handles.run(run)
    // SAFETY: the caller promises seven numbers, which it may read when the call is over.
    var ended: (ManualRun.Unit, ManualRun.Outcome)?
    if outcome >= 0 {
      let unit = unsafe ManualRun.Unit(numbers)
      guard run.has(unit) else { throw .argument("there is no unit \(unit.number)") }
      let end = try unsafe endOf(outcome, value, problem)
      if case .fannedOut = end, !run.isFannedOut(unit) {
        throw .argument("unit \(unit.number) is not fanned out")
      }
      ended = (unit, end)
    }
    let next = run.turn(
      ending: ended.map { (unit: $0, outcome: $1) }, isNew: outcome == -2,
      patience: max(0, patience))
    unsafe next.unit?.write(to: numbers)
    unsafe numbers[5] = next.isOver ? 2 : next.unit == nil ? 0 : 1
    unsafe numbers[6] = Int32(clamping: next.missingWorkers)
  }
}

/// SAFETY: `problem` is NULL or a string.
@unsafe private func endOf(
  _ outcome: Int32, _ value: Int64, _ problem: UnsafePointer<CChar>?
) throws(CallError) -> ManualRun.Outcome {
  switch outcome {
  case 0:
    guard value != 0 else { return .succeeded(CallersOutput()) }
    return .succeeded(try Handles.table(UInt64(bitPattern: value)))
  case 1, 2:
    let text = try unsafe string(problem) ?? "it failed"
    return .failed(CallerError(description: text), mayRetry: outcome == 1)
  case 3: return .skipped
  case 4:
    guard (0...1 << 24).contains(value) else { throw .argument("\(value) elements are too many") }
    return .fannedOut(Array(repeating: (), count: Int(value)))
  default: throw .argument("outcome \(outcome) is none of 0 to 4")
  }
}

extension ManualRun.Unit {
  /// SAFETY: five numbers can be read.
  @unsafe fileprivate init(_ numbers: UnsafePointer<Int32>) {
    unsafe self.init(
      number: numbers[0], attempt: numbers[1], step: numbers[2], element: numbers[3],
      isCleanup: numbers[4] != 0)
  }

  /// SAFETY: five numbers can be written.
  @unsafe fileprivate func write(to numbers: UnsafeMutablePointer<Int32>) {
    unsafe numbers[0] = number
    unsafe numbers[1] = attempt
    unsafe numbers[2] = step
    unsafe numbers[3] = element
    unsafe numbers[4] = isCleanup ? 1 : 0
  }
}

/// `pf_workflow_watch` of the header.
@c(pf_workflow_watch)
public func workflowWatch(
  _ run: UInt64, _ patience: Int64,
  _ events: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ isOver: UnsafeMutablePointer<Int32>?, _ missingWorkers: UnsafeMutablePointer<Int32>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let report = try Handles.run(run).watch(patience: max(0, patience))
    if let events = unsafe events {
      unsafe events.pointee =
        report.events.isEmpty ? nil : CText.allocate(report.events.jsonLines)
    }
    unsafe isOver?.pointee = report.isOver ? 1 : 0
    unsafe missingWorkers?.pointee = Int32(clamping: report.missingWorkers)
  }
}

/// `pf_workflow_cancel` of the header.
@c(pf_workflow_cancel)
public func workflowCancel(
  _ run: UInt64, _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in try Handles.run(run).cancel() }
}

/// `pf_workflow_is_stopping` of the header.
@c(pf_workflow_is_stopping)
public func workflowIsStopping(
  _ run: UInt64, _ unit: UnsafePointer<Int32>?, _ out: UnsafeMutablePointer<Int32>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(out, "stopping")
    let (run, unit) = try unsafe runAndUnit(run, unit)
    unsafe out.pointee = run.isStopping(unit) ? 1 : 0
  }
}

/// `pf_workflow_cancellation` of the header.
@c(pf_workflow_cancellation)
public func workflowCancellation(
  _ run: UInt64, _ unit: UnsafePointer<Int32>?, _ cancel: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(cancel, "cancel")
    let (run, unit) = try unsafe runAndUnit(run, unit)
    unsafe out.pointee = Handles.add(.cancellation(run.cancellation(of: unit)))
  }
}

/// `pf_workflow_report` of the header.
@c(pf_workflow_report)
public func workflowReport(
  _ run: UInt64, _ unit: UnsafePointer<Int32>?, _ fraction: Double,
  _ message: UnsafePointer<CChar>?, _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let (run, unit) = try unsafe runAndUnit(run, unit)
    run.report(
      unit, fraction: fraction.isFinite ? fraction : nil, message: try unsafe string(message))
  }
}

/// SAFETY: `unit` is NULL or has five numbers.
@unsafe func runAndUnit(
  _ run: UInt64, _ unit: UnsafePointer<Int32>?
) throws(CallError) -> (ManualRun, ManualRun.Unit) {
  let unit = unsafe ManualRun.Unit(try required(unit, "unit"))
  let run = try Handles.run(run)
  guard run.has(unit) else { throw .argument("there is no unit \(unit.number)") }
  return (run, unit)
}

/// `pf_workflow_result` of the header.
@c(pf_workflow_result)
public func workflowResult(
  _ run: UInt64, _ steps: Int32, _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(out, "text")
    let result = try Handles.run(run).result
    unsafe out.pointee = CText.allocate(result.json(withSteps: steps != 0))
  }
}
