#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The text of a setting of this process's control group, by which containers are limited; nil
/// where there is none.
func controlGroupSetting(_ name: String) -> String? {
  #if os(Linux)
    var text = [UInt8](repeating: 0, count: 64)
    let file = unsafe open("/sys/fs/cgroup/" + name, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    // SAFETY: `read` writes at most as many bytes as the array holds.
    let count = unsafe read(file, &text, text.count)
    return String(decoding: text.prefix(max(0, count)), as: UTF8.self)
  #else
    return nil
  #endif
}
