// Labels → numbers: a hash table that all threads fill at once.
//
// Method: open addressing with linear probing over words of 32 bits of hash and 32 bits of number,
// 0 where nothing is. A thread that finds a free place writes what it knows of its label under a
// number of its own first and then puts hash and number there by one compare-and-swap; who sees the
// word sees what was written before.

/// The places of a table. Its memory is a kernel's, or a buffer's.
struct LabelTable: BitwiseCopyable, Sendable {
  /// A power of two of them.
  let places: Slots<UInt64>
  let seed: LabelSeed

  /// Finds the number of a label, or puts that of `make` at its place.
  ///
  /// - Parameters:
  ///   - key: The key of the label.
  ///   - first: What was seen at its first place.
  ///   - isSame: Whether a number, whose label has the same half of the hash, has the same label.
  ///   - make: A number, of which all has been written that `isSame` reads; nil to put nothing.
  /// - Returns: The number, and whether it was found; nil where it is not there and none was made.
  @inline(__always)
  func place(
    _ key: UInt64, first: UInt64 = 0, isSame: (UInt32) -> Bool, make: () -> UInt32?
  ) -> (number: UInt32, isFound: Bool)? {
    let hash = seed.mixed(key)
    let tag = (hash >> 32) << 32
    let mask = places.count - 1
    var place = Int(truncatingIfNeeded: hash) & mask
    var seen = first
    while true {
      if seen == 0 { seen = places.acquire(place) }
      if seen == 0 {
        guard let number = make() else { return nil }
        seen = places.publish(place, tag | UInt64(number + 1))
        if seen == 0 { return (number, false) }
      }
      if seen ^ tag < 1 << 32 {
        let number = UInt32(truncatingIfNeeded: seen) - 1
        if isSame(number) { return (number, true) }
      }
      place = (place + 1) & mask
      seen = 0
    }
  }

  /// What is at the first place of a label.
  @inline(__always)
  func first(_ key: UInt64) -> UInt64 {
    places.acquire(Int(truncatingIfNeeded: seed.mixed(key)) & (places.count - 1))
  }

  /// The places for so many labels: at most five eighths of them are taken.
  static func placeCount(for labelCount: Int) -> Int {
    var count = 1 << 6
    while capacity(ofPlaces: count) < labelCount { count *= 2 }
    return count
  }

  /// The labels that a table of so many places may have.
  static func capacity(ofPlaces count: Int) -> Int { count / 8 * 5 }
}
