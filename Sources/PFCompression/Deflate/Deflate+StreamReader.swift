package import PFCore

extension Deflate {
  /// Decompresses an input that comes in pieces, in bounded memory: the last 32 KiB, which the
  /// stream may copy from, and a batch of output.
  ///
  /// SAFETY: owns `buffer`; the first `output.count` bytes of it are initialised.
  @safe package struct StreamReader: ~Copyable {
    private static var windowSize: Int { 1 << 15 }
    /// What a call gives at most, but for an element of 258 bytes.
    private static var batchSize: Int { 1 << 16 }

    private let buffer: UnsafeMutableRawPointer
    private var output: Output
    private var decoder: Decoder
    private var reader = BitReader()

    /// A reader of one input in `frame`; of all members, for GZIP.
    package init(_ frame: Frame) {
      let limit = Self.windowSize + Self.batchSize
      let capacity = limit + Inflater.outputSlack
      unsafe buffer = .allocate(byteCount: capacity, alignment: 64)
      unsafe output = Output(
        start: buffer, capacity: capacity, count: 0, limit: limit, history: 0)
      decoder = Decoder(frame)
    }

    deinit { unsafe buffer.deallocate() }

    /// Decompresses `input` until a batch is full or `input` is used up, and adds to `taken` how
    /// many bytes of it were used.
    ///
    /// Call it with the rest of the input until the result is empty; then all was used and more may
    /// be supplied. The bytes are valid until the next call.
    /// - Throws: `.invalidValue` at what is malformed, with the offset from the first input on.
    ///   Nothing may be read afterwards.
    @_lifetime(&self)
    package mutating func read(
      _ input: Span<UInt8>, taken: inout Int
    ) throws(DecodingError) -> Span<UInt8> {
      moveWindow()
      let start = output.count
      try unsafe input.withUnsafeBytes { bytes throws(DecodingError) in
        unsafe reader.supply(bytes)
        _ = try decoder.run(&reader, &output)
        taken += reader.position
        unsafe reader.supply(UnsafeRawBufferPointer(start: nil, count: 0))
      }
      // SAFETY: the decoder wrote these bytes; the buffer lives as long as the reader.
      let bytes = unsafe Span<UInt8>(
        _unsafeElements: UnsafeBufferPointer(
          start: (buffer + start).assumingMemoryBound(to: UInt8.self), count: output.count - start))
      return unsafe _overrideLifetime(bytes, mutating: &self)
    }

    /// Says that no more input will come.
    ///
    /// - Throws: `.truncated` when the stream has not ended.
    package func finish() throws(DecodingError) { try decoder.finish(reader) }

    /// Makes room for a batch, once there is none: the window moves to the front.
    private mutating func moveWindow() {
      guard output.room == 0 else { return }
      let shift = output.count - Self.windowSize
      unsafe buffer.copyMemory(from: buffer + shift, byteCount: Self.windowSize)
      output.count = Self.windowSize
      output.history = max(output.history - shift, 0)
    }
  }
}
