extension Table {
  /// The table as an HTML `<table>`; everything that comes from it is escaped.
  ///
  /// Of more than `rowLimit` rows the first and the last half are shown, of long cells the first
  /// `cellWidth` columns.
  public func html(rowLimit: Int = 10, cellWidth: Int = 120) -> String {
    let rows = ShownRows(of: self, limit: rowLimit)
    let cellWidth = min(max(1, cellWidth), 1 << 20)

    func cell(_ tag: String, _ write: (inout TextSink) -> Void) -> String {
      "<\(tag)>\(cellText(width: cellWidth, write).htmlEscaped)</\(tag)>"
    }
    func body(_ rows: [ShownRows.Row]) -> String {
      rows.map { row in
        let cells = batches[row.batch].columns.map { column in
          cell("td") { $0.write(column, at: row.row, isNested: false) }
        }
        return "<tr>\(cells.joined())</tr>\n"
      }.joined()
    }

    let names = schema.fields.map { field in
      cell("th") { $0.write(escaping: field.name, isQuoted: false) }
    }
    let types = schema.fields.map { field in cell("td") { $0.write(field.type) } }
    let isWhole = rows.head.count + rows.tail.count == rowCount
    let gap = "<tr>\(schema.fields.map { _ in "<td>…</td>" }.joined())</tr>\n"
    return """
      <table class="dataframe">
      <thead>
      <tr>\(names.joined())</tr>
      <tr>\(types.joined())</tr>
      </thead>
      <tbody>
      \(body(rows.head))\(isWhole ? "" : gap)\(body(rows.tail))</tbody>
      </table>
      <p>\(sizeText)</p>

      """
  }
}

extension String {
  /// The text as HTML content.
  fileprivate var htmlEscaped: String {
    var escaped = ""
    for character in unicodeScalars {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }
}
