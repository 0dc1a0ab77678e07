import ArgumentParser
import MeshmillCore
import MeshmillStore

/// Which jobs a command is about, by what is known of them.
struct JobFilterOptions: ParsableArguments {
    @Option(help: "Jobs with this status; may be given more than once.")
    var status: [JobState] = []

    @Option(help: "Jobs with this error code, as jobs show names it.")
    var errorCode: String?

    @Option(help: "Jobs of this batch; may be given more than once.")
    var batch: [Int64] = []

    @Option(help: "Jobs of this tenant.")
    var tenant: String?

    @Option(help: "Jobs whose newest POST was sent with this key.")
    var key: String?

    @Option(help: "Jobs of images whose path matches; * stands for any text, ? for one character.")
    var source: String?

    /// As the store reads it.
    var filter: FindJobs.Filter {
        var filter = FindJobs.Filter()
        filter.statuses = status.isEmpty ? nil : status.map(\.rawValue)
        filter.errorCode = errorCode
        filter.batchIDs = batch.isEmpty ? nil : batch
        filter.tenant = tenant
        filter.key = key
        filter.source = source
        return filter
    }
}
