/// What is submitted, and how: the arguments of `run` and `submit`.
package struct SubmissionRequest: Sendable {
    /// Where the images are named.
    package enum Sources: Sendable {
        /// Files and folders, as the user typed them; folders are searched with all that is below.
        case paths([String])
        /// A `.csv` or `.jsonl` file with one image a row.
        case manifest(String)
    }

    package var sources: Sources
    /// The batch's output folder, absolute; it is left out when it lies inside a folder that is searched.
    package var outputFolder: String
    /// Further absolute folders that are left out of a search, such as Meshmill's home.
    package var skippedFolders: [String]
    /// What each job asks for unless its manifest row says otherwise.
    package var parameters: JobParameters
    /// Each job's priority unless its manifest row says otherwise; within ``NewJob/priorities``.
    package var priority: Int
    /// The most jobs that are handed in, in the order of the sources; `nil` is no limit.
    package var limit: Int?
    /// Whether an output that belongs to another image or to other parameters is taken over.
    package var replaces: Bool
    /// Whether everything is checked and prepared, but nothing is stored and nothing queued.
    package var isDryRun: Bool

    package init(
        sources: Sources,
        outputFolder: String,
        skippedFolders: [String] = [],
        parameters: JobParameters = .providerDefaults,
        priority: Int = 0,
        limit: Int? = nil,
        replaces: Bool = false,
        isDryRun: Bool = false
    ) {
        self.sources = sources
        self.outputFolder = outputFolder
        self.skippedFolders = skippedFolders
        self.parameters = parameters
        self.priority = priority
        self.limit = limit
        self.replaces = replaces
        self.isDryRun = isDryRun
    }
}
