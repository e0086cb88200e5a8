internal import PFWorkflow

/// `pf_workflow_picture` of the header.
@c(pf_workflow_picture)
public func workflowPicture(
  _ handle: UInt64, _ kind: UnsafePointer<CChar>?, _ width: Int32,
  _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(out, "text")
    let kind = try required(try unsafe string(kind), "kind")
    let (workflow, run) = try Handles.workflowOrRun(handle)
    let text: String
    switch kind {
    case "mermaid": text = workflow.mermaid(run?.result)
    case "dot": text = workflow.dot(run?.result)
    case "timeline":
      guard let run, run.isOver else { throw .argument("a timeline is of a run that is over") }
      text = run.result.timelineSVG(width: width > 0 ? Int(width) : 1000)
    default: throw .argument("picture \"\(kind)\" is none of mermaid, dot, timeline")
    }
    unsafe out.pointee = CText.allocate(text)
  }
}

extension Handles {
  /// A workflow, or the one of a run, and the run.
  fileprivate static func workflowOrRun(
    _ handle: UInt64
  ) throws(CallError) -> (Workflow, ManualRun?) {
    if let run = try? Handles.run(handle) { return (run.workflow, run) }
    return (try Handles.workflow(handle).workflow, nil)
  }
}

/// `pf_workflow_totals` of the header.
@c(pf_workflow_totals)
public func workflowTotals(
  _ resets: Int32, _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(out, "text")
    let totals = resets == 0 ? WorkflowTotals.current : WorkflowTotals.reset()
    unsafe out.pointee = CText.allocate(totals.json)
  }
}
