import AmaraAPI

/// A status other than 200 and its body.
struct Refusal: Error {
    let status: Int
    var code: ErrorCode?
    let body: JSONValue

    static let internalError = Refusal(status: 500, body: ErrorBody.plain("Internal server error"))

    /// The answer to a request, with the record completed.
    func answer(_ record: RequestRecord) -> Answer {
        var record = record
        record.status = status
        record.code = code
        return Answer(status: status, body: .json(body), record: record)
    }
}
