internal import PFCompression
internal import PFCore

/// An output that a checkpoint can keep.
///
/// `Bool`, `Int`, `Double`, `String`, `[UInt8]` and `ExternalOutput` are such, and so are lists and
/// optionals of them and `Void`. Other types conform, and are named in `Checkpoint.types`.
public protocol CheckpointValue: Sendable {
  /// What the type is called in journals.
  static var checkpointName: String { get }

  /// The value as bytes.
  ///
  /// - Parameter place: Where a large value may put a file of its own.
  /// - Returns: what `init` is given.
  /// - Throws: anything, where the value cannot be kept.
  func checkpointBytes(_ place: CheckpointPlace) throws -> [UInt8]

  /// The value from its bytes. A step whose output cannot be read is run again where the output is
  /// needed.
  init(checkpointBytes: [UInt8], _ place: CheckpointPlace) throws
}

/// Where an output may be kept beside the journal.
public struct CheckpointPlace: Sendable {
  /// A path that is this output's alone; what is written there may have any ending.
  public let path: String
  /// Whether what is written there has to be on the disk when it was written.
  public let isDurable: Bool

  init(path: String, isDurable: Bool = false) {
    self.path = path
    self.isDurable = isDurable
  }

  /// This place, of one of the parts that the output has.
  func part(_ number: Int) -> CheckpointPlace {
    CheckpointPlace(path: "\(path)-\(number)", isDurable: isDurable)
  }

  /// Makes a file whose name has this ending.
  package func makeFile(ending: String) throws -> CheckpointFile {
    try CheckpointFile(path: path + ending, isDurable: isDurable)
  }

  /// The bytes of a file for which `CheckpointFile.finish` gave `kept`.
  ///
  /// - Throws: where they are not what was written.
  package func readFile(ending: String, _ kept: [UInt8]) throws -> [UInt8] {
    guard Directory.kind(of: path + ending) == .file else { throw Unreadable() }
    let bytes = try JournalFile(path: path + ending).readAll()
    let found = "\(bytes.count) \(CRC32.checksum(of: bytes.span))"
    guard kept.elementsEqual(found.utf8) else { throw Unreadable() }
    return bytes
  }
}

/// A file beside the journal that is being written.
package final class CheckpointFile {
  private let file: JournalFile
  private let isDurable: Bool
  private var checksum = CRC32()
  private var byteCount = 0
  private var error: SourceError?

  fileprivate init(path: String, isDurable: Bool) throws {
    file = try JournalFile(path: path)
    try file.truncate(to: 0)
    self.isDurable = isDurable
  }

  /// Appends bytes; false where that has failed, which `finish` throws.
  package func append(_ bytes: Span<UInt8>) -> Bool {
    guard error == nil else { return false }
    do throws(SourceError) { try file.append(bytes) } catch { self.error = error }
    checksum.update(bytes)
    byteCount += bytes.count
    return error == nil
  }

  /// The file is whole.
  ///
  /// - Returns: what `CheckpointPlace.readFile` is to be given.
  package func finish() throws -> [UInt8] {
    if let error { throw error }
    if isDurable { try file.synchronize() }
    return Array("\(byteCount) \(checksum.value)".utf8)
  }
}

/// Bytes that whoever runs a step outside of the engine gave as its output.
public struct ExternalOutput: CheckpointValue, Equatable {
  /// The bytes.
  public let bytes: [UInt8]

  /// An output.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }
  /// Its name in journals.
  public static var checkpointName: String { "external" }
  /// The bytes as they are.
  public func checkpointBytes(_ place: CheckpointPlace) -> [UInt8] { bytes }
  /// The bytes as they are.
  public init(checkpointBytes bytes: [UInt8], _ place: CheckpointPlace) { self.bytes = bytes }
}

/// Bytes in a journal are not of their type.
private struct Unreadable: Error {}

extension Bool: CheckpointValue {
  /// The name in journals.
  public static var checkpointName: String { "bool" }
  /// One byte.
  public func checkpointBytes(_ place: CheckpointPlace) -> [UInt8] { [self ? 1 : 0] }
  /// From one byte.
  public init(checkpointBytes bytes: [UInt8], _ place: CheckpointPlace) throws {
    guard bytes == [0] || bytes == [1] else { throw Unreadable() }
    self = bytes == [1]
  }
}

extension Int: CheckpointValue {
  /// The name in journals.
  public static var checkpointName: String { "int" }
  /// The digits.
  public func checkpointBytes(_ place: CheckpointPlace) -> [UInt8] { Array(String(self).utf8) }
  /// From digits.
  public init(checkpointBytes bytes: [UInt8], _ place: CheckpointPlace) throws {
    guard let value = Int(String(decoding: bytes, as: UTF8.self)) else { throw Unreadable() }
    self = value
  }
}

extension Double: CheckpointValue {
  /// The name in journals.
  public static var checkpointName: String { "double" }
  /// The bits as 16 hexadecimal digits: NaN keeps its payload.
  public func checkpointBytes(_ place: CheckpointPlace) -> [UInt8] {
    Array(String(bitPattern, radix: 16).utf8)
  }
  /// From the bits.
  public init(checkpointBytes bytes: [UInt8], _ place: CheckpointPlace) throws {
    guard let bits = UInt64(String(decoding: bytes, as: UTF8.self), radix: 16) else {
      throw Unreadable()
    }
    self.init(bitPattern: bits)
  }
}

extension String: CheckpointValue {
  /// The name in journals.
  public static var checkpointName: String { "string" }
  /// UTF-8.
  public func checkpointBytes(_ place: CheckpointPlace) -> [UInt8] { Array(utf8) }
  /// From UTF-8.
  public init(checkpointBytes bytes: [UInt8], _ place: CheckpointPlace) throws {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Unreadable() }
    self = text
  }
}

extension [UInt8]: CheckpointValue {
  /// The name in journals.
  public static var checkpointName: String { "bytes" }
  /// The bytes as they are.
  public func checkpointBytes(_ place: CheckpointPlace) -> [UInt8] { self }
  /// The bytes as they are.
  public init(checkpointBytes bytes: [UInt8], _ place: CheckpointPlace) { self = bytes }
}

/// An optional of any type.
private protocol AnyOptional {
  var isNil: Bool { get }
}
extension Optional: AnyOptional {
  fileprivate var isNil: Bool { self == nil }
}

/// An output in the form that journals have: the name of a type, and bytes.
struct StoredOutput: Equatable {
  var type: String
  var bytes: [UInt8] = []
  /// The elements of a list.
  var elements: [StoredOutput] = []

  /// Nil where the output cannot be kept.
  init?(_ output: any Sendable, _ place: CheckpointPlace, depth: Int = 8) {
    if output is () {
      type = "void"
    } else if output is MissingOutput {
      type = "missing"
    } else if let optional = output as? any AnyOptional, optional.isNil {
      type = "nil"
    } else if let value = output as? any CheckpointValue {
      type = Swift.type(of: value).checkpointName
      guard let bytes = try? value.checkpointBytes(place) else { return nil }
      self.bytes = bytes
    } else if depth > 0, let list = output as? [any Sendable] {
      type = "list"
      for (index, element) in list.enumerated() {
        guard let stored = StoredOutput(element, place.part(index), depth: depth - 1) else {
          return nil
        }
        elements.append(stored)
      }
    } else {
      return nil
    }
  }

  /// Reads what `writeParts` has written.
  init?(_ json: JSONValue?) {
    guard let parts = json?.array, let type = parts.first?.string else { return nil }
    self.type = type
    if type == "list" {
      for part in parts.dropFirst() {
        guard let element = StoredOutput(part) else { return nil }
        elements.append(element)
      }
    } else if parts.count == 2 {
      guard let bytes = parts[1].string.flatMap({ Base64.decode($0) }) else { return nil }
      self.bytes = bytes
    }
  }

  /// Writes the elements of `["type", "base64"]` or `["list", element, …]`.
  func writeParts(to json: inout JSONWriter) {
    json.value(type)
    if !bytes.isEmpty { json.value(Base64.encode(bytes)) }
    for element in elements { json.array { element.writeParts(to: &$0) } }
  }

  /// The output; nil where its type is unknown or its bytes are not of it.
  func output(_ types: [any CheckpointValue.Type], _ place: CheckpointPlace) -> (any Sendable)? {
    switch type {
    case "void": return ()
    case "missing": return MissingOutput()
    case "nil": return Optional<Bool>.none as any Sendable
    case "list":
      var list: [any Sendable] = []
      for (index, element) in elements.enumerated() {
        guard let output = element.output(types, place.part(index)) else { return nil }
        list.append(output)
      }
      return list
    default:
      guard let found = types.first(where: { $0.checkpointName == type }) else { return nil }
      return try? found.init(checkpointBytes: bytes, place)
    }
  }
}
