/// The parameters of one call, in the text format of the server, in order.
///
/// All values share one buffer, each ended by a NUL as libpq wants it, so a call costs two allocations, not one a value.
package struct PostgresParameters: Sendable {
    /// The values, each followed by a zero byte.
    private var text: [UInt8] = []
    /// Where each value starts in `text`; nil for NULL.
    private var starts: [Int?] = []
    /// The position, from 1, of the first value that holds a NUL and so would be cut short.
    private var firstWithNUL: Int?

    package init() {}

    /// How many values were appended.
    package var count: Int { starts.count }

    /// Appends one value; nil is NULL.
    package mutating func append(_ value: (some PostgresEncodable)?) {
        guard let value else {
            starts.append(nil)
            return
        }
        let start = text.count
        value.encode(to: &text)
        starts.append(start)
        if firstWithNUL == nil, text[start...].contains(0) { firstWithNUL = starts.count }
        text.append(0)
    }

    /// Refuses what PostgreSQL cannot hold or the protocol cannot carry.
    ///
    /// - Throws: `invalidParameter`, naming the parameter's position but not its value.
    func validate(for statement: String) throws(PostgresError) {
        if let firstWithNUL {
            throw PostgresError(
                .invalidParameter,
                "parameter $\(firstWithNUL) holds a NUL character, which PostgreSQL cannot store",
                hint: "remove U+0000 from text before binding it",
                statement: statement
            )
        }
        // The protocol counts parameters in 16 bits.
        if count > 65_535 {
            throw PostgresError(
                .invalidParameter,
                "\(count) parameters are more than the protocol's 65535",
                hint: "bind arrays and unnest them",
                statement: statement
            )
        }
    }

    /// Calls `body` with the values as libpq takes them: pointers to NUL-ended text, nil for NULL.
    func withPointers<R>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?, Int32) -> R) -> R {
        text.withUnsafeBytes { bytes in
            let base = bytes.assumingMemoryBound(to: CChar.self).baseAddress
            let pointers = starts.map { start in start.flatMap { base?.advanced(by: $0) } }
            return pointers.withUnsafeBufferPointer { body($0.baseAddress, Int32($0.count)) }
        }
    }
}
