internal import PFCore
func encodedDefault(_ value: JSONValue, of type: AvroType, in schema: AvroSchema) throws(ReadError) -> [UInt8] { [] }
