#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Bytes of memory that this process can hope for: the machine's, cut to what its control group
/// grants. Read once.
package let memoryByteCount: Int = {
  let (pages, pageSize) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
  let (bytes, overflow) = pages.multipliedReportingOverflow(by: pageSize)
  let physical = pages > 0 && pageSize > 0 && !overflow ? bytes : Int.max
  // "max" where there is no limit.
  let granted = controlGroupSetting("memory.max").flatMap { Int($0.prefix { $0.isNumber }) }
  return min(physical, granted.flatMap { $0 > 0 ? $0 : nil } ?? .max)
}()
