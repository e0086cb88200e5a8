// pfbench [--json] [--runs N] [PATTERN]: native cases whose name contains PATTERN.
// pfbench --codecs: the decompressors as `Benchmarks/codecs` asks for them.
// Run it in the root of the repository, where its files are. The status is 1 when a case allocates
// or holds more than its limit allows; `Benchmarks/run --native` builds it so that allocations are counted.

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

let allBenchmarks =
  coreBenchmarks + compressionBenchmarks + parquetBenchmarks + csvBenchmarks + workflowBenchmarks

var asJSON = false
var runs = 11
var pattern = ""
var status: Int32 = 0
var servesCodecs = false
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
  switch argument {
  case "--codecs": servesCodecs = true
  case "--json": asJSON = true
  case "--runs": runs = max(7, arguments.popFirst().flatMap { Int($0) } ?? runs)
  default: pattern = argument
  }
}

if servesCodecs {
  try serveCodecs()
  exit(0)
}
for benchmark in allBenchmarks where pattern.isEmpty || benchmark.name.contains(pattern) {
  let found = try benchmark.measure(runs: runs)
  print(asJSON ? json(benchmark, found) : line(benchmark, found))
  if benchmark.isOverLimit(found) { status = 1 }
}
exit(status)

/// One object on one line; the names of cases need no escapes.
func json(_ benchmark: Benchmark, _ found: Measurement) -> String {
  let held =
    benchmark.holding.map { holding in
      """
      , "held_bytes": \(found.heldBytes.map { String($0) } ?? "null"), \
      "held_limit": \(holding.limit)
      """
    } ?? ""
  return """
    {"case": "\(benchmark.name)", "median_ns": \(found.median), "low_ns": \(found.lowerQuartile), \
    "high_ns": \(found.upperQuartile), "rate": \(benchmark.rate(nanoseconds: found.median)), \
    "unit": "\(benchmark.unit.rawValue)", \
    "allocations": \(found.allocations.map { String($0) } ?? "null"), \
    "limit": \(benchmark.allocationLimit)\(held)}
    """
}

/// The same for people.
func line(_ benchmark: Benchmark, _ found: Measurement) -> String {
  func microseconds(_ nanoseconds: Double) -> Double { (nanoseconds / 10).rounded() / 100 }
  let rate = (benchmark.rate(nanoseconds: found.median) * 100).rounded() / 100
  let counted = found.allocations.map { "\($0) allocations" } ?? "allocations not counted"
  let held = found.heldBytes.map { "  holds \($0) B each (limit \(benchmark.holding?.limit ?? 0))" }
  return """
    \(benchmark.name)  \(microseconds(found.median)) µs \
    (\(microseconds(found.lowerQuartile))–\(microseconds(found.upperQuartile)))  \
    \(rate) \(benchmark.unit.rawValue)  \(counted) (limit \(benchmark.allocationLimit))\(held ?? "")
    """
}
