import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Ctrl-C as a wish: the first one is noted, a second one ends the process as it does without this.
enum Interrupt {
  private static let flag = Atomic(false)

  /// Whether the wish was there.
  static var isWanted: Bool { flag.load(ordering: .relaxed) }

  /// Takes the signal from now on. One that is ignored (`nohup`) stays ignored.
  static func take() {
    // Made before a signal handler looks at it.
    flag.store(false, ordering: .relaxed)
    let old = signal(SIGINT) { number in
      // Only calls that are safe in a signal handler.
      Interrupt.flag.store(true, ordering: .relaxed)
      signal(number, SIG_DFL)
    }
    if unsafe unsafeBitCast(old, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
      signal(SIGINT, SIG_IGN)
    }
  }
}
