/// Why a file could not be stored, read or named.
///
/// The description is one line: what could not be done with which file, the cause, and the cure.
package struct ArtifactError: Error, Hashable, CustomStringConvertible {
    /// What went wrong; the raw value is the label of metrics and the error code of reports.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// No space or no quota left.
        case storageFull = "storage_full"
        /// The device or the network behind it failed.
        case ioFailure = "io_failure"
        case readOnly = "read_only"
        case accessDenied = "access_denied"
        case tooManyOpenFiles = "too_many_open_files"
        /// The folder that everything lies in is gone; it is never made anew behind the operator's back.
        case rootMissing = "root_missing"
        /// There is no such file, in a folder that is there.
        case notFound = "not_found"
        case exists
        /// Something other than a folder stands where a folder must be.
        case notAFolder = "not_a_folder"
        /// Something other than a regular file stands where a file must be.
        case notAFile = "not_a_file"
        /// A symbolic link stands below the root; none is followed there.
        case symbolicLink = "symbolic_link"
        case nameTooLong = "name_too_long"
        case tooLarge = "too_large"
        /// The content is not what its name says.
        case damaged
        case invalidName = "invalid_name"
        case invalidURL = "invalid_url"
        case unsupportedStore = "unsupported_store"
        /// The calling task was cancelled before the operation began; nothing was done.
        case cancelled
        case other
    }

    package let kind: Kind
    /// The system's error number; nil where the system was not asked.
    package let systemError: Int32?
    package let description: String

    /// Whether space is what is missing: nothing more must be submitted for this store until there is some.
    package var isStorageFull: Bool { kind == .storageFull }

    /// Whether the store as a whole cannot be used now, so that the same operation may succeed later.
    package var isStoreUnavailable: Bool {
        switch kind {
        case .storageFull, .ioFailure, .readOnly, .accessDenied, .tooManyOpenFiles, .rootMissing: true
        case .notFound, .exists, .notAFolder, .notAFile, .symbolicLink, .nameTooLong, .tooLarge, .damaged,
            .invalidName, .invalidURL, .unsupportedStore, .cancelled, .other:
            false
        }
    }

    /// Whether the file itself is what is wrong, so that the same operation will fail again wherever the store can be used.
    package var isOfFile: Bool {
        switch kind {
        case .notFound, .notAFile, .symbolicLink, .tooLarge, .damaged: true
        case .storageFull, .ioFailure, .readOnly, .accessDenied, .tooManyOpenFiles, .rootMissing, .exists, .notAFolder,
            .nameTooLong, .invalidName, .invalidURL, .unsupportedStore, .cancelled, .other:
            false
        }
    }

    /// Words an error as `cannot ACTION PATH: CAUSE; CURE`.
    init(_ kind: Kind, action: String, path: String, cause: String, cure: String? = nil, systemError: Int32? = nil) {
        self.kind = kind
        self.systemError = systemError
        let cure = cure.map { "; \($0)" } ?? ""
        description = "cannot \(action) \(PathText.printable(path)): \(cause)\(cure)"
    }
}
