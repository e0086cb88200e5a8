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
    name: "compression/crc32/1MiB", amount: 1 << 20, unit: .gigabytes, allocationLimit: 0
  ) {
    let plain = sortedIntegers()
    return { Int(CRC32.checksum(of: plain.span)) }
  },
]

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
