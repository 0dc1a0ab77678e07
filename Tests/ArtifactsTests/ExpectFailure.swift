import Artifacts
import Testing

/// Expects a failure of the given kind, told in one line.
func expectFailure(
    _ kind: ArtifactError.Kind,
    sourceLocation: SourceLocation = #_sourceLocation,
    of body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("no failure", sourceLocation: sourceLocation)
    } catch {
        let error = error as? ArtifactError
        #expect(error?.kind == kind, "\(error?.description ?? "another error")", sourceLocation: sourceLocation)
        #expect(error?.description.contains("\n") == false, sourceLocation: sourceLocation)
    }
}
