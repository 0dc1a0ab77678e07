import MeshmillTerminal

extension TopSnapshot {
    /// Three keys, one of them paused; one batch; two tenants; a worker; a failed job.
    static var busy: TopSnapshot {
        var snapshot = TopSnapshot()
        snapshot.windowModel = "paced"
        snapshot.jobs = [("queued", 1_200, false), ("generating", 3, false), ("completed", 10_000, true)]
        snapshot.keys = [
            .sample("key-10", status: "paused", reason: "rotating it", slots: [.zero], used: 90, limit: 100, posts: 40),
            .sample(
                "key-2",
                slots: [.zero, .seconds(840), .zero, .seconds(450), .zero],
                isSubmitting: true,
                used: 20,
                limit: 100,
                posts: 60
            ),
            .sample("key-1", slots: [.zero, .zero], posts: 10),
        ]
        snapshot.batches = [
            Batch(
                id: 7,
                status: "open",
                tenant: "default",
                out: "/home/studio/a/rather/long/path/that/does/not/fit/meshes",
                done: 10_000,
                failed: 2,
                running: 3,
                waiting: 1_200,
                endsIn: .seconds(17_460),
                binding: "the keys' rate windows"
            )
        ]
        snapshot.tenants = [
            Tenant(name: "shop", status: "active", weight: 2, queued: 10, inFlight: 1, monthUsed: 5, budget: 100),
            Tenant(name: "zoo", status: "paused", weight: 0.5, queued: 0, inFlight: 0, monthUsed: 0, budget: nil),
        ]
        snapshot.workers = [
            Worker(name: "host:17", status: "running", jobs: 3, age: .seconds(4_000), leaseLeft: .seconds(29))
        ]
        snapshot.errors = [
            Trouble(
                jobID: 12,
                status: "failed",
                code: "GENERATION_FAILED",
                text: "the mesh could not be made",
                source: "/home/studio/photos/a/b/🪑 台灯.png"
            )
        ]
        return snapshot
    }
}

extension TopSnapshot.Key {
    static func sample(
        _ name: String,
        status: String = "active",
        reason: String? = nil,
        slots: [Duration],
        isSubmitting: Bool = false,
        used: Int = 0,
        limit: Int? = nil,
        posts: Int = 0
    ) -> Self {
        Self(
            name: name,
            status: status,
            reason: reason,
            slots: slots,
            isSubmitting: isSubmitting,
            generating: 0,
            nextIn: .zero,
            monthUsed: used,
            monthLimit: limit,
            posts: posts
        )
    }
}
