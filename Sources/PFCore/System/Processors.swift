#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How many processors this process may use, at least 1.
///
/// On Linux that is its affinity mask (`taskset`, cpusets) cut to the CPU quota of its control
/// group, which is how containers are limited. The mask is read anew each time, the quota once.
package func availableProcessorCount() -> Int {
  max(1, min(runnableProcessorCount(), processorQuota))
}

private func runnableProcessorCount() -> Int {
  affinityProcessorCount() ?? sysconf(Int32(_SC_NPROCESSORS_ONLN))
}

/// The processors of the calling thread's affinity mask; nil where the system does not tell.
private func affinityProcessorCount() -> Int? {
  #if canImport(Glibc)
    // glibc's headers hide `sched_getaffinity` from Swift. (Musl's `sysconf` reads the mask itself.)
    typealias GetAffinity =
      @convention(c) (_ thread: Int32, _ byteCount: Int, _ mask: UnsafeMutableRawPointer) -> Int32
    guard let symbol = unsafe dlsym(nil, "sched_getaffinity") else { return nil }
    // SAFETY: this is the function's C signature, and it fills at most the array's bytes.
    let getAffinity = unsafe unsafeBitCast(symbol, to: GetAffinity.self)
    var mask = [UInt8](repeating: 0, count: 1024)  // 8192 processors: all that Linux has
    guard unsafe getAffinity(0, mask.count, &mask) == 0 else { return nil }
    return mask.reduce(0) { $0 + $1.nonzeroBitCount }
  #else
    return nil
  #endif
}

/// The processors' worth of time that the control group grants, rounded up.
private let processorQuota: Int = {
  controlGroupSetting("cpu.max").map { processors(inQuota: $0) } ?? .max
}()

/// The processors in the text of `cpu.max`: microseconds granted, microseconds of the period.
/// `max` and whatever else is not two positive numbers sets no limit.
package func processors(inQuota text: String) -> Int {
  let fields = text.split { $0 == " " || $0 == "\n" }.map { Int($0) ?? 0 }
  guard fields.count == 2, fields[0] > 0, fields[1] > 0 else { return Int.max }
  return (fields[0] - 1) / fields[1] + 1
}
