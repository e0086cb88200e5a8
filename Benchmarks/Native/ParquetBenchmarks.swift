internal import PFCore
internal import PFArrow
internal import PFParquet

/// Cases of `PFParquet`, over the sample file of the tests: 400 rows, read from memory.
let parquetBenchmarks = [
  Benchmark(
    name: "parquet/row-count/sample", amount: 1, unit: .millions, allocationLimit: 8
  ) {
    let source = try sample()
    return { try ParquetFile(source).rowCount() }
  },
  Benchmark(
    name: "parquet/footer/sample", amount: 1, unit: .millions, allocationLimit: 80
  ) {
    let source = try sample()
    return { try ParquetFile(source).metaData().rowGroups.count }
  },
  Benchmark(
    name: "parquet/read/sample", amount: 400, unit: .millions, allocationLimit: 600
  ) {
    let source = try sample()
    var options = ParquetReadOptions()
    options.threads = 1
    return { [options] in try ParquetFile(source).read(options).rowCount }
  },
]

private func sample() throws -> MemorySource {
  let file = try FileSource(path: "Tests/Fixtures/sample.parquet")
  var bytes = [UInt8](repeating: 0, count: file.byteCount)
  var span = bytes.mutableSpan
  try file.read(at: 0, into: &span)
  return MemorySource(try Buffer(copying: bytes.span), name: "sample")
}
