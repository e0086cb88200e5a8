internal import PFCore

/// Turns the levels of one leaf below groups into their validity, their offsets and the slots of
/// the leaf, any number of levels at a time (Dremel assembly).
@safe final class NestedLevels {
  /// Levels that are decoded at once; they stay in the nearest cache.
  static let blockCapacity = 2048
  /// Loads of whole words and the slot behind the last one.
  private static let spare = 16

  private let path: LevelPath
  private let maxDefinition: UInt8
  private let maxRepetition: UInt8
  private let nullableGroups: [NullableGroup]
  private let lists: [Lists]

  /// The block: levels, levels of one depth's slots, bits of them.
  private let repetitions: UnsafeMutablePointer<UInt8>
  private let definitions: UnsafeMutablePointer<UInt8>
  private let slotLevels: UnsafeMutablePointer<UInt8>
  private let bits: UnsafeMutablePointer<UInt8>
  private var next = 0
  private var end = 0

  /// The validity of one group in the making.
  fileprivate final class NullableGroup {
    let group: LevelPath.NullableGroup
    var validity = ValidityBuilder()

    init(_ group: LevelPath.NullableGroup) { self.group = group }
  }

  /// The lists of one depth in the making.
  fileprivate final class Lists {
    var state: LevelKernels.Depth
    var offsets: MutableBuffer?
    var slotCount = 0

    init(_ state: LevelKernels.Depth) { self.state = state }
  }

  /// What some levels are.
  struct Stretch {
    var rows = 0
    /// Slots of the leaf, and those among them that hold a value.
    var slots = 0
    var values = 0
  }

  /// - Precondition: no level is above `LevelPath.maximumDepth`.
  init(_ path: LevelPath, maxDefinitionLevel: Int) {
    self.path = path
    maxDefinition = UInt8(clamping: maxDefinitionLevel)
    maxRepetition = UInt8(clamping: path.depth)
    nullableGroups = path.nullableGroups.map { NullableGroup($0) }
    lists = (0..<path.depth).map { depth in
      Lists(
        LevelKernels.Depth(
          depth: UInt8(clamping: depth), slotLevel: path.slotLevel(at: depth),
          elementLevel: path.slotLevel(at: depth + 1), isDeepest: depth == path.depth - 1,
          elementCount: 0, isInside: false))
    }
    func make() -> UnsafeMutablePointer<UInt8> {
      let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.blockCapacity + Self.spare)
      unsafe memory.initialize(repeating: 0, count: Self.blockCapacity + Self.spare)
      return unsafe memory
    }
    unsafe repetitions = make()
    unsafe definitions = make()
    unsafe slotLevels = make()
    unsafe bits = make()
  }

  deinit {
    unsafe repetitions.deallocate()
    unsafe definitions.deallocate()
    unsafe slotLevels.deallocate()
    unsafe bits.deallocate()
  }

  // MARK: Columns below structs alone

  /// Reads the levels of the next `slots` rows, which are slots; returns those that hold a value.
  func readStructs(
    _ slots: Int, _ levels: inout RLEHybridReader, _ leaf: inout ValidityBuilder
  ) throws(DecodingError) -> Int {
    var values = 0
    var done = 0
    while done < slots {
      // Long runs are taken whole; what is bit-packed, block by block.
      switch try unsafe levels.next(limit: slots - done) {
      case .repeated(let level, let run):
        guard level <= UInt32(maxDefinition) else { throw .invalidValue(offset: 0) }
        for nullable in nullableGroups {
          try nullable.append(run, isValid: level >= UInt32(nullable.group.level))
        }
        let isValue = level == UInt32(maxDefinition)
        try isValue ? leaf.appendValid(run) : leaf.appendNulls(run)
        values += isValue ? run : 0
        done += run
      case .packed(let source, _, let start, let run) where maxDefinition == 1:
        // One bit says all.
        let bits = unsafe source.assumingMemoryBound(to: UInt8.self)
        let before = leaf.nullCount
        for nullable in nullableGroups {
          try unsafe nullable.validity.appendBits(bits, start: start, count: run)
        }
        try unsafe leaf.appendBits(bits, start: start, count: run)
        values += run - (leaf.nullCount - before)
        done += run
      case .packed(let source, let byteCount, let start, let run):
        var taken = 0
        while taken < run {
          let count = min(run - taken, Self.blockCapacity)
          try unsafe LevelDecoding.unpack(
            source, byteCount: byteCount, bitWidth: levels.bitWidth, start: start + taken,
            count: count, maximum: maxDefinition, into: definitions)
          for nullable in nullableGroups {
            _ = try unsafe append(
              definitions, count, atLeast: nullable.group.level, to: &nullable.validity)
          }
          values += try unsafe append(definitions, count, atLeast: maxDefinition, to: &leaf)
          taken += count
        }
        done += run
      }
    }
    return values
  }

  // MARK: Columns below repeated nodes

  /// Levels that are decoded and not taken.
  var pendingCount: Int { end - next }

  /// Whether the next level begins a row. Precondition: there is one.
  var beginsRow: Bool { unsafe repetitions[next] == 0 }

  /// Decodes the next `count` levels. Precondition: none are pending, and they fit a block.
  func load(
    _ count: Int, _ repetitionLevels: inout RLEHybridReader,
    _ definitionLevels: inout RLEHybridReader
  ) throws(DecodingError) {
    precondition(pendingCount == 0 && count <= Self.blockCapacity, "more levels than fit a block")
    next = 0
    end = 0
    try unsafe LevelDecoding.read(
      count, from: &repetitionLevels, maximum: maxRepetition, into: repetitions)
    try unsafe LevelDecoding.read(
      count, from: &definitionLevels, maximum: maxDefinition, into: definitions)
    end = count
  }

  /// The pending levels, `limit` at most, that begin no more than `rows` rows.
  func prefix(beginning rows: Int, limit: Int) -> Int {
    let count = min(pendingCount, limit)
    guard rows < count else { return count }
    var begun = 0
    for index in 0..<count where unsafe repetitions[next + index] == 0 {
      if begun == rows { return index }
      begun += 1
    }
    return count
  }

  /// Whether an array with so many elements should end with the row.
  var isFull: Bool { lists.contains { $0.state.elementCount >= 1 << 30 } }

  /// Takes the next `count` levels. Precondition: they are pending.
  ///
  /// - Throws: `.invalidValue` for levels that fit no row; `.limitExceeded` for more elements
  ///   than offsets of 32 bits reach.
  func take(
    _ count: Int, expecting expected: Int, _ leaf: inout ValidityBuilder
  ) throws(DecodingError) -> Stretch {
    precondition(count <= pendingCount, "more levels than are pending")
    let first = next
    next += count
    var stretch = Stretch(slots: count)
    for (depth, lists) in lists.enumerated() {
      let before = lists.state.elementCount
      let slots = try unsafe lists.append(
        repetitions + first, definitions + first, count: count, expecting: expected,
        slotLevels: slotLevels)
      for nullable in nullableGroups where nullable.group.depth == depth {
        _ = try unsafe append(
          slotLevels, slots, atLeast: nullable.group.level, to: &nullable.validity)
      }
      if depth == 0 { stretch.rows = slots }
      stretch.slots = Int(lists.state.elementCount - before)
    }
    var leafLevels = unsafe definitions + first
    let slotLevel = path.slotLevel(at: path.depth)
    if stretch.slots < count {
      _ = unsafe LevelKernels.compact(
        leafLevels, count: count, atLeast: slotLevel, into: slotLevels)
      unsafe leafLevels = slotLevels
    }
    for nullable in nullableGroups where nullable.group.depth == path.depth {
      _ = try unsafe append(
        leafLevels, stretch.slots, atLeast: nullable.group.level, to: &nullable.validity)
    }
    if maxDefinition > slotLevel {
      stretch.values = try unsafe append(
        leafLevels, stretch.slots, atLeast: maxDefinition, to: &leaf)
    } else {
      try leaf.appendValid(stretch.slots)
      stretch.values = stretch.slots
    }
    return stretch
  }

  /// Appends to `validity` which of `count` levels reach `least`; returns how many do.
  ///
  /// SAFETY: as `LevelKernels.compare`; `count` is at most a block.
  private func append(
    _ levels: UnsafePointer<UInt8>, _ count: Int, atLeast least: UInt8,
    to validity: inout ValidityBuilder
  ) throws(DecodingError) -> Int {
    let ones = unsafe LevelKernels.compare(levels, count: count, atLeast: least, into: bits)
    if ones == count {
      try validity.appendValid(count)
    } else if ones == 0 {
      try validity.appendNulls(count)
    } else {
      try unsafe validity.appendBits(bits, start: 0, count: count)
    }
    return ones
  }

  // MARK: Results

  /// Bytes of the offsets and the validities so far.
  var byteCount: Int {
    var sum = 0
    for lists in lists { sum += lists.slotCount * 4 }
    for nullable in nullableGroups where nullable.validity.nullCount > 0 {
      sum += nullable.validity.count / 8
    }
    return sum
  }

  /// What the levels say of the slots so far; they begin anew.
  func finish() throws(DecodingError) -> LevelShape {
    var shape = LevelShape()
    for nullable in nullableGroups { shape.validities.append(nullable.validity.finish().bitmap) }
    for lists in lists { shape.offsets.append(try lists.finish()) }
    return shape
  }
}

extension NestedLevels.NullableGroup {
  fileprivate func append(_ count: Int, isValid: Bool) throws(DecodingError) {
    try isValid ? validity.appendValid(count) : validity.appendNulls(count)
  }
}

extension NestedLevels.Lists {
  /// Appends the lists that `count` levels make; returns how many.
  fileprivate func append(
    _ repetitions: UnsafePointer<UInt8>, _ definitions: UnsafePointer<UInt8>, count: Int,
    expecting expected: Int, slotLevels: UnsafeMutablePointer<UInt8>
  ) throws(DecodingError) -> Int {
    guard count <= Int(Int32.max - state.elementCount) else {
      throw .limitExceeded(offset: 0, declared: 1 << 31, limit: 1 << 31 - 1)
    }
    let needed = (slotCount + count + 1) * 4
    if offsets == nil {
      // Rows are known beforehand; of what lies deeper, only that it will be more.
      let likely = state.depth == 0 ? (expected + 1) * 4 : 0
      offsets = try MutableBuffer.decoding(byteCount: max(needed, likely))
    } else {
      try offsets?.reserveForDecoding(needed, keeping: slotCount * 4)
    }
    guard let start = unsafe offsets?.start else { throw .outOfMemory(byteCount: needed) }
    // SAFETY: room for `count + 1` offsets behind those that are there.
    guard
      let slots = unsafe LevelKernels.split(
        repetitions, definitions, count: count, &state,
        offsets: start.assumingMemoryBound(to: Int32.self) + slotCount, slotLevels: slotLevels)
    else { throw .invalidValue(offset: 0) }
    slotCount += slots
    return slots
  }

  /// The offsets, the one that ends the last list included.
  fileprivate func finish() throws(DecodingError) -> Buffer {
    var made: MutableBuffer
    if let offsets = offsets.take() {
      made = offsets
    } else {
      made = try MutableBuffer.decoding(byteCount: 4)
    }
    try made.reserveForDecoding((slotCount + 1) * 4, keeping: slotCount * 4)
    unsafe made.start.storeBytes(
      of: state.elementCount, toByteOffset: slotCount * 4, as: Int32.self)
    made.setByteCount((slotCount + 1) * 4)
    slotCount = 0
    state.elementCount = 0
    return made.freeze()
  }
}
