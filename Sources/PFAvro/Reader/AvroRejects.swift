public import PFArrow
public import PFCore
internal import Synchronization

/// The blocks that a read left out because they were broken; given to a read, it takes them up.
///
/// May be used from any threads at once.
public final class AvroRejects: Sendable {
  private let state = Mutex<[ReadError]>([])

  /// None yet.
  public init() {}

  /// What is wrong with each, with its file, block and offset; in their order.
  public var errors: [ReadError] {
    state.withLock { errors in
      errors.enumerated().sorted {
        // Files come one after the other, blocks in any order.
        ($0.element.place.block ?? 0, $0.offset) < ($1.element.place.block ?? 0, $1.offset)
      }.map(\.element)
    }
  }

  func append(_ error: ReadError) { state.withLock { $0.append(error) } }

  /// The blocks as a table: `file`, `block`, `byte_offset`, `column`, `reason`.
  ///
  /// - Throws: `.outOfMemory`.
  public func table() throws(ReadError) -> Table {
    let errors = errors
    let numbers = (0..<2).map { _ in PrimitiveBuilder<Int64>() }
    let texts = (0..<3).map { _ in StringBuilder() }
    for error in errors {
      for (builder, value) in zip(numbers, [error.place.block, error.place.offset]) {
        if let value { builder.append(Int64(value)) } else { builder.appendNull() }
      }
      for (builder, value) in zip(texts, [error.place.file, error.place.column, error.summary]) {
        if let value { builder.append(value) } else { builder.appendNull() }
      }
    }
    let columns: [(name: String, array: ArrowArray)]
    do throws(BuildError) {
      columns = [
        ("file", try texts[0].finish()), ("block", try numbers[0].finish()),
        ("byte_offset", try numbers[1].finish()), ("column", try texts[1].finish()),
        ("reason", try texts[2].finish()),
      ]
    } catch {
      throw ReadError(.inconsistent(error.description))
    }
    let schema = Schema(columns.map { Field($0.name, $0.array.type) })
    return Table(
      schema: schema,
      batches: [
        RecordBatch(schema: schema, columns: columns.map(\.array), rowCount: errors.count)
      ])
  }
}
