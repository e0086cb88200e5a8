import ParquetFrame

/// Columns of text, aligned.
///
/// What does not fit the width of the output goes into further blocks below, each of which begins
/// with the first column again.
struct TextTable {
  struct Column {
    let title: String
    var isNumeric = false
    /// Whether it stays in one block with the column before it.
    var followsPrevious = false
    /// As they are in the file; escaped and cut when they are shown.
    let cells: [String]
  }

  private static let gap = "  "
  private static let cellWidth = 64

  /// All of one length.
  var columns: [Column] = []

  /// Adds a column, unless all its cells are empty.
  mutating func add(
    _ title: String, isNumeric: Bool = false, followsPrevious: Bool = false, _ cells: [String]
  ) {
    guard cells.contains(where: { !$0.isEmpty }) else { return }
    columns.append(
      Column(title: title, isNumeric: isNumeric, followsPrevious: followsPrevious, cells: cells))
  }

  func write(to output: Output) {
    let shown = columns.map { Shown($0, cellWidth: Self.cellWidth) }
    for (index, block) in Self.blocks(of: shown, width: output.width).enumerated() {
      if index > 0 { output.write("\n") }
      Self.write(block, to: output)
    }
  }

  /// A column as it is shown.
  private struct Shown {
    let title: String
    let isNumeric: Bool
    let followsPrevious: Bool
    let cells: [String]
    let width: Int

    init(_ column: Column, cellWidth: Int) {
      title = column.title
      isNumeric = column.isNumeric
      followsPrevious = column.followsPrevious
      cells = column.cells.map { $0.escapedForTerminal.cut(toDisplayWidth: cellWidth) }
      width = cells.reduce(title.displayWidth) { max($0, $1.displayWidth) }
    }

    func padded(_ text: String, isLast: Bool) -> (before: String, after: String) {
      let padding = String(repeating: " ", count: max(0, width - text.displayWidth))
      return isNumeric ? (padding, "") : ("", isLast ? "" : padding)
    }
  }

  private static func blocks(of columns: [Shown], width: Int) -> [[Shown]] {
    guard let key = columns.first else { return [] }
    // What stays together is placed together.
    var groups: [[Shown]] = []
    for column in columns.dropFirst() {
      if column.followsPrevious, !groups.isEmpty {
        groups[groups.count - 1].append(column)
      } else {
        groups.append([column])
      }
    }
    var blocks = [[key]]
    var used = key.width
    for group in groups {
      let wanted = group.reduce(0) { $0 + gap.count + $1.width }
      if width > 0, used + wanted > width, blocks[blocks.count - 1].count > 1 {
        blocks.append([key])
        used = key.width
      }
      blocks[blocks.count - 1] += group
      used += wanted
    }
    return blocks
  }

  private static func write(_ columns: [Shown], to output: Output) {
    func line(_ style: Output.Style?, _ text: (Shown) -> String) {
      let cells = columns.map(text)
      let last = cells.lastIndex { !$0.isEmpty } ?? 0
      for (index, (column, cell)) in zip(columns, cells).enumerated() where index <= last {
        let isLast = index == last
        let (before, after) = column.padded(cell, isLast: isLast)
        // The first column is the one that people look for.
        let style = style ?? (index == 0 ? .cyan : nil)
        let styled = style.map { output.styled(cell, $0) } ?? cell
        output.write(before + styled + after + (isLast ? "\n" : gap))
      }
    }
    line(.bold) { $0.title }
    line(.dim) { String(repeating: "─", count: $0.width) }
    for row in 0..<(columns.first?.cells.count ?? 0) { line(nil) { $0.cells[row] } }
  }
}
