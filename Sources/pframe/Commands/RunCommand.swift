import ParquetFrame

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// `pframe workflow run`: runs a definition.
struct RunCommand: Command {
  private static let threads = Option(
    name: "--threads", short: "-j", value: "STEPS", help: "The most steps that run at once.")
  private static let sync = Option(
    name: "--sync", help: "One step after the other, each on one thread.")
  private static let timeout = Option(
    name: "--timeout", value: "SECONDS", help: "The longest time of the run.")
  private static let checkpoint = Option(
    name: "--checkpoint", value: "PATH", help: "Keep what steps give, and go on from there.")
  private static let events = Option(
    name: "--events", value: "FILE", help: "Write what happens, as JSON lines.")
  private static let timeline = Option(
    name: "--timeline", value: "FILE", help: "Draw when steps ran, as SVG.")
  private static let mermaid = Option(
    name: "--mermaid", value: "FILE", help: "Draw the steps and their states for Mermaid.")
  private static let dot = Option(
    name: "--dot", value: "FILE", help: "Draw the steps and their states for Graphviz.")
  private static let verbose = Option(
    name: "--verbose", short: "-v", help: "Write a line for each step that ends.")
  private static let quiet = Option(
    name: "--quiet", short: "-q", help: "Write nothing but what goes wrong.")

  static let specification = CommandSpecification(
    name: "workflow run", summary: "Run a workflow.",
    details: """
      Runs a definition in JSON whose steps are operations of the engine: read,
      select, rename, drop, filter, limit, concatenate, graph, write and more. A step
      starts when the last one that it needs has ended; what the options say wins over
      the definition's settings. On a terminal a line shows how far it is; at the end
      stands what became of the steps, what went wrong on standard error.

      With --checkpoint a run goes on from where an earlier one with the same PATH
      ended: steps that ended well, and whose parameters, inputs and files are the
      same, are restored. Their tables are Arrow files, PATH.*, beside it.

      A FILE that is - is standard output; the summary then goes to standard error.

      Ctrl-C tells the steps to stop, and the run ends in good order; a second one
      ends it at once.

      With --json: the result in place of the summary.
      """,
    options: [
      threads, sync, timeout, checkpoint, events, timeline, mermaid, dot, verbose, quiet,
    ], takesOneFile: true)

  private let arguments: Arguments
  private let maxParallel: Int?
  private let timeout: Duration?
  private let isSync: Bool
  let outputDescriptor: Int32

  init(_ arguments: Arguments) throws(UsageError) {
    self.arguments = arguments
    isSync = arguments.has(Self.sync)
    timeout = try arguments.seconds(of: Self.timeout)
    if let text = arguments.value(of: Self.threads) {
      let count = try arguments.count(text, of: Self.threads)
      guard count > 0 else { throw arguments.error("--threads: at least one step has to run") }
      guard !isSync else { throw arguments.error("--sync and --threads exclude each other") }
      maxParallel = count
    } else {
      maxParallel = isSync ? 1 : nil
    }
    if arguments.has(Self.quiet), arguments.has(Self.verbose) {
      throw arguments.error("--quiet and --verbose exclude each other")
    }
    let toOutput = [Self.events, Self.timeline, Self.mermaid, Self.dot].filter {
      arguments.value(of: $0) == "-"
    }
    guard toOutput.count + (arguments.has(.json) ? 1 : 0) <= 1 else {
      throw arguments.error("only one thing can go to standard output")
    }
    outputDescriptor = toOutput.isEmpty ? STDOUT_FILENO : STDERR_FILENO
  }

  private func file(of option: Option) throws(CommandFailure) -> TextFile? {
    guard let path = arguments.value(of: option) else { return nil }
    return try TextFile(path)
  }

  func show(path: String, to output: Output) throws(CommandFailure) {
    let file = try WorkflowFile(path, threads: isSync ? 1 : nil)
    var options = file.settings
    options.maxParallel = maxParallel ?? options.maxParallel
    options.timeout = timeout ?? options.timeout
    // Opened before the run: it would be a pity afterwards.
    let pictures: [(file: TextFile?, draw: (RunResult) -> String)] = [
      (try self.file(of: Self.timeline), { $0.timelineSVG() }),
      (try self.file(of: Self.mermaid), { file.workflow.mermaid($0) }),
      (try self.file(of: Self.dot), { file.workflow.dot($0) }),
    ]
    let (result, eventFailure) = try run(
      file.workflow, options, named: path, events: try self.file(of: Self.events))
    var problems = eventFailure.map(\.messages) ?? []
    for (file, draw) in pictures {
      guard let file else { continue }
      do throws(CommandFailure) {
        try file.write(draw(result))
      } catch { problems += error.messages }
    }
    show(result, to: output)
    if let error = result.checkpointError {
      problems.append("\(arguments.value(of: Self.checkpoint) ?? ""): \(error)")
    }
    problems += RunSummary(result: result).problems(timeout: options.timeout).map {
      "\(path): \($0)"
    }
    guard problems.isEmpty else {
      throw CommandFailure(
        messages: problems,
        status: result.status == .cancelled && Interrupt.isWanted ? .interrupted : .failure)
    }
  }

  private func show(_ result: RunResult, to output: Output) {
    if arguments.has(.json) {
      let text = result.json()
      let indented = output.isTerminal ? try? JSONValue(parsing: text).text(.indented) : nil
      output.write((indented ?? text) + "\n")
    } else if !arguments.has(Self.quiet) {
      RunSummary(result: result).write(to: output)
    }
  }

  // MARK: Running

  /// Runs the workflow on the engine's threads, while this one shows how far it is and waits for
  /// Ctrl-C.
  ///
  /// - Returns: the result, and why events could not be written.
  private func run(
    _ workflow: Workflow, _ options: RunOptions, named path: String, events: TextFile?
  ) throws(CommandFailure) -> (RunResult, CommandFailure?) {
    let checkpoint = arguments.value(of: Self.checkpoint).map {
      Checkpoint(path: $0, types: [Table.self])
    }
    let progress = RunProgress(
      stepCount: workflow.steps.count, isQuiet: arguments.has(Self.quiet),
      isVerbose: arguments.has(Self.verbose))
    let log = Monitor(EventWriter(file: events))
    let cancellation = CancellationToken()
    let end = Monitor<Result<RunResult, WorkflowError>?>(nil)
    Interrupt.take()
    Task.detached {
      let result: Result<RunResult, WorkflowError>
      do throws(WorkflowError) {
        result = .success(
          try await workflow.run(options, checkpoint: checkpoint, cancellation: cancellation) {
            event in
            log.withLock { $0.write(event) }
            progress.hear(event)
          })
      } catch { result = .failure(error) }
      end.withLock { $0 = result }
      end.notifyAll()
    }
    var isStopping = false
    while !end.wait(until: MonotonicClock.now() + 100_000_000, while: { $0 == nil }) {
      if Interrupt.isWanted, !isStopping {
        isStopping = true
        cancellation.cancel()
        progress.saysThatItStops()
      }
      progress.draw()
    }
    progress.end()
    switch end.withLock({ $0 }) {
    case .success(let result): return (result, log.withLock { $0.failure })
    case .failure(let error):
      throw CommandFailure(messages: error.problems.map { "\(path): \($0)" })
    case nil: throw CommandFailure(messages: ["\(path): the run has no result"])
    }
  }

  /// Writes events until that fails.
  private struct EventWriter: Sendable {
    let file: TextFile?
    var failure: CommandFailure?

    mutating func write(_ event: WorkflowEvent) {
      guard let file, failure == nil else { return }
      do throws(CommandFailure) {
        try file.write(event.json + "\n")
      } catch { failure = error }
    }
  }
}
