/// Where in a schema a value is.
///
/// WHY a list and not text: texts of all values of a deep schema would be as long as the square of
/// it, and only errors need one.
final class SchemaPath: Sendable {
  private let parent: SchemaPath?
  private let name: String
  let depth: Int

  init(_ name: String, in parent: SchemaPath?) {
    self.name = name
    self.parent = parent
    depth = (parent?.depth ?? 0) + 1
  }

  /// The names with dots between.
  var text: String {
    var names = [name]
    var next = parent
    while let path = next {
      names.append(path.name)
      next = path.parent
    }
    return names.reversed().joined(separator: ".")
  }
}
