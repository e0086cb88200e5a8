/// How a table is shown as aligned text.
public struct TableFormat: Sendable {
  /// The rows shown at most; of more, the first and the last half.
  public var rowLimit: Int
  /// The columns of the terminal; columns of the table beyond them are left out in the middle.
  /// 0 means no limit.
  public var width: Int
  /// The columns of the terminal that one cell takes at most; longer ones end with an ellipsis.
  public var cellWidth: Int
  /// Whether ANSI escapes make names bold, types and nulls dim.
  public var usesColor: Bool

  /// A format.
  public init(
    rowLimit: Int = 10, width: Int = 0, cellWidth: Int = 32, usesColor: Bool = false
  ) {
    self.rowLimit = rowLimit
    self.width = width
    self.cellWidth = cellWidth
    self.usesColor = usesColor
  }
}

extension Table {
  /// The table as aligned text for people: names, types, rows, and a line with the size.
  ///
  /// Wide characters are counted as two columns, control characters are escaped, numbers stand on
  /// the right. A cell is formatted no further than it is shown.
  public func formatted(_ format: TableFormat = TableFormat()) -> String {
    TablePrinter(self, format).text
  }

  /// `3 rows × 1 column`.
  var sizeText: String {
    let columnCount = schema.fields.count
    return "\(rowCount) row\(rowCount == 1 ? "" : "s") × "
      + "\(columnCount) column\(columnCount == 1 ? "" : "s")"
  }
}

/// Lays the cells of a table out.
private struct TablePrinter {
  /// One column of text: name and type, then a cell for each shown row.
  struct Column {
    var name: String
    var type: String
    var cells: [(text: String, isNull: Bool)] = []
    var isNumeric = false
    var width = 0
  }

  static let gap = "  "
  static let ellipsis = Column(name: "…", type: "…", width: 1)

  let table: Table
  let format: TableFormat
  let rows: ShownRows
  let cellWidth: Int

  init(_ table: Table, _ format: TableFormat) {
    self.table = table
    self.format = format
    rows = ShownRows(of: table, limit: format.rowLimit)
    let cellWidth = min(max(1, format.cellWidth), 1 << 20)
    self.cellWidth = format.width > 0 ? min(cellWidth, format.width) : cellWidth
  }

  var text: String {
    let columns = chosenColumns()
    var lines: [String] = []
    if !columns.isEmpty {
      lines.append(line(columns.map { ($0.name, "\u{1B}[1m") }, columns))
      lines.append(line(columns.map { ($0.type, "\u{1B}[2m") }, columns))
      lines.append(
        columns.map { String(repeating: "─", count: $0.width) }.joined(separator: Self.gap))
      for row in 0..<(rows.head.count + rows.tail.count) {
        if row == rows.head.count { lines.append(gapLine(columns)) }
        lines.append(rowLine(row, columns))
      }
      if rows.tail.isEmpty, rows.head.count < table.rowCount { lines.append(gapLine(columns)) }
    }
    lines.append(styled(table.sizeText, "\u{1B}[2m"))
    return lines.joined(separator: "\n") + "\n"
  }

  private func rowLine(_ row: Int, _ columns: [Column]) -> String {
    let cells = columns.map { column in
      guard row < column.cells.count else { return (Self.ellipsis.name, "") }
      let cell = column.cells[row]
      return (cell.text, cell.isNull ? "\u{1B}[2m" : "")
    }
    return line(cells, columns)
  }

  private func gapLine(_ columns: [Column]) -> String {
    line(columns.map { _ in (Self.ellipsis.name, "") }, columns)
  }

  private func line(_ cells: [(text: String, style: String)], _ columns: [Column]) -> String {
    var line = ""
    for (index, (cell, column)) in zip(cells, columns).enumerated() {
      let padding = String(repeating: " ", count: max(0, column.width - cell.text.displayWidth))
      let text = styled(cell.text, cell.style)
      line += (index > 0 ? Self.gap : "") + (column.isNumeric ? padding + text : text + padding)
    }
    while line.last == " " { line.removeLast() }
    return line
  }

  private func styled(_ text: String, _ style: String) -> String {
    format.usesColor && !style.isEmpty ? style + text + "\u{1B}[0m" : text
  }

  /// The columns that fit the width, taken from both ends, with an ellipsis for those between.
  private func chosenColumns() -> [Column] {
    let count = table.schema.fields.count
    var (front, back): ([Column], [Column]) = ([], [])
    var used = 0
    while front.count + back.count < count {
      let isFront = front.count <= back.count
      let column = column(isFront ? front.count : count - 1 - back.count)
      let isFirst = front.isEmpty
      let isLast = front.count + back.count == count - 1
      let wanted =
        used + column.width + (isFirst ? 0 : Self.gap.count)
        + (isLast ? 0 : Self.gap.count + Self.ellipsis.width)
      if format.width > 0, wanted > format.width, !isFirst { break }
      used += column.width + (isFirst ? 0 : Self.gap.count)
      if isFront { front.append(column) } else { back.append(column) }
    }
    let isWhole = front.count + back.count == count
    return front + (isWhole ? [] : [Self.ellipsis]) + back.reversed()
  }

  private func column(_ index: Int) -> Column {
    let field = table.schema.fields[index]
    var column = Column(
      name: cellText(width: cellWidth) { $0.write(escaping: field.name, isQuoted: false) },
      type: cellText(width: cellWidth) { $0.write(field.type) })
    column.isNumeric = field.type.isNumeric
    for row in rows.head + rows.tail {
      let array = table.batches[row.batch].columns[index]
      let text = cellText(width: cellWidth) { $0.write(array, at: row.row, isNested: false) }
      column.cells.append((text, array.resolve(row.row) == nil))
    }
    column.width = max(
      column.name.displayWidth, column.type.displayWidth,
      column.cells.reduce(1) { max($0, $1.text.displayWidth) })
    return column
  }
}

extension DataType {
  /// Whether the values are numbers, which are read by their last digit.
  fileprivate var isNumeric: Bool {
    switch self {
    case .float16, .float32, .float64, .decimal32, .decimal64, .decimal128, .decimal256: true
    case .dictionary(_, let value, _): value.isNumeric
    default: isInteger
    }
  }
}
