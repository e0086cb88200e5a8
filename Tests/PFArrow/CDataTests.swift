import PFCore
import Synchronization
import Testing

import PFArrow

/// A zeroed C struct on the heap, as a consumer would hold it.
@safe final class CStruct<Struct> {
  let pointer: UnsafeMutablePointer<Struct>

  init() {
    unsafe pointer = .allocate(capacity: 1)
    unsafe UnsafeMutableRawPointer(pointer).initializeMemory(
      as: UInt8.self, repeating: 0, count: MemoryLayout<Struct>.size)
  }

  var raw: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(pointer) }

  deinit { unsafe pointer.deallocate() }
}

/// Counts how many of it are alive, behind a buffer.
@safe final class Owner: Sendable {
  static let text = Array(
    "the memory of a buffer, long enough for every sample in these tests".utf8)
  let alive: LiveCount
  // SAFETY: written in init only.
  nonisolated(unsafe) let memory: UnsafeMutableRawPointer

  init(_ alive: LiveCount) {
    self.alive = alive
    unsafe memory = .allocate(byteCount: 128, alignment: 64)
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: 128)
    alive.value.add(1, ordering: .relaxed)
  }

  deinit {
    unsafe memory.deallocate()
    alive.value.subtract(1, ordering: .relaxed)
  }

  var buffer: Buffer { unsafe Buffer(start: memory, byteCount: 40, owner: self) }
}

final class LiveCount: Sendable {
  let value = Atomic<Int>(0)
  var now: Int { value.load(ordering: .relaxed) }
}

@Suite struct `Arrow C data interface` {
  @Test func `structs have the layout of the C header`() {
    #expect(unsafe MemoryLayout<CArrowSchema>.size == 72)
    #expect(unsafe MemoryLayout<CArrowArray>.size == 80)
    #expect(unsafe MemoryLayout<CArrowArrayStream>.size == 40)
    #expect(unsafe MemoryLayout<CArrowSchema>.offset(of: \.childCount) == 32)
    #expect(unsafe MemoryLayout<CArrowSchema>.offset(of: \.release) == 56)
    #expect(unsafe MemoryLayout<CArrowArray>.offset(of: \.buffers) == 40)
    #expect(unsafe MemoryLayout<CArrowArray>.offset(of: \.release) == 64)
    #expect(unsafe MemoryLayout<CArrowArrayStream>.offset(of: \.release) == 24)
  }

  @Test func `every type goes out and comes back with the same bytes`() throws {
    for array in try Sample.all() {
      let (schema, data) = unsafe (CStruct<CArrowSchema>(), CStruct<CArrowArray>())
      let field = Field("ä", array.type, isNullable: false, metadata: [KeyValue("", "x")])
      unsafe field.export(to: schema.raw)
      unsafe array.export(to: data.raw)
      let back = try unsafe Field(importing: schema.raw)
      #expect(back == field)
      let copy = try unsafe ArrowArray(importing: data.raw, type: back.type)
      #expect(haveSameLayout(copy, array), "\(array.type)")
      #expect(unsafe data.pointer.pointee.release == nil)
      #expect(unsafe schema.pointer.pointee.release == nil)
    }
  }

  @Test func `a slice keeps its offset`() throws {
    for array in try Sample.all() {
      let data = unsafe CStruct<CArrowArray>()
      let slice = array.slice(start: 1, count: 3)
      unsafe slice.export(to: data.raw)
      #expect(unsafe data.pointer.pointee.offset == 1)
      let copy = try unsafe ArrowArray(importing: data.raw, type: array.type)
      #expect(copy.length == 3 && copy.nullCount == slice.nullCount && copy.offset == 1)
    }
  }

  @Test func `an array without rows has a first offset`() throws {
    for type in [DataType.utf8, .largeUTF8, .list(Field("", .int8))] {
      let data = unsafe CStruct<CArrowArray>()
      let child = try Sample.array(.int8, length: 0, [nil, nil])
      let isList = type.children.count == 1
      let empty = try Sample.array(
        type, length: 0, [Buffer?](repeating: nil, count: isList ? 2 : 3),
        children: isList ? [child] : [])
      unsafe empty.export(to: data.raw)
      let offsets = unsafe data.pointer.pointee.buffers?[1]
      #expect(unsafe offsets?.load(as: Int64.self) == 0)
      unsafe data.pointer.releaseContent()
    }
  }

  @Test func `memory lives until the last of parent and moved child is released`() throws {
    for parentFirst in [true, false] {
      let alive = LiveCount()
      let (parent, child) = unsafe (CStruct<CArrowArray>(), CStruct<CArrowArray>())
      do {
        let column = try ArrowArray(
          checking: .int64, length: 5, buffers: [nil, Owner(alive).buffer])
        let batch = RecordBatch(
          schema: Schema([Field("a", .int64), Field("b", .int64)]), columns: [column, column],
          rowCount: 5)
        unsafe batch.export(to: parent.raw)
      }
      #expect(alive.now == 1)
      // Move child 1 out (Arrow C data interface, "Moving an array").
      guard let source = unsafe parent.pointer.pointee.children?[1] else {
        Issue.record("no child")
        return
      }
      unsafe child.pointer.pointee = source.pointee
      unsafe source.pointee.release = nil
      let order = unsafe parentFirst ? [parent, child] : [child, parent]
      unsafe order[0].pointer.releaseContent()
      #expect(alive.now == 1)
      unsafe order[1].pointer.releaseContent()
      #expect(alive.now == 0)
      unsafe order[1].pointer.releaseContent()
    }
  }

  @Test func `imported memory is given back with its last array, on failure at once`() throws {
    let alive = LiveCount()
    let data = unsafe CStruct<CArrowArray>()
    func export(_ type: DataType) throws {
      let array = try ArrowArray(checking: type, length: 5, buffers: [nil, Owner(alive).buffer])
      unsafe array.export(to: data.raw)
    }
    try export(.int64)
    var array: ArrowArray? = try unsafe ArrowArray(importing: data.raw, type: .int64)
    var slice = array?.slice(start: 1, count: 2)
    #expect(alive.now == 1)
    array = nil
    #expect(alive.now == 1)
    #expect(slice?.length == 2)
    slice = nil
    #expect(alive.now == 0)

    try export(.int64)
    #expect(throws: ReadError.self) {
      _ = try unsafe ArrowArray(importing: data.raw, type: .utf8)
    }
    #expect(alive.now == 0)
  }

  @Test func `release works from other threads`() async throws {
    let alive = LiveCount()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<16 {
        group.addTask {
          let data = unsafe CStruct<CArrowArray>()
          let array = ArrowArray(
            type: .int64, length: 5, nullCount: 0, buffers: [nil, Owner(alive).buffer])
          unsafe array.export(to: data.raw)
          await Task.yield()
          unsafe data.pointer.releaseContent()
        }
      }
    }
    #expect(alive.now == 0)
  }

  @Test func `a misaligned buffer is copied`() throws {
    let alive = LiveCount()
    let data = unsafe CStruct<CArrowArray>()
    do {
      let owner = Owner(alive)
      unsafe (owner.memory + 4).storeBytes(of: 42, as: Int64.self)
      let buffer = unsafe Buffer(start: owner.memory + 4, byteCount: 8, owner: owner)
      unsafe ArrowArray(type: .int64, length: 1, nullCount: 0, buffers: [nil, buffer])
        .export(to: data.raw)
    }
    let array = try unsafe ArrowArray(importing: data.raw, type: .int64)
    let values = try #require(array.buffers[1])
    #expect(values.span(of: Int64.self)[0] == 42)
    #expect(alive.now == 0)
  }

  @Test func `unknown formats are refused by name`() {
    for format in ["+r", "+vl", "q", "", "ts", "tss", "i:", "u:1", "d", "tsq:", "d:1,2,512"] {
      let error = #expect(throws: ReadError.self) {
        _ = try DataType(cFormat: format, children: [], flags: 0)
      }
      guard case .unsupported = error?.reason else {
        Issue.record("\(format): \(String(describing: error))")
        continue
      }
    }
  }

  @Test func `formats that break their own rules are inconsistent`() {
    for format in [
      "d:", "d:1", "d:0,0", "d:39,0", "d:77,0,256", "d:x,y", "w:-1", "w:", "w:9999999999", "+l",
      "+m", "+w:1", "+ud:1", "+us:1,2", "+ud:300",
    ] {
      let error = #expect(throws: ReadError.self) {
        _ = try DataType(cFormat: format, children: [], flags: 0)
      }
      guard case .inconsistent = error?.reason else {
        Issue.record("\(format): \(String(describing: error))")
        continue
      }
    }
  }
}

@Suite struct `hostile C structs` {
  /// Imports an int32 list array after `change` has broken the struct.
  func importList(
    _ change: (UnsafeMutablePointer<CArrowArray>) -> Void
  ) throws -> ArrowArray {
    let data = unsafe CStruct<CArrowArray>()
    let list = try Sample.nested()[0]
    unsafe list.export(to: data.raw)
    unsafe change(data.pointer)
    return try unsafe ArrowArray(importing: data.raw, type: list.type)
  }

  @Test func `broken counts and pointers are errors`() throws {
    let good = try unsafe importList { _ in }
    #expect(good.length == 5)
    let changes: [(UnsafeMutablePointer<CArrowArray>) -> Void] = unsafe [
      { unsafe $0.pointee.length = -1 }, { unsafe $0.pointee.offset = -1 },
      { unsafe $0.pointee.nullCount = -2 }, { unsafe $0.pointee.nullCount = 6 },
      { unsafe $0.pointee.length = .max }, { unsafe $0.pointee.offset = .max },
      { unsafe ($0.pointee.length, $0.pointee.offset) = (.max, .max) },
      { unsafe $0.pointee.bufferCount = 1 }, { unsafe $0.pointee.bufferCount = 3 },
      { unsafe $0.pointee.bufferCount = -1 }, { unsafe $0.pointee.childCount = 0 },
      { unsafe $0.pointee.childCount = 2 }, { unsafe $0.pointee.buffers = nil },
      { unsafe $0.pointee.children = nil }, { unsafe $0.pointee.children?[0] = nil },
      { unsafe $0.pointee.buffers?[1] = nil }, { unsafe $0.pointee.buffers?[0] = nil },
      { unsafe $0.pointee.dictionary = $0 },
      { unsafe $0.pointee.children?[0]?.pointee.length = 3 },
      { unsafe $0.pointee.children?[0]?.pointee.buffers?[2] = nil },
    ]
    for index in unsafe changes.indices {
      #expect(throws: ReadError.self, "change \(index)") {
        _ = try unsafe importList(changes[index])
      }
    }
  }

  @Test func `offsets, indices and type ids must lie inside`() throws {
    let breaks: [(DataType, [Buffer?], [ArrowArray], ArrowArray?)] = [
      (.utf8, [nil, try Sample.buffer([Int32]([0, 2, 1])), try Sample.bytes("abc")], [], nil),
      (.utf8, [nil, try Sample.buffer([Int32]([-1, 0, 1])), try Sample.bytes("abc")], [], nil),
      (.utf8, [nil, try Sample.buffer([Int32]([0, 2, 4])), try Sample.bytes("abc")], [], nil),
      (.utf8, [nil, try Sample.buffer([Int32]([0, .min, 1])), try Sample.bytes("abc")], [], nil),
      (
        .largeUTF8, [nil, try Sample.buffer([Int64]([0, .max, 3])), try Sample.bytes("abc")], [],
        nil
      ),
      (.int64, [nil, try Sample.buffer([Int64(1)])], [], nil),
      (.boolean, [nil, nil], [], nil),
      (
        .dictionary(index: .int8, value: .int32, isOrdered: false),
        [nil, try Sample.buffer([Int8]([0, 5]))], [], try Sample.int32s()
      ),
      (
        .dictionary(index: .int8, value: .int32, isOrdered: false),
        [nil, try Sample.buffer([Int8]([0, -1]))], [], try Sample.int32s()
      ),
      (
        .union(.dense, [Field("", .int32)], typeIDs: [3]),
        [try Sample.buffer([Int8]([3, 0])), try Sample.buffer([Int32]([0, 0]))],
        [try Sample.int32s()], nil
      ),
      (
        .union(.dense, [Field("", .int32)], typeIDs: [3]),
        [try Sample.buffer([Int8]([3, 3])), try Sample.buffer([Int32]([0, 5]))],
        [try Sample.int32s()], nil
      ),
      (.fixedSizeList(Field("", .int32), count: 3), [nil], [try Sample.int32s()], nil),
      (
        .structure([Field("", .int32)]), [nil],
        [try Sample.array(.int32, length: 1, [nil, try Sample.buffer([Int32(1)])])], nil
      ),
      (.utf8View, [nil, try Sample.buffer([Int32]([13, 0, 0, 0, 0, 0, 0, 0]))], [], nil),
      (
        .utf8View,
        [
          nil, try Sample.buffer([Int32]([13, 0, 0, 3, 0, 0, 0, 0])),
          try Sample.bytes("0123456789abcde"),
        ], [], nil
      ),
      (.utf8View, [nil, try Sample.buffer([Int32]([-1, 0, 0, 0, 0, 0, 0, 0]))], [], nil),
    ]
    for (type, buffers, children, dictionary) in breaks {
      #expect(throws: ReadError.self, "\(type)") {
        _ = try ArrowArray(
          checking: type, length: 2, buffers: buffers, children: children, dictionary: dictionary)
      }
    }
  }

  @Test func `a schema that contains itself ends at the depth limit`() throws {
    let schema = unsafe CStruct<CArrowSchema>()
    unsafe Field("l", .list(Field("item", .int8))).export(to: schema.raw)
    unsafe schema.pointer.pointee.children?[0] = schema.pointer
    let error = #expect(throws: ReadError.self) { _ = try unsafe Field(importing: schema.raw) }
    guard case .limitExceeded = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `metadata with hostile counts is refused`() throws {
    for counts: [Int32] in [[-1], [1, -1], [1, 0, -5], [.max, .max], [1, .max]] {
      var bytes = counts.flatMap { count in
        (0..<4).map { CChar(truncatingIfNeeded: count >> Int32(8 * $0)) }
      }
      bytes += [CChar](repeating: 0, count: 64)
      #expect(throws: ReadError.self) {
        try unsafe bytes.withUnsafeBufferPointer { buffer in
          _ = try unsafe CMetadata.decode(buffer.baseAddress)
        }
      }
    }
  }
}

@Suite struct `Arrow C stream interface` {
  final class Failing: RecordBatchSource {
    let schema = Schema([Field("a", .int32)])
    let error: ReadError
    init(_ error: ReadError) { self.error = error }
    func next() throws(ReadError) -> RecordBatch? { throw error }
  }

  @Test func `a table goes through a stream`() throws {
    let batch = try Sample.batch()
    let table = Table(schema: batch.schema, batches: [batch, batch.slice(start: 1, count: 2)])
    let stream = unsafe CStruct<CArrowArrayStream>()
    unsafe table.export(to: stream.raw)
    let copy = try unsafe Table(importing: stream.raw)
    #expect(unsafe stream.pointer.pointee.release == nil)
    #expect(copy.schema == table.schema)
    #expect(copy.batches.map(\.rowCount) == [5, 2])
    for (left, right) in zip(copy.batches, table.batches) {
      for (left, right) in zip(left.columns, right.columns) {
        #expect(haveSameLayout(left, right), "\(left.type)")
      }
    }
  }

  @Test func `a failure carries its text and sticks`() throws {
    let stream = unsafe CStruct<CArrowArrayStream>()
    unsafe Failing(ReadError(.inconsistent("page 7 is odd"))).export(to: stream.raw)
    let out = unsafe CStruct<CArrowArray>()
    for _ in 0..<2 {
      #expect(unsafe stream.pointer.pointee.getNext?(stream.raw, out.raw) == 22)
    }
    let error = #expect(throws: ReadError.self) { _ = try unsafe Table(importing: stream.raw) }
    #expect(error?.description.contains("page 7 is odd") == true)
  }

  @Test func `errno tells the kind of failure`() throws {
    for (reason, code): (ReadError.Reason, CInt) in [
      (.cancelled, CStatus.cancelled), (.outOfMemory(byteCount: 1), 12), (.source(.notFound), 5),
      (.inconsistent(""), 22),
    ] {
      let stream = unsafe CStruct<CArrowArrayStream>()
      unsafe Failing(ReadError(reason)).export(to: stream.raw)
      let out = unsafe CStruct<CArrowArray>()
      #expect(unsafe stream.pointer.pointee.getNext?(stream.raw, out.raw) == code)
      unsafe stream.pointer.releaseContent()
      #expect(unsafe stream.pointer.pointee.getNext?(stream.raw, out.raw) == 22)
    }
  }

  @Test func `a cancelled token stops the import`() throws {
    let batch = try Sample.batch()
    let stream = unsafe CStruct<CArrowArrayStream>()
    unsafe Table(schema: batch.schema, batches: [batch]).export(to: stream.raw)
    let token = CancellationToken()
    token.cancel()
    #expect(throws: ReadError(.cancelled)) {
      _ = try unsafe Table(importing: stream.raw, cancellation: token)
    }
  }

  @Test func `a zeroed stream is an error`() {
    let stream = unsafe CStruct<CArrowArrayStream>()
    #expect(throws: ReadError.self) { _ = try unsafe Table(importing: stream.raw) }
  }
}
