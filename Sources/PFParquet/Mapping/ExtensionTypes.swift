internal import PFArrow
internal import PFCore

/// The Arrow extension types of Parquet's logical types (Arrow, "Canonical Extension Types", and
/// GeoArrow, "Extension types").
enum ExtensionTypes {
  /// The metadata that names the extension type of the element's values, which are of `type`;
  /// none for plain ones.
  static func metadata(of element: SchemaElement, as type: DataType) -> [PFArrow.KeyValue] {
    switch (element.effectiveLogicalType, type) {
    case (.uuid, .fixedSizeBinary(16)): pairs("arrow.uuid")
    case (.json, .utf8), (.json, .largeUTF8), (.json, .utf8View): pairs("arrow.json")
    case (.variant, .structure): pairs("arrow.parquet.variant")
    case (.geometry(let crs), .binary), (.geometry(let crs), .largeBinary),
      (.geometry(let crs), .binaryView):
      pairs("geoarrow.wkb", geoArrow(crs: crs, edges: nil))
    case (.geography(let crs, let algorithm), .binary),
      (.geography(let crs, let algorithm), .largeBinary),
      (.geography(let crs, let algorithm), .binaryView):
      pairs("geoarrow.wkb", geoArrow(crs: crs, edges: algorithm ?? .spherical))
    default: []
    }
  }

  private static func pairs(_ name: String, _ metadata: String = "") -> [PFArrow.KeyValue] {
    [
      PFArrow.KeyValue("ARROW:extension:name", name),
      PFArrow.KeyValue("ARROW:extension:metadata", metadata),
    ]
  }

  /// Parquet's reference system is longitude and latitude when it is left out; GeoArrow's is then
  /// unknown.
  private static func geoArrow(
    crs: String?, edges: LogicalType.EdgeInterpolationAlgorithm?
  ) -> String {
    var writer = JSONWriter()
    writer.object {
      $0.member("crs", crs ?? "OGC:CRS84")
      if crs == nil { $0.member("crs_type", "authority_code") }
      if let edges { $0.member("edges", edges.description.lowercased()) }
    }
    return writer.text
  }
}
