import PFCore

/// A pattern, a name and a directory's name, in lines: what matches is what the definition of the
/// wild cards says, and a `key=value` directory is told from others.
@c(LLVMFuzzerTestOneInput)
public func fuzzDatasetPath(_ bytes: UnsafePointer<UInt8>?, _ byteCount: Int) -> Int32 {
  guard byteCount <= 64 else { return 0 }
  // SAFETY: libFuzzer lends `byteCount` readable bytes for the call.
  let text = unsafe String(
    decoding: UnsafeBufferPointer(start: bytes, count: byteCount), as: UTF8.self)
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  let pattern = Array(lines[0].unicodeScalars)
  let name = Array((lines.count > 1 ? lines[1] : "").unicodeScalars)
  // The twin is exponential in the stars.
  if pattern.count(where: { $0 == "*" }) <= 4 {
    precondition(
      GlobPattern.matches(name, pattern) == matches(name[...], pattern[...]), "patterns differ")
  } else {
    _ = GlobPattern.matches(name, pattern)
  }
  if let value = PartitionValue(lines[lines.count - 1]) {
    precondition(!value.key.isEmpty, "a column without a name")
  }
  _ = GlobPattern(text)
  return 0
}

/// The definition, tried from the left.
private func matches(
  _ name: ArraySlice<Unicode.Scalar>, _ pattern: ArraySlice<Unicode.Scalar>
) -> Bool {
  guard let first = pattern.first else { return name.isEmpty }
  if first == "*" {
    return matches(name, pattern.dropFirst())
      || !name.isEmpty && matches(name.dropFirst(), pattern)
  }
  guard let character = name.first else { return false }
  if first == "?" { return matches(name.dropFirst(), pattern.dropFirst()) }
  if first == "[" {
    let isNegated = pattern.dropFirst().first == "!"
    let set = pattern.dropFirst(isNegated ? 2 : 1)
    // A bracket in the first place belongs to the set.
    if let end = set.dropFirst().firstIndex(of: "]") {
      guard contains(character, set[..<end]) != isNegated else { return false }
      return matches(name.dropFirst(), pattern[(end + 1)...])
    }
  }
  return first == character && matches(name.dropFirst(), pattern.dropFirst())
}

private func contains(_ character: Unicode.Scalar, _ set: ArraySlice<Unicode.Scalar>) -> Bool {
  guard let first = set.first else { return false }
  if set.count >= 3, set.dropFirst().first == "-", let last = set.dropFirst(2).first {
    return first <= character && character <= last || contains(character, set.dropFirst(3))
  }
  return first == character || contains(character, set.dropFirst())
}
