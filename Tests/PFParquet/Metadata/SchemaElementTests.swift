import PFCore
import PFParquet
import Testing

@Suite("lists of schema elements")
struct SchemaElementTests {
  /// What the elements of a list are, and where reading ended or failed.
  struct Outcome: Equatable {
    var elements: [SchemaElement] = []
    var end = 0
    var error: DecodingError?
  }

  private func together(_ bytes: [UInt8]) -> Outcome {
    var outcome = Outcome()
    var thrift = ThriftReader(bytes.span)
    do throws(DecodingError) {
      var last: Int16 = 0
      guard let field = try thrift.readField(after: &last) else { return outcome }
      outcome.elements = try SchemaElement.readList(field, from: &thrift)
      outcome.end = thrift.offset
    } catch { outcome.error = error }
    return outcome
  }

  private func oneByOne(_ bytes: [UInt8]) -> Outcome {
    var outcome = Outcome()
    var thrift = ThriftReader(bytes.span)
    do throws(DecodingError) {
      var last: Int16 = 0
      guard let field = try thrift.readField(after: &last) else { return outcome }
      var elements: [SchemaElement] = []
      for _ in 0..<(try thrift.readStructListCount(field)) {
        elements.append(try SchemaElement(from: &thrift))
      }
      (outcome.elements, outcome.end) = (elements, thrift.offset)
    } catch { outcome.error = error }
    return outcome
  }

  /// Elements of which many differ from the one before in their name alone, and some in all ways
  /// that there are: the order of fields, a name twice, a name that is missing or no UTF-8.
  private func randomList(_ random: inout `shapes of structs`.SplitMix) -> [UInt8] {
    var list = ThriftBytes()
    var shape = random.next()
    let bodies = (0..<Int(random.next() % 40)).map { index in
      if random.next() % 4 == 0 { shape = random.next() }
      let kind = shape
      let name = Array("column \(random.next() % 1000) of \(index)".utf8.prefix(Int(kind % 20)))
      return { (element: inout ThriftBytes) in
        if kind & 1 != 0 { element.i32(1, Int64(kind >> 8 % 8)) }
        if kind & 2 != 0 { element.binary(4, name) }
        if kind & 4 != 0 { element.i32(3, Int64(kind >> 16 % 3)) }
        if kind & 24 != 0 { element.binary(4, kind & 32 != 0 ? name : name + [0xFF]) }
        if kind & 64 != 0 { element.i32(5, Int64(kind >> 24 % 100)) }
        if kind & 128 != 0 { element.binary(77, name) }
      }
    }
    list.structs(2, bodies)
    return list.bytes
  }

  @Test("are read as one after the other would be, whole, cut or damaged")
  func agree() {
    var random = `shapes of structs`.SplitMix(state: 20)
    var wholeCount = 0
    for _ in 0..<2000 {
      var bytes = randomList(&random)
      switch random.next() % 3 {
      case 0: break
      case 1: bytes = Array(bytes.prefix(Int(random.next() % UInt64(bytes.count + 1))))
      default:
        let place = Int(random.next() % UInt64(bytes.count))
        bytes[place] = UInt8(truncatingIfNeeded: random.next())
      }
      let expected = oneByOne(bytes)
      #expect(together(bytes) == expected)
      if expected.error == nil, expected.elements.count > 2 { wholeCount += 1 }
    }
    #expect(wholeCount > 100)
  }
}
