internal import PFCore

/// The bytes behind offsets that text and binary builders share.
private struct OffsetBytes: ~Copyable {
  private var offsets = GrowingBuffer()
  private var data = GrowingBuffer()
  private var validity = ValidityBuilder()
  private var failure: BuildError?
  private let type: DataType
  private let isLarge: Bool
  private let byteLimit: Int

  init(_ type: DataType, isLarge: Bool, byteLimit: Int? = nil) {
    self.type = type
    self.isLarge = isLarge
    self.byteLimit = byteLimit ?? (isLarge ? .max : Int(Int32.max))
    appendOffset()
  }

  var count: Int { validity.count }

  mutating func append(_ bytes: Span<UInt8>) {
    guard bytes.count <= byteLimit - data.byteCount else {
      failure = failure ?? .offsetOverflow
      return
    }
    data.append(bytes)
    appendOffset()
    validity.appendValid()
  }

  mutating func appendNull() {
    appendOffset()
    validity.appendNull()
  }

  private mutating func appendOffset() {
    if isLarge {
      offsets.append(Int64(data.byteCount))
    } else {
      offsets.append(Int32(truncatingIfNeeded: data.byteCount))
    }
  }

  mutating func finish() throws(BuildError) -> ArrowArray {
    if let failure { throw failure }
    let (bitmap, length, nullCount) = try validity.take()
    let buffers = [bitmap, try offsets.take(), try data.take()]
    appendOffset()
    return ArrowArray(type: type, length: length, nullCount: nullCount, buffers: buffers)
  }
}

/// Builds arrays of text.
public final class StringBuilder: ValueBuilder {
  /// The type of the array.
  public let type: DataType
  private var bytes: OffsetBytes

  /// A builder of `utf8`, or of `largeUTF8` for more than 2 GiB of text.
  public init(isLarge: Bool = false) {
    type = isLarge ? .largeUTF8 : .utf8
    bytes = OffsetBytes(type, isLarge: isLarge)
  }

  /// The slots that were appended.
  public var count: Int { bytes.count }

  /// Appends text.
  public func append(_ value: String) { bytes.append(value.utf8Span.span) }

  /// Appends a null.
  public func appendNull() { bytes.appendNull() }

  /// The array; the builder is then empty.
  ///
  /// - Throws: `.offsetOverflow`, `.outOfMemory`.
  public func finish() throws(BuildError) -> ArrowArray { try bytes.finish() }
}

/// Builds arrays of bytes of varying length.
public final class BinaryBuilder: ValueBuilder {
  /// The type of the array.
  public let type: DataType
  private var bytes: OffsetBytes

  /// A builder of `binary`, or of `largeBinary` for more than 2 GiB of bytes.
  public init(isLarge: Bool = false) {
    type = isLarge ? .largeBinary : .binary
    bytes = OffsetBytes(type, isLarge: isLarge)
  }

  /// A builder of `binary` that holds at most `byteLimit` bytes, not 2 GiB.
  package init(byteLimit: Int) {
    type = .binary
    bytes = OffsetBytes(type, isLarge: false, byteLimit: min(byteLimit, Int(Int32.max)))
  }

  /// The slots that were appended.
  public var count: Int { bytes.count }

  /// Appends bytes.
  public func append(_ value: [UInt8]) { bytes.append(value.span) }

  /// Appends bytes.
  public func append(_ value: Span<UInt8>) { bytes.append(value) }

  /// Appends a null.
  public func appendNull() { bytes.appendNull() }

  /// The array; the builder is then empty.
  ///
  /// - Throws: `.offsetOverflow`, `.outOfMemory`.
  public func finish() throws(BuildError) -> ArrowArray { try bytes.finish() }
}

/// Builds arrays of bytes of one length.
public final class FixedSizeBinaryBuilder: ValueBuilder {
  /// The type of the array.
  public let type: DataType
  private let byteWidth: Int
  private var values = GrowingBuffer()
  private var validity = ValidityBuilder()
  private var failure: BuildError?

  /// A builder of values of `byteWidth` bytes. Precondition: that is not negative.
  public init(byteWidth: Int) {
    precondition(byteWidth >= 0, "a negative width")
    type = .fixedSizeBinary(byteWidth: byteWidth)
    self.byteWidth = byteWidth
  }

  /// The slots that were appended.
  public var count: Int { validity.count }

  /// Appends bytes. Another number of them than the width is a failure.
  public func append(_ value: [UInt8]) {
    guard value.count == byteWidth else {
      failure = failure ?? .wrongByteCount(value.count, expected: byteWidth)
      return
    }
    values.append(value.span)
    validity.appendValid()
  }

  /// Appends a null.
  public func appendNull() {
    values.append(repeating: 0, count: byteWidth)
    validity.appendNull()
  }

  /// The array; the builder is then empty.
  ///
  /// - Throws: `.wrongByteCount`, `.outOfMemory`.
  public func finish() throws(BuildError) -> ArrowArray {
    if let failure { throw failure }
    let (bitmap, length, nullCount) = try validity.take()
    return ArrowArray(
      type: type, length: length, nullCount: nullCount, buffers: [bitmap, try values.take()])
  }
}
