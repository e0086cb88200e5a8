import PFCore
import PFParquet

/// Arbitrary bytes as a footer: all that metadata can be asked for is given or refused, and the
/// short ways to the schema and the row count agree with the whole.
@c(LLVMFuzzerTestOneInput)
public func fuzzFooter(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  // SAFETY: libFuzzer lends `count` readable bytes for the call. A copy of its own, so that the
  // sanitizer sees a read past the end.
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let rowCount = try? FileMetaData.readRowCount(bytes.span)
  let head = try? FileMetaData.Head(decoding: bytes.span)
  do throws(DecodingError) {
    let metaData = try FileMetaData(decoding: bytes)
    precondition(rowCount != nil && head != nil, "the whole was read, its first fields were not")
    guard let tree = try? SchemaTree(metaData.schema) else { return 0 }
    check(tree)
    checkShapes(of: metaData)
    for group in metaData.rowGroups {
      for index in 0..<group.columns.count {
        guard let chunk = try? group.columns[index], let column = chunk.metaData else { continue }
        _ = try? metaData.encodings(of: column)
        _ = try? metaData.encodingStats(of: column)
        _ = try? metaData.sizeStatistics(of: column)
        _ = try? metaData.keyValueMetadata(of: column)
        _ = try? metaData.filePath(of: chunk)
      }
    }
    for leaf in tree.leaves.prefix(100) {
      _ = try? metaData.summary(of: leaf, in: tree, rowGroups: Array(metaData.rowGroups.indices))
    }
    if let text = try? metaData.json(tree: tree) {
      precondition((try? JSONValue(parsing: Array(text.utf8).span)) != nil, "not JSON")
    }
  } catch {
    precondition((0...count).contains(error.offset), "an error outside of the input")
  }
  return 0
}

/// Where chunks begin is the same field by field.
private func checkShapes(of metaData: FileMetaData) {
  for group in metaData.rowGroups {
    for (index, offset) in group.columns.offsets.enumerated().dropLast() {
      var thrift = ThriftReader(metaData.bytes.span, at: Int(offset))
      let skipped: Void? = try? thrift.skip(.init(id: 1, type: .structure))
      precondition(skipped != nil && thrift.offset == Int(group.columns.offsets[index + 1]))
    }
  }
}

/// The invariants that readers rely on.
private func check(_ tree: SchemaTree) {
  precondition(tree.root.subtreeEnd == tree.nodes.count)
  precondition(tree.root.leafRange == 0..<tree.leaves.count)
  for node in tree.nodes {
    precondition(node.subtreeEnd > node.index && node.subtreeEnd <= tree.nodes.count)
    precondition(node.maxRepetitionLevel <= node.maxDefinitionLevel)
  }
  for leaf in tree.leaves {
    precondition(tree.nodes[leaf.nodeIndex].leafRange == leaf.index..<(leaf.index + 1))
  }
}
