internal import PFArrow

extension AvroFile {
  /// All records as values of a `Decodable` type:
  ///
  /// ```swift
  /// struct User: Codable { var name: String; var emails: [String]; var age: Int? }
  /// let users = try file.rows(as: User.self)
  /// ```
  ///
  /// - Throws: `ReadError`, or the `DecodingError` of the standard library where a row lacks what
  ///   the type wants.
  public func rows<Row: Decodable>(
    as type: Row.Type, _ options: AvroReadOptions = AvroReadOptions()
  ) throws -> [Row] {
    try read(options).rows(as: type).map { try $0.get() }
  }
}
