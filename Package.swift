// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours: Swift 6 mode, complete checking, and no warning left standing.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

func nio(_ product: String) -> Target.Dependency { .product(name: product, package: "swift-nio") }
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "meshmill",
    products: [
        .executable(name: "meshmill", targets: ["meshmill"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    ],
    targets: [
        // C libraries, as Debian ships them.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CVips", pkgConfig: "vips", providers: [.apt(["libvips-dev"])]),

        // Mechanisms: each knows one outside thing and no job.
        .target(name: "PostgresClient", dependencies: ["CLibPQ", log], swiftSettings: strict),
        .target(name: "PrivatePostgres", dependencies: ["PostgresClient", log, subprocess], swiftSettings: strict),
        .target(
            name: "AmaraAPI",
            dependencies: ["CrashPoints", httpClient, log, nio("NIOCore"), nio("NIOHTTP1"), nio("NIOPosix"), nioSSL],
            swiftSettings: strict
        ),
        .target(name: "BlockingWork", swiftSettings: strict),
        .target(name: "CrashPoints", swiftSettings: strict),
        .target(name: "Media", dependencies: ["CVips", "BlockingWork", crypto], swiftSettings: strict),
        .target(name: "Artifacts", dependencies: ["BlockingWork", crypto], swiftSettings: strict),

        // Meshmill: words and decisions, then statements, then movers.
        .target(name: "MeshmillCore", dependencies: [crypto, heap], swiftSettings: strict),
        .target(
            name: "MeshmillStore",
            dependencies: ["MeshmillCore", "PostgresClient", crypto, log],
            swiftSettings: strict,
            plugins: ["EmbedMigrations"]
        ),
        .target(
            name: "MeshmillSubmission",
            dependencies: [
                "MeshmillStore", "MeshmillCore", "PostgresClient", "Media", "Artifacts", "BlockingWork", "CrashPoints",
                crypto, log,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "MeshmillWorker",
            dependencies: [
                "MeshmillStore", "MeshmillCore", "AmaraAPI", "Media", "Artifacts", "CrashPoints", log, lifecycle,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "AmaraSimulator",
            dependencies: ["AmaraAPI", hummingbird, crypto, heap, lifecycle, log, nio("NIOCore")],
            swiftSettings: strict
        ),
        .target(
            name: "MeshmillBench",
            dependencies: [
                "MeshmillWorker", "MeshmillSubmission", "MeshmillStore", "MeshmillCore", "AmaraSimulator", "AmaraAPI",
                "PrivatePostgres", "PostgresClient", "Artifacts", "Media", crypto, log,
            ],
            swiftSettings: strict
        ),
        .target(name: "MeshmillTerminal", dependencies: ["MeshmillCore"], swiftSettings: strict),
        .executableTarget(
            name: "meshmill",
            dependencies: [
                "MeshmillTerminal", "MeshmillBench", "MeshmillWorker", "MeshmillSubmission", "MeshmillStore",
                "MeshmillCore",
                "AmaraSimulator", "AmaraAPI", "PrivatePostgres", "PostgresClient", "Artifacts", "Media", "BlockingWork",
                "CrashPoints",
                arguments, lifecycle, log, crypto,
            ],
            swiftSettings: strict
        ),

        .testTarget(
            name: "MeshmillTerminalTests",
            dependencies: ["MeshmillTerminal", "MeshmillCore"],
            swiftSettings: strict
        ),

        // The schema travels inside the binary.
        .executableTarget(name: "embed-migrations", swiftSettings: strict),
        .plugin(name: "EmbedMigrations", capability: .buildTool(), dependencies: ["embed-migrations"]),

        // Tests, and what they share.
        .target(name: "TestImages", dependencies: ["Media", "CVips"], path: "Tests/TestImages", swiftSettings: strict),
        .target(
            name: "TestDatabase",
            dependencies: ["PrivatePostgres", "PostgresClient", log],
            path: "Tests/TestDatabase",
            swiftSettings: strict
        ),
        // The whole of it under a virtual clock: a library, its command, its tests.
        .target(
            name: "MeshmillSimulation",
            dependencies: [
                "MeshmillWorker", "MeshmillStore", "MeshmillCore", "AmaraSimulator", "AmaraAPI", "PostgresClient",
                "TestDatabase", crypto, log,
            ],
            path: "Tests/MeshmillSimulation",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "meshmill-simulation",
            dependencies: ["MeshmillSimulation", arguments],
            path: "Tests/meshmill-simulation",
            swiftSettings: strict
        ),
        .testTarget(
            name: "MeshmillSimulationTests",
            dependencies: ["MeshmillSimulation", "AmaraSimulator"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "MeshmillWorkerTests",
            dependencies: [
                "MeshmillWorker", "MeshmillSubmission", "MeshmillStore", "MeshmillCore", "AmaraSimulator", "AmaraAPI",
                "PostgresClient", "Artifacts", "Media", "PrivatePostgres", "TestDatabase", "TestImages", log,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PostgresClientTests",
            dependencies: ["PostgresClient", "TestDatabase", log],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PrivatePostgresTests",
            dependencies: ["PrivatePostgres", "PostgresClient", log],
            swiftSettings: strict
        ),
        .testTarget(
            name: "AmaraAPITests",
            dependencies: ["AmaraAPI", log, nio("NIOCore"), nio("NIOEmbedded"), nio("NIOPosix"), nioSSL],
            swiftSettings: strict
        ),
        .testTarget(name: "MeshmillCoreTests", dependencies: ["MeshmillCore"], swiftSettings: strict),
        .testTarget(
            name: "MeshmillStoreTests",
            dependencies: [
                "MeshmillStore", "MeshmillCore", "AmaraSimulator", "PostgresClient", "TestDatabase", log,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "MeshmillCommandTests",
            dependencies: [
                "meshmill", "MeshmillStore", "MeshmillCore", "PostgresClient", "TestDatabase", "TestImages", subprocess,
                log,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "MeshmillBenchTests",
            dependencies: ["MeshmillBench", "meshmill", log],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["AmaraAPI", "Artifacts", "Media", "MeshmillCore", "MeshmillSubmission", "PostgresClient"],
            exclude: ["Corpus"],
            swiftSettings: strict
        ),
        .testTarget(name: "BlockingWorkTests", dependencies: ["BlockingWork"], swiftSettings: strict),
        .testTarget(name: "MediaTests", dependencies: ["Media", "TestImages", crypto], swiftSettings: strict),
        .testTarget(name: "ArtifactsTests", dependencies: ["Artifacts", crypto], swiftSettings: strict),
        .testTarget(
            name: "MeshmillSubmissionTests",
            dependencies: [
                "MeshmillSubmission", "MeshmillStore", "PostgresClient", "Media", "Artifacts", "TestImages",
                "TestDatabase", crypto, log,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "AmaraSimulatorTests",
            dependencies: ["AmaraSimulator", "AmaraAPI", httpClient, log, nio("NIOCore"), nio("NIOHTTP1")],
            swiftSettings: strict
        ),
    ]
)
