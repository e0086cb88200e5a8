package import PFCore
package typealias PFArrowMarker = DecodingError
