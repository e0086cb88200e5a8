internal import PFCore

extension Brotli.Decoder {
  /// Decodes the commands of a meta-block, up to `end` of the output (RFC 7932, section 9.3).
  ///
  /// SAFETY: `written <= end <= byteCount` before and after each part: a run of literals and a
  /// copy are compared with `end - written` first, and a copy's source with `written`. Vectors
  /// are used where the region has the bytes behind. Codes come from tables that
  /// `BrotliPrefixCode` filled whole, so that a symbol is below the size of its alphabet; block
  /// types are below their count, and maps point at tables that were read.
  ///
  /// The bits are a copy that no call sees, so that they stay in registers.
  mutating func decodeCommands(
    of block: inout Brotli.MetaBlock, end: Int
  ) throws(DecodingError) {
    guard let start = unsafe output.baseAddress else { throw bits.invalid() }
    let capacity = unsafe output.count
    let tables = tables
    let window = window
    let commandLengths = Self.commandLengths.span
    let contextTables = BrotliContext.tables
    let contexts = contextTables.span
    var bits = bits
    var written = written
    var recent = recent
    var newest = newest
    defer {
      self.bits = bits
      self.written = written
      self.recent = recent
      self.newest = newest
    }

    var literalsLeft = block.literals.left
    var commandsLeft = block.commands.left
    var distancesLeft = block.distances.left
    var commandTable = unsafe UnsafePointer(tables.commands)
    var literalMap = unsafe UnsafePointer(tables.literalMap)
    var distanceMap = unsafe UnsafePointer(tables.distanceMap)
    var isTrivial = unsafe tables.isTrivial[0] == 1
    var mode = Int(unsafe tables.contextModes[0]) &<< 9

    while written < end {
      if commandsLeft == 0 {
        var state = bits
        try block.commands.readSwitch(&state)
        bits = state
        commandsLeft = block.commands.left
        unsafe commandTable =
          UnsafePointer(tables.commands)
          + block.commands.type * Brotli.Tables.commandStride
      }
      commandsLeft &-= 1
      bits.refill()
      let command = unsafe bits.symbol(commandTable)
      // SAFETY: the alphabet of commands is as large as the table.
      let lengths = unsafe commandLengths[unchecked: command]
      var insertCount = Int(lengths.insertOffset) &+ bits.take(Int(lengths.insertWidth))
      bits.refill(atLeast: 24)
      let copyCount = Int(lengths.copyOffset) &+ bits.take(Int(lengths.copyWidth))

      guard insertCount <= end &- written else {
        throw bits.isOverrun
          ? bits.truncated()
          : .limitExceeded(offset: bits.byteOffset, declared: insertCount, limit: end - written)
      }
      while insertCount > 0 {
        if literalsLeft == 0 {
          var state = bits
          try block.literals.readSwitch(&state)
          bits = state
          literalsLeft = block.literals.left
          let type = block.literals.type
          unsafe literalMap = UnsafePointer(tables.literalMap) + 64 * type
          isTrivial = unsafe tables.isTrivial[type] == 1
          mode = Int(unsafe tables.contextModes[type]) &<< 9
        }
        let count = min(insertCount, literalsLeft)
        insertCount &-= count
        literalsLeft &-= count
        var target = unsafe start + written
        written &+= count
        let targetEnd = unsafe start + written
        if isTrivial {
          let table = unsafe UnsafePointer(tables.literals) + Int(literalMap[0])
          while unsafe targetEnd - target >= 3 {
            bits.refill()
            unsafe target.storeBytes(of: bits.literal(table), as: UInt8.self)
            unsafe target.storeBytes(of: bits.literal(table), toByteOffset: 1, as: UInt8.self)
            unsafe target.storeBytes(of: bits.literal(table), toByteOffset: 2, as: UInt8.self)
            unsafe target += 3
          }
          bits.refill()
          while unsafe target < targetEnd {
            unsafe target.storeBytes(of: bits.literal(table), as: UInt8.self)
            unsafe target += 1
          }
        } else {
          let made = unsafe target - start
          var last = made > 0 ? Int(unsafe target.load(fromByteOffset: -1, as: UInt8.self)) : 0
          var before = made > 1 ? Int(unsafe target.load(fromByteOffset: -2, as: UInt8.self)) : 0
          while unsafe target < targetEnd {
            bits.refill()
            // SAFETY: `mode` is below 4 * 512, the bytes below 256.
            let context =
              unsafe contexts[unchecked: mode &+ last]
              | contexts[unchecked: mode &+ 256 &+ before]
            let table =
              unsafe UnsafePointer(tables.literals) + Int(literalMap[Int(context)])
            let literal = unsafe bits.literal(table)
            unsafe target.storeBytes(of: literal, as: UInt8.self)
            unsafe target += 1
            before = last
            last = Int(literal)
          }
        }
      }
      guard written < end else { break }

      // SAFETY: `newest` is masked to the four.
      var distance = unsafe recent[unchecked: newest & 3]
      var isNew = false
      if command >= 128 {
        if distancesLeft == 0 {
          var state = bits
          try block.distances.readSwitch(&state)
          bits = state
          distancesLeft = block.distances.left
          unsafe distanceMap = UnsafePointer(tables.distanceMap) + 4 * block.distances.type
        }
        distancesLeft &-= 1
        bits.refill(atLeast: 15 + 24)
        let table =
          unsafe UnsafePointer(tables.distances) + Int(distanceMap[min(copyCount, 5) &- 2])
        let code = unsafe bits.symbol(table)
        isNew = code > 0
        if code >= 16 {
          // SAFETY: the alphabet of distances is as large as the table.
          let entry = unsafe tables.distanceLengths[code]
          distance = entry.offset &+ (bits.take(entry.width) &<< block.postfixBitCount)
        } else if code > 0 {
          distance = Self.shortDistance(code, recent, newest)
        }
      }

      if _fastPath(distance > 0 && distance <= min(window, written)) {
        guard copyCount <= end &- written else {
          throw .limitExceeded(
            offset: bits.byteOffset, declared: copyCount, limit: end - written)
        }
        let target = unsafe start + written
        written &+= copyCount
        if _fastPath(written &+ 32 <= capacity) {
          if distance >= 8, copyCount <= 16 {
            let source = unsafe UnsafeRawPointer(target) - distance
            unsafe MatchCopy.copyWord(source, to: target, at: 0)
            unsafe MatchCopy.copyWord(source, to: target, at: 8)
          } else {
            unsafe MatchCopy.copy(to: target, distance: distance, count: copyCount)
          }
        } else {
          for offset in 0..<copyCount {
            let byte = unsafe target.load(fromByteOffset: offset &- distance, as: UInt8.self)
            unsafe target.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
          }
        }
        if isNew {
          newest &+= 1
          unsafe recent[unchecked: newest & 3] = distance
        }
      } else {
        guard distance > 0 else { throw bits.invalid() }
        let index = distance - min(window, written) - 1
        guard
          let count = unsafe Self.appendWord(
            length: copyCount, index: index, to: start + written, limit: end - written)
        else { throw bits.invalid() }
        written &+= count
      }
      guard !bits.isOverrun else { throw bits.truncated() }
    }
  }

  /// The distance that a code from 1 to 15 means, from the recent ones (section 4).
  @inline(__always)
  private static func shortDistance(_ code: Int, _ recent: [4 of Int], _ newest: Int) -> Int {
    if code < 4 { return unsafe recent[unchecked: (newest &- code) & 3] }
    // From 4 on the last distance, from 10 on the one before: -1, +1, -2, +2, -3, +3.
    let back = code < 10 ? 0 : 1
    let step = code &- (code < 10 ? 4 : 10)
    let delta = (step &>> 1) &+ 1
    return unsafe recent[unchecked: (newest &- back) & 3]
      &+ (step & 1 == 0 ? 0 &- delta : delta)
  }

  /// Writes a word of the dictionary to `target`; nil when there is none, or more than `limit`
  /// bytes of it.
  @inline(never)
  private static func appendWord(
    length: Int, index: Int, to target: UnsafeMutableRawPointer, limit: Int
  ) -> Int? {
    var word = [48 of UInt8](repeating: 0)
    return unsafe withUnsafeMutableBytes(of: &word) { memory in
      let buffer = unsafe memory.bindMemory(to: UInt8.self)
      var output = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
      guard BrotliDictionary.append(length: length, index: index, to: &output) else { return nil }
      let count = unsafe output.finalize(for: buffer)
      guard count <= limit else { return nil }
      unsafe UnsafeMutableRawBufferPointer(start: target, count: count)
        .copyMemory(
          from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[..<count]))
      return count
    }
  }

  /// What an insert-and-copy code means (section 5).
  struct CommandLengths {
    var insertOffset: UInt16
    var copyOffset: UInt16
    var insertWidth: UInt8
    var copyWidth: UInt8
  }

  private static let commandLengths: [CommandLengths] = {
    func offsets(_ first: Int, _ widths: [Int]) -> [Int] {
      widths.reduce(into: [first]) { offsets, width in
        offsets.append(offsets[offsets.count - 1] + 1 << width)
      }
    }
    let insertWidths = [
      0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 12, 14, 24,
    ]
    let copyWidths = [
      0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 24,
    ]
    let insertOffsets = offsets(0, insertWidths)
    let copyOffsets = offsets(2, copyWidths)
    // By cell of 64 codes: the first insert and copy length code.
    let cells = [
      (0, 0), (0, 8), (0, 0), (0, 8), (8, 0), (8, 8), (0, 16), (16, 0), (8, 16), (16, 8), (16, 16),
    ]
    return cells.flatMap { cell in
      (0..<64).map { code in
        let (insert, copy) = (cell.0 + code >> 3, cell.1 + code & 7)
        return CommandLengths(
          insertOffset: UInt16(insertOffsets[insert]), copyOffset: UInt16(copyOffsets[copy]),
          insertWidth: UInt8(insertWidths[insert]), copyWidth: UInt8(copyWidths[copy]))
      }
    }
  }()
}
