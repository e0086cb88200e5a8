/// The members of a JSON object in the order of the document; no name occurs twice.
///
/// Names are the same when their code units are (RFC 8259, section 8.3), so that `é` and
/// `e` + U+0301 are two names, though the two are equal as Swift strings.
public struct JSONObject: Sendable, Equatable {
  /// A name and its value.
  public struct Member: Sendable, Equatable {
    /// The name.
    public let name: String
    /// The value.
    public let value: JSONValue
  }

  /// The members in order.
  public private(set) var members: [Member] = []

  /// Where each name is in `members`; empty while there are few, which are searched one by one.
  private var positions: [ExactName: Int] = [:]

  private static let scanLimit = 8

  /// An object without members.
  public init() {}

  /// The value of the member called `name`.
  ///
  /// - Complexity: O(1).
  public subscript(name: String) -> JSONValue? {
    position(of: ExactName(text: name)).map { members[$0].value }
  }

  /// Adds a member behind the others; false, and nothing added, when the name is there already.
  ///
  /// - Complexity: O(1), amortized.
  public mutating func append(_ name: String, _ value: JSONValue) -> Bool {
    let key = ExactName(text: name)
    guard position(of: key) == nil else { return false }
    members.append(Member(name: name, value: value))
    if members.count > Self.scanLimit {
      if positions.isEmpty {
        for (index, member) in members.enumerated() {
          positions[ExactName(text: member.name)] = index
        }
      } else {
        positions[key] = members.count - 1
      }
    }
    return true
  }

  private func position(of key: ExactName) -> Int? {
    if members.count > Self.scanLimit { return positions[key] }
    return members.firstIndex { ExactName(text: $0.name) == key }
  }

  /// Two objects are equal when they have equal members in the same order.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.members == right.members
  }
}
