/// What the names alone tell, before any image is read.
package struct SubmissionSurvey: Sendable, Equatable {
    /// Sources that may become jobs: an upper bound of what will be asked of the provider.
    package internal(set) var found = 0
    /// Sources that were named more than once, with the same parameters and output, beyond the first time.
    package internal(set) var repeated = 0
    /// Names, rows and folders that are refused already.
    package internal(set) var refused = 0
    /// Files below folders whose names are not those of images.
    package internal(set) var ignored = 0
    var names = NameDecisions()

    /// Nothing yet.
    package init() {}
}
