internal import PFArrow
internal import PFCore

/// The memory of one slot while columns grow.
@safe struct Slot {
  // SAFETY: `values` has room for the capacity of the slot's level, `data` for `dataCapacity` bytes
  // and `Columns.slack` more; both are owned by the `SlotMemory` of the same index.
  var values: UnsafeMutableRawPointer
  var data: UnsafeMutableRawPointer
  var dataCount = 0
  var dataCapacity = 0
}

/// How many values a level has, and has room for.
struct Level {
  var count = 0
  var capacity = 0
}

/// The columns that a program writes, batch by batch.
@safe final class Columns {
  /// Bytes behind the data of a slot that a copy may overwrite.
  static let slack = 32
  private static let firstCapacity = 16

  let shapes: [SlotShape]
  private var memory: [SlotMemory]
  /// The slots of each level.
  private let slotsOfLevel: [[Int]]
  // SAFETY: arrays of `shapes.count` and `levelCount` elements that live as long as `self`.
  let slots: UnsafeMutablePointer<Slot>
  let levels: UnsafeMutablePointer<Level>
  private let levelCount: Int
  /// What the batches of a read take together.
  let budget: AllocationBudget
  /// The bytes that all slots have, and how many of them the budget was told of.
  private var byteCount = 0
  private var toldByteCount = 0
  /// The bytes that were used of the slots that were taken.
  private var takenByteCount = 0
  /// Less than this is told at the end of a batch: threads would get into each other's way.
  private static let toldStep = 1 << 20

  /// Owns what the pointers of a slot point to.
  private final class SlotMemory {
    var values: MutableBuffer
    var data: MutableBuffer

    init() throws(AllocationError) {
      values = try MutableBuffer(byteCount: 0)
      data = try MutableBuffer(byteCount: Columns.slack)
    }
  }

  /// Columns of a program, whose batches take their memory of a budget.
  init(_ program: Program, _ budget: AllocationBudget) throws(AllocationError) {
    self.budget = budget
    shapes = program.slots
    levelCount = program.levelCount
    var ofLevel = [[Int]](repeating: [], count: program.levelCount)
    for (index, shape) in shapes.enumerated() { ofLevel[shape.level].append(index) }
    slotsOfLevel = ofLevel
    memory = []
    for _ in shapes { memory.append(try SlotMemory()) }
    unsafe slots = .allocate(capacity: max(1, shapes.count))
    unsafe levels = .allocate(capacity: max(1, program.levelCount))
    for index in shapes.indices {
      let data = memory[index]
      unsafe (slots + index).initialize(
        to: Slot(values: data.values.start, data: data.data.start))
      unsafe slots[index].dataCapacity = data.data.capacity - Self.slack
    }
    for index in 0..<program.levelCount { unsafe (levels + index).initialize(to: Level()) }
  }

  deinit {
    budget.giveBack(toldByteCount)
    unsafe slots.deallocate()
    unsafe levels.deallocate()
  }

  /// Makes room for `count` more values of a level.
  @inline(__always)
  func reserve(_ count: Int, level: Int) throws(DecodeFailure) {
    if unsafe count > levels[level].capacity - levels[level].count {
      try grow(count, level: level)
    }
  }

  @inline(never)
  private func grow(_ count: Int, level: Int) throws(DecodeFailure) {
    let (used, old) = unsafe (levels[level].count, levels[level].capacity)
    let (needed, overflow) = used.addingReportingOverflow(count)
    guard !overflow, needed < 1 << 40 else { throw .noMemory(.max) }
    let capacity = max(needed, old * 2, Self.firstCapacity)
    for slot in slotsOfLevel[level] {
      switch shapes[slot].content {
      case .fixed(let width): try resize(slot, used: used * width, to: capacity * width)
      case .bit:
        try resize(slot, used: (used + 7) >> 3, to: (capacity + 7) >> 3, zeroed: true)
      case .offset, .bytes:
        try resize(slot, used: old == 0 ? 0 : 4 * (used + 1), to: 4 * (capacity + 1))
        if old == 0 { unsafe slots[slot].values.storeBytes(of: 0, as: Int32.self) }
      }
    }
    unsafe levels[level].capacity = capacity
  }

  private func resize(
    _ slot: Int, used: Int, to byteCount: Int, zeroed: Bool = false
  ) throws(DecodeFailure) {
    let target = memory[slot]
    try count(byteCount, over: used)
    do throws(AllocationError) {
      if used == 0 {
        target.values = try MutableBuffer(byteCount: byteCount)
      } else {
        target.values.setByteCount(used)
        try target.values.reserve(byteCount)
      }
      if zeroed { try target.values.fill(upTo: byteCount) }
    } catch { throw .noMemory(error.byteCount) }
    unsafe slots[slot].values = target.values.start
  }

  /// Counts memory that comes in the place of less.
  private func count(_ byteCount: Int, over used: Int) throws(DecodeFailure) {
    let (more, overflow) = self.byteCount.addingReportingOverflow(byteCount - used)
    guard !overflow else { throw .overLimit(.max) }
    self.byteCount = more
    guard more - toldByteCount >= Self.toldStep || more > budget.limit else { return }
    let total = budget.add(more - toldByteCount)
    toldByteCount = more
    guard total <= budget.limit else { throw .overLimit(total) }
  }

  /// Takes of the budget what the batch has that was taken, and no more.
  ///
  /// - Throws: `.limitExceeded`.
  func settle() throws(ReadError) {
    let more = takenByteCount - toldByteCount
    toldByteCount = 0
    try budget.take(more)
  }

  /// Makes room for `count` more bytes in a slot; `fraction` of the records are done.
  @inline(never)
  func growData(_ slot: Int, by count: Int, done: Int, of total: Int) throws(DecodeFailure) {
    let used = unsafe slots[slot].dataCount
    guard count <= Int(Int32.max) - used else { throw .tooManyBytes }
    // Where half of the records have come, the others will need as much.
    let expected = done > 0 ? min(used / done * min(total, 1 << 31), used * 8) : 0
    let wanted = min(
      Int(Int32.max), max(used + count, used * 2, expected + expected / 8, 4 * total))
    let target = memory[slot]
    try self.count(wanted, over: used)
    target.data.setByteCount(used)
    do throws(AllocationError) {
      try target.data.reserve(wanted + Self.slack)
    } catch { throw .noMemory(error.byteCount) }
    unsafe slots[slot].data = target.data.start
    unsafe slots[slot].dataCapacity = target.data.capacity - Self.slack
  }

  /// How many values a level has.
  func count(level: Int) -> Int { unsafe levels[level].count }

  /// Forgets all values; slots that were not taken keep their memory in vain until they grow.
  func clear() {
    budget.giveBack(toldByteCount)
    (byteCount, toldByteCount, takenByteCount) = (0, 0, 0)
    for level in 0..<levelCount { unsafe levels[level] = Level() }
    for slot in shapes.indices {
      unsafe slots[slot].dataCount = 0
      unsafe slots[slot].dataCapacity = memory[slot].data.capacity - Self.slack
      unsafe slots[slot].data = memory[slot].data.start
      unsafe slots[slot].values = memory[slot].values.start
    }
  }

  /// Lets go of what was written: the values of a slot, and the bytes behind its offsets.
  func take(_ slot: Int) throws(AllocationError) -> (values: Buffer, data: Buffer) {
    let shape = shapes[slot]
    let count = unsafe levels[shape.level].count
    let capacity = unsafe levels[shape.level].capacity
    let target = memory[slot]
    var values = try MutableBuffer(byteCount: 0)
    var data = try MutableBuffer(byteCount: Self.slack)
    swap(&values, &target.values)
    swap(&data, &target.data)
    switch shape.content {
    case .fixed(let width): values.setByteCount(count * width)
    case .bit:
      // Bits behind the last were never written, so they are 0.
      values.setByteCount(min(values.capacity, (count + 7) >> 3))
    case .offset, .bytes:
      if capacity == 0 {
        try values.fill(upTo: 4)
      } else {
        values.setByteCount(4 * (count + 1))
      }
    }
    data.setByteCount(unsafe slots[slot].dataCount)
    takenByteCount += values.byteCount + data.byteCount
    return (values.freeze(), data.freeze())
  }
}

/// Why a value could not be decoded.
enum DecodeFailure: Error {
  /// The block ends inside the value.
  case truncated
  /// A variable-length integer has more than 64 bits, or an `int` more than 32.
  case integerOverflow
  case negativeLength(Int64)
  /// A length or a count is above what the bytes that are left can hold.
  case tooLong(declared: Int64, left: Int)
  /// The records end before the block does.
  case leftOver(Int)
  case badBranch(Int64, count: Int)
  case badSymbol(Int64, count: Int)
  /// A symbol of the writer that the reader does not have.
  case unknownSymbol(Int64)
  case badBoolean(UInt8)
  case decimalOverflow
  case durationOverflow
  /// More than 2^31 bytes or items in one batch.
  case tooManyBytes
  case noMemory(Int)
  /// The batches have more memory than the budget of the read.
  case overLimit(Int)
  case message(Int32)
}
