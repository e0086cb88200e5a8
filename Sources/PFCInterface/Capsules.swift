internal import PFArrow
internal import Synchronization

/// The three structs of the Arrow C interfaces, as they stand in Python capsules.
@safe private enum CapsuleKind {
  case schema, array, stream

  /// The capsule's name (Arrow PyCapsule interface, "PyCapsule standard").
  var name: StaticString {
    switch self {
    case .schema: "arrow_schema"
    case .array: "arrow_array"
    case .stream: "arrow_array_stream"
    }
  }

  private var byteCount: Int {
    switch self {
    case .schema: unsafe MemoryLayout<CArrowSchema>.size
    case .array: unsafe MemoryLayout<CArrowArray>.size
    case .stream: unsafe MemoryLayout<CArrowArrayStream>.size
    }
  }

  func allocate() -> UnsafeMutableRawPointer {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 8)
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    return unsafe memory
  }

  // SAFETY: the caller gives a struct of this kind that `allocate` made, once.
  func free(_ memory: UnsafeMutableRawPointer) {
    switch self {
    case .schema:
      unsafe memory.assumingMemoryBound(to: CArrowSchema.self).releaseContent()
    case .array: unsafe memory.assumingMemoryBound(to: CArrowArray.self).releaseContent()
    case .stream:
      unsafe memory.assumingMemoryBound(to: CArrowArrayStream.self).releaseContent()
    }
    unsafe memory.deallocate()
  }

  // SAFETY: Python calls this with a capsule of this kind and holds its lock.
  func destroy(_ capsule: UnsafeMutableRawPointer?) {
    let address = UInt(bitPattern: capsuleGetPointer.load(ordering: .acquiring))
    typealias GetPointer =
      @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> UnsafeMutableRawPointer?
    guard let function = unsafe UnsafeRawPointer(bitPattern: address) else { return }
    let getPointer = unsafe unsafeBitCast(function, to: GetPointer.self)
    let memory = name.withUTF8Buffer { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) {
        unsafe getPointer(capsule, $0.baseAddress)
      }
    }
    if let memory = unsafe memory { unsafe free(memory) }
  }
}

/// The address of CPython's `PyCapsule_GetPointer`; 0 until Python gives it.
private let capsuleGetPointer = Atomic<Int>(0)

/// `pf_capsule_setup` of the header.
@c(pf_capsule_setup)
public func capsuleSetup(
  _ function: UnsafeMutableRawPointer?, _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let function = try unsafe required(function, "capsule_get_pointer")
    capsuleGetPointer.store(Int(bitPattern: function), ordering: .releasing)
  }
}

/// `pf_arrow_schema_new` of the header.
@c(pf_arrow_schema_new)
public func arrowSchemaNew() -> UnsafeMutableRawPointer? { unsafe CapsuleKind.schema.allocate() }

/// `pf_arrow_array_new` of the header.
@c(pf_arrow_array_new)
public func arrowArrayNew() -> UnsafeMutableRawPointer? { unsafe CapsuleKind.array.allocate() }

/// `pf_arrow_stream_new` of the header.
@c(pf_arrow_stream_new)
public func arrowStreamNew() -> UnsafeMutableRawPointer? { unsafe CapsuleKind.stream.allocate() }

/// `pf_arrow_schema_free` of the header.
@c(pf_arrow_schema_free)
public func arrowSchemaFree(_ schema: UnsafeMutableRawPointer?) {
  if let schema = unsafe schema { unsafe CapsuleKind.schema.free(schema) }
}

/// `pf_arrow_array_free` of the header.
@c(pf_arrow_array_free)
public func arrowArrayFree(_ array: UnsafeMutableRawPointer?) {
  if let array = unsafe array { unsafe CapsuleKind.array.free(array) }
}

/// `pf_arrow_stream_free` of the header.
@c(pf_arrow_stream_free)
public func arrowStreamFree(_ stream: UnsafeMutableRawPointer?) {
  if let stream = unsafe stream { unsafe CapsuleKind.stream.free(stream) }
}

/// `pf_capsule_destroy_schema` of the header.
@c(pf_capsule_destroy_schema)
public func capsuleDestroySchema(_ capsule: UnsafeMutableRawPointer?) {
  unsafe CapsuleKind.schema.destroy(capsule)
}

/// `pf_capsule_destroy_array` of the header.
@c(pf_capsule_destroy_array)
public func capsuleDestroyArray(_ capsule: UnsafeMutableRawPointer?) {
  unsafe CapsuleKind.array.destroy(capsule)
}

/// `pf_capsule_destroy_stream` of the header.
@c(pf_capsule_destroy_stream)
public func capsuleDestroyStream(_ capsule: UnsafeMutableRawPointer?) {
  unsafe CapsuleKind.stream.destroy(capsule)
}
