internal import PFCore

/// How often, and after which delays, a failed attempt of a step is repeated.
public struct RetryPolicy: Sendable {
  /// All attempts, the first included; at least 1.
  public var attempts: Int
  /// The delays between attempts.
  public var backoff: Backoff
  /// Which errors are worth another attempt. A timeout is a `StepTimeout`.
  public var isRetryable: @Sendable (any Error) -> Bool

  /// The delays between attempts.
  public enum Backoff: Sendable {
    /// `first`, then `factor` times the one before, never above `limit`; each is moved by up to
    /// `jitter` of itself, up or down.
    case exponential(first: Duration, factor: Double, limit: Duration, jitter: Double)
    /// These, one after the other; the last one again when there are more attempts.
    case list([Duration])
  }

  /// A policy.
  public init(
    attempts: Int, backoff: Backoff = .list([]),
    isRetryable: @escaping @Sendable (any Error) -> Bool = { _ in true }
  ) {
    self.attempts = attempts
    self.backoff = backoff
    self.isRetryable = isRetryable
  }

  /// One attempt.
  public static var never: RetryPolicy { RetryPolicy(attempts: 1) }

  /// Exponential backoff: after the first failure `first`, then twice as much each time.
  public static func exponential(
    attempts: Int, first: Duration = .milliseconds(100), factor: Double = 2,
    limit: Duration = .seconds(60), jitter: Double = 0.1,
    isRetryable: @escaping @Sendable (any Error) -> Bool = { _ in true }
  ) -> RetryPolicy {
    RetryPolicy(
      attempts: attempts,
      backoff: .exponential(first: first, factor: factor, limit: limit, jitter: jitter),
      isRetryable: isRetryable)
  }

  /// One attempt more than there are delays.
  public static func delays(
    _ delays: [Duration], isRetryable: @escaping @Sendable (any Error) -> Bool = { _ in true }
  ) -> RetryPolicy {
    RetryPolicy(attempts: delays.count + 1, backoff: .list(delays), isRetryable: isRetryable)
  }
}

extension RetryPolicy {
  /// Nanoseconds to wait after attempt `attempt` (from 1) has failed.
  ///
  /// `seed` decides the jitter: the same seed, step and attempt give the same delay.
  func delay(after attempt: Int, seed: UInt64) -> Int64 {
    switch backoff {
    case .list(let delays):
      guard !delays.isEmpty else { return 0 }
      return max(0, delays[min(attempt, delays.count) - 1].nanoseconds)
    case .exponential(let first, let factor, let limit, let jitter):
      var delay = Double(max(0, first.nanoseconds))
      guard delay > 0 else { return 0 }
      let most = Double(max(0, limit.nanoseconds))
      delay = min(delay * power(of: factor, attempt - 1), most)
      if jitter > 0 {
        var random = seed &+ UInt64(truncatingIfNeeded: attempt) &* 0x9E37_79B9_7F4A_7C15
        let unit = Double(nextSplitMix(&random) >> 11) * 0x1p-53
        delay *= 1 + min(jitter, 1) * (2 * unit - 1)
      }
      // Below 2⁶³: `limit` is one of 64 bits, and doubled it is cut.
      return delay < 0x1p62 ? Int64(delay) : 1 << 62
    }
  }

  /// What is wrong with the policy; nil when nothing is.
  var problem: String? {
    if attempts < 1 { return "retry attempts cannot be \(attempts): at least 1" }
    switch backoff {
    case .list(let delays):
      if delays.contains(where: { $0 < .zero }) { return "a delay cannot be negative" }
    case .exponential(let first, let factor, let limit, let jitter):
      if first < .zero || limit < .zero { return "a delay cannot be negative" }
      if !(factor >= 1 && factor.isFinite) { return "the backoff factor cannot be \(factor)" }
      if !(0...1).contains(jitter) { return "jitter cannot be \(jitter): 0 to 1" }
    }
    return nil
  }
}

/// `base` multiplied by itself `exponent` times; infinity where that is too much.
private func power(of base: Double, _ exponent: Int) -> Double {
  var (result, square, left) = (1.0, base, exponent)
  while left > 0 {
    if left & 1 == 1 { result *= square }
    square *= square
    left >>= 1
  }
  return result
}

/// The next number of SplitMix64 (Steele, Lea, Flood, 2014).
func nextSplitMix(_ state: inout UInt64) -> UInt64 {
  state &+= 0x9E37_79B9_7F4A_7C15
  var mixed = state
  mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
  mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
  return mixed ^ (mixed >> 31)
}
