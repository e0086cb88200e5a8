#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Whole pages of anonymous memory from the operating system.
///
/// Large Arrow buffers and scratch live here and not in `malloc`: they get huge pages where those are
/// fast (a first read of a table is then a seventh faster) and are kept for the next.
enum Pages {
  /// The unit in which blocks are made: a huge page on x86-64 and arm64.
  static let hugeByteCount = 2 << 20

  /// Maps `byteCount` (a multiple of `hugeByteCount`) zeroed bytes from a border of huge pages on;
  /// nil when there is no memory. Pages come with `populate` or, small ones, with the first touch.
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
    return unsafe block
  }

  /// Makes the pages of a stretch of a block that is about to be written, and all of a huge page
  /// that it ends in.
  ///
  /// One fault makes a huge page, where small ones take 512. But a virtual machine may have handed
  /// its free memory back to its host, which it does by the huge page; the host then makes each of
  /// them anew. That was measured at 6 ms a huge page, while 512 small pages, which the guest finds
  /// among what it never handed back, took 1.1 ms in one call and 1.5 ms by faults, and a huge page
  /// at hand 0.3 ms. So each huge page is timed, and after a slow one the pages are small for a
  /// second.
  static func populate(_ start: UnsafeMutableRawPointer, byteCount: Int) {
    #if os(Linux)
      var next = unsafe start
      let end = unsafe start + byteCount
      while unsafe next < end, mayBeHuge() {
        let offset = Int(UInt(bitPattern: next) & UInt(hugeByteCount - 1))
        let page = unsafe next - offset
        unsafe madvise(page, hugeByteCount, 14 /* MADV_HUGEPAGE */)
        let before = MonotonicClock.threadTime()
        unsafe madvise(page, hugeByteCount, populateWrite)
        if MonotonicClock.threadTime() - before > slowTime {
          huge.withLock { $0 = MonotonicClock.now() + pause }
        }
        unsafe next = page + hugeByteCount
      }
      if unsafe next < end { unsafe madvise(next, end - next, populateWrite) }
    #endif
  }

  #if os(Linux)
    /// Since Linux 5.14; before it the call fails at once, and the first touch makes the pages.
    private static let populateWrite: Int32 = 23  // MADV_POPULATE_WRITE
    /// Nanoseconds.
    private static let slowTime: Int64 = 2_000_000
    private static let pause: Int64 = 1_000_000_000
    /// When the next huge page may be tried.
    private static let huge = ProcessWide(MonotonicClock.now())

    private static func mayBeHuge() -> Bool { huge.withLock { $0 <= MonotonicClock.now() } }
  #endif

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
