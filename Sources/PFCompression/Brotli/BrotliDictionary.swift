/// The static dictionary and its transforms (RFC 7932, section 8).
package enum BrotliDictionary {
  /// The longest prefix, the longest word and the longest suffix.
  static let maximumByteCount = 5 + 24 + 8

  /// By the length of a word: how many bits its index has; 0 where there are no words.
  private static let indexBitCounts: [25 of UInt8] = [
    0, 0, 0, 0, 10, 10, 11, 11, 10, 10, 10, 10, 10, 9, 9, 8, 7, 7, 8, 7, 7, 6, 6, 5, 5,
  ]

  /// By the length of a word: where the first of that length begins.
  private static let offsets: [25 of Int] = {
    var offsets = [25 of Int](repeating: 0)
    for length in 0..<24 {
      let bitCount = indexBitCounts[length]
      offsets[length + 1] = offsets[length] + (bitCount == 0 ? 0 : length << Int(bitCount))
    }
    return offsets
  }()

  /// All words, by length. The library has them deflated, half as large.
  private static let words = inflated()

  private static func inflated() -> [UInt8] {
    let data = BrotliDictionaryData.deflatedWords
    let packed = (0..<BrotliDictionaryData.deflatedByteCount).map { byte(of: data, $0) }
    guard let words = try? Deflate.decompress(packed.span) else {
      preconditionFailure("the words are the library's own")
    }
    return words
  }

  /// By transform: where its prefix begins in the data.
  private static let transformOffsets: [Int] = {
    let data = BrotliDictionaryData.transforms
    var offsets: [Int] = []
    var offset = 0
    while offset < data.count * 8 {
      offsets.append(offset)
      while byte(of: data, offset) != 0 { offset += 1 }
      offset += 2
      while byte(of: data, offset) != 0 { offset += 1 }
      offset += 1
    }
    return offsets
  }()

  private static func byte(of words: [UInt64], _ offset: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: words[offset >> 3] >> UInt64(8 * (offset & 7)))
  }

  /// Appends the word that a distance beyond the window means: `index` counts from the farthest
  /// byte of the window on, `length` is that of the copy.
  ///
  /// - Returns: false when there is no such word.
  package static func append(
    length: Int, index: Int, to output: inout OutputSpan<UInt8>
  ) -> Bool {
    guard length < indexBitCounts.count, indexBitCounts[length] > 0 else { return false }
    let bitCount = Int(indexBitCounts[length])
    let transform = index >> bitCount
    guard transform < transformOffsets.count else { return false }

    let data = BrotliDictionaryData.transforms
    var offset = transformOffsets[transform]
    func appendAffix() {
      while true {
        let next = byte(of: data, offset)
        offset += 1
        if next == 0 { return }
        output.append(next)
      }
    }
    appendAffix()
    let kind = Int(byte(of: data, offset))
    offset += 1
    var first = offsets[length] + length * (index & (1 << bitCount - 1))
    var end = first + length
    switch kind {
    case 3...11: first = min(first + kind - 2, end)
    case 12...20: end = max(end - (kind - 11), first)
    default: break
    }
    let start = output.count
    for place in first..<end { output.append(words[place]) }
    if kind == 1 || kind == 2 {
      var word = output.mutableSpan
      var place = start
      repeat { place += ferment(&word, at: place) } while kind == 2 && place < word.count
    }
    appendAffix()
    return true
  }

  /// Turns the character at `place` to upper case, roughly, and returns its width in UTF-8.
  private static func ferment(_ word: inout MutableSpan<UInt8>, at place: Int) -> Int {
    switch word[place] {
    case UInt8(ascii: "a")...UInt8(ascii: "z"):
      word[place] ^= 32
      return 1
    case ..<0xC0:
      return 1
    case ..<0xE0:
      if place + 1 < word.count { word[place + 1] ^= 32 }
      return 2
    default:
      if place + 2 < word.count { word[place + 2] ^= 5 }
      return 3
    }
  }
}
