/// The last fresh job of a batch that a claim gave out: the next claim reads on behind it.
package struct ClaimCursor: Sendable, Hashable {
    package var batchID: Int64
    package var priority: Int16
    package var jobID: Int64

    package init(batchID: Int64, priority: Int16, jobID: Int64) {
        self.batchID = batchID
        self.priority = priority
        self.jobID = jobID
    }
}
