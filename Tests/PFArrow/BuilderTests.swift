import PFArrow
import PFCore
import Testing

@Suite struct `array builders` {
  /// The array as its parts would be checked if they were foreign: builders must make good arrays.
  static func checked(_ array: ArrowArray) throws -> ArrowArray {
    let copy = try ArrowArray(
      checking: array.type, length: array.length, offset: array.offset, buffers: array.buffers,
      children: try array.children.map(checked), dictionary: try array.dictionary.map(checked))
    #expect(haveSameLayout(copy, array))
    return copy
  }

  static func text(_ array: ArrowArray) throws -> [String] {
    let array = try checked(array)
    return (0..<array.length).map { array[$0].description }
  }

  @Test("primitive values and nulls, around a byte of the bitmap", arguments: [0, 1, 7, 8, 9, 65])
  func primitives(count: Int) throws {
    for firstNull in [0, count / 2, count] {
      let values = (0..<count).map { $0 < firstNull || $0 % 3 == 0 ? Int64($0) : nil }
      let array = try Self.checked(ArrowArray(int64: values))
      #expect(array.length == count && array.nullCount == values.count { $0 == nil })
      #expect((array.validity == nil) == !values.contains(nil))
      for (index, value) in values.enumerated() {
        #expect(array[index] == value.map { .int($0) } ?? .null)
      }
      let flags = values.map { $0.map { $0 % 2 == 0 } }
      let booleans = try Self.checked(ArrowArray(booleans: flags))
      for (index, flag) in flags.enumerated() {
        #expect(booleans[index] == flag.map { .boolean($0) } ?? .null)
      }
    }
  }

  @Test func `buffers are aligned and padded to 64 bytes`() throws {
    let array = try ArrowArray(int64: [1, nil, 3])
    for buffer in array.buffers.compactMap({ $0 }) {
      #expect(unsafe UInt(bitPattern: buffer.address) % 64 == 0)
      #expect(unsafe buffer.address.load(fromByteOffset: 63, as: UInt8.self) == 0)
    }
  }

  @Test func `a span goes in whole, and other types of the width too`() throws {
    let builder = PrimitiveBuilder<Int64>(.timestamp(.second, timeZone: "UTC"))
    builder.append([0, 86_400].span)
    builder.appendNull()
    builder.append([1].span)
    #expect(
      try Self.text(builder.finish()) == [
        "1970-01-01 00:00:00Z", "1970-01-02 00:00:00Z", "null", "1970-01-01 00:00:01Z",
      ])
    let intervals = PrimitiveBuilder<MonthDayNanoInterval>()
    intervals.append(MonthDayNanoInterval(months: 1, days: 2, nanoseconds: 3_000_000_000))
    #expect(try Self.text(intervals.finish()) == ["1mo 2d 3s"])
  }

  @Test func `text and bytes`() throws {
    for isLarge in [false, true] {
      let strings = StringBuilder(isLarge: isLarge)
      strings.append(contentsOf: ["a", nil, "", "wörld longer than a small string"])
      let array = try Self.checked(strings.finish())
      #expect(
        (0..<4).map { array.string(at: $0) } == ["a", nil, "", "wörld longer than a small string"])
      let bytes = BinaryBuilder(isLarge: isLarge)
      bytes.append(contentsOf: [[0, 255], nil, []])
      #expect(try Self.text(bytes.finish()) == ["b\"\\x00\\xff\"", "null", "b\"\""])
    }
    let fixed = FixedSizeBinaryBuilder(byteWidth: 2)
    fixed.append(contentsOf: [[65, 66], nil])
    #expect(try Self.text(fixed.finish()) == ["b\"AB\"", "null"])
    fixed.append([1])
    #expect(throws: BuildError.wrongByteCount(1, expected: 2)) { _ = try fixed.finish() }
  }

  @Test func `more bytes than the offsets reach is an error, kept until the end`() throws {
    let builder = BinaryBuilder(byteLimit: 10)
    builder.append([1, 2, 3, 4, 5, 6])
    builder.append([1, 2, 3, 4])
    #expect(try Self.checked(builder.finish()).length == 2)
    for _ in 0..<3 { builder.append([1, 2, 3, 4]) }
    builder.append([1])
    #expect(throws: BuildError.offsetOverflow) { _ = try builder.finish() }
  }

  @Test func `decimals of each width, and beyond it`() throws {
    for type: DataType in [
      .decimal32(precision: 9, scale: 1), .decimal64(precision: 18, scale: 1),
      .decimal128(precision: 38, scale: 1), .decimal256(precision: 76, scale: 1),
    ] {
      let builder = DecimalBuilder(type)
      builder.append(DecimalValue(unscaled: -15, scale: 1))
      builder.appendNull()
      #expect(try Self.text(builder.finish()) == ["-1.5", "null"])
      builder.append(DecimalValue(unscaled: 1, scale: 2))
      #expect(throws: BuildError.self) { _ = try builder.finish() }
    }
    let narrow = DecimalBuilder(.decimal32(precision: 9, scale: 0))
    narrow.append(DecimalValue(unscaled: 1 << 31, scale: 0))
    #expect(throws: BuildError.self) { _ = try narrow.finish() }
    let wide = DecimalBuilder(.decimal128(precision: 38, scale: 0))
    wide.append(DecimalValue(high: 1, low: 0, scale: 0))
    #expect(throws: BuildError.self) { _ = try wide.finish() }
  }

  @Test func `lists, large lists and maps`() throws {
    for isLarge in [false, true] {
      let lists = ListBuilder(StringBuilder(), isLarge: isLarge)
      lists.values.append("a")
      lists.values.appendNull()
      lists.append()
      lists.appendNull()
      lists.append()
      #expect(try Self.text(lists.finish()) == ["[\"a\", null]", "null", "[]"])
      lists.append()
      #expect(try Self.text(lists.finish()) == ["[]"])
    }
    let maps = MapBuilder(keys: StringBuilder(), values: PrimitiveBuilder<Int8>())
    maps.keys.append("k")
    maps.values.append(1)
    maps.append()
    maps.appendNull()
    #expect(try Self.text(maps.finish()) == ["{\"k\" → 1}", "null"])
    maps.keys.append("k")
    #expect(throws: BuildError.childCount(0, expected: 1)) { _ = try maps.finish() }
  }

  @Test func `fixed-size lists and structs count their children`() throws {
    let pairs = FixedSizeListBuilder(PrimitiveBuilder<Int8>(), count: 2)
    pairs.values.append(contentsOf: [1, 2])
    pairs.append()
    pairs.appendNull()
    #expect(try Self.text(pairs.finish()) == ["[1, 2]", "null"])
    pairs.append()
    #expect(throws: BuildError.childCount(0, expected: 2)) { _ = try pairs.finish() }

    let (ids, names) = (PrimitiveBuilder<Int64>(), StringBuilder())
    let rows = StructBuilder([("id", ids), ("name", names)])
    ids.append(1)
    names.append("a")
    rows.append()
    rows.appendNull()
    #expect(try Self.text(rows.finish()) == ["{id: 1, name: \"a\"}", "null"])
    ids.append(1)
    rows.append()
    #expect(throws: BuildError.childCount(0, expected: 1)) { _ = try rows.finish() }
  }

  @Test func `dictionaries keep each value once`() throws {
    let builder = DictionaryBuilder(StringBuilder())
    builder.append(contentsOf: ["a", "b", nil, "a"])
    let array = try builder.finish()
    #expect(array.dictionary?.length == 2)
    #expect(try Self.text(array) == ["a", "b", "null", "a"])
    builder.append("c")
    #expect(try Self.text(builder.finish()) == ["c"])
  }

  @Test func `dense unions and nulls`() throws {
    let (numbers, texts) = (PrimitiveBuilder<Int64>(), StringBuilder())
    let union = DenseUnionBuilder([("n", numbers), ("t", texts)])
    texts.append("a")
    union.append(member: 1)
    numbers.append(5)
    union.append(member: 0)
    union.appendNull()
    #expect(try Self.text(union.finish()) == ["a", "5", "null"])
    union.append(member: 1)
    #expect(throws: BuildError.childCount(0, expected: 1)) { _ = try union.finish() }
    let nulls = NullBuilder()
    nulls.appendNull()
    #expect(try Self.text(nulls.finish()) == ["null"])
  }

  @Test func `a table is made of named arrays`() throws {
    let table = Table(columns: [
      ("id", try ArrowArray(int32: [1, nil])), ("x", try ArrowArray(float64: [0.5, 2])),
      ("s", try ArrowArray(strings: ["a", nil])),
    ])
    #expect(
      table.jsonRows() == "[{\"id\":1,\"x\":0.5,\"s\":\"a\"},{\"id\":null,\"x\":2.0,\"s\":null}]"
    )
  }
}
