internal import PFCore

private let versionText = CStaticText("0.1.0")

/// A string that is never freed.
@safe private struct CStaticText: Sendable {
  // SAFETY: written once here, read-only afterwards.
  nonisolated(unsafe) let start: UnsafePointer<CChar>

  init(_ text: String) { unsafe start = UnsafePointer(CText.allocate(text)) }
}

/// `pf_version` of the header.
@c(pf_version)
public func version() -> UnsafePointer<CChar>? { unsafe versionText.start }

/// `pf_abi_version` of the header.
@c(pf_abi_version)
public func abiVersion() -> Int32 { 2 }

/// `pf_string_free` of the header.
@c(pf_string_free)
public func stringFree(_ string: UnsafeMutablePointer<CChar>?) {
  // SAFETY: the string comes from `CText.allocate`.
  unsafe string?.deallocate()
}

/// `pf_config_set` of the header.
@c(pf_config_set)
public func configSet(
  _ json: UnsafePointer<CChar>?, _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let text = try unsafe string(json) ?? ""
    try options { () throws(OptionError) in
      try Settings.modify { (settings) throws(OptionError) in try settings.apply(json: text) }
    }
  }
}

/// `pf_config_get` of the header.
@c(pf_config_get)
public func configGet(
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let json = try unsafe required(json, "json")
    unsafe json.pointee = CText.allocate(Settings.current.json)
  }
}

/// A pointer of the caller's that travels to callbacks.
@safe struct CallerContext: Sendable {
  // SAFETY: this library never looks at what it points to.
  nonisolated(unsafe) let pointer: UnsafeMutableRawPointer?

  init(_ pointer: UnsafeMutableRawPointer?) { unsafe self.pointer = unsafe pointer }
}

/// `pf_log_set_sink` of the header.
@c(pf_log_set_sink)
public func logSetSink(
  _ sink: (@convention(c) (UnsafeMutableRawPointer?, Int32, UnsafePointer<CChar>?) -> Void)?,
  _ context: UnsafeMutableRawPointer?, _ level: Int32,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    guard let level = LogLevel(rawValue: level) else {
      throw .argument("\(level) is not a log level")
    }
    guard let sink = unsafe sink else {
      Logger.setSink(nil, level: level)
      return
    }
    let context = unsafe CallerContext(context)
    Logger.setSink(
      { level, message in
        unsafe message.withCString { unsafe sink(context.pointer, level.rawValue, $0) }
      }, level: level)
  }
}
