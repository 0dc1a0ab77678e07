package import PostgresClient

/// Sets a setting for every process.
package struct SetSetting: Statement {
    package var name: String
    /// As typed, for example `30s`; nil takes it back to its default.
    package var value: String?
    package var reason: String?

    package init(name: String, value: String?, reason: String? = nil) {
        self.name = name
        self.value = value
        self.reason = reason
    }

    package static let sql = """
        /* SetSetting */
        SELECT meshmill.set_setting($1, $2, $3)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(name)
        parameters.append(value)
        parameters.append(reason)
    }
}
