package import PostgresClient

/// The inputs that were prepared before from sources with these hashes; unknown hashes have no row.
package struct FindInputs: Statement {
    /// SHA-256 of files as they lie on disk.
    package var sourceSHA256s: [[UInt8]]

    package init(sourceSHA256s: [[UInt8]]) {
        self.sourceSHA256s = sourceSHA256s
    }

    package static let sql = """
        /* FindInputs */
        SELECT source_sha256, input_sha256, format, bytes, width, height
        FROM meshmill.inputs
        WHERE source_sha256 = ANY ($1::bytea[])
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(sourceSHA256s)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> StoredInput {
        StoredInput(
            sourceSHA256: try row.next(),
            inputSHA256: try row.next(),
            format: try row.next(),
            bytes: try row.next(),
            width: try row.next(),
            height: try row.next()
        )
    }
}
