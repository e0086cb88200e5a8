#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Time that no change of the calendar's clock moves; it does not count while the machine sleeps.
package enum MonotonicClock {
  /// Nanoseconds since a moment that is fixed for the process.
  package static func now() -> Int64 { read(CLOCK_MONOTONIC) }

  /// Nanoseconds for which the calling thread had a processor.
  package static func threadTime() -> Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

  /// The milliseconds since `start`, with one decimal, for log lines.
  package static func milliseconds(since start: Int64) -> String {
    let tenths = (now() - start) / 100_000
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}

extension Duration {
  /// The nearest count of nanoseconds that 64 bits hold.
  package var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, tooMuch) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflow || tooMuch ? (seconds < 0 ? .min : .max) : sum
  }
}
