internal import PFCore

/// What a file may ask for before a read of it is given up with `.limitExceeded`, which names the
/// limit and its option. The defaults let through what sane writers make.
public struct ParquetLimits: Sendable {
  /// The most bytes of a page, stored or decompressed, by the word of its header. Option
  /// `page_byte_limit`.
  public var pageByteCount = 1 << 30
  /// The most bytes that a page may become for each byte that it is stored in; nil for what the
  /// codec can make at most, but 100 000 of BROTLI, which can make millions. Pages of no more than
  /// 16 MiB are let through. Option `compression_ratio_limit`.
  public var compressionRatio: Int?
  /// The most bytes of Arrow memory that the result of a read, or one batch of a scan, may have;
  /// three quarters of the machine's memory. What is decoded side by side is counted in steps of
  /// some megabytes for each thread, so that a read may end a little behind the limit. Option
  /// `allocation_limit`.
  public var allocationByteCount = memoryByteCount / 4 * 3
  /// The most levels of groups in a column, from 1 to 127; few consumers of Arrow take more than
  /// 100. Option `nesting_limit`.
  public var nesting = 100

  /// The defaults.
  public init() {}

  /// Pages up to this size are not worth a bomb.
  private static let harmlessByteCount = 16 << 20
  private static let brotliRatio = 100_000

  /// Whether a page may be decompressed, before memory is asked for.
  ///
  /// - Throws: `.limitExceeded`.
  func check(_ page: PageHeader, _ codec: CompressionCodec) throws(ReadError) {
    let stored = Int(page.compressedPageSize)
    let plain = Int(page.uncompressedPageSize)
    guard max(stored, plain) <= pageByteCount else {
      throw ReadError(
        .limitExceeded(
          limit: "the size of a page (option page_byte_limit)", declared: max(stored, plain),
          maximum: pageByteCount))
    }
    guard codec != .uncompressed, plain > Self.harmlessByteCount,
      let ratio = compressionRatio ?? (codec == .brotli ? Self.brotliRatio : nil)
    else { return }
    guard plain / max(1, stored) <= ratio else {
      throw ReadError(
        .limitExceeded(
          limit: "the compression ratio of a page (option compression_ratio_limit)",
          declared: plain / max(1, stored), maximum: ratio))
    }
  }
}
