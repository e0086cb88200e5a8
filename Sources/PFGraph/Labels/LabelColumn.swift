internal import PFArrow
internal import PFCore

/// How labels are told apart.
enum LabelKind {
  /// By a value of at most 64 bits: integers, dates, times.
  case word(byteWidth: Int)
  /// By bytes: text, binary values, decimals.
  case bytes
}

extension DataType {
  /// The type of the labels in a column of this type: that of the values of a dictionary.
  var labelType: DataType {
    switch self {
    case .dictionary(_, let value, _): value
    default: self
    }
  }

  /// How values of this type are told apart; nil where they are no labels. Floating-point numbers
  /// are none: what is equal and what is the same are two things there.
  var labelKind: LabelKind? {
    switch self {
    case .utf8, .largeUTF8, .utf8View, .binary, .largeBinary, .binaryView: .bytes
    case .float16, .float32, .float64, .dictionary: nil
    default: byteWidth.map { $0 <= 8 ? .word(byteWidth: $0) : .bytes }
    }
  }

  /// Whether labels of this type are text.
  package var isLabelText: Bool { labelType.labelIsText == true }

  /// Whether this is text in any layout (`true`), or bytes (`false`).
  var labelIsText: Bool? {
    switch self {
    case .utf8, .largeUTF8, .utf8View: true
    case .binary, .largeBinary, .binaryView: false
    default: nil
    }
  }

  private var isSignedInteger: Bool? {
    switch self {
    case .int8, .int16, .int32, .int64: true
    case .uint8, .uint16, .uint32, .uint64: false
    default: nil
    }
  }

  /// The type that holds the labels of both types; nil where there is none.
  func labelType(with other: DataType) -> DataType? {
    let (first, second) = (labelType, other.labelType)
    if let isText = first.labelIsText {
      return isText == second.labelIsText ? (isText ? .utf8 : .binary) : nil
    }
    if first == second { return first.labelKind == nil ? nil : first }
    guard let isSigned = first.isSignedInteger, let otherIsSigned = second.isSignedInteger else {
      return nil
    }
    if isSigned == otherIsSigned {
      return first.byteWidth ?? 0 > second.byteWidth ?? 0 ? first : second
    }
    return first == .uint64 || second == .uint64 ? nil : .int64
  }

  /// Whether a value of this type is extended by its sign.
  var extendsSign: Bool { isSignedInteger ?? true }
}

/// A column of labels as kernels read it: words, or bytes. Whoever uses it holds the array.
///
/// Invariant: each slot below the length of the array has a value, and what points into data lies
/// inside of it (the array says so).
struct LabelColumn: BitwiseCopyable, Sendable {
  private enum Layout: BitwiseCopyable { case words, fixed, offsets32, offsets64, views }

  private let layout: Layout
  /// The bytes of a value, where all have as many.
  private let width: Int
  private let extendsSign: Bool
  private let offset: Int
  /// Offsets, views, or the values themselves.
  private let values: Slots<UInt8>
  /// What offsets point into.
  private let data: Slots<UInt8>
  /// What views point into.
  private let parts: Slots<Slots<UInt8>>
  /// The indices of a dictionary, where there is one.
  private let indices: Slots<UInt8>
  private let indexWidth: Int
  private let indexOffset: Int

  /// - Throws: `.nullValue`, `.wrongType`, `.outOfMemory`.
  init(_ array: ArrowArray, column: String, from position: Int = 0, _ kernel: Kernel)
    throws(GraphError)
  {
    let labels = array.dictionary ?? array
    guard let kind = labels.type.labelKind else {
      throw .wrongType(
        column: column, type: "\(array.type)", expected: "integers, dates or strings")
    }
    if let null = array.firstNullLabel() {
      throw .nullValue(column: column, position: position + null)
    }
    func bytes(_ index: Int) -> Slots<UInt8> {
      let buffer = index < labels.buffers.count ? labels.buffers[index] : nil
      return (buffer ?? .empty).slots(of: UInt8.self)
    }
    offset = labels.offset
    values = bytes(1)
    data = bytes(2)
    extendsSign = labels.type.extendsSign
    width = labels.type.byteWidth ?? 0
    switch (kind, labels.type) {
    case (.word, _): layout = .words
    case (_, .utf8), (_, .binary): layout = .offsets32
    case (_, .largeUTF8), (_, .largeBinary): layout = .offsets64
    case (_, .utf8View), (_, .binaryView): layout = .views
    default: layout = .fixed
    }
    let partCount = layout == .views ? labels.buffers.count - 2 : 0
    parts = try kernel.slots(of: Slots<UInt8>.self, count: partCount)
    for part in 0..<partCount { parts[part] = bytes(part + 2) }
    let isDictionary = array.dictionary != nil
    indices = (isDictionary ? array.buffers[1] ?? .empty : .empty).slots(of: UInt8.self)
    indexWidth = isDictionary ? array.type.byteWidth ?? 0 : 0
    indexOffset = array.offset
  }

  /// Whether labels are bytes.
  @inline(__always)
  var isBytes: Bool { layout != .words }

  /// The slot of the values, past a dictionary.
  @inline(__always)
  private func slot(_ index: Int) -> Int {
    guard indexWidth > 0 else { return offset + index }
    return offset
      + Int(truncatingIfNeeded: indices.word(indexOffset + index, width: indexWidth))
  }

  /// A label that is a word, extended to 64 bits.
  @inline(never)
  func word(_ index: Int) -> UInt64 {
    let word = values.word(slot(index), width: width)
    guard extendsSign else { return word }
    let unused = UInt64(64 - 8 * width)
    return UInt64(bitPattern: Int64(bitPattern: word << unused) >> Int64(unused))
  }

  /// A label that is bytes.
  @inline(never)
  func bytes(_ index: Int) -> Slots<UInt8> {
    let slot = slot(index)
    switch layout {
    case .words, .fixed: return values[slot * width..<(slot + 1) * width]
    case .offsets32:
      return data[
        Int(values.load(slot, as: Int32.self))..<Int(values.load(slot + 1, as: Int32.self))]
    case .offsets64:
      return data[values.load(slot, as: Int.self)..<values.load(slot + 1, as: Int.self)]
    case .views:
      let count = Int(values.load(slot * 4, as: Int32.self))
      if count <= 12 { return values[slot * 16 + 4..<slot * 16 + 4 + count] }
      let start = Int(values.load(slot * 4 + 3, as: Int32.self))
      return parts[Int(values.load(slot * 4 + 2, as: Int32.self))][start..<start + count]
    }
  }

  /// What stands for a label when labels are compared: a word itself, a hash of bytes.
  @inline(never)
  func key(_ index: Int, _ seed: LabelSeed) -> UInt64 {
    isBytes ? seed.hash(bytes(index)) : word(index)
  }

  /// The keys of some labels.
  @inline(never)
  func keys(
    _ range: Range<Int>, _ seed: LabelSeed, into keys: inout InlineArray<64, UInt64>,
    at first: Int
  ) {
    let shift = first - range.lowerBound
    guard layout == .words, width == 8, indexWidth == 0 else {
      for index in range { keys[index + shift] = key(index, seed) }
      return
    }
    for index in range { keys[index + shift] = values.load(offset + index, as: UInt64.self) }
  }

  /// Whether two labels of one kind, whose keys are equal, are the same.
  @inline(never)
  func isSame(_ index: Int, as other: Int, of column: LabelColumn) -> Bool {
    isBytes ? bytes(index).isEqual(to: column.bytes(other)) : word(index) == column.word(other)
  }
}

extension ArrowArray {
  /// The first slot that is null, or whose value of the dictionary is.
  fileprivate func firstNullLabel() -> Int? {
    if nullCount > 0 { return (0..<length).first { !isValid($0) } }
    guard let dictionary, dictionary.nullCount > 0 else { return nil }
    return (0..<length).first { self[$0] == .null }
  }
}

/// What hashes begin with: random, so that nobody can make labels that all collide.
struct LabelSeed: BitwiseCopyable, Sendable {
  private let start: UInt64
  private let factor: UInt64

  private init() {
    start = UInt64.random(in: 0 ... .max)
    factor = UInt64.random(in: 0 ... .max) | 1
  }

  static let ofProcess = LabelSeed()

  /// Both halves of a product of 128 bits, as one.
  @inline(__always)
  func mixed(_ key: UInt64) -> UInt64 {
    let product = (key ^ start).multipliedFullWidth(by: factor)
    return product.high ^ product.low
  }

  @inline(never)
  func hash(_ bytes: Slots<UInt8>) -> UInt64 {
    var hash = UInt64(bytes.count)
    var place = 0
    while place + 8 < bytes.count {
      hash = mixed(hash ^ bytes.unalignedWord(at: place))
      place += 8
    }
    return mixed(hash ^ bytes.lastWord(from: place))
  }
}

extension Slots<UInt8> {
  /// Element `index` of memory that holds elements of another type, at any address.
  @inline(__always)
  func load<T: BitwiseCopyable>(_ index: Int, as _: T.Type) -> T {
    let size = MemoryLayout<T>.size
    assert(index >= 0 && (index + 1) * size <= count, "slot outside the memory")
    // SAFETY: the bytes are there (the caller's promise, checked in debug builds).
    return unsafe UnsafeRawPointer(start).loadUnaligned(
      fromByteOffset: index * size, as: T.self)
  }

  /// Element `index` of integers of 1, 2, 4 or 8 bytes.
  @inline(__always)
  func word(_ index: Int, width: Int) -> UInt64 {
    switch width {
    case 1: UInt64(self[index])
    case 2: UInt64(load(index, as: UInt16.self))
    case 4: UInt64(load(index, as: UInt32.self))
    default: load(index, as: UInt64.self)
    }
  }

  /// Eight bytes.
  @inline(__always)
  func unalignedWord(at place: Int) -> UInt64 { self[place..<count].load(0, as: UInt64.self) }

  /// The bytes from `place` on, at most eight; some twice, but the same for the same bytes.
  @inline(__always)
  func lastWord(from place: Int) -> UInt64 {
    if count >= 8 { return unalignedWord(at: count - 8) }
    if count >= 4 {
      let (first, last) = (
        load(0, as: UInt32.self), self[count - 4..<count].load(0, as: UInt32.self)
      )
      return UInt64(first) << 32 | UInt64(last)
    }
    guard count > 0 else { return 0 }
    return UInt64(self[0]) << 16 | UInt64(self[count / 2]) << 8 | UInt64(self[count - 1])
  }

  /// Whether both hold the same bytes.
  @inline(never)
  func isEqual(to other: Slots<UInt8>) -> Bool {
    guard count == other.count else { return false }
    var place = 0
    while place + 8 < count {
      if unalignedWord(at: place) != other.unalignedWord(at: place) { return false }
      place += 8
    }
    return lastWord(from: place) == other.lastWord(from: place)
  }
}
