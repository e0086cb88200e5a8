import Foundation
import PFAvro
import PFCore
import Testing

/// The examples of Specs/avro.md.
@Suite struct `the rules of the Avro page` {
  /// The cells of each row whose table has a column `what`, by the column's name, without backquotes.
  static func rows(with what: String) throws -> [[String: String]] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "Specs/avro.md"), encoding: .utf8)
    var names: [String] = []
    var rows: [[String: String]] = []
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        names = []
        continue
      }
      let cells = line.dropFirst().dropLast().split(
        separator: "|", omittingEmptySubsequences: false
      ).map { $0.trimmingCharacters(in: .whitespaces) }
      if names.isEmpty {
        names = cells
      } else if names.contains(what), !cells[0].hasPrefix("---") {
        #expect(cells.count == names.count, "\(line)")
        rows.append(
          Dictionary(
            zip(names, cells).map { ($0, $1.trimmingCharacters(in: ["`"])) },
            uniquingKeysWith: { $1 }))
      }
    }
    return rows
  }

  /// Whether `gives` is `error` and a part of the text.
  private func isTold(_ error: any Error, by gives: String) -> Bool {
    gives.hasPrefix("error ") && "\(error)".contains(gives.dropFirst("error ".count))
  }

  @Test func `on schemas`() throws {
    var count = 0
    for row in try Self.rows(with: "schema") {
      guard let schema = row["schema"], let gives = row["gives"], !schema.isEmpty else { continue }
      count += 1
      do {
        let form = try AvroSchema(parsing: schema).canonicalForm
        #expect(form == gives, "\(schema)")
      } catch {
        #expect(isTold(error, by: gives), "\(schema): \(error)")
      }
    }
    #expect(count > 20)
  }

  @Test func `on defaults`() throws {
    var count = 0
    for row in try Self.rows(with: "default") {
      guard let type = row["type"], let value = row["default"], let gives = row["gives"],
        !type.isEmpty
      else { continue }
      count += 1
      do {
        let schema = try AvroSchema(parsing: type)
        let bytes = try encodedDefault(
          try JSONValue(parsing: value), of: schema.type, in: schema)
        let text = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        #expect(text.joined(separator: " ") == gives, "\(type)")
      } catch {
        #expect(isTold(error, by: gives), "\(type): \(error)")
      }
    }
    #expect(count > 8)
  }
}
