import MeshmillStore

extension JobOverview {
    /// The fields of `jobs export`, in the documented order.
    var exportFields: [(String, JSONValue)] {
        [
            ("job_id", .int(id)), ("batch_id", .int(batchID)), ("custom_id", .optional(customID)),
            ("tenant", .string(tenant)), ("source", .optional(source)), ("status", .string(status)),
            ("output", .optional(output)), ("sha256", .optional(sha256)), ("key", .optional(key)),
            ("generation_id", .optional(generationID)), ("attempts", .int(attempts)), ("credits", .int(credits)),
            ("error_code", .optional(errorCode)), ("error", .optional(error)), ("submitted_at", .time(submittedAt)),
            ("completed_at", .time(completedAt)),
        ]
    }

    /// The same with what `jobs show` and `jobs list` tell beyond.
    var fields: [(String, JSONValue)] {
        exportFields + [
            ("run_at", .time(runAt)), ("priority", .int(priority)), ("outputs", .int(outputs)),
            ("mode", .optional(mode)), ("seed", .optional(seed)), ("decimation_target", .optional(decimationTarget)),
            ("texture_size", .optional(textureSize)), ("prompt", .optional(prompt)), ("glb_bytes", .optional(glbBytes)),
            ("worker", .optional(worker)),
        ]
    }
}
