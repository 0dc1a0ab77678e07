import Media

extension Submission {
    /// Reads all names, and no image, to say how many jobs there may be.
    ///
    /// A manifest is read once more before, to find images that it names with several sets of parameters. Where outputs
    /// collide, the first bytes of these sources are read, and names are read again without those that are no images.
    ///
    /// - Throws: ``SubmissionError``: collisions, or a manifest that cannot be used; `CancellationError`.
    package func survey() async throws -> SubmissionSurvey {
        var names = NameDecisions()
        names.variants = try await findVariants()
        var (survey, suspects) = try await tally(names)
        if !suspects.isEmpty {
            names.contested.keys = suspects
            (survey, suspects) = try await tally(names)
        }
        guard suspects.isEmpty else { throw SubmissionError.collisions(try await collisions(suspects, names)) }
        return survey
    }

    /// All sources under the names that were decided, from the first one on.
    func batches(_ names: NameDecisions) throws(SubmissionError) -> SourceBatches {
        let listing = try SourceListing(request, variants: names.variants)
        return SourceBatches(listing, contested: names.contested, reader: reader)
    }

    /// Reads images up to the preparer's limit.
    var reader: SourceReader { SourceReader(maximumBytes: preparer.limits.maximumFileBytes) }

    private func findVariants() async throws -> Variants {
        guard case .manifest = request.sources else { return .none }
        var batches = try batches(NameDecisions())
        var finder = VariantFinder()
        while let items = try await batches.next() {
            for case .candidate(let candidate) in items { finder.look(at: candidate) }
        }
        return finder.variants
    }

    /// Counts what the names come to, and finds the outputs that collide.
    private func tally(_ names: NameDecisions) async throws -> (SubmissionSurvey, suspects: Set<OutputKey>) {
        var batches = try batches(names)
        var survey = SubmissionSurvey()
        survey.names = names
        var index = OutputIndex()
        while let items = try await batches.next() {
            for item in items {
                switch item {
                case .ignored: survey.ignored += 1
                case .refused: survey.refused += 1
                case .candidate(let candidate):
                    switch index.claim(candidate) {
                    case .first: survey.found += 1
                    case .again: survey.repeated += 1
                    case .taken: break
                    }
                }
            }
        }
        return (survey, index.contested)
    }

    private func collisions(_ suspects: Set<OutputKey>, _ names: NameDecisions) async throws -> OutputCollisions {
        var batches = try batches(names)
        var finder = CollisionFinder(suspects: suspects)
        while let items = try await batches.next() {
            for case .candidate(let candidate) in items { finder.look(at: candidate) }
        }
        return finder.collisions
    }
}
