internal import PFArrow
internal import PFOperations
internal import PFWorkflow

/// `pf_workflow_keep` of the header.
@c(pf_workflow_keep)
public func workflowKeep(
  _ run: UInt64, _ unit: UnsafePointer<Int32>?, _ bytes: UnsafeRawPointer?, _ byteCount: Int64,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let (run, unit) = try unsafe runAndUnit(run, unit)
    guard byteCount >= 0, unsafe bytes != nil || byteCount == 0 else {
      throw .argument("argument \"bytes\" is NULL or \"byte_count\" negative")
    }
    // SAFETY: the caller promises so many bytes, which are copied.
    let borrowed = unsafe UnsafeRawBufferPointer(start: bytes, count: Int(byteCount))
    run.keep(unsafe Array(borrowed), of: unit)
  }
}

/// `pf_workflow_output` of the header.
@c(pf_workflow_output)
public func workflowOutput(
  _ run: UInt64, _ step: Int32, _ element: Int32, _ out: UnsafeMutablePointer<UInt64>?,
  _ bytes: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ byteCount: UnsafeMutablePointer<Int64>?, _ elementCount: UnsafeMutablePointer<Int64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let run = try Handles.run(run)
    guard unsafe (bytes == nil) == (byteCount == nil) else {
      throw .argument("arguments \"bytes\" and \"byte_count\" come together")
    }
    let output = run.output(ofStep: Int(step), element: element < 0 ? nil : Int(element))
    if let out = unsafe out {
      unsafe out.pointee = table(of: output).map { Handles.add(.table($0)) } ?? 0
    }
    let kept = output as? ExternalOutput ?? (output as? [any Sendable])?.first as? ExternalOutput
    // A list of elements is none.
    let isList = element < 0 && run.elementCount(ofStep: Int(step)) != nil
    let found = isList ? nil : kept?.bytes
    if let bytes = unsafe bytes {
      unsafe bytes.pointee = nil
      if let found { unsafe bytes.pointee = unsafe CText.allocate(found.span) }
    }
    unsafe byteCount?.pointee = Int64(found?.count ?? 0)
    unsafe elementCount?.pointee = Int64(run.elementCount(ofStep: Int(step)) ?? -1)
  }
}
