extension Snappy {
  /// Compresses `input`, which is shorter than 4 GiB.
  ///
  /// Greedy: the first match that a hash of four bytes finds is taken. Blocks of 64 KiB are
  /// independent, so every copy has an offset of at most two bytes. The same input gives the same
  /// bytes everywhere.
  /// - Complexity: O(`input.count`); the result has at most `32 + input.count * 7 / 6` bytes.
  public static func compress(_ input: Span<UInt8>) -> [UInt8] {
    precondition(input.count >> 32 == 0, "Snappy holds less than 4 GiB")
    return [UInt8](capacity: 32 + input.count + input.count / 6) { output in
      var rest = input.count
      while rest >= 0x80 {
        output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      output.append(UInt8(rest))

      var start = 0
      while start < input.count {
        let end = min(start + blockByteCount, input.count)
        compressBlock(input.extracting(start..<end), into: &output)
        start = end
      }
    }
  }

  private static let blockByteCount = 1 << 16
  private static let hashBitWidth = 14

  private static func compressBlock(_ block: Span<UInt8>, into output: inout OutputSpan<UInt8>) {
    let bytes = RawSpan(_elements: block)
    func word(_ offset: Int) -> UInt32 {
      // SAFETY: checked against the span's bounds; every bit pattern is a UInt32.
      unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
    }
    func slot(_ word: UInt32) -> Int {
      Int((word &* 0x9E37_79B1) >> UInt32(32 - hashBitWidth))
    }

    /// By hash: the last offset seen with it. Zero, the start, is as good as any.
    var table = [UInt16](repeating: 0, count: 1 << hashBitWidth)
    var offsets = table.mutableSpan
    let lastOffset = block.count - 8
    var literalStart = 0
    var offset = 1
    var misses = 32
    while offset <= lastOffset {
      let here = word(offset)
      let candidate = Int(offsets[slot(here)])
      offsets[slot(here)] = UInt16(offset)
      guard word(candidate) == here else {
        offset += misses >> 5  // ever longer steps through what does not compress
        misses += 1
        continue
      }
      appendLiteral(block.extracting(literalStart..<offset), to: &output)
      let count = 4 + commonPrefixCount(bytes, candidate + 4, offset + 4)
      appendCopy(distance: offset - candidate, count: count, to: &output)
      offset += count
      literalStart = offset
      misses = 32
      if offset <= lastOffset { offsets[slot(word(offset - 1))] = UInt16(offset - 1) }
    }
    appendLiteral(block.extracting(literalStart...), to: &output)
  }

  /// How many bytes from `first` on equal those from `second` on; `first < second`.
  private static func commonPrefixCount(_ bytes: RawSpan, _ first: Int, _ second: Int) -> Int {
    var count = 0
    while second + count + 8 <= bytes.byteCount {
      // SAFETY: checked against the span's bounds; every bit pattern is a UInt64.
      let difference =
        unsafe bytes.unsafeLoadUnaligned(fromByteOffset: first + count, as: UInt64.self)
        ^ bytes.unsafeLoadUnaligned(fromByteOffset: second + count, as: UInt64.self)
      guard difference == 0 else {
        return count + UInt64(littleEndian: difference).trailingZeroBitCount / 8
      }
      count += 8
    }
    while second + count < bytes.byteCount,
      unsafe bytes.unsafeLoad(fromByteOffset: first + count, as: UInt8.self)
        == bytes.unsafeLoad(fromByteOffset: second + count, as: UInt8.self)
    { count += 1 }
    return count
  }

  /// format_description.txt, section 2.1.
  private static func appendLiteral(_ bytes: Span<UInt8>, to output: inout OutputSpan<UInt8>) {
    guard !bytes.isEmpty else { return }
    let last = bytes.count - 1
    if last < 60 {
      output.append(UInt8(last << 2))
    } else if last < 1 << 8 {
      output.append(60 << 2)
      output.append(UInt8(last))
    } else {
      output.append(61 << 2)
      output.append(UInt8(truncatingIfNeeded: last))
      output.append(UInt8(last >> 8))
    }
    precondition(bytes.count <= output.freeCapacity, "the bound of the compressed size is wrong")
    // SAFETY: the precondition leaves room for all of `bytes` behind what is initialised.
    unsafe output.withUnsafeMutableBufferPointer { target, initializedCount in
      unsafe bytes.withUnsafeBufferPointer { source in
        _ = unsafe target[initializedCount...].initialize(fromContentsOf: source)
      }
      initializedCount += bytes.count
    }
  }

  /// format_description.txt, section 2.2: at most 64 bytes an element, never fewer than four.
  private static func appendCopy(distance: Int, count: Int, to output: inout OutputSpan<UInt8>) {
    func append(_ count: Int) {
      if count < 12, distance < 1 << 11 {
        output.append(UInt8((distance >> 8) << 5 | (count - 4) << 2 | 1))
        output.append(UInt8(truncatingIfNeeded: distance))
      } else {
        output.append(UInt8((count - 1) << 2 | 2))
        output.append(UInt8(truncatingIfNeeded: distance))
        output.append(UInt8(distance >> 8))
      }
    }
    var left = count
    while left >= 68 {
      append(64)
      left -= 64
    }
    if left > 64 {
      append(60)
      left -= 60
    }
    append(left)
  }
}
