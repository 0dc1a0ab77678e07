package import MeshmillCore

/// How one generation ended, as `meshmill.finish` reads it.
package struct GenerationResult: Sendable, Encodable {
    /// The verified GLB on disk.
    package struct Mesh: Sendable, Hashable {
        /// Lower-case hexadecimal.
        package var sha256: String
        package var bytes: Int64
        /// The batch's outputs at which it now stands.
        package var outputs: [String]

        package init(sha256: String, bytes: Int64, outputs: [String]) {
            self.sha256 = sha256
            self.bytes = bytes
            self.outputs = outputs
        }
    }

    /// What the generation came to.
    package enum End: Sendable, Hashable {
        case completed(Mesh)
        /// What the job does next (`generating` cannot be it), and why.
        case failed(AnswerEffect.Job, count: AnswerEffect.Count, code: String, message: String)
    }

    package var attemptID: Int64
    package var jobID: Int64
    /// The epoch under which the job was owned.
    package var leaseEpoch: Int64
    package var end: End
    /// Whether the provider said that the credit came back; `nil` when it did not say.
    package var refunded: Bool?

    package init(
        attemptID: Int64,
        jobID: Int64,
        leaseEpoch: Int64,
        end: End,
        refunded: Bool? = nil
    ) {
        self.attemptID = attemptID
        self.jobID = jobID
        self.leaseEpoch = leaseEpoch
        self.end = end
        self.refunded = refunded
    }

    private enum CodingKeys: String, CodingKey {
        case attempt_id, job_id, lease_epoch, refunded, refund_unconfirmed, job, job_delay, counts
        case error_code, error, glb_sha256, glb_bytes, outputs
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(attemptID, forKey: .attempt_id)
        try fields.encode(jobID, forKey: .job_id)
        try fields.encode(leaseEpoch, forKey: .lease_epoch)
        switch end {
        case .completed(let mesh):
            try fields.encode("complete", forKey: .job)
            try fields.encode("none", forKey: .counts)
            try fields.encode(mesh.sha256, forKey: .glb_sha256)
            try fields.encode(mesh.bytes, forKey: .glb_bytes)
            try fields.encode(mesh.outputs, forKey: .outputs)
        case .failed(let job, let count, let code, let message):
            try fields.encode(refunded == true, forKey: .refunded)
            try fields.encode(refunded != true, forKey: .refund_unconfirmed)
            try fields.encode(count.rawValue, forKey: .counts)
            try fields.encode(code, forKey: .error_code)
            try fields.encode(message, forKey: .error)
            try fields.encode([String](), forKey: .outputs)
            switch job {
            case .generating: preconditionFailure("a generation that failed cannot go on generating")
            case .queue: try fields.encode("queue", forKey: .job)
            case .schedule(let delay):
                try fields.encode("schedule", forKey: .job)
                try fields.encode(delay / .seconds(1), forKey: .job_delay)
            case .fail: try fields.encode("fail", forKey: .job)
            case .hold: try fields.encode("hold", forKey: .job)
            }
        }
    }
}
