import PFCore
import Testing

@Suite struct `buffers` {
  static let sizes = [0, 1, 7, 8, 63, 64, 65, 1000, 262_143, 1 << 20, (2 << 20) + 1]

  static func address(_ buffer: Buffer) -> UInt { unsafe UInt(bitPattern: buffer.address) }

  @Test("are aligned, padded with zeros, and hold what was written", arguments: sizes)
  func content(size: Int) throws {
    // Freed memory with other content comes back.
    for value: UInt8 in [0xFF, 0x11] {
      var made = try MutableBuffer(byteCount: size)
      try made.fill(upTo: size, with: value)
      let buffer = made.freeze()
      #expect(buffer.byteCount == size)
      #expect(Self.address(buffer) % 64 == 0)
      let bytes = buffer.bytes
      #expect(bytes.indices.allSatisfy { bytes[$0] == value })
      // SAFETY: buffers of our own have this padding, which is what is tested.
      let padding = unsafe UnsafeRawBufferPointer(
        start: buffer.address + size, count: (64 - size % 64) % 64)
      #expect(unsafe padding.allSatisfy { $0 == 0 })
    }
  }

  @Test("keep their content when they grow", arguments: [1, 100, 300_000, 3_000_000])
  func growth(step: Int) throws {
    var made = try MutableBuffer(byteCount: 1)
    for round in 0..<8 {
      try made.fill(upTo: (round + 1) * step, with: UInt8(round))
      #expect(made.byteCount == (round + 1) * step)
      #expect(made.capacity >= made.byteCount)
    }
    let buffer = made.freeze()
    let bytes = buffer.bytes
    for round in 0..<8 {
      #expect(bytes[round * step] == UInt8(round))
      #expect(bytes[(round + 1) * step - 1] == UInt8(round))
    }
  }

  @Test func `do not keep memory that was reserved in vain`() throws {
    for byteCount in [0, 10, 100_000, 3 << 20] {
      var made = try MutableBuffer(byteCount: 64 << 20)
      try made.fill(upTo: byteCount, with: 7)
      let before = unsafe UInt(bitPattern: made.start)
      let buffer = made.freeze()
      #expect(Self.address(buffer) != before)
      #expect(buffer.byteCount == byteCount)
      let bytes = buffer.bytes
      #expect(bytes.indices.allSatisfy { bytes[$0] == 7 })
    }
    // What is half full stays in place.
    var made = try MutableBuffer(byteCount: 8 << 20)
    try made.fill(upTo: 4 << 20)
    let before = unsafe UInt(bitPattern: made.start)
    #expect(Self.address(made.freeze()) == before)
  }

  @Test(
    "that nobody can have are an error", arguments: [Int.max, Int.max - 63, 1 << 62, -1, Int.min])
  func impossible(size: Int) {
    #expect(throws: AllocationError(byteCount: size)) { _ = try MutableBuffer(byteCount: size) }
  }

  @Test func `are equal when their bytes are, wherever these lie`() throws {
    let buffer = try Buffer(copying: [1, 2, 3, 1, 2, 3] as [UInt8])
    #expect(buffer.slice(offset: 0, byteCount: 3) == buffer.slice(offset: 3, byteCount: 3))
    #expect(buffer.slice(offset: 0, byteCount: 3) != buffer.slice(offset: 1, byteCount: 3))
    #expect(buffer.slice(offset: 0, byteCount: 2) != buffer.slice(offset: 3, byteCount: 3))
    #expect(buffer.slice(offset: 6, byteCount: 0) == .empty)
    #expect(
      try Buffer(copying: [0x0201, 3] as [UInt16]) == Buffer(copying: [1, 2, 3, 0] as [UInt8]))
  }

  @Test func `slices keep the memory alive`() throws {
    var slices: [Buffer] = []
    for round in 0..<20 {
      let whole = try Buffer(copying: [UInt8](repeating: UInt8(round), count: 1 << 20).span)
      slices.append(whole.slice(offset: 1000, byteCount: 10))
    }
    for (round, slice) in slices.enumerated() {
      let bytes = slice.bytes
      #expect(bytes.indices.allSatisfy { bytes[$0] == UInt8(round) })
    }
  }
}
