internal import PFCore

/// Bytes that are appended to until they become a buffer. It keeps its first failure and takes
/// nothing after it.
struct GrowingBuffer: ~Copyable {
  private var buffer: MutableBuffer?
  private var failure: AllocationError?

  init() {}

  /// The bytes appended.
  private(set) var byteCount = 0

  mutating func append<T: BitwiseCopyable>(_ value: T) {
    guard makeRoom(for: MemoryLayout<T>.size) else { return }
    buffer?.append(value)
    byteCount += MemoryLayout<T>.size
  }

  mutating func append(_ bytes: Span<UInt8>) {
    guard makeRoom(for: bytes.count) else { return }
    buffer?.append(bytes)
    byteCount += bytes.count
  }

  mutating func append(repeating byte: UInt8, count: Int) {
    guard makeRoom(for: count) else { return }
    // Room is there, so this cannot fail.
    byteCount += count
    try? buffer?.fill(upTo: byteCount, with: byte)
  }

  /// What was appended; the rest is empty.
  mutating func take() throws(BuildError) -> Buffer {
    if let failure { throw BuildError(failure) }
    byteCount = 0
    return buffer.take()?.freeze() ?? .empty
  }

  private mutating func makeRoom(for count: Int) -> Bool {
    guard failure == nil else { return false }
    let (end, overflow) = byteCount.addingReportingOverflow(count)
    do throws(AllocationError) {
      guard !overflow else { throw AllocationError(byteCount: .max) }
      if buffer == nil {
        buffer = try MutableBuffer(byteCount: end)
      } else {
        try buffer?.reserve(end)
      }
      return true
    } catch {
      failure = error
      return false
    }
  }
}

/// A bitmap that is appended to.
struct BitBuilder: ~Copyable {
  private var bytes = GrowingBuffer()
  private var pending: UInt8 = 0
  private(set) var count = 0

  init() {}

  mutating func append(_ bit: Bool) {
    if bit { pending |= 1 << UInt8(truncatingIfNeeded: count & 7) }
    count += 1
    if count & 7 == 0 { flush() }
  }

  /// Appends ones to an empty bitmap.
  mutating func start(withOnes count: Int) {
    bytes.append(repeating: 0xFF, count: count / 8)
    pending = (1 << UInt8(truncatingIfNeeded: count & 7)) - 1
    self.count = count
  }

  mutating func take() throws(BuildError) -> Buffer {
    if count & 7 != 0 { flush() }
    count = 0
    return try bytes.take()
  }

  private mutating func flush() {
    bytes.append(pending)
    pending = 0
  }
}

/// The validity bitmap of an array; none is made before the first null.
struct ValidityBuilder: ~Copyable {
  private var bits = BitBuilder()
  private(set) var count = 0
  private(set) var nullCount = 0

  init() {}

  mutating func appendValid(count added: Int = 1) {
    if nullCount > 0 {
      for _ in 0..<added { bits.append(true) }
    }
    count += added
  }

  mutating func appendNull() {
    if nullCount == 0 { bits.start(withOnes: count) }
    bits.append(false)
    count += 1
    nullCount += 1
  }

  /// The bitmap, if there are nulls, with both counts.
  mutating func take() throws(BuildError) -> (validity: Buffer?, length: Int, nullCount: Int) {
    defer { (count, nullCount) = (0, 0) }
    return (nullCount == 0 ? nil : try bits.take(), count, nullCount)
  }
}
