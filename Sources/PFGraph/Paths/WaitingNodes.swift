internal import PFCore

/// Nodes that wait in many queues, all of one thread: chunks of memory, whichever queue needs one.
///
/// A queue is known by its top, the address at which its next element goes; 0 if it is empty. Chunks
/// are aligned to their size, and begin with the top that the queue had before they were added, so
/// a top that is aligned like a chunk says that there is no room.
///
/// SAFETY: in a loop each thread uses the one of its own number; between loops the leader does.
@safe final class WaitingNodes: @unchecked Sendable {
  /// A node, below the upper half of the bits of the distance that it had when it was put here.
  typealias Element = UInt64

  /// The bytes of a chunk.
  private static let chunkSize: UInt = 1 << 10
  /// The most elements of a chunk.
  static var chunkCapacity: Int { Int(chunkSize) / MemoryLayout<Element>.stride - 1 }

  /// The top of each queue.
  private let tops: Slots<UInt>
  /// What all chunks are part of.
  private var blocks: [Buffer] = []
  /// Where memory begins that was in no queue yet, and where it ends.
  private var (fresh, end): (UInt, UInt) = (0, 0)
  /// A chunk that was given back; its first word is the next one's address.
  private var unused: UInt = 0
  /// What there was no memory for, if anything; elements are missing then.
  private(set) var missingByteCount = 0

  init(_ kernel: Kernel, queueCount: Int) throws(GraphError) {
    tops = try kernel.slots(repeating: 0, count: queueCount)
  }

  /// Whether nothing waits in a queue.
  @inline(__always)
  func isEmpty(_ queue: Int) -> Bool { tops[queue] == 0 }

  /// Puts an element into a queue.
  @inline(__always)
  func push(_ element: Element, to queue: Int) {
    var top = tops[queue]
    if top & (Self.chunkSize - 1) == 0 {
      top = addChunk(above: top)
      guard top != 0 else { return }
    }
    Self.write(element, at: top)
    tops[queue] = top + UInt(MemoryLayout<Element>.stride)
  }

  /// Empties a queue; the top that it had.
  func take(_ queue: Int) -> UInt {
    let top = tops[queue]
    tops[queue] = 0
    return top
  }

  /// Whether a queue has few chunks.
  func isShort(_ queue: Int) -> Bool {
    var (top, count) = (tops[queue], 0)
    while top != 0, count < 8 {
      count += 1
      top = Self.below(top)
    }
    return count < 8
  }

  /// Calls `body` with each element of the upmost chunk of a queue that was taken.
  @inline(__always)
  static func forEach(ofChunk top: UInt, _ body: (Element) -> Void) {
    var place = chunk(top) + UInt(MemoryLayout<Element>.stride)
    while place < top {
      body(read(place))
      place += UInt(MemoryLayout<Element>.stride)
    }
  }

  /// The top below the upmost chunk of a queue; 0 if that was the last.
  @inline(__always)
  static func below(_ top: UInt) -> UInt { UInt(read(chunk(top))) }

  /// Gives the upmost chunk of a queue that was taken back, to this thread or another.
  func giveBack(_ top: UInt) {
    let chunk = Self.chunk(top)
    Self.write(UInt64(unused), at: chunk)
    unused = chunk
  }

  // MARK: Memory

  private static func chunk(_ top: UInt) -> UInt { (top - 1) & ~(chunkSize - 1) }

  /// Where the first element of a new chunk goes; 0 if there is no memory.
  @inline(never)
  private func addChunk(above top: UInt) -> UInt {
    var chunk = unused
    if chunk != 0 {
      unused = UInt(Self.read(chunk))
    } else {
      if fresh == end, !addBlock() { return 0 }
      chunk = fresh
      fresh += Self.chunkSize
    }
    Self.write(UInt64(top), at: chunk)
    return chunk + UInt(MemoryLayout<Element>.stride)
  }

  private func addBlock() -> Bool {
    // As much as there is already, but 4 MiB at most.
    let byteCount = (128 << 10) << min(blocks.count, 5)
    do throws(AllocationError) {
      var bytes = try MutableBuffer(byteCount: byteCount)
      bytes.setByteCount(byteCount)
      let start = unsafe UInt(bitPattern: bytes.start)
      // SAFETY: the buffer is ours alone, so it may still be written.
      blocks.append(bytes.freeze())
      fresh = (start + Self.chunkSize - 1) & ~(Self.chunkSize - 1)
      end = (start + UInt(byteCount)) & ~(Self.chunkSize - 1)
      return true
    } catch {
      missingByteCount = error.byteCount
      return false
    }
  }

  // SAFETY: of both: places are inside of chunks, aligned to words; a thread has the chunks of its
  // queues to itself, and reads others' chunks only after the loop that wrote them.
  @inline(__always)
  private static func read(_ place: UInt) -> Element {
    unsafe UnsafePointer<Element>(bitPattern: place).unsafelyUnwrapped.pointee
  }

  @inline(__always)
  private static func write(_ element: Element, at place: UInt) {
    unsafe UnsafeMutablePointer<Element>(bitPattern: place).unsafelyUnwrapped.pointee = element
  }
}
