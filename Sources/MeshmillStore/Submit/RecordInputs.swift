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
        SELECT meshmill.record_inputs($1, $2, $3, $4, $5, $6)
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
