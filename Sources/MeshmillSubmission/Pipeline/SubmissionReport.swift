/// What a submission came to.
package struct SubmissionReport: Sendable, Equatable {
    /// Refusals and conflicts that are kept one by one; beyond that they are only counted.
    package static let maximumListed = 10_000

    /// An output that belongs to another image or to other parameters.
    package struct Conflict: Sendable, Hashable {
        /// The image's absolute path.
        package let source: String
        /// The path below the batch's output folder.
        package let output: String
        /// The job that has the output.
        package let jobID: Int64
    }

    /// Jobs that are new; in a dry run, those that would be handed in.
    package internal(set) var submitted = 0
    /// Sources whose image and parameters were a job of the batch already, under another output.
    package internal(set) var duplicates = 0
    /// Sources that were submitted before with the same output.
    package internal(set) var existing = 0
    /// Jobs that had failed or were cancelled and run again.
    package internal(set) var requeued = 0
    /// Jobs that took over an output, as `--replace` asked.
    package internal(set) var replaced = 0
    /// How many sources met an output that belongs to something else; nothing was changed for them.
    package internal(set) var conflictCount = 0
    /// The first ``maximumListed`` conflicts.
    package internal(set) var conflicts: [Conflict] = []
    /// How many sources became no job.
    package internal(set) var invalidCount = 0
    /// The first ``maximumListed`` refusals, in the order of the sources.
    package internal(set) var invalid: [SourceRefusal] = []
    /// Files below folders whose names are not those of images.
    package internal(set) var ignored = 0

    /// Nothing yet.
    package init() {}

    mutating func add(_ refusal: SourceRefusal) {
        invalidCount += 1
        if invalid.count < Self.maximumListed { invalid.append(refusal) }
    }

    /// Counts what became of a job.
    mutating func add(_ result: IntakeResult, of job: NewJob) {
        switch result {
        case .added: submitted += 1
        case .duplicate: duplicates += 1
        case .existing: existing += 1
        case .requeued: requeued += 1
        case .replaced: replaced += 1
        case .conflict(let jobID):
            conflictCount += 1
            guard conflicts.count < Self.maximumListed else { return }
            conflicts.append(Conflict(source: job.source, output: job.output, jobID: jobID))
        }
    }
}
