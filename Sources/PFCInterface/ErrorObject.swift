internal import PFCore

/// What `pf_error *` points to: code, message and details, until `pf_error_free`.
@safe final class ErrorObject {
  let code: Int32
  let message: CText
  let details: CText

  init(_ error: CallError) {
    code = error.status.rawValue
    message = CText(error.message)
    details = CText(error.details)
  }
}

/// A copy of a string that C can read, freed with the object.
@safe final class CText {
  let start: UnsafeMutablePointer<CChar>

  init(_ text: String) { unsafe start = Self.allocate(text) }

  deinit { unsafe start.deallocate() }

  /// A copy that the caller frees with `deallocate`. A zero byte in the text ends it for C.
  static func allocate(_ text: String) -> UnsafeMutablePointer<CChar> {
    unsafe allocate(text.utf8Span.span)
  }

  /// The same of any bytes.
  static func allocate(_ bytes: Span<UInt8>) -> UnsafeMutablePointer<CChar> {
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
    for index in bytes.indices { unsafe copy[index] = CChar(bitPattern: bytes[index]) }
    unsafe copy[bytes.count] = 0
    return unsafe copy
  }
}

/// A `pf_error **`.
typealias ErrorSlot = UnsafeMutablePointer<UnsafeMutableRawPointer?>

/// Runs the body of a C function: its error goes to the caller's slot, its status is returned.
func call(_ slot: ErrorSlot?, _ body: () throws(CallError) -> Void) -> Int32 {
  do throws(CallError) {
    try body()
    return Status.ok.rawValue
  } catch {
    if let slot = unsafe slot {
      // SAFETY: the caller gave a writable `pf_error *`; it owns what is put there.
      unsafe slot.pointee = Unmanaged.passRetained(ErrorObject(error)).toOpaque()
    }
    return error.status.rawValue
  }
}

/// Turns the errors of readers into those of calls.
func reading<Result>(_ body: () throws(ReadError) -> Result) throws(CallError) -> Result {
  do throws(ReadError) {
    return try body()
  } catch { throw .read(error) }
}

/// Turns the errors of options into those of calls.
func options<Result>(_ body: () throws(OptionError) -> Result) throws(CallError) -> Result {
  do throws(OptionError) {
    return try body()
  } catch { throw .option(error) }
}

/// A string argument that may be NULL.
func string(_ text: UnsafePointer<CChar>?) throws(CallError) -> String? {
  guard let text = unsafe text else { return nil }
  // SAFETY: the caller promises a zero-ended string that lives during the call.
  guard let string = unsafe String(validatingCString: text) else {
    throw .argument("a string argument is not UTF-8")
  }
  return string
}

/// An output argument, which must not be NULL.
func required<T>(_ pointer: T?, _ name: String) throws(CallError) -> T {
  guard let pointer = pointer else { throw .argument("argument \"\(name)\" is NULL") }
  return pointer
}

// SAFETY, for these functions: `error` comes from a call of this library and is not freed yet.

/// `pf_error_code` of the header.
@c(pf_error_code)
public func errorCode(_ error: UnsafeRawPointer?) -> Int32 {
  guard let error = unsafe error else { return Status.ok.rawValue }
  return unsafe Unmanaged<ErrorObject>.fromOpaque(error).takeUnretainedValue().code
}

/// `pf_error_message` of the header.
@c(pf_error_message)
public func errorMessage(_ error: UnsafeRawPointer?) -> UnsafePointer<CChar>? {
  guard let error = unsafe error else { return nil }
  return unsafe UnsafePointer(
    Unmanaged<ErrorObject>.fromOpaque(error).takeUnretainedValue().message.start)
}

/// `pf_error_details` of the header.
@c(pf_error_details)
public func errorDetails(_ error: UnsafeRawPointer?) -> UnsafePointer<CChar>? {
  guard let error = unsafe error else { return nil }
  return unsafe UnsafePointer(
    Unmanaged<ErrorObject>.fromOpaque(error).takeUnretainedValue().details.start)
}

/// `pf_error_free` of the header.
@c(pf_error_free)
public func errorFree(_ error: UnsafeMutableRawPointer?) {
  guard let error = unsafe error else { return }
  unsafe Unmanaged<ErrorObject>.fromOpaque(error).release()
}
