import PFArrow
import PFCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// C structs built from the fuzzer's bytes: any counts, formats and null pointers, but buffers that
/// point into an arena, since the interface carries no sizes. Importing them and looking at every
/// value must not trap, and every struct must be released once.
@c(LLVMFuzzerTestOneInput)
public func fuzzCDataImport(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  // SAFETY: the fuzzer lends `count` readable bytes.
  let input = unsafe UnsafeBufferPointer(start: start, count: count)
  var forge = unsafe Forge(Array(input))
  forge.run()
  return 0
}

/// Readable memory for whatever an import may look at: what the fuzzer gave, then zeros. No offset
/// of 32 bits leaves it.
private enum Arena {
  static let byteCount = 5 << 30
  /// The first bytes, which are filled anew for each input.
  static let filledByteCount = 1 << 15

  // SAFETY: the fuzzer runs on one thread.
  nonisolated(unsafe) static let start: UnsafeMutableRawPointer = {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let memory = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0),
      unsafe memory != MAP_FAILED
    else { fatalError("no address space for the arena") }
    return unsafe memory
  }()

  /// Structs that were made and not released.
  nonisolated(unsafe) static var alive = 0

  /// 512 integers of 64 bits that are small: sizes and large offsets must stay inside the arena.
  static var smallNumbers: UnsafeMutableRawPointer { unsafe start + byteCount - 4_096 }

  /// Repeats `bytes` over the first part, and as small numbers at the end.
  static func fill(_ bytes: ArraySlice<UInt8>) {
    let bytes = bytes.isEmpty ? [0] : bytes
    let (filled, numbers) = unsafe (
      start.assumingMemoryBound(to: UInt8.self), smallNumbers.assumingMemoryBound(to: Int64.self)
    )
    for index in 0..<filledByteCount {
      unsafe filled[index] = bytes[bytes.startIndex + index % bytes.count]
    }
    var number: Int64 = 0
    for index in 0..<512 {
      let byte = bytes[bytes.startIndex + index % bytes.count]
      number = byte == 255 ? Int64(byte % 7) - 1 : min(number + Int64(byte % 8), 4_000)
      unsafe numbers[index] = number
    }
  }
}

private func releaseArray(_ raw: UnsafeMutableRawPointer?) {
  unsafe Arena.alive -= 1
  unsafe raw?.assumingMemoryBound(to: CArrowArray.self).pointee.release = nil
}

private func releaseSchema(_ raw: UnsafeMutableRawPointer?) {
  unsafe Arena.alive -= 1
  unsafe raw?.assumingMemoryBound(to: CArrowSchema.self).pointee.release = nil
}

/// Makes structs from bytes; what it hands out is freed at the end of `run()`.
@safe private struct Forge {
  private let bytes: [UInt8]
  private var next = 0
  private var blocks: [UnsafeMutableRawPointer]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    unsafe blocks = []
  }

  mutating func run() {
    defer { for index in unsafe blocks.indices { unsafe blocks[index].deallocate() } }
    let schema = unsafe zeroed(1, of: CArrowSchema.self)
    unsafe fill(schema, depth: 0)
    let data = unsafe zeroed(1, of: CArrowArray.self)

    unsafe Arena.alive = unsafe schema.pointee.release == nil ? 0 : 1
    let field = try? unsafe Field(importing: UnsafeMutableRawPointer(schema))
    precondition(unsafe Arena.alive == 0, "the schema was not released once")
    guard let field else { return }

    unsafe fill(data, type: field.type)
    Arena.fill(bytes[next...])
    unsafe Arena.alive = unsafe data.pointee.release == nil ? 0 : 1
    if let array = try? unsafe ArrowArray(
      importing: UnsafeMutableRawPointer(data), type: field.type)
    {
      let table = Table(columns: [("c", array)])
      _ = table.formatted(TableFormat(rowLimit: 40))
      _ = table.html(rowLimit: 4)
      if array.length > 2 { _ = array.slice(start: 1, count: array.length - 2).nullCount }
    }
    precondition(unsafe Arena.alive == 0, "the array was not released once")
  }

  private mutating func byte() -> UInt8 {
    guard next < bytes.count else { return 0 }
    defer { next += 1 }
    return bytes[next]
  }

  private mutating func zeroed<T>(_ count: Int, of _: T.Type) -> UnsafeMutablePointer<T> {
    let byteCount = max(1, count) * MemoryLayout<T>.stride
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 16)
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    unsafe blocks.append(memory)
    return unsafe memory.assumingMemoryBound(to: T.self)
  }

  private mutating func text(_ text: String) -> UnsafePointer<CChar> {
    let copy = unsafe zeroed(text.utf8.count + 1, of: CChar.self)
    for (index, byte) in text.utf8.enumerated() {
      unsafe copy[index] = CChar(bitPattern: byte)
    }
    return unsafe UnsafePointer(copy)
  }

  /// Mostly small; else what no array can have, since a length in between would be believed.
  private mutating func length() -> Int64 {
    switch byte() {
    case 250: -1
    case 251: .max
    case 252: .min
    case 253: 1 << 49
    case 254: 1 << 62
    case let small: Int64(small % 32)
    }
  }

  private static let formats = [
    "n", "b", "c", "C", "s", "S", "i", "I", "l", "L", "e", "f", "g", "z", "Z", "u", "U", "vu",
    "vz", "d:9,2,32", "d:18,0,64", "d:38,10", "d:76,-3,256", "w:3", "w:0", "tdD", "tdm", "tts",
    "ttm", "ttu", "ttn", "tss:", "tsm:UTC", "tsu:+01:00", "tsn:Europe/Paris", "tDs", "tDn", "tiM",
    "tiD", "tin", "+l", "+L", "+w:2", "+w:0", "+s", "+m", "+ud:0,5", "+us:1,2", "+r", "+vl", "q",
    "d:0,1", "w:-1", "+w:99999999", "+ud:", "+us:300",
  ]

  private mutating func fill(_ schema: UnsafeMutablePointer<CArrowSchema>, depth: Int) {
    let format = Self.formats[Int(byte()) % Self.formats.count]
    let twist = byte()
    var childCount =
      switch format {
      case "+l", "+L", "+w:2", "+w:0", "+m": 1
      case "+ud:0,5", "+us:1,2": 2
      case "+s": Int(byte() % 4)
      default: 0
      }
    if twist == 255 { childCount = Int(byte() % 3) }
    if depth > 4 { childCount = 0 }
    unsafe schema.pointee.format = twist == 253 ? nil : text(format)
    unsafe schema.pointee.name = twist % 3 == 0 ? nil : text("c")
    if twist == 252 {
      unsafe schema.pointee.metadata = unsafe UnsafePointer(
        Arena.start.assumingMemoryBound(to: CChar.self))
    }
    unsafe schema.pointee.flags = Int64(byte())
    unsafe schema.pointee.childCount = twist == 251 ? 0 &- length() : Int64(childCount)
    unsafe schema.pointee.release = twist == 249 ? nil : releaseSchema
    if childCount > 0, twist != 250 {
      let pointers = unsafe zeroed(childCount, of: UnsafeMutablePointer<CArrowSchema>?.self)
      for index in 0..<childCount where twist != 254 || index > 0 {
        let child = unsafe zeroed(1, of: CArrowSchema.self)
        if format == "+m" {
          unsafe fillEntries(child)
        } else {
          unsafe fill(child, depth: depth + 1)
        }
        unsafe pointers[index] = child
      }
      unsafe schema.pointee.children = pointers
    }
    if twist % 8 == 1, depth < 4 {
      let values = unsafe zeroed(1, of: CArrowSchema.self)
      unsafe fill(values, depth: depth + 1)
      unsafe schema.pointee.dictionary = values
    }
  }

  /// The struct of key and value that a map wants.
  private mutating func fillEntries(_ entries: UnsafeMutablePointer<CArrowSchema>) {
    let pointers = unsafe zeroed(2, of: UnsafeMutablePointer<CArrowSchema>?.self)
    for index in 0..<2 {
      let child = unsafe zeroed(1, of: CArrowSchema.self)
      unsafe fill(child, depth: 5)
      unsafe pointers[index] = child
    }
    unsafe entries.pointee.format = text("+s")
    unsafe entries.pointee.children = pointers
    unsafe entries.pointee.childCount = 2
    unsafe entries.pointee.release = releaseSchema
  }

  private mutating func fill(_ array: UnsafeMutablePointer<CArrowArray>, type: DataType) {
    let twist = byte()
    var bufferCount =
      switch type {
      case .null: 0
      case .structure, .fixedSizeList, .union(.sparse, _, _): 1
      case .binary, .largeBinary, .utf8, .largeUTF8: 3
      case .binaryView, .utf8View: 4
      default: 2
      }
    if twist == 255 { bufferCount = Int(byte() % 6) }
    let buffers = unsafe zeroed(6, of: UnsafeRawPointer?.self)
    for index in 0..<bufferCount {
      let choice = byte()
      // A whole byte of misalignment now and then.
      let offset = Int(choice) * 64 + (choice % 16 == 3 ? 1 : 0)
      unsafe buffers[index] = choice == 0 ? nil : UnsafeRawPointer(Arena.start + offset)
    }
    switch type {
    case .binaryView, .utf8View: unsafe buffers[3] = UnsafeRawPointer(Arena.smallNumbers)
    case .largeBinary, .largeUTF8: unsafe buffers[1] = UnsafeRawPointer(Arena.smallNumbers)
    default: break
    }
    unsafe array.pointee.length = length()
    unsafe array.pointee.nullCount = twist % 4 == 0 ? length() : -1
    unsafe array.pointee.offset = twist % 4 == 1 ? length() : 0
    unsafe array.pointee.bufferCount = twist == 252 ? 0 &- length() : Int64(bufferCount)
    unsafe array.pointee.buffers = twist == 251 ? nil : buffers
    unsafe array.pointee.release = twist == 250 ? nil : releaseArray

    let types = type.children.map(\.type)
    let pointers = unsafe zeroed(types.count, of: UnsafeMutablePointer<CArrowArray>?.self)
    for (index, type) in types.enumerated() {
      let child = unsafe zeroed(1, of: CArrowArray.self)
      unsafe fill(child, type: type)
      unsafe pointers[index] = twist == 254 ? nil : child
    }
    unsafe array.pointee.childCount = Int64(types.count)
    unsafe array.pointee.children = pointers
    if case .dictionary(_, let value, _) = type, twist != 253 {
      let values = unsafe zeroed(1, of: CArrowArray.self)
      unsafe fill(values, type: value)
      unsafe array.pointee.dictionary = values
    }
  }
}
