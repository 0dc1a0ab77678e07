/// The sources of a submission, one at a time, wherever they are named.
///
/// A value: a copy goes on by itself, so a listing can be read ahead on another thread.
enum SourceListing: Sendable {
    case folders(FolderScan)
    case manifest(ManifestReader, Variants)

    /// Starts at the first source.
    ///
    /// - Parameters:
    ///   - request: what is submitted.
    ///   - variants: the manifest's images whose rows get outputs of their own.
    /// - Throws: ``SubmissionError`` when there is no working folder or the manifest cannot be used.
    init(_ request: SubmissionRequest, variants: Variants = .none) throws(SubmissionError) {
        let workingFolder: String
        do {
            workingFolder = try FilePath.workingFolder()
        } catch {
            throw .unreadable("the working directory: \(error); nothing was submitted")
        }
        let template = JobTemplate(parameters: request.parameters, priority: request.priority)
        switch request.sources {
        case .paths(let paths):
            self = .folders(
                FolderScan(
                    paths: paths,
                    workingFolder: workingFolder,
                    skippedFolders: [request.outputFolder] + request.skippedFolders,
                    template: template
                )
            )
        case .manifest(let path):
            let reader = try ManifestReader(path: path, workingFolder: workingFolder, template: template)
            self = .manifest(reader, variants)
        }
    }

    /// The next source or refusal; `nil` at the end.
    ///
    /// - Throws: ``SubmissionError/unreadable(_:)`` when a manifest stops being readable.
    mutating func next() throws(SubmissionError) -> ListedItem? {
        switch self {
        case .folders(var scan):
            let item = scan.next()
            self = .folders(scan)
            return item
        case .manifest(var reader, let variants):
            let item = try reader.next()
            self = .manifest(reader, variants)
            guard case .candidate(let candidate) = item else { return item }
            return .candidate(variants.naming(candidate))
        }
    }
}
