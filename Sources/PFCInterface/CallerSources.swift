internal import PFCore

/// Tells the caller that what it lent with a context is not needed any more.
public typealias ReleaseFunction = @convention(c) @Sendable (UnsafeMutableRawPointer?) -> Void

/// Reads bytes for the engine: context, offset, count, target; 0 where all were read.
public typealias ReadFunction =
  @convention(c) @Sendable (
    UnsafeMutableRawPointer?, Int64, Int64, UnsafeMutableRawPointer?
  ) -> Int32

/// Calls the caller's release function when the last reference goes.
@safe final class CallerOwner: Sendable {
  private let context: CallerContext
  private let release: ReleaseFunction?

  init(
    _ context: CallerContext,
    _ release: ReleaseFunction?
  ) {
    self.context = context
    unsafe self.release = unsafe release
  }

  var pointer: UnsafeMutableRawPointer? { unsafe context.pointer }

  deinit { if let release = unsafe release { unsafe release(context.pointer) } }
}

extension MemorySource {
  /// Bytes of the caller's, which `owner` gives back.
  convenience init(
    _ bytes: UnsafeRawPointer?, byteCount: Int64, name: String, owner: CallerOwner
  ) throws(CallError) {
    guard byteCount >= 0, unsafe bytes != nil || byteCount == 0 else {
      throw .argument("argument \"bytes\" is NULL or \"byte_count\" negative")
    }
    // SAFETY: the caller promises the bytes until it is told that they are not needed.
    let buffer = unsafe Buffer(start: bytes, byteCount: Int(byteCount), owner: owner)
    self.init(buffer, name: name)
  }
}

extension CallbackSource {
  /// Bytes that a function of the caller's reads, with the context that `owner` gives back.
  convenience init(
    _ read: ReadFunction?, byteCount: Int64, name: UnsafePointer<CChar>?, owner: CallerOwner
  ) throws(CallError) {
    let read = try unsafe required(read, "read")
    guard byteCount >= 0 else { throw .argument("argument \"byte_count\" is negative") }
    let name = try unsafe string(name) ?? "callback"
    self.init(name: name, byteCount: Int(byteCount)) { (offset, target) throws(SourceError) in
      let status = unsafe target.withUnsafeMutableBytes { bytes in
        unsafe read(owner.pointer, Int64(offset), Int64(bytes.count), bytes.baseAddress)
      }
      guard status == 0 else { throw .callbackFailed(status: status) }
    }
  }
}
