internal import PFCompression
internal import PFCore

extension Plan {
  /// A key for each step: SHA-256 over what the step does and reads as far as that is known, and
  /// over the keys of the steps that it needs. Equal keys mean equal work.
  ///
  /// - Parameter inputs: What was given to the run; values without a `CheckpointValue` are left out.
  /// - Returns: 64 hexadecimal digits for each step.
  func keys(inputs: [String: any Sendable]) -> [String] {
    var common: [UInt8] = []
    for (name, value) in inputs.sorted(by: { $0.key < $1.key }) {
      guard let stored = StoredOutput(value, CheckpointPlace(path: "")) else { continue }
      var writer = JSONWriter()
      writer.array { stored.writeParts(to: &$0) }
      common.append(part: name)
      common.append(part: writer.text)
    }
    common = SHA256.digest(of: common.span)
    var keys = [[UInt8]](repeating: [], count: count)
    for step in order {
      let step = Int(step)
      let definition = steps[step]
      var text = common
      text.append(part: definition.name)
      text.append(part: definition.operation)
      text.append(part: definition.options.version)
      text.append(part: definition.fanOut?.step ?? "")
      text.append(part: definition.inputFingerprint?() ?? "")
      for dependency in dependencies(of: step) { text += keys[Int(dependency)] }
      if traits[step].hasRepetitions {
        for name in definition.dependencies { text.append(part: name) }
      }
      keys[step] = SHA256.digest(of: text.span)
    }
    return keys.map { key in
      key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }
}

extension [UInt8] {
  /// Appends a text and where it ends.
  fileprivate mutating func append(part: String) {
    append(contentsOf: String(part.utf8.count).utf8)
    append(0)
    append(contentsOf: part.utf8)
  }
}
