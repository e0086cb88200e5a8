/// What steps hold while they run: named resources with a capacity, and bytes of memory.
///
/// A step takes all that it needs at once or waits, so that no two wait for each other.
struct Limits {
  /// What is left of each resource, and of memory as the last one.
  private var free: [Int] = []

  /// What one step holds; nothing for most.
  struct Need: Hashable {
    var amounts: [Amount] = []

    /// An amount of the resource of that number.
    struct Amount: Hashable {
      let resource: Int32
      var amount: Int
    }

    /// The need with amounts of memory that are nearly the same made the same. What waits for room
    /// is looked through by these, so that many sizes make few kinds.
    func kind(memory: Int) -> Need {
      var kind = self
      for place in kind.amounts.indices where kind.amounts[place].resource == memory {
        let amount = kind.amounts[place].amount
        let digits = max(0, Int.bitWidth - amount.leadingZeroBitCount - 3)
        kind.amounts[place].amount = (amount >> digits) << digits
      }
      return kind
    }
  }

  private let names: [String]
  /// The number of memory as a resource.
  var memory: Int { names.count }
  private let hasMemoryLimit: Bool

  /// No limits but `options`'.
  init(_ options: RunOptions) {
    names = options.resources.keys.sorted()
    free = names.map { max(0, options.resources[$0] ?? 0) }
    hasMemoryLimit = options.memoryByteCount != nil
    if let bytes = options.memoryByteCount { free.append(max(0, bytes)) }
  }

  /// What a step needs.
  ///
  /// - Throws: what can never be had, or is no resource of the run.
  func need(of step: StepDefinition) throws(WorkflowError) -> Need {
    var need = Need()
    for (name, amount) in step.options.resources.sorted(by: { $0.key < $1.key }) where amount > 0 {
      guard let resource = names.firstIndex(of: name) else {
        let known = names.isEmpty ? "none" : names.map(quoted).joined(separator: ", ")
        throw refused(
          step,
          "it needs \(amount) of \(quoted(name)), of which the run has none (it has: \(known))")
      }
      guard amount <= free[resource] else {
        throw refused(
          step, "it needs \(amount) of \(quoted(name)), and there are \(free[resource])")
      }
      need.amounts.append(Need.Amount(resource: Int32(resource), amount: amount))
    }
    let bytes = step.options.memoryByteCount
    if hasMemoryLimit, bytes > 0 {
      guard bytes <= free[names.count] else {
        throw refused(
          step, "it needs \(bytes) bytes of memory, and the run may hold \(free[names.count])")
      }
      need.amounts.append(Need.Amount(resource: Int32(names.count), amount: bytes))
    }
    return need
  }

  private func refused(_ step: StepDefinition, _ text: String) -> WorkflowError {
    WorkflowError(problems: [.option(step: step.name, text: text)])
  }

  func has(_ need: Need) -> Bool {
    need.amounts.allSatisfy { $0.amount <= free[Int($0.resource)] }
  }

  mutating func take(_ need: Need) {
    for part in need.amounts { free[Int(part.resource)] -= part.amount }
  }

  mutating func giveBack(_ need: Need) {
    for part in need.amounts { free[Int(part.resource)] += part.amount }
  }
}
