/// The sources of a submission, one at a time, wherever they are named.
///
/// A value: a copy goes on by itself, so a listing can be read ahead on another thread.
enum SourceListing: Sendable {
    case folders(FolderScan)
    case manifest(ManifestReader)

    /// Starts at the first source.
    ///
    /// - Throws: ``SubmissionError`` when there is no working folder or the manifest cannot be used.
    init(_ request: SubmissionRequest) throws(SubmissionError) {
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
            self = .manifest(try ManifestReader(path: path, workingFolder: workingFolder, template: template))
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
        case .manifest(var reader):
            let item = try reader.next()
            self = .manifest(reader)
            return item
        }
    }
}
