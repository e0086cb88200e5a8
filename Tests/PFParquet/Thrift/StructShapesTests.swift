import PFCore
import PFParquet
import Testing

@Suite struct `shapes of structs` {
  /// A struct with a field of each kind, whose numbers and texts have random widths.
  static func randomStruct(_ random: inout SplitMix) -> [UInt8] {
    let widths: [Int64] = [1, 100, 1 << 20, 1 << 40, .max]
    var number: Int64 { widths[Int(random.next() % 5)] }
    let texts = (0..<3).map { _ in
      String(repeating: "x", count: Int(random.next() % 3) * 4)
    }
    let (first, second, third) = (number, -number, number)
    let flag = random.next() % 4 == 0
    return ThriftBytes.structure {
      $0.i64(2, first)
      $0.structure(3) {
        $0.i64(1, second)
        $0.list(2, of: ThriftBytes.binary, count: UInt64(texts.count))
        for text in texts {
          $0.bytes.append(UInt8(text.utf8.count))
          $0.bytes += Array(text.utf8)
        }
        $0.bool(5, flag)
        $0.structs(13, [{ $0.i64(1, third) }, { $0.i64(1, 7) }])
      }
      $0.i64(40, third)
    }
  }

  struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
  }

  /// Where each struct from `start` on ends, with shapes or field by field; ends with an error.
  static func ends(
    of bytes: [UInt8], withShapes: Bool
  ) -> (ends: [Int], error: DecodingError?) {
    var shapes = StructShapes()
    var ends: [Int] = []
    var offset = 0
    do throws(DecodingError) {
      while offset < bytes.count {
        if withShapes {
          offset = try shapes.end(of: bytes.span, from: offset)
        } else {
          var thrift = ThriftReader(bytes.span, at: offset)
          try thrift.skip(.init(id: 1, type: .structure))
          offset = thrift.offset
        }
        ends.append(offset)
      }
      return (ends, nil)
    } catch { return (ends, error) }
  }

  @Test func `structs end where they do field by field`() {
    var random = SplitMix(state: 1)
    var bytes: [UInt8] = []
    for _ in 0..<2000 { bytes += Self.randomStruct(&random) }
    let fast = Self.ends(of: bytes, withShapes: true)
    #expect(fast.error == nil && fast.ends.count == 2000)
    #expect(fast.ends == Self.ends(of: bytes, withShapes: false).ends)
  }

  @Test func `many at a time end where they do one by one, as long as there is room`() throws {
    var random = SplitMix(state: 3)
    var bytes: [UInt8] = []
    for _ in 0..<2000 { bytes += Self.randomStruct(&random) }
    // Some are broken: a type that there is not, where a field begins.
    for round in 0..<20 {
      if round > 0 {
        let starts = Self.ends(of: bytes, withShapes: false).ends
        bytes[starts[Int(random.next() % UInt64(max(1, starts.count)))]] = 0xFF
      }
      let ends = Self.ends(of: bytes, withShapes: false).ends
      var shapes = StructShapes()
      var (offset, count) = (0, 0)
      while true {
        let passed = shapes.pass(
          1 + Int(random.next() % 100), of: bytes.span, from: &offset)
        count += passed
        #expect(offset == (count == 0 ? 0 : ends[count - 1]))
        if passed == 0 { break }
      }
      let isWhole = bytes.count - offset < StructShapes.room
      #expect(isWhole || count == ends.count)
    }
  }

  @Test func `broken bytes give the same error at the same place`() {
    var random = SplitMix(state: 2)
    for round in 0..<3000 {
      var bytes: [UInt8] = []
      let one = Self.randomStruct(&random)
      for _ in 0..<4 { bytes += one }
      for _ in 0...(random.next() % 3) {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      if round % 3 == 0 { bytes.removeLast(Int(random.next() % UInt64(one.count))) }
      let (fast, slow) = (
        Self.ends(of: bytes, withShapes: true), Self.ends(of: bytes, withShapes: false)
      )
      #expect(fast.ends == slow.ends && fast.error == slow.error, "round \(round)")
    }
  }
}
