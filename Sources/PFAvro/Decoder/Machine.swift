internal import PFCore

/// Runs a decode program over the records of blocks and appends to columns.
///
/// There is one loop over the records, and in it one over the instructions, which are looked at by
/// their code alone: no call, no allocation and no reference count for a value.
@safe final class Machine {
  let program: Program
  let columns: Columns
  /// The instruction that failed, and where the bytes of its value begin or a little later.
  // SAFETY: only compared with other addresses.
  private var failure: (at: Int, next: UnsafeRawPointer)?
  /// The records that are there or are to come, as far as is known.
  private var expectedCount = 0

  // SAFETY: copies of the program's arrays that live as long as `self`.
  private let code: UnsafeMutableBufferPointer<Instruction>
  private let tables: UnsafeMutableBufferPointer<Int32>
  private let fills: UnsafeMutableBufferPointer<Fill>

  /// Items of no bytes that one array may have, where they take memory all the same.
  private static let greatestEmptyItemCount = 1 << 24

  /// A machine that writes to the columns of the program, or of one that reads as the same columns.
  init(_ program: Program, _ columns: Columns) throws(AllocationError) {
    self.program = program
    self.columns = columns
    unsafe code = .allocate(capacity: max(1, program.code.count))
    unsafe tables = .allocate(capacity: max(1, program.tables.count))
    unsafe fills = .allocate(capacity: max(1, program.fills.count))
    _ = unsafe fills.initialize(from: program.fills)
    _ = unsafe code.initialize(from: program.code)
    _ = unsafe tables.initialize(from: program.tables)
  }

  deinit {
    unsafe code.deallocate()
    unsafe tables.deallocate()
    unsafe fills.deallocate()
  }

  /// Where a program failed.
  struct Failed: Error {
    var why: DecodeFailure
    /// Bytes from the start of the block.
    var offset: Int
    /// Index of the record in the block.
    var record: Int
    /// Dotted path of the value; nil for the record.
    var path: String?
  }

  /// Decodes `count` records that fill the bytes.
  ///
  /// `expected` is how many records the batch may come to have.
  ///
  /// SAFETY: `byteCount + Cursor.slack` bytes are readable at `start`.
  @unsafe func decode(
    _ start: UnsafeRawPointer, byteCount: Int, count: Int, expected: Int
  ) throws(Failed) {
    let cursor = unsafe Cursor(start, count: byteCount)
    let first = unsafe columns.levels[0].count
    expectedCount = expected
    unsafe failure = nil
    do throws(DecodeFailure) {
      let most =
        if program.leastByteCount > 0 {
          byteCount / program.leastByteCount
        } else if program.code.isEmpty {
          Int(Int32.max)
        } else { Self.greatestEmptyItemCount }
      guard count <= most else {
        throw count == 1 ? .truncated : .tooLong(declared: Int64(count), left: byteCount)
      }
      if program.code.isEmpty {
        guard byteCount == 0 else { throw .leftOver(byteCount) }
        unsafe columns.levels[0].count += count
        return
      }
      if first == 0 { try columns.reserve(min(max(expected, count), 1 << 20), level: 0) }
      try columns.reserve(count, level: 0)
      let end = try run(0, program.code.count, level: 0, count: count, cursor)
      guard end.left == 0 else { throw .leftOver(end.left) }
    } catch {
      var offset = unsafe failure.map { unsafe $0.next - start } ?? 0
      if case .leftOver(let left) = error { offset = byteCount - left }
      // A default value lies elsewhere.
      let isInside = offset >= 0 && offset <= byteCount + Cursor.slack
      throw unsafe Failed(
        why: error, offset: isInside ? min(byteCount, offset) : 0,
        record: columns.levels[0].count - first,
        path: failure.flatMap { unsafe program.paths[$0.at] }?.text)
    }
  }

  /// Runs the instructions `begin..<end` for each of `count` values of a level.
  ///
  /// SAFETY: the compiler made `begin`, `end`, jump targets, slots, levels and operands; each slot
  /// has room for the capacity of its level, and the level has room for `count` more values.
  private func run(
    _ begin: Int, _ end: Int, level: Int, count: Int, _ cursor: Cursor
  ) throws(DecodeFailure) -> Cursor {
    // WHY by value, in and out: what no pointer leads to stays in registers.
    var here = cursor
    var at = begin
    let code = unsafe code.baseAddress.unsafelyUnwrapped
    let slots = unsafe columns.slots
    let first = unsafe columns.levels[level].count
    var done = 0
    defer {
      unsafe columns.levels[level].count = first + done
      // The innermost run knows the place.
      if done < count, unsafe failure == nil { unsafe failure = (at, here.next) }
    }
    while done < count {
      let index = first &+ done
      var next = begin
      while next < end {
        let step = unsafe code + next
        at = next
        next &+= 1
        let slot = Int(unsafe step.pointee.slot)
        switch unsafe step.pointee.code {
        case .int32OfInt:
          unsafe store(try here.int(), slots, slot, index)
        case .int64OfInt:
          unsafe store(Int64(try here.int()), slots, slot, index)
        case .int64OfLong:
          unsafe store(try here.long(), slots, slot, index)
        case .float32OfInt:
          unsafe store(Float(try here.int()), slots, slot, index)
        case .float32OfLong:
          unsafe store(Float(try here.long()), slots, slot, index)
        case .float64OfInt:
          unsafe store(Double(try here.int()), slots, slot, index)
        case .float64OfLong:
          unsafe store(Double(try here.long()), slots, slot, index)
        case .float32:
          unsafe store(here.next.loadUnaligned(as: UInt32.self), slots, slot, index)
          unsafe here.next += 4
          try here.check()
        case .float64:
          unsafe store(here.next.loadUnaligned(as: UInt64.self), slots, slot, index)
          unsafe here.next += 8
          try here.check()
        case .float64OfFloat:
          let bits = unsafe UInt32(littleEndian: here.next.loadUnaligned(as: UInt32.self))
          unsafe store(Double(Float(bitPattern: bits)), slots, slot, index)
          unsafe here.next += 4
          try here.check()
        case .boolean:
          let byte = unsafe here.next.load(as: UInt8.self)
          unsafe here.next += 1
          try here.check()
          guard byte <= 1 else { throw .badBoolean(byte) }
          unsafe orBit(byte, slots, slot, index)
        case .bytes:
          try unsafe appendBytes(&here, slots, slot, index)
        case .fixed:
          let width = Int(unsafe step.pointee.a)
          guard width <= here.left else { throw .truncated }
          unsafe (slots[slot].values + index &* width).copyMemory(
            from: here.next, byteCount: width)
          unsafe here.next += width
        case .decimal:
          let declared = Int(unsafe step.pointee.b)
          let width = declared >= 0 ? declared : try here.length()
          guard width <= here.left else { throw .truncated }
          try unsafe decimal(
            here.next, byteCount: width, slots, slot, index, width: Int(step.pointee.a))
          unsafe here.next += width
        case .enumeration:
          let symbol = try here.long()
          let symbolCount = Int(unsafe step.pointee.a)
          guard symbol >= 0, symbol < symbolCount else {
            throw .badSymbol(symbol, count: symbolCount)
          }
          unsafe store(Int32(truncatingIfNeeded: symbol), slots, slot, index)
        case .mappedEnumeration:
          let symbol = try here.long()
          let symbolCount = Int(unsafe step.pointee.a)
          guard symbol >= 0, symbol < symbolCount else {
            throw .badSymbol(symbol, count: symbolCount)
          }
          let kept = unsafe tables[Int(step.pointee.b) &+ Int(symbol)]
          guard kept >= 0 else { throw .unknownSymbol(symbol) }
          unsafe store(kept, slots, slot, index)
        case .duration:
          guard here.left >= 12 else { throw .truncated }
          try unsafe duration(here.next, slots, slot, index)
          unsafe here.next += 12

        case .nullable:
          let tag = unsafe here.next.load(as: UInt8.self)
          var branch = Int64(tag &>> 1)
          if tag & ~2 == 0 {
            unsafe here.next += 1
            try here.check()
          } else {
            branch = try here.long()
            guard branch >> 1 == 0 else { throw .badBranch(branch, count: 2) }
          }
          if unsafe branch == step.pointee.a {
            try fill(unsafe Int(step.pointee.c), unsafe Int(step.pointee.d), index)
            next = Int(unsafe step.pointee.b)
          } else {
            unsafe orBit(1, slots, slot, index)
          }
        case .branch:
          let branch = try here.long()
          let branchCount = Int(unsafe step.pointee.a)
          guard branch >= 0, branch < branchCount else {
            throw .badBranch(branch, count: branchCount)
          }
          next = unsafe Int(tables[Int(step.pointee.b) &+ Int(branch)])
        case .jump:
          next = Int(unsafe step.pointee.b)
        case .validate:
          unsafe orBit(1, slots, slot, index)
        case .fill:
          try fill(unsafe Int(step.pointee.c), unsafe Int(step.pointee.d), index)
        case .variant:
          let child = Int(unsafe step.pointee.c)
          try columns.reserve(1, level: child)
          let place = unsafe columns.levels[child].count
          guard place < Int(Int32.max) else { throw .tooManyBytes }
          unsafe slots[slot].values.storeBytes(
            of: Int8(truncatingIfNeeded: step.pointee.a), toByteOffset: index, as: Int8.self)
          unsafe store(Int32(truncatingIfNeeded: place), slots, slot &+ 1, index)
          let bodyEnd = Int(unsafe step.pointee.b)
          here = try run(next, bodyEnd, level: child, count: 1, here)
          next = bodyEnd
        case .list:
          let bodyEnd = Int(unsafe step.pointee.b)
          let child = Int(unsafe step.pointee.c)
          let least = Int(unsafe step.pointee.a)
          while true {
            let (items, _) = try here.blockHead(least: least)
            if items == 0 { break }
            let before = unsafe columns.levels[child].count
            guard items <= Int(Int32.max) &- before else { throw .tooManyBytes }
            if next == bodyEnd {
              // Items without bytes or slots: they only count.
              unsafe columns.levels[child].count = before + items
              continue
            }
            if least == 0, items > Self.greatestEmptyItemCount {
              throw .tooLong(declared: Int64(items), left: Self.greatestEmptyItemCount)
            }
            try columns.reserve(items, level: child)
            here = try run(next, bodyEnd, level: child, count: items, here)
          }
          let total = unsafe columns.levels[child].count
          unsafe store(Int32(truncatingIfNeeded: total), slots, slot, index &+ 1)
          next = bodyEnd
        case .constant:
          let bodyEnd = Int(unsafe step.pointee.b)
          try constant(
            program.defaults[Int(unsafe step.pointee.a)], next, bodyEnd, level: level,
            index: index)
          next = bodyEnd
        case .fail:
          throw .message(unsafe step.pointee.a)

        case .skipVarint:
          _ = try here.unsigned()
        case .skipFixed:
          try here.skip(Int(unsafe step.pointee.a))
        case .skipBytes:
          try here.skip(try here.length())
        case .skipList:
          let bodyEnd = Int(unsafe step.pointee.b)
          let least = Int(unsafe step.pointee.a)
          while true {
            let (items, byteCount) = try here.blockHead(least: least)
            if items == 0 { break }
            if let byteCount {
              try here.skip(byteCount)
            } else if least > 0 {
              here = try run(
                next, bodyEnd, level: program.levelCount - 1, count: items, here)
            }
          }
          next = bodyEnd
        }
      }
      done &+= 1
    }
    return here
  }

  /// Runs a body for one value over other bytes than those of the block.
  private func constant(
    _ bytes: Buffer, _ begin: Int, _ end: Int, level: Int, index: Int
  ) throws(DecodeFailure) {
    let saved = unsafe columns.levels[level].count
    defer { unsafe columns.levels[level].count = saved }
    unsafe columns.levels[level].count = index
    // SAFETY: the compiler put `Cursor.slack` bytes behind each default value.
    let cursor = unsafe Cursor(bytes.address, count: bytes.byteCount - Cursor.slack)
    _ = try run(begin, end, level: level, count: 1, cursor)
  }
}

// MARK: - Values

extension Machine {
  /// Stores a value in a slot of its width.
  ///
  /// SAFETY: `index` lies in the capacity of the slot's level, or is the offset behind it.
  @inline(__always)
  private func store<T: BitwiseCopyable>(
    _ value: T, _ slots: UnsafeMutablePointer<Slot>, _ slot: Int, _ index: Int
  ) {
    unsafe slots[slot].values.storeBytes(
      of: value, toByteOffset: index &* MemoryLayout<T>.size, as: T.self)
  }

  /// Sets a bit that is 0 to the low bit of `bit`.
  ///
  /// SAFETY: as `store`.
  @inline(__always)
  private func orBit(
    _ bit: UInt8, _ slots: UnsafeMutablePointer<Slot>, _ slot: Int, _ index: Int
  ) {
    let byte = unsafe (slots[slot].values + index &>> 3).assumingMemoryBound(to: UInt8.self)
    unsafe byte.pointee |= bit &<< UInt8(truncatingIfNeeded: index & 7)
  }

  /// Appends a length and so many bytes to a slot.
  @inline(__always)
  private func appendBytes(
    _ cursor: inout Cursor, _ slots: UnsafeMutablePointer<Slot>, _ slot: Int, _ index: Int
  ) throws(DecodeFailure) {
    let count = try cursor.length()
    let place = unsafe slots[slot].dataCount
    if unsafe count > slots[slot].dataCapacity &- place {
      try columns.growData(
        slot, by: count, done: unsafe columns.levels[0].count, of: expectedCount)
    }
    let target = unsafe slots[slot].data + place
    // SAFETY: 16 bytes behind the end may be read, and 32 behind the data be written.
    unsafe target.copyMemory(from: cursor.next, byteCount: 16)
    if count > 16 { unsafe (target + 16).copyMemory(from: cursor.next + 16, byteCount: 16) }
    if count > 32 {
      unsafe (target + 32).copyMemory(from: cursor.next + 32, byteCount: count &- 32)
    }
    unsafe cursor.next += count
    unsafe slots[slot].dataCount = place &+ count
    unsafe store(Int32(truncatingIfNeeded: place &+ count), slots, slot, index &+ 1)
  }

  /// Widens a big-endian two's complement integer of `byteCount` bytes to `width` little-endian ones.
  ///
  /// SAFETY: the bytes are readable; as `store`.
  private func decimal(
    _ start: UnsafeRawPointer, byteCount: Int, _ slots: UnsafeMutablePointer<Slot>, _ slot: Int,
    _ index: Int, width: Int
  ) throws(DecodeFailure) {
    let bytes = unsafe start.assumingMemoryBound(to: UInt8.self)
    let target = unsafe (slots[slot].values + index &* width).assumingMemoryBound(to: UInt8.self)
    let sign: UInt8 = unsafe byteCount > 0 && bytes[0] >= 0x80 ? 0xFF : 0
    let kept = min(byteCount, width)
    for place in 0..<kept { unsafe target[place] = bytes[byteCount &- 1 &- place] }
    for place in kept..<width { unsafe target[place] = sign }
    // What does not fit must repeat the sign.
    if byteCount > width {
      for place in 0..<(byteCount &- width) where unsafe bytes[place] != sign {
        throw .decimalOverflow
      }
      guard unsafe target[width &- 1] & 0x80 == sign & 0x80 else { throw .decimalOverflow }
    }
  }

  /// Months, days and milliseconds, unsigned, to months, days and nanoseconds, signed.
  ///
  /// SAFETY: twelve bytes are readable; as `store`.
  private func duration(
    _ words: UnsafeRawPointer, _ slots: UnsafeMutablePointer<Slot>, _ slot: Int, _ index: Int
  ) throws(DecodeFailure) {
    let months = unsafe UInt32(littleEndian: words.loadUnaligned(as: UInt32.self))
    let days = unsafe UInt32(littleEndian: words.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    let millis = unsafe UInt32(
      littleEndian: words.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    guard months <= UInt32(Int32.max), days <= UInt32(Int32.max) else { throw .durationOverflow }
    let target = unsafe slots[slot].values + index &* 16
    unsafe target.storeBytes(of: months, as: UInt32.self)
    unsafe target.storeBytes(of: days, toByteOffset: 4, as: UInt32.self)
    unsafe target.storeBytes(of: Int64(millis) * 1_000_000, toByteOffset: 8, as: Int64.self)
  }

  /// Fills the slots of a null by the steps `begin..<end`.
  ///
  /// SAFETY: as `store`.
  @inline(__always)
  private func fill(_ begin: Int, _ end: Int, _ index: Int) throws(DecodeFailure) {
    let slots = unsafe columns.slots
    var next = begin
    while next < end {
      let step = unsafe fills[next]
      let slot = Int(step.slot)
      next &+= 1
      switch step.kind {
      case .zeros where step.a == 8:
        unsafe store(0 as UInt64, slots, slot, index)
      case .zeros where step.a == 4:
        unsafe store(0 as UInt32, slots, slot, index)
      case .zeros:
        let width = Int(step.a)
        unsafe (slots[slot].values + index &* width).initializeMemory(
          as: UInt8.self, repeating: 0, count: width)
      case .offset:
        let offset = unsafe slots[slot].values.load(fromByteOffset: index &* 4, as: Int32.self)
        unsafe store(offset, slots, slot, index &+ 1)
      case .variant:
        try unsafe fillVariant(step, next, slots, index)
        next &+= Int(step.c)
      }
    }
  }

  /// Puts a value without meaning into a dense union, whose slots need one.
  @inline(never)
  private func fillVariant(
    _ step: Fill, _ inner: Int, _ slots: UnsafeMutablePointer<Slot>, _ index: Int
  ) throws(DecodeFailure) {
    let (slot, child) = (Int(step.slot), Int(step.b))
    try columns.reserve(1, level: child)
    let place = unsafe columns.levels[child].count
    guard place < Int(Int32.max) else { throw .tooManyBytes }
    unsafe store(Int8(truncatingIfNeeded: step.a), slots, slot, index)
    unsafe store(Int32(truncatingIfNeeded: place), slots, slot &+ 1, index)
    try fill(inner, inner &+ Int(step.c), place)
    unsafe columns.levels[child].count = place + 1
  }
}
