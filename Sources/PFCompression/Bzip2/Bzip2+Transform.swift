internal import PFCore

extension Bzip2 {
  /// A stretch of the block that a lane walked over.
  struct Segment {
    static let maximumCount = 2048
    /// The bit of a link at which a segment begins.
    static let mark: UInt32 = 1 << 31

    /// Where in the memory of the lanes, and how long.
    var start = 0
    var count = 0
    /// The segment that goes on from its end.
    var next = 0
  }

  /// The walks of all lanes.
  ///
  /// Some links are marked: a segment begins at each of them, and ends before the next that is met.
  /// SAFETY: `segments` has room for `segmentCount`; positions are below `count`.
  @unsafe struct Walk {
    static let laneCount = 8
    let segments: UnsafeMutablePointer<Segment>
    let segmentCount: Int
    let origin: Int
    let spacingLog: Int
    /// Bytes of a lane.
    let stride: Int
    /// Where lanes wait that have nothing to do: a link to itself.
    let rest: Int
    var begun = 0
    var running = 0
    var current = InlineArray<8, Int>(repeating: 0)

    /// The segment that begins at `position`: the first at the origin, the others evenly spaced.
    private func segment(at position: Int) -> Int {
      unsafe position == origin ? 0 : position >> spacingLog + 1
    }

    /// Begins a segment in `lane` at `time`; gives its position, or `rest` when there is none.
    mutating func begin(_ lane: Int, time: Int) -> Int {
      guard unsafe begun < segmentCount else { return unsafe rest }
      let index = unsafe begun
      unsafe begun += 1
      unsafe running += 1
      unsafe current[lane] = index
      unsafe segments[index].start = lane * stride + time
      return unsafe index == 0 ? origin : (index - 1) << spacingLog
    }

    /// Ends the segment of `lane`, which has come to the marked `position`, and begins another.
    @inline(never)
    mutating func next(_ lane: Int, position: Int, time: Int) -> Int {
      let index = unsafe current[lane]
      unsafe segments[index].count = lane * stride + time - segments[index].start
      unsafe segments[index].next = segment(at: position)
      unsafe running -= 1
      return unsafe begin(lane, time: time)
    }
  }
}

extension Bzip2.Workspace {
  /// Turns the `count` bytes of the block, the last column of its sorted rotations, into the
  /// rotation that `origin` names.
  func invert(count: Int, origin: Int) throws(DecodingError) {
    let links = try unsafe links(count + 1)
    unsafe Self.link(block, count: count, counts: counts, into: links)
    if count >= 2048 {
      let spacingLog = max(5, Int.bitWidth - 1 - count.leadingZeroBitCount - 9)
      // Twice what they need when all run to the end.
      let stride = count / 4
      let lanes = try unsafe lanes(Bzip2.Walk.laneCount * stride)
      var walk = unsafe Bzip2.Walk(
        segments: segments, segmentCount: (count - 1) >> spacingLog + 2, origin: origin,
        spacingLog: spacingLog, stride: stride, rest: count)
      if unsafe Self.walk(&walk, links, into: lanes) {
        unsafe Self.join(segments, of: lanes, into: block, count: count)
        return
      }
    }
    unsafe Self.walkAlone(links, origin: origin, into: block, count: count)
  }

  /// Links each row of the sorted rotations to the one that begins a byte later, by a counting sort:
  /// the first byte of the row in bits 0 to 7, the other row in bits 8 to 30.
  ///
  /// SAFETY: `counts` are those of the bytes of `block`, so every row is written once.
  @inline(never)
  private static func link(
    _ block: UnsafePointer<UInt8>, count: Int, counts: UnsafeMutablePointer<UInt32>,
    into links: UnsafeMutablePointer<UInt32>
  ) {
    var sum: UInt32 = 0
    for byte in 0..<256 {
      let start = sum
      unsafe sum &+= counts[byte]
      unsafe counts[byte] = start
    }
    for row in 0..<count {
      let byte = unsafe UInt32(block[row])
      let target = unsafe Int(counts[Int(byte)])
      unsafe counts[Int(byte)] &+= 1
      unsafe links[target] = UInt32(truncatingIfNeeded: row) &<< 8 | byte
    }
  }

  /// Follows the links from `origin` on. Each step waits for the one before.
  private static func walkAlone(
    _ links: UnsafePointer<UInt32>, origin: Int, into block: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    var position = origin
    for index in 0..<count {
      // Marks are left of a walk that was given up.
      let link = unsafe links[position] & ~Bzip2.Segment.mark
      unsafe block[index] = UInt8(truncatingIfNeeded: link)
      position = Int(link &>> 8)
    }
  }

  /// Follows the links from many rows at once; false when a lane is full.
  ///
  /// WHY: the links are in no order, so each is a load from beyond the first caches, and its address
  /// is known only from the one before. Eight walks wait for eight loads at the same time. Where
  /// they end is not known before: so segments are many, and a lane goes from one to the next.
  ///
  /// SAFETY: links lead to rows, and from `rest` to itself; `lanes` has `stride` bytes for each
  /// lane, and `time < stride`.
  @inline(never)
  private static func walk(
    _ walk: inout Bzip2.Walk, _ links: UnsafeMutablePointer<UInt32>,
    into lanes: UnsafeMutablePointer<UInt8>
  ) -> Bool {
    let rest = unsafe walk.rest
    unsafe links[rest] = UInt32(truncatingIfNeeded: rest) &<< 8
    unsafe links[walk.origin] |= Bzip2.Segment.mark
    for row in Swift.stride(from: 0, to: rest, by: 1 << (unsafe walk.spacingLog)) {
      unsafe links[row] |= Bzip2.Segment.mark
    }
    let stride = unsafe walk.stride
    var position0 = unsafe walk.begin(0, time: 0)
    var position1 = unsafe walk.begin(1, time: 0)
    var position2 = unsafe walk.begin(2, time: 0)
    var position3 = unsafe walk.begin(3, time: 0)
    var position4 = unsafe walk.begin(4, time: 0)
    var position5 = unsafe walk.begin(5, time: 0)
    var position6 = unsafe walk.begin(6, time: 0)
    var position7 = unsafe walk.begin(7, time: 0)
    var time = 0
    var target = unsafe lanes

    /// A step of a lane that stands on `position`, whose mark was passed already if `link` is.
    @inline(__always)
    func step(_ lane: Int, _ position: inout Int, isFirst: Bool) {
      var link = unsafe links[position]
      if isFirst {
        link &= ~Bzip2.Segment.mark
      } else if _slowPath(link >= Bzip2.Segment.mark) {
        position = unsafe walk.next(lane, position: position, time: time)
        link = unsafe links[position] & ~Bzip2.Segment.mark
      }
      unsafe target[lane &* stride] = UInt8(truncatingIfNeeded: link)
      position = Int(link &>> 8)
    }
    @inline(__always)
    func stepAll(isFirst: Bool) {
      step(0, &position0, isFirst: isFirst)
      step(1, &position1, isFirst: isFirst)
      step(2, &position2, isFirst: isFirst)
      step(3, &position3, isFirst: isFirst)
      step(4, &position4, isFirst: isFirst)
      step(5, &position5, isFirst: isFirst)
      step(6, &position6, isFirst: isFirst)
      step(7, &position7, isFirst: isFirst)
      unsafe target += 1
      time &+= 1
    }

    stepAll(isFirst: true)
    while unsafe walk.running > 0 {
      guard time < stride else { return false }
      stepAll(isFirst: false)
    }
    return true
  }

  /// Copies the segments in their order, from that of the origin on, over and over until there are
  /// `count` bytes.
  ///
  /// SAFETY: the walk has ended, so each segment has one byte at least, and a next one.
  private static func join(
    _ segments: UnsafePointer<Bzip2.Segment>, of lanes: UnsafePointer<UInt8>,
    into block: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    var index = 0
    var done = 0
    while done < count {
      let segment = unsafe segments[index]
      let part = min(segment.count, count - done)
      unsafe (block + done).update(from: lanes + segment.start, count: part)
      done += part
      index = segment.next
    }
  }
}
