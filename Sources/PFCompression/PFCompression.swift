package import PFCore
package typealias PFCompressionMarker = DecodingError
