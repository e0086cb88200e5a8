#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The value of an environment variable of this process; nil where it is not set.
///
/// Not safe while another thread changes the environment: read early and keep the result.
package func environmentVariable(_ name: String) -> String? {
  // SAFETY: `getenv` gives nil or a string that ends in zero, copied before anything else runs.
  unsafe getenv(name).map { unsafe String(cString: $0) }
}
