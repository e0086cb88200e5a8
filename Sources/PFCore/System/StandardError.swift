#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes `line` and a line feed to the standard error stream, in one call so that lines of several
/// threads do not mix. What cannot be written is lost.
func writeToStandardError(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  // SAFETY: `write` reads as many bytes as the array holds.
  _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
}
