import Foundation
import PFParquet
import Testing

@Suite struct `footers as JSON` {
  static func document(_ name: String) throws -> [String: Any] {
    let metaData = try FileMetaData(decoding: FooterFixture.fixture(name))
    let text = try metaData.json(tree: SchemaTree(metaData.schema))
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return try #require(object as? [String: Any])
  }

  @Test func `the file and its columns`() throws {
    let file = try Self.document("types")
    #expect(file["version"] as? Int == 2)
    #expect(file["num_columns"] as? Int == 15)
    #expect(file["num_rows"] as? Int == 6)
    #expect(file["num_row_groups"] as? Int == 2)
    #expect(file["serialized_size"] as? Int == (try FooterFixture.fixture("types").count))
    #expect((file["created_by"] as? String)?.hasPrefix("parquet-cpp-arrow") == true)
    #expect(file["encryption_algorithm"] is NSNull)
    let entries = try #require(file["key_value_metadata"] as? [String: Any])
    #expect(entries["origin"] as? String == "fixture")
    #expect(entries["empty"] as? String == "")

    let columns = try #require(file["columns"] as? [[String: Any]])
    let meanings = columns.map { "\($0["name"] ?? "") \($0["logical_type"] ?? "")" }
    #expect(
      meanings == [
        "id <null>", "flag <null>", "small INT(8, signed)", "unsigned INT(32, unsigned)",
        "ratio <null>", "half FLOAT16", "name STRING", "blob <null>", "code <null>",
        "price DECIMAL(9, 2)", "day DATE", "clock TIME(MICROS)", "seen TIMESTAMP(MILLIS, UTC)",
        "local TIMESTAMP(NANOS)", "key UUID",
      ])
    #expect(columns.map { $0["nullable"] as? Bool } == [false] + Array(repeating: true, count: 14))
    #expect(columns[8]["type_length"] as? Int == 3)
    #expect(columns[0]["type_length"] is NSNull)
    #expect(columns[12]["arrow_type"] as? String == "timestamp[ms, tz=UTC]")
    #expect(columns[4]["arrow_type"] as? String == "double")
    #expect(columns[10]["arrow_type"] as? String == "date32[day]")
    #expect(columns[12]["physical_type"] as? String == "INT64")
    #expect(columns[12]["max_definition_level"] as? Int == 1)
  }

  @Test func `row groups and column chunks`() throws {
    let file = try Self.document("types")
    let groups = try #require(file["row_groups"] as? [[String: Any]])
    #expect(groups.map { $0["num_rows"] as? Int } == [4, 2])
    let keys = try #require(groups[0]["sorting_columns"] as? [[String: Any]])
    #expect(keys.map { $0["column_index"] as? Int } == [0])

    let chunks = try #require(groups[0]["columns"] as? [[String: Any]])
    let name = chunks[6]
    #expect(name["path"] as? String == "name")
    #expect(name["physical_type"] as? String == "BYTE_ARRAY")
    #expect(name["codec"] as? String == "SNAPPY")
    #expect(name["encodings"] as? [String] == ["PLAIN", "RLE", "RLE_DICTIONARY"])
    #expect(name["num_values"] as? Int == 4)
    #expect(name["total_compressed_size"] as? Int == 73)
    #expect(name["total_uncompressed_size"] as? Int == 69)
    #expect(name["data_page_offset"] as? Int == 260)
    #expect(name["dictionary_page_offset"] as? Int == 216)
    #expect(name["has_column_index"] as? Bool == true)
    #expect(name["has_offset_index"] as? Bool == true)
    #expect(name["has_bloom_filter"] as? Bool == false)
    #expect(chunks[0]["dictionary_page_offset"] is NSNull)
    let statistics = try #require(name["statistics"] as? [String: Any])
    #expect(statistics["null_count"] as? Int == 1)
    #expect(statistics["distinct_count"] is NSNull)
    #expect(statistics["is_min_exact"] as? Bool == true)

    let minima = chunks.map { ($0["statistics"] as? [String: Any])?["min"] }
    #expect(minima[0] as? Int == 0)
    #expect(minima[1] as? Bool == false)
    #expect(minima[3] as? Int == 4_000_000_000)
    let texts = minima[6...].map { $0 as? String }
    #expect(
      texts == [
        "alpha", "00ff", "000000", "-2.25", "2024-02-27", "12:30:00", "2024-02-29T12:00:00+00:00",
        "1969-12-31T23:59:00", String(repeating: "0", count: 32),
      ])
  }

  @Test func `the schema's nodes, and dotted paths of nested columns`() throws {
    let file = try Self.document("nested")
    let columns = try #require(file["columns"] as? [[String: Any]])
    #expect(columns.first?["path"] as? String == "items.list.element.a")
    #expect(columns.first?["name"] as? String == "a")
    let schema = try #require(file["schema"] as? [[String: Any]])
    #expect(
      schema.map { "\($0["name"] ?? "") \($0["num_children"] ?? "")" } == [
        "schema 3", "items 1", "list 1", "element 2", "a <null>", "b <null>", "labels 1",
        "key_value 2", "key <null>", "value <null>", "plain <null>",
      ])
    #expect(schema[1]["logical_type"] as? String == "LIST")
    #expect(schema[2]["repetition_type"] as? String == "REPEATED")
    #expect(schema[1]["physical_type"] is NSNull)
  }

  @Test func `of equal keys the last counts`() throws {
    let bytes = ThriftBytes.structure {
      $0.i32(1, 1)
      $0.structs(2, [{ $0.string(4, "r") }])
      $0.i64(3, 0)
      $0.structs(4, [])
      $0.structs(
        5,
        [
          {
            $0.string(1, "k"); $0.string(2, "old")
          }, { $0.string(1, "k") },
        ])
    }
    let metaData = try FileMetaData(decoding: bytes)
    let text = try metaData.json(tree: SchemaTree(metaData.schema))
    #expect(text.contains(#""key_value_metadata":{"k":null}"#))
  }

  @Test func `infinite bounds, which JSON has no number for, are text`() throws {
    let metaData = try FileMetaData(
      decoding: ThriftBytes.structure {
        $0.i32(1, 2)
        $0.structs(
          2,
          [
            {
              $0.string(4, "r"); $0.i32(5, 1)
            },
            {
              $0.i32(1, 4); $0.i32(3, 0); $0.string(4, "c")
            },
          ])
        $0.i64(3, 1)
        $0.structs(
          4,
          [
            {
              $0.structs(
                1,
                [
                  {
                    $0.i64(2, 0)
                    $0.structure(3) {
                      $0.i32(1, 4)
                      $0.list(2, of: ThriftBytes.i32, count: 0)
                      $0.list(3, of: ThriftBytes.binary, count: 0)
                      $0.i32(4, 0)
                      for id: Int16 in [5, 6, 7, 9] { $0.i64(id, 1) }
                      $0.structure(12) { $0.binary(5, [0, 0, 0x80, 0x7F]) }
                    }
                  }
                ])
              $0.i64(2, 0)
              $0.i64(3, 1)
            }
          ])
      })
    let text = try metaData.json(tree: SchemaTree(metaData.schema))
    #expect(text.contains(#""max":"Infinity""#))
    #expect(text.contains(#""min":null"#))
  }
}
