internal import PFArrow
internal import PFCore
internal import PFParquet

/// Cases of `PFParquet`: small files read from memory, by one thread.
///
/// The sample file of the tests has 400 rows; those of `datasets/native_tables.py` have 512 in two
/// row groups, with several pages in each column chunk. A limit is a quarter above what was counted
/// when it was set.
let parquetBenchmarks = [
  Benchmark(
    name: "parquet/row-count/sample", amount: 1, unit: .millions, allocationLimit: 8
  ) {
    let source = try memorySource(sample)
    return { try ParquetFile(source).rowCount() }
  },
  Benchmark(
    name: "parquet/footer/sample", amount: 1, unit: .millions, allocationLimit: 50
  ) {
    let source = try memorySource(sample)
    return { try ParquetFile(source).metaData().rowGroups.count }
  },
  read("sample", sample, rows: 400, allocationLimit: 400),
  read("numbers", table("numbers"), allocationLimit: 280),
  read("mixed", table("mixed"), allocationLimit: 420),
  read("lists", table("lists"), allocationLimit: 400),
  read("structs", table("structs"), allocationLimit: 720),
  read("mixed/columns=2", table("mixed"), allocationLimit: 200) { options in
    options.columns = ["amount", "city"]
  },
  read("mixed/filter=range", table("mixed"), allocationLimit: 830) { options in
    // Five rows next to each other, in one page of the second row group.
    options.filter = .column("id") >= 1_001_200 && .column("id") < 1_001_215
  },
  read("mixed/filter=scattered", table("mixed"), allocationLimit: 1000) { options in
    options.filter = .column("amount") < 5.0
  },
  read("mixed/limit=100", table("mixed"), allocationLimit: 240) { options in
    options.limit = 100
  },
]

private let sample = "Tests/Fixtures/sample.parquet"

private func table(_ name: String) -> String { "Benchmarks/datasets/native/\(name).parquet" }

/// Opens a file and reads of it what `choose` asks for.
private func read(
  _ what: String, _ path: String, rows: Int = 512, allocationLimit: Int,
  choose: @escaping @Sendable (inout ParquetReadOptions) -> Void = { _ in }
) -> Benchmark {
  Benchmark(
    name: "parquet/read/\(what)", amount: rows, unit: .millions, allocationLimit: allocationLimit
  ) {
    let source = try memorySource(path)
    var options = ParquetReadOptions()
    options.threads = 1
    choose(&options)
    return { [options] in try ParquetFile(source).read(options).rowCount }
  }
}

private func memorySource(_ path: String) throws -> MemorySource {
  let file = try FileSource(path: path)
  var bytes = [UInt8](repeating: 0, count: file.byteCount)
  var span = bytes.mutableSpan
  try file.read(at: 0, into: &span)
  return MemorySource(try Buffer(copying: bytes.span), name: path)
}
