package import PFCore

/// Ways for tests and fuzzers to look at single steps.
package enum ScanProbe {
  /// The fields of all records, as they stand in the bytes, or nil where a quoted field does not
  /// end: found by masks as far as they go, or byte by byte.
  package static func fields(
    _ bytes: [UInt8], _ dialect: CSVDialect, blockByteCount: Int, exact: Bool
  ) -> [[[UInt8]]]? {
    do throws(ReadError) {
      let compiled = try CompiledDialect(dialect)
      let buffer: Buffer
      do throws(AllocationError) {
        buffer = try Buffer(copying: bytes.span)
      } catch { throw ReadError(error) }
      let reader = try BlockReader(
        Window(MemorySource(buffer)), compiled, blockByteCount: blockByteCount)
      reader.isExactAlways = exact
      var result: [[[UInt8]]] = []
      var offset = 0
      while offset < bytes.count {
        guard try reader.next(at: offset, goal: bytes.count, width: 0) else { return nil }
        let count = reader.block.byteCount
        guard count > 0 else { break }
        do throws(AllocationError) {
          let raw = try reader.rawRecords()
          for index in 0..<raw.recordCount {
            let fields = raw.fields(of: index).map { field -> [UInt8] in
              let begin = offset + Int(raw.befores[field] &+ 1)
              return Array(bytes[begin..<(offset + Int(raw.ends[field]))])
            }
            // Comments are left out by the one and later by the other.
            let isComment =
              !compiled.comment.isEmpty && fields[0].starts(with: compiled.comment)
            if !isComment { result.append(fields) }
          }
        } catch { throw ReadError(error) }
        offset += count
      }
      return result
    } catch { return nil }
  }
}

/// The masks of `Bytes64` and its twin, for tests.
package enum ByteMasks {
  /// Both forms of the mask. Precondition: there are 64 bytes.
  package static func masks(of byte: UInt8, in bytes: [UInt8]) -> (
    vector: UInt64, portable: UInt64
  ) {
    precondition(bytes.count == 64, "64 bytes are compared at once")
    return unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return (0, 0) }
      return unsafe (
        Bytes64(start).mask(of: byte), PortableBytes64(start).mask(of: byte)
      )
    }
  }

  /// The mask of two bytes at once. Precondition: there are 64 bytes.
  package static func mask(of first: UInt8, or second: UInt8, in bytes: [UInt8]) -> UInt64 {
    precondition(bytes.count == 64, "64 bytes are compared at once")
    return unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return 0 }
      return unsafe Bytes64(start).mask(of: first, or: second)
    }
  }

  /// See `prefixParity` of the scanner.
  package static func prefixParity(_ bits: UInt64) -> UInt64 { PFCSV.prefixParity(bits) }
}

/// Bytes in memory whose separators are found again and again, for benchmarks.
package final class ScanBench {
  private let bytes: Buffer
  private let byteCount: Int
  private let scan: MaskScan
  private let positions: Positions

  /// Takes a copy of `text`.
  ///
  /// - Throws: `ReadError`.
  package init(_ text: [UInt8], _ dialect: CSVDialect = CSVDialect()) throws(ReadError) {
    scan = MaskScan(try CompiledDialect(dialect))
    byteCount = text.count
    do throws(AllocationError) {
      bytes = try Buffer(
        copying: (text + [UInt8](repeating: 0, count: Window.spare)).span)
      positions = try Positions()
    } catch { throw ReadError(error) }
  }

  /// The separators and the record ends of the text, in blocks as a read takes them; nil where
  /// masks cannot tell.
  ///
  /// - Throws: `ReadError`.
  package func run() throws(ReadError) -> (separators: Int, records: Int)? {
    var state = MaskScan.State(position: 0, count: 0)
    var total = 0
    while state.position < byteCount {
      let end = min(byteCount, state.position + (64 << 10))
      do throws(AllocationError) {
        positions.count = 0
        try positions.reserve(end - state.position + 64)
      } catch { throw ReadError(error) }
      state.count = 0
      // SAFETY: `spare` bytes lie behind the text; there is room for a separator in each byte.
      guard
        unsafe scan.run(
          bytes.address.assumingMemoryBound(to: UInt8.self), to: end, &state, positions.start)
      else { return nil }
      total += state.count
    }
    return (total, state.recordEndCount)
  }
}
