internal import PFArrow
internal import PFCore

/// Lists of one size, which Parquet keeps as lists of any: without elements where they are null,
/// when Arrow wants as many slots as for the others.
extension FieldMapping {
  /// The most slots of one null where no list has the size that the schema claims.
  private static let slotsOnTrust = Double(1 << 20)

  /// The elements of the lists in `slots`, and null ones for the lists that are not there.
  ///
  /// - Parameters:
  ///   - elements: What the lists in `slots` hold.
  ///   - leaf: One below the list.
  ///   - slots: The lists, among those of the leaf.
  ///   - size: The elements of each list that is there.
  ///   - budget: Charged before memory is asked for.
  /// - Returns: `size` slots for each list.
  /// - Throws: `.inconsistent` where a list that is there has another size; `.limitExceeded` for
  ///   more slots than 32 bits count, or a great size that no list has; `.outOfMemory`.
  func padded(
    _ elements: ArrowArray, of leaf: DecodedLeaf, _ slots: Range<Int>, toSize size: Int,
    _ budget: AllocationBudget
  ) throws(ReadError) -> ArrowArray {
    let presence = presenceIndex.flatMap { leaf.shape.validities[$0] }
    let base = leaf.offset(at: depth, of: slots.lowerBound)
    // What is missing is taken from behind the elements.
    let missing = elements.length..<(elements.length + size)
    var ranges: [Range<Int>] = []
    var isComplete = true
    for slot in slots {
      let start = leaf.offset(at: depth, of: slot) - base
      let end = leaf.offset(at: depth, of: slot + 1) - base
      if end - start == size {
        if let last = ranges.last, last.upperBound == start {
          ranges[ranges.count - 1] = last.lowerBound..<end
        } else {
          ranges.append(start..<end)
        }
      } else if start == end, let presence, !presence.bytes.bit(at: slot) {
        isComplete = false
        ranges.append(missing)
      } else {
        throw ReadError(
          .inconsistent("a list of \"\(field.name)\" has not the \(size) elements of its type"))
      }
    }
    if isComplete { return elements }
    // A null takes nothing in the file, whatever size the schema says.
    let isBorneOut = ranges.contains { $0 != missing }
    let slotsOfNull = field.type.slotsOfNull
    guard isBorneOut || slotsOfNull <= Self.slotsOnTrust else {
      throw ReadError(
        .limitExceeded(
          limit: "the slots of a null list whose size no list has",
          declared: Int(exactly: slotsOfNull) ?? .max, maximum: Int(Self.slotsOnTrust)))
    }
    let needed = Double(slots.count) * slotsOfNull
    guard needed <= Double(Int32.max) else {
      throw ReadError(
        .limitExceeded(
          limit: "the slots of lists of one size", declared: Int(exactly: needed) ?? .max,
          maximum: Int(Int32.max)))
    }
    // The elements are written anew, behind one null list that is copied for all.
    let byteCount = Double(slots.count + 1) * field.type.byteCountOfNull
    try budget.take(Int(min(byteCount, 0x1p60)))
    do throws(AllocationError) {
      return try elements.appendingNulls(size).take(ranges)
    } catch { throw ReadError(error) }
  }
}

extension DataType {
  /// The slots that a null takes below, which may be more than an integer counts.
  fileprivate var slotsOfNull: Double {
    switch self {
    case .structure(let fields): fields.reduce(0) { $0 + $1.type.slotsOfNull }
    case .fixedSizeList(let element, let size): Double(size) * element.type.slotsOfNull
    default: 1
    }
  }

  /// The bytes of those slots, validity and offsets left aside.
  fileprivate var byteCountOfNull: Double {
    switch self {
    case .structure(let fields): fields.reduce(0) { $0 + $1.type.byteCountOfNull }
    case .fixedSizeList(let element, let size): Double(size) * element.type.byteCountOfNull
    default: Double(byteWidth ?? 4)
    }
  }
}
