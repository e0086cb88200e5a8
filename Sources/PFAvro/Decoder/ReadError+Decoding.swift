internal import PFCore

extension ReadError {
  /// What a machine decodes.
  enum Unit {
    case block
    /// Places in it are none of the file.
    case decompressedBlock
    case message
  }

  /// The error of a machine that failed in a block or a message whose bytes begin at `base` of the
  /// file or the message.
  init(_ failed: Machine.Failed, _ machine: Machine, at base: Int?, in unit: Unit) {
    let (program, budget) = (machine.program, machine.columns.budget)
    var place = Place(offset: base.map { $0 + failed.offset }, column: failed.path)
    if unit != .message { place.record = failed.record + 1 }
    let inside =
      unit == .decompressedBlock ? ", \(failed.offset) bytes into the decompressed block" : ""
    func wrong(_ text: String) -> Reason { .inconsistent(text + inside) }
    let reason: Reason =
      switch failed.why {
      case .truncated:
        wrong("the \(unit == .message ? "message" : "block") ends inside a value")
      case .integerOverflow: wrong("an integer does not fit its type")
      case .negativeLength(let length): wrong("a length of \(length)")
      case .tooLong(let declared, let left):
        wrong("a size of \(declared) is declared where \(left) bytes are left")
      case .leftOver(let count):
        wrong(
          unit == .message
            ? "\(count) bytes follow the record of the message"
            : "\(count) bytes follow the last record of the block")
      case .badBranch(let branch, let count): wrong("branch \(branch) of a union of \(count)")
      case .badSymbol(let symbol, let count): wrong("symbol \(symbol) of an enum of \(count)")
      case .unknownSymbol(let symbol):
        wrong("symbol \(symbol) of the writer is none of the reader's schema, which has no default")
      case .badBoolean(let byte): wrong("a boolean of \(byte)")
      case .decimalOverflow: wrong("a decimal does not fit its type")
      case .durationOverflow: wrong("a duration has more than 2147483647 months or days")
      case .tooManyBytes:
        .limitExceeded(
          limit: "the bytes or items of a column in a batch", declared: .max,
          maximum: Int(Int32.max))
      case .noMemory(let byteCount): .outOfMemory(byteCount: byteCount)
      case .overLimit(let declared): budget.exceeded(by: declared).reason
      case .message(let index): wrong(program.messages[Int(index)])
      }
    self.init(reason, at: place)
  }
}
