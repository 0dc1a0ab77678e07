import Glibc

/// The error number of a system call that failed.
struct SystemFailure: Error {
    let code: Int32

    /// The system's words for it, starting in lower case.
    var words: String {
        let words = String(cString: strerror(code))
        return words.prefix(1).lowercased() + words.dropFirst()
    }

    /// Calls the system, again while a signal interrupts it.
    ///
    /// - Throws: the error number when the call returns less than zero.
    @discardableResult
    static func check<Number: SignedInteger>(_ call: () -> Number) throws(SystemFailure) -> Number {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = errno
            if code != EINTR { throw SystemFailure(code: code) }
        }
    }
}
