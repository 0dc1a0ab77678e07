package import PostgresClient

/// Remembers prepared inputs; for a source that is known already, the newer input counts.
///
/// Written in the order of the hashes, so that two submissions never wait for each other in a ring.
package struct RecordInputs: Statement {
    /// No two with the same source.
    package var inputs: [StoredInput]

    package init(_ inputs: [StoredInput]) {
        self.inputs = inputs
    }

    package static let sql = """
        /* RecordInputs */
        INSERT INTO meshmill.inputs AS i (source_sha256, input_sha256, format, bytes, width, height, created_at)
        -- The clock is asked once, and not for each row as by default.
        SELECT u.source_sha256, u.input_sha256, u.format, u.bytes, u.width, u.height, (SELECT meshmill.clock())
        FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::integer[], $5::integer[], $6::integer[])
            AS u (source_sha256, input_sha256, format, bytes, width, height)
        ORDER BY u.source_sha256
        ON CONFLICT (source_sha256) DO UPDATE
        SET input_sha256 = excluded.input_sha256, format = excluded.format, bytes = excluded.bytes,
            width = excluded.width, height = excluded.height
        WHERE i.input_sha256 <> excluded.input_sha256
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(inputs.map(\.sourceSHA256))
        parameters.append(inputs.map(\.inputSHA256))
        parameters.append(inputs.map(\.format))
        parameters.append(inputs.map(\.bytes))
        parameters.append(inputs.map(\.width))
        parameters.append(inputs.map(\.height))
    }
}
