internal import PFCore

/// The callback of a C struct that gives back what it owns.
///
/// The parameter is the address of the struct itself; Swift structs cannot stand in a C signature.
package typealias CRelease = @convention(c) (UnsafeMutableRawPointer?) -> Void

/// `struct ArrowSchema` of the Arrow C data interface, with its exact layout (72 bytes).
@unsafe package struct CArrowSchema {
  package var format: UnsafePointer<CChar>?
  package var name: UnsafePointer<CChar>?
  package var metadata: UnsafePointer<CChar>?
  package var flags: Int64
  /// `n_children`.
  package var childCount: Int64
  package var children: UnsafeMutablePointer<UnsafeMutablePointer<CArrowSchema>?>?
  package var dictionary: UnsafeMutablePointer<CArrowSchema>?
  package var release: CRelease?
  package var privateData: UnsafeMutableRawPointer?
}

/// Bits of `ArrowSchema.flags`.
enum CSchemaFlag {
  /// `ARROW_FLAG_DICTIONARY_ORDERED`.
  static let dictionaryOrdered: Int64 = 1
  /// `ARROW_FLAG_NULLABLE`.
  static let nullable: Int64 = 2
  /// `ARROW_FLAG_MAP_KEYS_SORTED`.
  static let mapKeysSorted: Int64 = 4
}

/// `struct ArrowArray` of the Arrow C data interface, with its exact layout (80 bytes).
@unsafe package struct CArrowArray {
  package var length: Int64
  package var nullCount: Int64
  package var offset: Int64
  /// `n_buffers`.
  package var bufferCount: Int64
  /// `n_children`.
  package var childCount: Int64
  package var buffers: UnsafeMutablePointer<UnsafeRawPointer?>?
  package var children: UnsafeMutablePointer<UnsafeMutablePointer<CArrowArray>?>?
  package var dictionary: UnsafeMutablePointer<CArrowArray>?
  package var release: CRelease?
  package var privateData: UnsafeMutableRawPointer?
}

/// `struct ArrowArrayStream` of the Arrow C stream interface, with its exact layout (40 bytes).
@unsafe package struct CArrowArrayStream {
  package var getSchema:
    (@convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> CInt)?
  package var getNext:
    (@convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> CInt)?
  package var getLastError: (@convention(c) (UnsafeMutableRawPointer?) -> UnsafePointer<CChar>?)?
  package var release: CRelease?
  package var privateData: UnsafeMutableRawPointer?
}

/// A struct of the C interfaces; it holds nothing once `release` is NULL.
@unsafe package protocol CReleasable {
  var release: CRelease? { get set }
}

extension CArrowSchema: @unsafe CReleasable {}
extension CArrowArray: @unsafe CReleasable {}
extension CArrowArrayStream: @unsafe CReleasable {}

extension UnsafeMutablePointer where Pointee: CReleasable {
  /// Gives back what the struct owns; nothing happens when that was done.
  package func releaseContent() {
    guard let release = unsafe pointee.release else { return }
    unsafe release(UnsafeMutableRawPointer(self))
    // The callback sets this; a careless one that does not must not be called twice.
    unsafe pointee.release = nil
  }
}

/// The child structs of an exported struct, the dictionary last where there is one.
///
/// A consumer may move children out (their `release` is then NULL) and release the parent first;
/// so the parent releases what is left, and each child stands on its own.
@safe final class CChildren<Struct: CReleasable> {
  private let structs: UnsafeMutablePointer<Struct>
  /// The `children` member of the parent.
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<Struct>?>
  private let childCount: Int
  private let count: Int

  /// Children, made one by one by `child`; index `childCount` is the dictionary.
  init(childCount: Int, hasDictionary: Bool, child: (Int) -> Struct) {
    unsafe self.childCount = childCount
    unsafe count = childCount + (hasDictionary ? 1 : 0)
    unsafe structs = .allocate(capacity: count)
    unsafe pointers = .allocate(capacity: childCount)
    for index in unsafe 0..<count { unsafe (structs + index).initialize(to: child(index)) }
    for index in 0..<childCount { unsafe (pointers + index).initialize(to: structs + index) }
  }

  /// The `dictionary` member of the parent.
  var dictionary: UnsafeMutablePointer<Struct>? {
    unsafe count > childCount ? unsafe structs + childCount : nil
  }

  deinit {
    for index in unsafe 0..<count { unsafe (structs + index).releaseContent() }
    unsafe structs.deallocate()
    unsafe pointers.deallocate()
  }
}

/// Reads a zero-ended string of a foreign struct, with a limit on the bytes looked at.
///
/// SAFETY: the caller promises readable bytes up to the zero or the limit.
func cString(
  _ start: UnsafePointer<CChar>, limit: Int, what: String
) throws(ReadError) -> String {
  var count = 0
  while unsafe start[count] != 0 {
    count += 1
    guard count < limit else {
      throw ReadError(
        .limitExceeded(limit: "the length of \(what)", declared: count, maximum: limit))
    }
  }
  let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
  return unsafe String(decoding: bytes, as: UTF8.self)
}
