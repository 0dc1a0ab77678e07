/// One image of a manifest, with what its row says of the job; `nil` leaves it to the command's options.
struct ManifestRow: Sendable, Equatable {
    /// The longest `custom_id`, in bytes of UTF-8.
    static let maximumCustomIDBytes = 200

    var image = ""
    var customID: String?
    var prompt: String?
    var mode: String?
    var seed: Int64?
    var decimationTarget: Int?
    var textureSize: Int?
    var priority: Int?
    var out: String?

    /// What the row's job is given, the command's options filling the gaps.
    ///
    /// - Throws: ``InvalidParameter``, naming the first field that is wrong.
    func template(over defaults: JobTemplate) throws(InvalidParameter) -> JobTemplate {
        let parameters = try JobParameters(
            mode: try checkedMode() ?? defaults.parameters.mode,
            prompt: prompt ?? defaults.parameters.prompt,
            seed: seed ?? defaults.parameters.seed,
            decimationTarget: decimationTarget ?? defaults.parameters.decimationTarget,
            textureSize: textureSize ?? defaults.parameters.textureSize
        )
        if let priority { try InvalidParameter.check("priority", priority, within: NewJob.priorities) }
        return JobTemplate(
            parameters: parameters,
            priority: priority ?? defaults.priority,
            customID: try checkedCustomID()
        )
    }

    private func checkedMode() throws(InvalidParameter) -> JobParameters.Mode? {
        guard let mode else { return nil }
        guard let known = JobParameters.Mode(rawValue: mode) else {
            let modes = JobParameters.Mode.allCases.map(\.rawValue).joined(separator: ", ")
            throw InvalidParameter("mode", "\"\(Printable.name(mode))\" is none of \(modes)")
        }
        return known
    }

    private func checkedCustomID() throws(InvalidParameter) -> String? {
        guard let customID else { return nil }
        guard customID.utf8.count <= Self.maximumCustomIDBytes else {
            throw InvalidParameter("custom_id", "is longer than \(Self.maximumCustomIDBytes) bytes")
        }
        guard Printable.isPrintable(customID) else {
            throw InvalidParameter("custom_id", "contains a control character")
        }
        return customID
    }
}
