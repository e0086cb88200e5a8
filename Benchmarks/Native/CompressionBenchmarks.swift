internal import PFCompression
internal import PFCore

/// Cases of `PFCompression`.
let compressionBenchmarks = [
  Benchmark(
    name: "compression/snappy/decompress/sorted-int64/1MiB", amount: 1 << 20, unit: .gigabytes,
    allocationLimit: 1
  ) {
    let packed = Snappy.compress(sortedIntegers().span)
    return { try Snappy.decompress(packed.span).count }
  },
  Benchmark(
    name: "compression/snappy/compress/sorted-int64/1MiB", amount: 1 << 20, unit: .gigabytes,
    allocationLimit: 20
  ) {
    let plain = sortedIntegers()
    return { Snappy.compress(plain.span).count }
  },
  gzipBenchmark("sorted-int64/12KiB", file: "integers", byteCount: 12000, members: 1),
  gzipBenchmark("text/50-members/1MiB", file: "text-level6", byteCount: 21059, members: 50),
  Benchmark(
    name: "compression/zstandard/decompress/words/21KB", amount: 21_059, unit: .gigabytes,
    allocationLimit: 0
  ) {
    let packed = try zstandardWords()
    let workspace = try Zstandard.Workspace()
    var output = [UInt8](repeating: 0, count: 21_059 + Zstandard.outputSlack)
    return {
      var target = output.mutableSpan
      try Zstandard.decompress(
        packed.span, into: &target, byteCount: 21_059, workspace: workspace)
      return Int(output[0])
    }
  },
  Benchmark(
    name: "compression/xxh64/1MiB", amount: 1 << 20, unit: .gigabytes, allocationLimit: 0
  ) {
    let plain = sortedIntegers()
    return { Int(truncatingIfNeeded: XXH64.hash(plain.span)) }
  },
  Benchmark(
    name: "compression/lz4/decompress/sorted-int64/1MiB", amount: 1 << 20, unit: .gigabytes,
    allocationLimit: 0
  ) {
    let packed = lz4Integers()
    var output = [UInt8](repeating: 0, count: 1 << 20 + LZ4.outputSlack)
    return {
      var target = output.mutableSpan
      try LZ4.decompress(packed.span, into: &target, byteCount: 1 << 20)
      return Int(output[0])
    }
  },
  Benchmark(
    name: "compression/brotli/decompress/mixed/20KiB", amount: 20_716, unit: .gigabytes,
    allocationLimit: 0
  ) {
    let source = try FileSource(path: "Tests/Fixtures/brotli/mixed-9.br")
    var packed = [UInt8](repeating: 0, count: source.byteCount)
    var span = packed.mutableSpan
    try source.read(at: 0, into: &span)
    let stream = packed
    let workspace = Brotli.Workspace()
    var output = [UInt8](repeating: 0, count: 20_716 + Brotli.outputSlack)
    return {
      var target = output.mutableSpan
      try Brotli.decompress(stream.span, into: &target, byteCount: 20_716, workspace)
      return Int(output[0])
    }
  },
  Benchmark(
    name: "compression/crc32/1MiB", amount: 1 << 20, unit: .gigabytes, allocationLimit: 0
  ) {
    let plain = sortedIntegers()
    return { Int(CRC32.checksum(of: plain.span)) }
  },
]

/// `members` copies of a file of Tests/Fixtures/gzip, which holds `byteCount` plain bytes, into
/// memory that is reused.
private func gzipBenchmark(
  _ name: String, file: String, byteCount: Int, members: Int
) -> Benchmark {
  Benchmark(
    name: "compression/gzip/decompress/\(name)", amount: byteCount * members, unit: .gigabytes,
    allocationLimit: 1
  ) {
    let source = try FileSource(path: "Tests/Fixtures/gzip/\(file).gz")
    var member = [UInt8](repeating: 0, count: source.byteCount)
    var span = member.mutableSpan
    try source.read(at: 0, into: &span)
    let packed = Array(repeatElement(member, count: members).joined())
    var plain = [UInt8](repeating: 0, count: byteCount * members + Gzip.outputSlack)
    return {
      var target = plain.mutableSpan
      try Gzip.decompress(packed.span, into: &target, byteCount: byteCount * members)
      return Int(plain[plain.count / 2])
    }
  }
}

/// A frame of the reference at level 3: there is no compressor of ours.
private func zstandardWords() throws -> [UInt8] {
  let file = try FileSource(path: "Tests/Fixtures/zstd/text-3.zst")
  var bytes = [UInt8](repeating: 0, count: file.byteCount)
  var span = bytes.mutableSpan
  try file.read(at: 0, into: &span)
  return bytes
}

/// A PLAIN page of INT64 that goes up by random steps: 1 MiB.
private func sortedIntegers() -> [UInt8] {
  var random = SeededGenerator(seed: 11)
  var value: UInt64 = 1_700_000_000_000_000
  var bytes: [UInt8] = []
  for _ in 0..<(1 << 17) {
    value += random.next() >> 44
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
  }
  return bytes
}

/// An LZ4 block of the same shape: the three low bytes of each INT64 as literals, the others by a
/// match with the value before.
private func lz4Integers() -> [UInt8] {
  var random = SeededGenerator(seed: 12)
  var bytes: [UInt8] = [0x84, 1, 2, 3, 4, 5, 0, 0, 0, 8, 0]  // the first value, and again
  for _ in 2..<(1 << 17) {
    let low = random.next()
    bytes.append(0x31)
    for shift: UInt64 in [0, 8, 16] { bytes.append(UInt8(truncatingIfNeeded: low >> shift)) }
    bytes += [8, 0]
  }
  return bytes + [0]
}
