package import PFCore
package typealias PFParquetMarker = DecodingError
