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

func engine(
  _ name: String, on dependencies: [Target.Dependency] = [], with more: [SwiftSetting] = []
) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict + more)
}

func tests(of name: String, with more: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.target(name: name)] + more, path: "Tests/\(name)",
    swiftSettings: strict)
}

let package = Package(
  name: "ParquetFrame",
  products: [
    .library(name: "ParquetFrame", targets: ["ParquetFrame"]),
    .library(name: "parquetframe", type: .dynamic, targets: ["PFCInterface"]),
    .executable(name: "pframe", targets: ["pframe"]),
  ],
  targets: [
    engine("PFCore"),
    engine("PFCompression", on: ["PFCore"]),
    engine("PFArrow", on: ["PFCore"], with: small),
    engine("PFParquet", on: ["PFArrow", "PFCompression", "PFCore"]),
    // `Builtin` gives the scanner its byte masks: PFCSV/Scanner/ByteMasks.swift.
    engine(
      "PFCSV", on: ["PFArrow", "PFCompression", "PFCore"],
      with: [.enableExperimentalFeature("BuiltinModule")]),
    engine("PFAvro", on: ["PFArrow", "PFCompression", "PFCore"]),
    engine("PFGraph", on: ["PFArrow", "PFCore"], with: small),
    engine("PFWorkflow", on: ["PFCompression", "PFCore"], with: small),
    engine(
      "ParquetFrame",
      on: [
        "PFAvro", "PFCSV", "PFGraph", "PFParquet", "PFWorkflow", "PFArrow", "PFCompression",
        "PFCore",
      ]),
    engine(
      "PFCInterface",
      on: ["PFAvro", "PFCSV", "PFGraph", "PFParquet", "PFWorkflow", "PFArrow", "PFCore"],
      with: small),
    .executableTarget(name: "pframe", dependencies: ["ParquetFrame"], swiftSettings: strict),
    .executableTarget(
      name: "pfbench",
      dependencies: ["PFAvro", "PFCSV", "PFParquet", "PFArrow", "PFCompression", "PFCore"],
      path: "Benchmarks/Native", swiftSettings: strict),
    tests(of: "PFCore"),
    tests(of: "PFCompression"),
    tests(of: "PFArrow"),
    tests(of: "PFParquet"),
    tests(of: "PFCSV"),
    tests(of: "PFAvro"),
    tests(of: "PFGraph"),
    tests(of: "PFWorkflow"),
  ]
)
