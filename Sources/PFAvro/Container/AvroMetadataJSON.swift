public import PFCore

/// A part of what `AvroFile.metadataJSON` writes (Specs/metadata.md, "Avro").
public enum AvroMetadataSection: String, Sendable, CaseIterable {
  /// Codec, sync marker and the pairs of the head.
  case file
  /// The schema of the records.
  case schema
  /// The blocks, and how many records they have.
  case blocks
}

extension AvroFile {
  /// What the file says of itself, as JSON; without the blocks nothing but the head is read.
  ///
  /// - Throws: `ReadError` with the block where the file is cut or a sync marker is missing.
  public func metadataJSON(
    _ sections: Set<AvroMetadataSection> = Set(AvroMetadataSection.allCases),
    layout: JSONLayout = .compact
  ) throws(ReadError) -> String {
    let blocks = sections.contains(.blocks) ? try blocks() : []
    var writer = JSONWriter(layout)
    writer.object { json in
      if sections.contains(.file) {
        json.member("file", source.name)
        json.member("codec", header.codec.rawValue)
        json.member("sync_marker", header.syncMarkerText)
        json.member("header_bytes", header.byteCount)
        json.member("metadata", header.userMetadata)
      }
      if sections.contains(.schema) {
        json.member("schema", header.schema.json)
        json.member("canonical_form", header.schema.canonicalForm)
        json.member("fingerprint", header.schema.fingerprint)
      }
      if sections.contains(.blocks) {
        json.member("records", blocks.reduce(0) { $0.addingClamped($1.recordCount) })
        json.array("blocks") { json in
          for block in blocks {
            json.object { json in
              json.member("offset", block.offset)
              json.member("records", block.recordCount)
              json.member("bytes", block.byteCount)
            }
          }
        }
      }
    }
    return writer.text
  }
}

extension AvroHeader {
  /// The pairs that are not the format's own; of two with one key the last, as in Avro's own readers.
  public var userMetadata: JSONObject {
    var reversed = JSONObject()
    for (key, value) in metadata.reversed() where key != "avro.schema" && key != "avro.codec" {
      _ = reversed.append(key, .string(value))
    }
    var object = JSONObject()
    for member in reversed.members.reversed() { _ = object.append(member.name, member.value) }
    return object
  }

  /// The sync marker as 32 hexadecimal digits.
  public var syncMarkerText: String {
    syncMarker.map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}

extension Int {
  fileprivate func addingClamped(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
