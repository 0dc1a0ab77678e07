extension ImageRejection {
    /// What the first bytes of a file alone tell against it, in the words that preparing it would use.
    ///
    /// Nil when they announce a PNG, JPEG or WebP; whether it is a whole one, only preparing tells.
    ///
    /// - Parameter beginning: at least the first 12 bytes of the file, or all of a shorter one.
    package init?(fileBeginning beginning: [UInt8]) {
        if beginning.isEmpty {
            self = .empty
        } else if ImageFormat(signatureOf: beginning) == nil {
            self = .notAnImage(beginning)
        } else {
            return nil
        }
    }
}
