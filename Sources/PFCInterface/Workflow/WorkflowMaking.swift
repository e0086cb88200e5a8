internal import PFCore
internal import PFOperations
internal import PFWorkflow

/// A workflow that a handle stands for, and the options of runs that its definition sets.
struct WorkflowDefinition: Sendable {
  let workflow: Workflow
  let settings: RunOptions
}

/// `pf_workflow_open` of the header.
@c(pf_workflow_open)
public func workflowOpen(
  _ json: UnsafePointer<CChar>?, _ optionsJSON: UnsafePointer<CChar>?,
  _ workflow: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(workflow, "workflow")
    let text = try required(try unsafe string(json), "definition")
    let optionsText = try unsafe string(optionsJSON)
    let handlers = try options { () throws(OptionError) in
      var options = try JSONOptions(optionsText)
      let handlers = try options.strings("handlers") ?? []
      try options.finish()
      return handlers
    }
    let definition = try options { () throws(OptionError) in try JSONObject(definition: text) }
    unsafe out.pointee = Handles.add(.workflow(try WorkflowDefinition(definition, handlers)))
  }
}

extension JSONObject {
  fileprivate init(definition text: String) throws(OptionError) {
    let value: JSONValue
    do throws(JSONError) { value = try JSONValue(parsing: text) } catch { throw .malformed(error) }
    guard case .object(let object) = value else { throw .notAnObject }
    self = object
  }
}

extension WorkflowDefinition {
  fileprivate init(_ json: JSONObject, _ handlers: [String]) throws(CallError) {
    var settings = RunOptions()
    do throws(WorkflowError) {
      workflow = try Workflow(definition: json, settings: &settings, handlers: Set(handlers))
    } catch { throw .workflow(error) }
    self.settings = settings
  }
}

/// `pf_workflow_describe` of the header.
@c(pf_workflow_describe)
public func workflowDescribe(
  _ workflow: UInt64, _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(out, "text")
    let definition = try Handles.workflow(workflow)
    var writer = JSONWriter()
    writer.write(definition.workflow)
    unsafe out.pointee = CText.allocate(writer.text)
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ workflow: Workflow) {
    object { json in
      json.member("name", workflow.name)
      json.array("steps") { json in
        for step in workflow.steps {
          json.object { json in
            json.member("name", step.name)
            if !step.operation.isEmpty { json.member("operation", step.operation) }
            if case .external = step.body { json.member("external", true) }
            json.array("depends_on") { json in
              for name in step.dependencies { json.value(name) }
            }
            if let list = step.fanOut?.step { json.member("for_each", list) }
          }
        }
      }
      json.array("levels") { json in
        for level in workflow.levels {
          json.array { json in
            for name in level { json.value(name) }
          }
        }
      }
      json.array("critical_path") { json in
        for name in workflow.criticalPath().steps { json.value(name) }
      }
    }
  }
}
