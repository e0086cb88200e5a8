/// Why bytes could not be decoded, and where (`offset` counts from the start of the reader).
///
/// The layer that knows the file, the row group and the column adds them; the text for people is
/// made at the edge.
public enum DecodingError: Error, Equatable, Sendable {
  /// Input ended: `needed` more bytes were wanted at `offset`.
  case truncated(offset: Int, needed: Int)
  /// The integer that starts at `offset` does not fit its type.
  case integerOverflow(offset: Int)
  /// A required field is absent from the struct that starts at `offset`.
  case missingField(id: Int16, offset: Int)
  /// A size read at `offset` is above the limit that the caller or the input's length sets.
  case limitExceeded(offset: Int, declared: Int, limit: Int)
  /// The value at `offset` is outside the set that the specification allows.
  case invalidValue(offset: Int)
  /// There was no memory for the values.
  case outOfMemory(byteCount: Int)
  /// The input is legal, but uses a feature that this version lacks.
  case unsupported(UnsupportedFeature, offset: Int)

  /// A legal feature that a decoder lacks.
  public enum UnsupportedFeature: Equatable, Sendable {
    case zstandardDictionary
    case legacyZstandard
    case lz4Dictionary
    case brotliLargeWindow
    case bzip2Randomised
    /// By the filter's number in the .xz format, section 5.3.
    case xzFilter(UInt64)
  }

  /// The byte at which the input stops making sense.
  public var offset: Int {
    switch self {
    case .outOfMemory: 0
    case .truncated(let offset, _), .integerOverflow(let offset), .missingField(_, let offset),
      .limitExceeded(let offset, _, _), .invalidValue(let offset), .unsupported(_, let offset):
      offset
    }
  }

  /// The same error of a reader that began `base` bytes into a larger input.
  public func shifted(by base: Int) -> DecodingError {
    switch self {
    case .truncated(let offset, let needed): .truncated(offset: offset &+ base, needed: needed)
    case .integerOverflow(let offset): .integerOverflow(offset: offset &+ base)
    case .missingField(let id, let offset): .missingField(id: id, offset: offset &+ base)
    case .limitExceeded(let offset, let declared, let limit):
      .limitExceeded(offset: offset &+ base, declared: declared, limit: limit)
    case .invalidValue(let offset): .invalidValue(offset: offset &+ base)
    case .unsupported(let feature, let offset): .unsupported(feature, offset: offset &+ base)
    case .outOfMemory: self
    }
  }
}

extension DecodingError: CustomStringConvertible {
  /// One clause for people, without the place.
  public var description: String {
    switch self {
    case .truncated(_, let needed): "the input ends \(needed) byte\(needed == 1 ? "" : "s") early"
    case .integerOverflow: "an integer does not fit its type"
    case .missingField(let id, _): "required field \(id) is missing"
    case .limitExceeded(_, let declared, let limit):
      "a size of \(declared) is declared where at most \(limit) is possible"
    case .outOfMemory(let byteCount): "no memory for \(byteCount) bytes"
    case .invalidValue: "a value is outside what the format allows"
    case .unsupported(let feature, _): "\(feature) is not supported"
    }
  }
}

extension DecodingError.UnsupportedFeature: CustomStringConvertible {
  /// The feature's name.
  public var description: String {
    switch self {
    case .zstandardDictionary: "a Zstandard frame with a dictionary"
    case .legacyZstandard: "a Zstandard frame from before version 0.8"
    case .lz4Dictionary: "an LZ4 frame with a dictionary"
    case .brotliLargeWindow: "a Brotli stream with a large window"
    case .bzip2Randomised: "a bzip2 block that was randomised"
    case .xzFilter(let number): Self.xzFilterNames[number] ?? "the xz filter \(number)"
    }
  }

  private static let xzFilterNames: [UInt64: String] = [
    4: "the xz filter for x86", 5: "the xz filter for PowerPC", 6: "the xz filter for IA-64",
    7: "the xz filter for ARM", 8: "the xz filter for ARM-Thumb", 9: "the xz filter for SPARC",
    10: "the xz filter for ARM64", 11: "the xz filter for RISC-V",
  ]
}
