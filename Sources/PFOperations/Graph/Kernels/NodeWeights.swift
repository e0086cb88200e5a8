internal import PFCore
internal import PFGraph

/// A weight for each node as an option has it: a list of all, or an object of some by their ids.
struct NodeWeights: Sendable {
  private let name: String
  private var all: [Double]?
  private var some: [(node: Int, weight: Double)] = []

  /// The option with this name; nil where it is not given.
  init?(_ options: inout JSONOptions, _ name: String) throws(OptionError) {
    guard let json = options.value(name) else { return nil }
    self.name = name
    let problem = OptionError.wrongType(
      name: name, expected: "a list of numbers, or an object of numbers by node")
    let weights = json.array ?? json.object?.members.map(\.value)
    guard let numbers = weights?.compactMap(\.number?.double), numbers.count == weights?.count
    else {
      throw problem
    }
    guard let members = json.object?.members else {
      all = numbers
      return
    }
    for (member, weight) in zip(members, numbers) {
      guard let node = Int(member.name) else { throw problem }
      some.append((node, weight))
    }
  }

  /// The weights of all nodes, `rest` of those that are not named.
  func values(nodeCount: Int, rest: Double = 0) throws(GraphError) -> [Double] {
    if let all { return all }
    var values = [Double](repeating: rest, count: nodeCount)
    for (node, weight) in some {
      guard values.indices.contains(node) else {
        throw .unknownNode(argument: name, node: Int64(node), nodeCount: nodeCount)
      }
      values[node] = weight
    }
    return values
  }
}
