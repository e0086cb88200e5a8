package import PFCore

/// One run of a kernel: its threads, its memory and its caller's wish to stop.
///
/// Memory lives as long as the run does; what is an answer is taken out as a column. The thread
/// that called the kernel leads, and all members are for it alone.
///
/// SAFETY: the bodies of loops may hold it beside the slots that they work on, and call nothing of
/// it; so it is only ever used by the leader.
package final class Kernel: @unchecked Sendable {
  private let options: KernelOptions
  private let team: WorkTeam
  /// What is lent, by address.
  private var memory: [UInt: Buffer] = [:]

  private init(_ options: KernelOptions, _ team: WorkTeam) {
    self.options = options
    self.team = team
  }

  /// Runs a kernel.
  package static func run<Result>(
    _ options: KernelOptions, _ body: (Kernel) throws(GraphError) -> Result
  ) throws(GraphError) -> Result {
    if let threads = options.threads, threads < 1 {
      throw .invalidArgument(name: "threads", why: "there must be one at least")
    }
    let threads = options.threads ?? Settings.current.threadCount
    return try WorkTeam.with(threads: threads, cancellation: options.cancellation) {
      (team) throws(GraphError) in
      let kernel = Kernel(options, team)
      try kernel.check()
      return try body(kernel)
    }
  }

  /// Runs a kernel on no more threads than it has parts for, each of which needs memory of its own.
  package static func run<Result>(
    _ options: KernelOptions, threads: Int, _ body: (Kernel) throws(GraphError) -> Result
  ) throws(GraphError) -> Result {
    var options = options
    if options.threads ?? .max > 0 {
      options.threads = min(options.threads ?? Settings.current.threadCount, max(threads, 1))
    }
    return try run(options, body)
  }

  /// The most threads that work at once.
  package var threadCount: Int { team.threadCount }

  /// The caller's wish to stop, for bodies of loops that take long.
  package var cancellation: CancellationToken? { options.cancellation }

  // MARK: Loops

  /// Runs `body` over `0..<count` in ranges of `grain`, on all threads; the ranges do not depend on
  /// their number. `thread` is below `threadCount`.
  ///
  /// - Throws: `.cancelled`.
  package func forEach(
    count: Int, grain: Int, _ body: @Sendable (_ range: Range<Int>, _ thread: Int) -> Void
  ) throws(GraphError) {
    guard team.forEach(count: count, grain: grain, body) else { throw .cancelled }
  }

  /// The sum of what `body` gives for each range, added in the order of the ranges: the same bits
  /// for any number of threads.
  package func sum<Number: AdditiveArithmetic & BitwiseCopyable & Sendable>(
    count: Int, grain: Int, _ body: @Sendable (_ range: Range<Int>, _ thread: Int) -> Number
  ) throws(GraphError) -> Number {
    let rangeCount = (count + grain - 1) / grain
    let parts = try slots(of: Number.self, count: rangeCount)
    defer { free(parts) }
    try forEach(count: count, grain: grain) { range, thread in
      parts[range.lowerBound / grain] = body(range, thread)
    }
    var sum = Number.zero
    for index in 0..<rangeCount { sum += parts[index] }
    return sum
  }

  /// Stops here if the caller wants it.
  ///
  /// - Throws: `.cancelled`.
  package func check() throws(GraphError) {
    if options.cancellation?.isCancelled == true { throw .cancelled }
  }

  /// Tells the caller how far the work is, and stops if that is wanted.
  ///
  /// - Throws: `.cancelled`.
  package func report(iteration: Int, residual: Double? = nil) throws(GraphError) {
    options.progress?(KernelProgress(iteration: iteration, residual: residual))
    try check()
  }

  // MARK: Memory

  /// Memory with any content.
  ///
  /// - Throws: `.outOfMemory`.
  package func slots<Element: BitwiseCopyable>(of _: Element.Type, count: Int) throws(GraphError)
    -> Slots<Element>
  {
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard !overflow, count >= 0 else { throw .outOfMemory(byteCount: .max) }
    do throws(AllocationError) {
      var bytes = try MutableBuffer(byteCount: byteCount)
      bytes.setByteCount(byteCount)
      let start = unsafe bytes.start
      // SAFETY: the buffer is ours alone until `take` gives it away, so it may still be written.
      memory[UInt(bitPattern: start)] = bytes.freeze()
      return unsafe Slots(start: start, count: count)
    } catch {
      throw .outOfMemory(byteCount: error.byteCount)
    }
  }

  /// Memory in which each element is `value`.
  ///
  /// - Throws: `.outOfMemory`, `.cancelled`.
  package func slots<Element: BitwiseCopyable & Sendable>(repeating value: Element, count: Int)
    throws(GraphError) -> Slots<Element>
  {
    let slots = try slots(of: Element.self, count: count)
    try forEach(count: count, grain: 1 << 15) { range, _ in slots.fill(range, with: value) }
    return slots
  }

  /// Gives memory back before the run ends.
  package func free<Element>(_ slots: Slots<Element>) {
    memory[UInt(bitPattern: unsafe slots.start)] = nil
  }

  /// Takes memory out of the run: nobody writes it any more.
  package func take<Element>(_ slots: Slots<Element>) -> Buffer {
    let taken = memory.removeValue(forKey: UInt(bitPattern: unsafe slots.start))
    precondition(taken != nil, "memory is taken once, and whole")
    return taken ?? .empty
  }

  /// Takes memory out of the run as a column.
  package func column<Element>(_ slots: Slots<Element>) -> NodeColumn<Element> {
    NodeColumn(take(slots))
  }
}
