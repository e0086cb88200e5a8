internal import PFArrow

extension CSVFile {
  /// All records as values of a `Decodable` type:
  ///
  /// ```swift
  /// struct City: Codable { var name: String; var latitude: Double? }
  /// let cities = try file.rows(as: City.self)
  /// ```
  ///
  /// - Throws: `ReadError`, or the `DecodingError` of the standard library where a row lacks what
  ///   the type wants.
  public func rows<Row: Decodable>(
    as type: Row.Type, _ options: CSVReadOptions = CSVReadOptions()
  ) throws -> [Row] {
    try read(options).table.rows(as: type).map { try $0.get() }
  }
}
