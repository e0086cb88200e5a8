// swift-tools-version: 6.2
import PackageDescription

/// The same strict flags for every target; `Specs/architecture.md` says why.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("ImmutableWeakCaptures"),
  .enableExperimentalFeature("Lifetimes"),
]

/// Modules that wait for memory, or are never hot, are compiled for size where the shared library of
/// Python is built: there alone, as such flags stand in the way of packages that depend on this one.
let small: [SwiftSetting] =
  Context.environment["PARQUETFRAME_SMALL"] == nil ? [] : [.unsafeFlags(["-Osize"])]

/// What is asynchronous is for Swift alone: the shared library does without it, and so without the
/// concurrency runtime.
func withoutTasks(_ files: String...) -> [String] { small.isEmpty ? [] : files }

func engine(
  _ name: String, on dependencies: [Target.Dependency] = [], with more: [SwiftSetting] = [],
  without excluded: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, exclude: excluded, swiftSettings: strict + more)
}

func tests(of name: String, on others: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.target(name: name)] + others, path: "Tests/\(name)",
    swiftSettings: strict)
}

// All that a target stands on is in its list, not the nearest alone: a target is compiled anew only
// when one that it names has changed, and what is compiled for the old layout of a type crashes.
let package = Package(
  name: "ParquetFrame",
  products: [
    .library(
      name: "ParquetFrame",
      targets: [
        "ParquetFrame", "PFOperations", "PFAvro", "PFCSV", "PFGraph", "PFParquet", "PFWorkflow",
        "PFArrow", "PFCompression", "PFCore",
      ]),
    .library(name: "parquetframe", type: .dynamic, targets: ["PFCInterface"]),
    .executable(name: "pframe", targets: ["pframe"]),
  ],
  targets: [
    engine("PFCore"),
    engine("PFCompression", on: ["PFCore"]),
    engine(
      "PFArrow", on: ["PFCore"], with: small, without: withoutTasks("Arrays/RecordBatches.swift")),
    engine(
      "PFParquet", on: ["PFArrow", "PFCompression", "PFCore"],
      without: withoutTasks("Reader/ParquetFile+Batches.swift")),
    // `Builtin` gives the scanner its byte masks: PFCSV/Scanner/ByteMasks.swift.
    engine(
      "PFCSV", on: ["PFArrow", "PFCompression", "PFCore"],
      with: [.enableExperimentalFeature("BuiltinModule")],
      without: withoutTasks("Reader/CSVFile+Batches.swift")),
    engine(
      "PFAvro", on: ["PFArrow", "PFCompression", "PFCore"],
      without: withoutTasks("Reader/AvroFile+Batches.swift")),
    engine("PFGraph", on: ["PFArrow", "PFCore"]),
    engine(
      "PFWorkflow", on: ["PFCompression", "PFCore"], with: small, without: withoutTasks("Tasks")),
    engine(
      "PFOperations",
      on: [
        "PFAvro", "PFCSV", "PFGraph", "PFParquet", "PFWorkflow", "PFArrow", "PFCompression",
        "PFCore",
      ],
      with: small),
    engine(
      "ParquetFrame",
      on: [
        "PFOperations", "PFAvro", "PFCSV", "PFGraph", "PFParquet", "PFWorkflow", "PFArrow",
        "PFCompression", "PFCore",
      ]),
    engine(
      "PFCInterface",
      on: [
        "PFOperations", "PFAvro", "PFCSV", "PFGraph", "PFParquet", "PFWorkflow", "PFArrow",
        "PFCompression", "PFCore",
      ],
      with: small),
    .executableTarget(
      name: "pframe",
      dependencies: [
        "ParquetFrame", "PFOperations", "PFAvro", "PFCSV", "PFGraph", "PFParquet", "PFWorkflow",
        "PFArrow", "PFCompression", "PFCore",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "pfbench",
      dependencies: [
        "PFAvro", "PFCSV", "PFParquet", "PFWorkflow", "PFArrow", "PFCompression", "PFCore",
      ],
      path: "Benchmarks/Native", swiftSettings: strict),
    tests(of: "PFCore"),
    tests(of: "PFCompression", on: ["PFCore"]),
    tests(of: "PFArrow", on: ["PFCore"]),
    tests(of: "PFParquet", on: ["PFArrow", "PFCompression", "PFCore"]),
    tests(of: "PFCSV", on: ["PFArrow", "PFCompression", "PFCore"]),
    tests(of: "PFAvro", on: ["PFArrow", "PFCompression", "PFCore"]),
    tests(of: "PFGraph", on: ["PFArrow", "PFCore"]),
    tests(of: "PFWorkflow", on: ["PFCompression", "PFCore"]),
    tests(
      of: "PFOperations",
      on: [
        "PFAvro", "PFCSV", "PFGraph", "PFParquet", "PFWorkflow", "PFArrow", "PFCompression",
        "PFCore",
      ]),
  ]
)
