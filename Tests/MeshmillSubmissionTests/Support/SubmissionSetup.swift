import Artifacts
import Media
import MeshmillSubmission
import Synchronization
import TestImages

/// A submission of a folder's `photos` with a real store and an intake in memory.
struct SubmissionSetup: Sendable {
    let folder: TemporaryFolder
    let intake: MemoryIntake
    var store: any ArtifactStore
    var preparer = ImagePreparer()
    var patience = StoragePatience()
    var events = RecordedEvents()

    init(_ folder: TemporaryFolder, intake: MemoryIntake = MemoryIntake()) async throws {
        self.folder = folder
        self.intake = intake
        store = try FileArtifactStore(url: "file://" + folder.path + "/store")
        try await store.open(isNew: true)
    }

    var photos: String { folder.path + "/photos" }
    var out: String { folder.path + "/out" }

    /// Submits the folder `photos`, or what the change says.
    @discardableResult
    func submit(_ change: (inout SubmissionRequest) -> Void = { _ in }) async throws -> SubmissionReport {
        try await submission(change).run { events.append($0) }
    }

    func submission(_ change: (inout SubmissionRequest) -> Void = { _ in }) -> Submission {
        var request = SubmissionRequest(sources: .paths([photos]), outputFolder: out)
        change(&request)
        return Submission(request, intake: intake, artifacts: store, preparer: preparer, patience: patience)
    }

    /// Writes pictures of different content, named by number.
    func writePhotos(_ numbers: Range<Int>) throws {
        for number in numbers { try folder.write("photos/\(number).png", TestImages.png(number)) }
    }
}

/// Events in the order they were told.
final class RecordedEvents: Sendable {
    private let events = Mutex<[SubmissionEvent]>([])

    func append(_ event: SubmissionEvent) { events.withLock { $0.append(event) } }
    var all: [SubmissionEvent] { events.withLock { $0 } }
}

/// Starts a submission with a fresh setup.
func withSubmission(_ body: (SubmissionSetup) async throws -> Void) async throws {
    try await withTemporaryFolder { try await body(SubmissionSetup($0)) }
}
