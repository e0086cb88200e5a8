internal import Synchronization

#if canImport(Glibc)
  /// Counts every heap allocation of the process, those of the Swift runtime included.
  ///
  /// The build links with `--defsym=malloc=pf_counted_malloc` and its like (see
  /// `harness/native.py`), so that these functions take the place of the C library's for every
  /// caller, as its manual allows ("Replacing malloc"); they count and pass on to the originals.
  /// Swift refuses the name `malloc` itself, hence the linker's alias.
  let allocationCount = Atomic<Int>(0)

  /// `malloc`, counted; public, or the linker would hide it from the libraries.
  @c(pf_counted_malloc)
  public func countedMalloc(_ size: Int) -> UnsafeMutableRawPointer? {
    unsafe counted(libcMalloc(size))
  }

  /// `calloc`, counted; public, or the linker would hide it from the libraries.
  @c(pf_counted_calloc)
  public func countedCalloc(_ count: Int, _ size: Int) -> UnsafeMutableRawPointer? {
    unsafe counted(libcCalloc(count, size))
  }

  /// `realloc`, counted; public, or the linker would hide it from the libraries.
  @c(pf_counted_realloc)
  public func countedRealloc(
    _ old: UnsafeMutableRawPointer?, _ size: Int
  ) -> UnsafeMutableRawPointer? {
    unsafe forget(old)
    return unsafe counted(libcRealloc(old, size))
  }

  /// `aligned_alloc`, counted; public, or the linker would hide it from the libraries.
  @c(pf_counted_aligned_alloc)
  public func countedAlignedAlloc(_ alignment: Int, _ size: Int) -> UnsafeMutableRawPointer? {
    unsafe counted(libcMemalign(alignment, size))
  }

  /// `posix_memalign`, counted; public, or the linker would hide it from the libraries.
  @c(pf_counted_posix_memalign)
  public func countedPosixMemalign(
    _ result: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ alignment: Int, _ size: Int
  ) -> Int32 {
    guard alignment >= MemoryLayout<Int>.size, alignment & (alignment - 1) == 0 else {
      return 22  // EINVAL
    }
    guard let memory = unsafe counted(libcMemalign(alignment, size)) else { return 12 }  // ENOMEM
    unsafe result?.pointee = memory
    return 0
  }

  /// `free`, for the bytes that are held; public, or the linker would hide it from the libraries.
  @c(pf_counted_free)
  public func countedFree(_ memory: UnsafeMutableRawPointer?) {
    unsafe forget(memory)
    unsafe libcFree(memory)
  }

  /// Counts an allocation, and its bytes where that is asked for.
  private func counted(_ memory: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    allocationCount.wrappingAdd(1, ordering: .relaxed)
    if countsBytes.load(ordering: .relaxed) {
      heldByteCount.wrappingAdd(unsafe usableSize(memory), ordering: .relaxed)
    }
    return unsafe memory
  }

  private func forget(_ memory: UnsafeMutableRawPointer?) {
    if countsBytes.load(ordering: .relaxed) {
      heldByteCount.wrappingSubtract(unsafe usableSize(memory), ordering: .relaxed)
    }
  }

  @_silgen_name("malloc_usable_size")
  private func usableSize(_ memory: UnsafeMutableRawPointer?) -> Int
  @_silgen_name("__libc_free")
  private func libcFree(_ memory: UnsafeMutableRawPointer?)
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

/// Bytes that were allocated less those that were freed, while `countsBytes` says so.
private let heldByteCount = Atomic<Int>(0)
private let countsBytes = Atomic<Bool>(false)

/// The allocations that `body` makes on all threads, or nil where nothing counts them: a build
/// without the linker's aliases, or another C library. (Swift allocates before `main` begins.)
func countAllocations(of body: () throws -> Void) rethrows -> Int? {
  let before = allocationCount.load(ordering: .relaxed)
  guard before > 0 else { return nil }
  try body()
  return allocationCount.load(ordering: .relaxed) - before
}

/// The bytes of the heap that `make` leaves behind in what it gives, or nil as above.
func countHeldBytes(of make: () throws -> Any) rethrows -> Int? {
  guard allocationCount.load(ordering: .relaxed) > 0 else { return nil }
  heldByteCount.store(0, ordering: .relaxed)
  countsBytes.store(true, ordering: .relaxed)
  defer { countsBytes.store(false, ordering: .relaxed) }
  let made = try make()
  return withExtendedLifetime(made) { heldByteCount.load(ordering: .relaxed) }
}
