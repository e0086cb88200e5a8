package import PFCore

/// Status codes of the C stream interface: those of `errno.h`.
package enum CStatus {
  package static let ok: CInt = 0
  package static let io: CInt = 5
  package static let noMemory: CInt = 12
  package static let invalid: CInt = 22
  #if canImport(Darwin)
    package static let cancelled: CInt = 89
  #else
    package static let cancelled: CInt = 125
  #endif

  /// The code that tells the kind of `error`.
  static func code(of error: ReadError) -> CInt {
    switch error.reason {
    case .source: io
    case .outOfMemory: noMemory
    case .cancelled: cancelled
    default: invalid
    }
  }
}

/// What an exported stream holds. The consumer calls it from one thread at a time.
@safe private final class StreamNode {
  private var source: any RecordBatchSource
  /// The first failure; a stream does not go on after it.
  private(set) var failure: ReadError?
  private(set) var message: UnsafeMutablePointer<CChar>?

  init(_ source: any RecordBatchSource) { self.source = source }

  deinit { unsafe message?.deallocate() }

  var schema: Schema { source.schema }

  func next(into target: UnsafeMutableRawPointer) -> CInt {
    if let failure { return CStatus.code(of: failure) }
    do throws(ReadError) {
      if let batch = try source.next() {
        unsafe batch.export(to: target)
      } else {
        // "End of stream": a released array.
        unsafe target.initializeMemory(
          as: UInt8.self, repeating: 0, count: MemoryLayout<CArrowArray>.size)
      }
      return CStatus.ok
    } catch {
      failure = error
      unsafe message = Self.copy(error.description)
      return CStatus.code(of: error)
    }
  }

  func change(_ transform: (any RecordBatchSource) -> any RecordBatchSource) {
    source = transform(source)
  }

  private static func copy(_ text: String) -> UnsafeMutablePointer<CChar> {
    let bytes = text.utf8.filter { $0 != 0 }
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
    for (index, byte) in bytes.enumerated() {
      unsafe (copy + index).initialize(to: CChar(bitPattern: byte))
    }
    unsafe (copy + bytes.count).initialize(to: 0)
    return unsafe copy
  }

  /// The node of a stream that was not released.
  static func of(_ raw: UnsafeMutableRawPointer?) -> StreamNode? {
    guard let stream = unsafe raw?.assumingMemoryBound(to: CArrowArrayStream.self),
      unsafe stream.pointee.release != nil, let node = unsafe stream.pointee.privateData
    else { return nil }
    return unsafe Unmanaged<StreamNode>.fromOpaque(node).takeUnretainedValue()
  }
}

private func getSchema(_ raw: UnsafeMutableRawPointer?, _ out: UnsafeMutableRawPointer?) -> CInt {
  guard let node = unsafe StreamNode.of(raw), let out = unsafe out else { return CStatus.invalid }
  unsafe node.schema.export(to: out)
  return CStatus.ok
}

private func getNext(_ raw: UnsafeMutableRawPointer?, _ out: UnsafeMutableRawPointer?) -> CInt {
  guard let node = unsafe StreamNode.of(raw), let out = unsafe out else { return CStatus.invalid }
  return unsafe node.next(into: out)
}

private func getLastError(_ raw: UnsafeMutableRawPointer?) -> UnsafePointer<CChar>? {
  guard let node = unsafe StreamNode.of(raw) else { return nil }
  return unsafe UnsafePointer(node.message)
}

private func releaseStream(_ raw: UnsafeMutableRawPointer?) {
  guard let stream = unsafe raw?.assumingMemoryBound(to: CArrowArrayStream.self),
    unsafe stream.pointee.release != nil, let node = unsafe stream.pointee.privateData
  else { return }
  unsafe stream.pointee.release = nil
  unsafe stream.pointee.privateData = nil
  unsafe Unmanaged<StreamNode>.fromOpaque(node).release()
}

/// Why the stream at `raw` failed; nil where it did not.
///
/// `raw` is a `struct ArrowArrayStream`; one that was not exported here has no failure to tell.
package func failure(ofExportedStream raw: UnsafeMutableRawPointer) -> ReadError? {
  unsafe exportedNode(raw)?.failure
}

/// Puts what `transform` makes of the source of the stream at `raw` in its place; false where the
/// stream was not exported here. Nothing of it was read yet.
package func change(
  exportedStream raw: UnsafeMutableRawPointer,
  _ transform: (any RecordBatchSource) -> any RecordBatchSource
) -> Bool {
  guard let node = unsafe exportedNode(raw) else { return false }
  node.change(transform)
  return true
}

/// The node of a stream that was exported here.
private func exportedNode(_ raw: UnsafeMutableRawPointer) -> StreamNode? {
  let release = unsafe raw.assumingMemoryBound(to: CArrowArrayStream.self).pointee.release
  let ours: CRelease = unsafe releaseStream
  // Functions cannot be compared, their addresses can.
  guard unsafe unsafeBitCast(release, to: Int.self) == unsafeBitCast(ours, to: Int.self) else {
    return nil
  }
  return unsafe StreamNode.of(raw)
}

extension RecordBatchSource {
  /// Writes a `struct ArrowArrayStream` over this source to `target`, whose content is
  /// overwritten.
  ///
  /// A failure is told as EINVAL, EIO, ENOMEM or ECANCELED with its text, and sticks. The consumer
  /// owns the struct and calls `release` once; arrays that it got live on.
  package func export(to target: UnsafeMutableRawPointer) {
    let node = StreamNode(self)
    let stream = unsafe CArrowArrayStream(
      getSchema: getSchema, getNext: getNext, getLastError: getLastError, release: releaseStream,
      privateData: Unmanaged.passRetained(node).toOpaque())
    unsafe target.initializeMemory(as: CArrowArrayStream.self, to: stream)
  }
}

extension Table {
  /// Writes a `struct ArrowArrayStream` over the batches to `target`, whose content is
  /// overwritten. Nothing is copied.
  package func export(to target: UnsafeMutableRawPointer) {
    unsafe TableSource(self).export(to: target)
  }
}
