public import PFCore
extension AvroSchema { public init(parsing text: String) throws(ReadError) { throw ReadError(.inconsistent("none")) } }
