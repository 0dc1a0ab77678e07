/// What `top` shows, as of one moment; texts hold no controls.
package struct TopSnapshot: Sendable {
    package var isSubmitting = true
    /// The breaker in words; nil while it is closed.
    package var breaker: String?
    package var windowModel = "slots"
    /// Jobs by status, in the order of a job's life, those with none left out.
    package var jobs: [(status: String, count: Int, isCapped: Bool)] = []
    package var keys: [Key] = []
    package var batches: [Batch] = []
    package var tenants: [Tenant] = []
    package var workers: [Worker] = []
    package var errors: [Trouble] = []

    package init() {}

    package struct Key: Sendable {
        package var name: String
        package var status: String
        package var reason: String?
        /// Until each slot falls free, in the window's order; zero: free.
        package var slots: [Duration]
        /// A POST is under way.
        package var isSubmitting: Bool
        package var generating: Int
        /// Until its next POST; zero: it may send now.
        package var nextIn: Duration
        package var monthUsed: Int
        /// nil: no limit.
        package var monthLimit: Int?
        package var posts: Int

        package init(
            name: String,
            status: String,
            reason: String?,
            slots: [Duration],
            isSubmitting: Bool,
            generating: Int,
            nextIn: Duration,
            monthUsed: Int,
            monthLimit: Int?,
            posts: Int
        ) {
            self.name = name
            self.status = status
            self.reason = reason
            self.slots = slots
            self.isSubmitting = isSubmitting
            self.generating = generating
            self.nextIn = nextIn
            self.monthUsed = monthUsed
            self.monthLimit = monthLimit
            self.posts = posts
        }
    }

    package struct Batch: Sendable {
        package var id: Int
        package var status: String
        package var tenant: String
        package var out: String
        package var done: Int
        package var failed: Int
        package var running: Int
        package var waiting: Int
        /// Until its end; nil: not known.
        package var endsIn: Duration?
        /// What holds it up, in words.
        package var binding: String

        package init(
            id: Int,
            status: String,
            tenant: String,
            out: String,
            done: Int,
            failed: Int,
            running: Int,
            waiting: Int,
            endsIn: Duration?,
            binding: String
        ) {
            self.id = id
            self.status = status
            self.tenant = tenant
            self.out = out
            self.done = done
            self.failed = failed
            self.running = running
            self.waiting = waiting
            self.endsIn = endsIn
            self.binding = binding
        }
    }

    package struct Tenant: Sendable {
        package var name: String
        package var status: String
        package var weight: Double
        package var queued: Int
        package var inFlight: Int
        package var monthUsed: Int
        package var budget: Int?

        package init(
            name: String,
            status: String,
            weight: Double,
            queued: Int,
            inFlight: Int,
            monthUsed: Int,
            budget: Int?
        ) {
            self.name = name
            self.status = status
            self.weight = weight
            self.queued = queued
            self.inFlight = inFlight
            self.monthUsed = monthUsed
            self.budget = budget
        }
    }

    package struct Worker: Sendable {
        package var name: String
        package var status: String
        package var jobs: Int
        package var age: Duration
        /// Until its lease ends; negative once it has.
        package var leaseLeft: Duration

        package init(name: String, status: String, jobs: Int, age: Duration, leaseLeft: Duration) {
            self.name = name
            self.status = status
            self.jobs = jobs
            self.age = age
            self.leaseLeft = leaseLeft
        }
    }

    /// A job that failed or is held.
    package struct Trouble: Sendable {
        package var jobID: Int
        package var status: String
        package var code: String
        package var text: String
        package var source: String

        package init(jobID: Int, status: String, code: String, text: String, source: String) {
            self.jobID = jobID
            self.status = status
            self.code = code
            self.text = text
            self.source = source
        }
    }
}
