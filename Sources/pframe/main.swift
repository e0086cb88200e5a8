import ParquetFrame
import Glibc
func now() -> Double { var t = timespec(); unsafe clock_gettime(CLOCK_MONOTONIC, &t); return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9 }
func cpu() -> Double { var t = timespec(); unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9 }
func run() {
  let path = CommandLine.arguments[1]; let threads = Int(CommandLine.arguments[2])!; let n = Int(CommandLine.arguments[3])!
  do throws(ReadError) {
    var o = ParquetReadOptions(); o.threads = threads
    if CommandLine.arguments.count > 4 { o.columns = [CommandLine.arguments[4]] }
    var times: [Double] = [], cpus: [Double] = []
    for _ in 0..<n {
      let t0 = now(), c0 = cpu()
      let f = try ParquetFile(path: path)
      let t = try f.read(o)
      let t1 = now(), c1 = cpu()
      times.append((t1 - t0)*1e3); cpus.append((c1-c0)*1e3)
      if t.rowCount < 0 { print("x") }
    }
    let s = times.sorted(), c = cpus.sorted()
    print("first", Int(times[0]*10), "x0.1ms  median wall", Int(s[n/2]*10), "cpu", Int(c[n/2]*10), "min", Int(s[0]*10))
  } catch { print(error) }
}
run()
