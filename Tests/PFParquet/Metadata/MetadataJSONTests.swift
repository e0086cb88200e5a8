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

  @Test func `the file, its row groups and its columns have pyarrow's keys`() throws {
    let file = try Self.document("types")
    #expect(file["num_columns"] as? Int == 15)
    #expect(file["num_rows"] as? Int == 6)
    #expect(file["num_row_groups"] as? Int == 2)
    #expect(file["format_version"] as? String == "2.6")
    #expect(file["serialized_size"] as? Int == (try FooterFixture.fixture("types").count))
    #expect((file["created_by"] as? String)?.hasPrefix("parquet-cpp-arrow") == true)

    let groups = try #require(file["row_groups"] as? [[String: Any]])
    #expect(groups.map { $0["num_rows"] as? Int } == [4, 2])
    #expect(groups[0]["num_columns"] as? Int == 15)
    let keys = try #require(groups[0]["sorting_columns"] as? [[String: Any]])
    #expect(keys.map { $0["column_index"] as? Int } == [0])

    let columns = try #require(groups[0]["columns"] as? [[String: Any]])
    let name = columns[6]
    #expect(name["path_in_schema"] as? String == "name")
    #expect(name["physical_type"] as? String == "BYTE_ARRAY")
    #expect(name["num_values"] as? Int == 4)
    #expect(name["compression"] as? String == "SNAPPY")
    #expect(name["encodings"] as? [String] == ["PLAIN", "RLE", "RLE_DICTIONARY"])
    #expect(name["has_dictionary_page"] as? Bool == true)
    #expect(name["dictionary_page_offset"] as? Int == 216)
    #expect(name["data_page_offset"] as? Int == 260)
    #expect(name["total_compressed_size"] as? Int == 73)
    #expect(name["total_uncompressed_size"] as? Int == 69)
    #expect(name["has_column_index"] as? Bool == true)
    #expect(name["has_offset_index"] as? Bool == true)
    #expect(name["has_bloom_filter"] as? Bool == false)
    #expect(name["is_stats_set"] as? Bool == true)
    let statistics = try #require(name["statistics"] as? [String: Any])
    #expect(statistics["has_min_max"] as? Bool == true)
    #expect(statistics["min"] as? String == "alpha")
    #expect(statistics["max"] as? String == "żółw")
    #expect(statistics["null_count"] as? Int == 1)
    #expect(statistics["distinct_count"] is NSNull)
    #expect(columns[9]["path_in_schema"] as? String == "price")
    let price = try #require(columns[9]["statistics"] as? [String: Any])
    #expect(price["min"] as? String == "-2.25")
    #expect(columns[0]["dictionary_page_offset"] is NSNull)
  }

  @Test func `the schema and the entries follow`() throws {
    let file = try Self.document("types")
    let schema = try #require(file["schema"] as? [[String: Any]])
    #expect(schema.count == 16)
    #expect(schema[0]["num_children"] as? Int == 15)
    #expect(schema[0]["physical_type"] is NSNull)
    let price = schema[10]
    #expect(price["name"] as? String == "price")
    #expect(price["physical_type"] as? String == "FIXED_LEN_BYTE_ARRAY")
    #expect(price["type_length"] as? Int == 4)
    #expect(price["repetition_type"] as? String == "OPTIONAL")
    #expect(price["converted_type"] as? String == "DECIMAL")
    #expect(price["max_definition_level"] as? Int == 1)
    let type = try #require(price["logical_type"] as? [String: Any])
    #expect(type["type"] as? String == "DECIMAL")
    #expect(type["precision"] as? Int == 9)
    #expect(type["scale"] as? Int == 2)
    let entries = try #require(file["key_value_metadata"] as? [[String: Any]])
    #expect(entries.first?["key"] as? String == "origin")
    #expect(entries.first?["value"] as? String == "fixture")
  }

  @Test func `nested columns have dotted paths`() throws {
    let file = try Self.document("nested")
    let groups = try #require(file["row_groups"] as? [[String: Any]])
    let columns = try #require(groups.first?["columns"] as? [[String: Any]])
    #expect(columns.first?["path_in_schema"] as? String == "items.list.element.a")
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
    #expect(text.contains(#""max":"inf""#))
    #expect(text.contains(#""min":null"#))
  }
}
