/// The intake of a submission that is only surveyed or rehearsed: it knows nothing and keeps nothing.
package struct RehearsalIntake: JobIntake {
    package init() {}

    package func knownInputs(_ sourceHashes: [[UInt8]]) async throws -> [[UInt8]: KnownInput] { [:] }

    package func recordInputs(_ inputs: [KnownInput]) async throws {}

    package func add(_ jobs: [NewJob], replacing: Bool) async throws -> [IntakeResult] { jobs.map { _ in .added(0) } }
}
