#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Whole pages of anonymous memory from the operating system.
///
/// Large Arrow buffers and scratch live here and not in `malloc`: they ask for huge pages (a
/// first read of a table is a seventh faster) and grow without a copy.
enum Pages {
  /// The unit in which blocks are made: a huge page on x86-64 and arm64.
  static let hugeByteCount = 2 << 20

  /// Maps `byteCount` (a multiple of `hugeByteCount`) zeroed bytes; nil when there is no memory.
  static func map(byteCount: Int) -> UnsafeMutableRawPointer? {
    // Over-map and trim, so that the block starts on a huge-page border.
    let wanted = byteCount + hugeByteCount
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    guard let raw = unsafe mmap(nil, wanted, PROT_READ | PROT_WRITE, flags, -1, 0),
      unsafe raw != MAP_FAILED
    else { return nil }
    let address = UInt(bitPattern: raw)
    let mask = UInt(hugeByteCount - 1)
    let head = Int((UInt(hugeByteCount) - (address & mask)) & mask)
    let block = unsafe raw + head
    if head > 0 { unsafe munmap(raw, head) }
    if head < hugeByteCount { unsafe munmap(block + byteCount, hugeByteCount - head) }
    #if os(Linux)
      unsafe madvise(block, byteCount, 14 /* MADV_HUGEPAGE */)
    #endif
    return unsafe block
  }

  /// Gives a block back.
  static func unmap(_ block: UnsafeMutableRawPointer, byteCount: Int) {
    unsafe munmap(block, byteCount)
  }

  /// Lets the kernel take the pages when it is short of memory; their content is lost to us.
  static func relinquish(_ block: UnsafeMutableRawPointer, byteCount: Int) {
    #if os(Linux)
      unsafe madvise(block, byteCount, 8 /* MADV_FREE */)
    #elseif canImport(Darwin)
      unsafe madvise(block, byteCount, MADV_FREE)
    #endif
  }
}

/// Small aligned memory from `malloc`.
enum Heap {
  /// `byteCount` bytes aligned to 64; nil when there is no memory.
  static func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
    var memory: UnsafeMutableRawPointer?
    return unsafe posix_memalign(&memory, 64, byteCount) == 0 ? memory : nil
  }

  static func free(_ memory: UnsafeMutableRawPointer) {
    #if canImport(Glibc)
      unsafe Glibc.free(memory)
    #elseif canImport(Musl)
      unsafe Musl.free(memory)
    #else
      unsafe Darwin.free(memory)
    #endif
  }
}
