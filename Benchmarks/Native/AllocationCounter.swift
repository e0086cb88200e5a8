internal import Synchronization

#if canImport(Glibc)
  /// Counts every heap allocation of the process, those of the Swift runtime included.
  ///
  /// The build links with `--defsym=malloc=pf_counted_malloc` and its like (see
  /// `harness/native.py`), so that these functions take the place of the C library's for every
  /// caller, as its manual allows ("Replacing malloc"); they count and pass on to the originals.
  /// `free` stays as it is. Swift refuses the name `malloc` itself, hence the linker's alias.
  let allocationCount = Atomic<Int>(0)

  /// `malloc`, counted; public, or the linker would hide it from the libraries.
  @c(pf_counted_malloc)
  public func countedMalloc(_ size: Int) -> UnsafeMutableRawPointer? {
    allocationCount.wrappingAdd(1, ordering: .relaxed)
    return unsafe libcMalloc(size)
  }

  /// `calloc`, counted; public, or the linker would hide it from the libraries.
  @c(pf_counted_calloc)
  public func countedCalloc(_ count: Int, _ size: Int) -> UnsafeMutableRawPointer? {
    allocationCount.wrappingAdd(1, ordering: .relaxed)
    return unsafe libcCalloc(count, size)
  }

  /// `realloc`, counted; public, or the linker would hide it from the libraries.
  @c(pf_counted_realloc)
  public func countedRealloc(
    _ old: UnsafeMutableRawPointer?, _ size: Int
  ) -> UnsafeMutableRawPointer? {
    allocationCount.wrappingAdd(1, ordering: .relaxed)
    return unsafe libcRealloc(old, size)
  }

  /// `aligned_alloc`, counted; public, or the linker would hide it from the libraries.
  @c(pf_counted_aligned_alloc)
  public func countedAlignedAlloc(_ alignment: Int, _ size: Int) -> UnsafeMutableRawPointer? {
    allocationCount.wrappingAdd(1, ordering: .relaxed)
    return unsafe libcMemalign(alignment, size)
  }

  /// `posix_memalign`, counted; public, or the linker would hide it from the libraries.
  @c(pf_counted_posix_memalign)
  public func countedPosixMemalign(
    _ result: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ alignment: Int, _ size: Int
  ) -> Int32 {
    allocationCount.wrappingAdd(1, ordering: .relaxed)
    guard alignment >= MemoryLayout<Int>.size, alignment & (alignment - 1) == 0 else {
      return 22  // EINVAL
    }
    guard let memory = unsafe libcMemalign(alignment, size) else { return 12 }  // ENOMEM
    unsafe result?.pointee = memory
    return 0
  }

  @_silgen_name("__libc_malloc")
  private func libcMalloc(_ size: Int) -> UnsafeMutableRawPointer?
  @_silgen_name("__libc_calloc")
  private func libcCalloc(_ count: Int, _ size: Int) -> UnsafeMutableRawPointer?
  @_silgen_name("__libc_realloc")
  private func libcRealloc(
    _ old: UnsafeMutableRawPointer?, _ size: Int
  ) -> UnsafeMutableRawPointer?
  @_silgen_name("__libc_memalign")
  private func libcMemalign(_ alignment: Int, _ size: Int) -> UnsafeMutableRawPointer?
#else
  let allocationCount = Atomic<Int>(0)
#endif

/// The allocations that `body` makes on all threads, or nil where nothing counts them: a build
/// without the linker's aliases, or another C library. (Swift allocates before `main` begins.)
func countAllocations(of body: () throws -> Void) rethrows -> Int? {
  let before = allocationCount.load(ordering: .relaxed)
  guard before > 0 else { return nil }
  try body()
  return allocationCount.load(ordering: .relaxed) - before
}
