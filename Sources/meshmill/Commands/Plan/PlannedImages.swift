import MeshmillSubmission

/// What the images of a plan came to.
struct PlannedImages {
    let report: SubmissionReport
    let survey: SubmissionSurvey

    /// Jobs that would be submitted or run again.
    var newJobs: Int { report.submitted + report.requeued }

    /// One line for people.
    var summary: String {
        var parts = ["\(report.submitted) new"]
        for (count, word) in [
            (report.requeued, "to run again"), (report.existing, "already done or queued"),
            (report.duplicates + survey.repeated, "duplicates"), (report.conflictCount, "in conflict"),
            (report.invalidCount, "refused"),
        ] where count > 0 { parts.append("\(count) \(word)") }
        return "images: \(parts.joined(separator: ", "))"
    }

    var fields: [(String, JSONValue)] {
        [
            ("found", .int(survey.found + survey.repeated)), ("new", .int(report.submitted)),
            ("requeued", .int(report.requeued)), ("existing", .int(report.existing)),
            ("duplicates", .int(report.duplicates + survey.repeated)), ("conflicts", .int(report.conflictCount)),
            (
                "invalid",
                .array(
                    report.invalid.map { .object([("source", .string($0.source)), ("error", .string($0.problem))]) }
                )
            ),
            ("invalid_count", .int(report.invalidCount)),
        ]
    }
}
