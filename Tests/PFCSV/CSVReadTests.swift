import PFArrow
import PFCSV
import PFCore
import Testing

@Suite struct `reading CSV` {
  @Test func `a small file`() throws {
    let text = "a,b,c\n1,x,2.5\n2,\"y,\"\"z\",\n"
    let file = try CSVFile(MemorySource(try Buffer(copying: Array(text.utf8).span)))
    let result = try file.read()
    #expect(result.table.rowCount == 2)
    #expect(result.table.schema.fields.map(\.type) == [.int64, .utf8, .float64])
  }
}
