import CLibPQ
import Glibc

/// libpq's connection, closed when the last reference goes away.
///
/// Not Sendable: its actor owns it, and libpq wants one thread at a time. Closing may happen on any thread, since by
/// then nobody else can use it.
final class ConnectionHandle {
    let pointer: OpaquePointer
    let notices = NoticeCollector()

    /// Starts connecting without waiting.
    ///
    /// The parameters are libpq's keywords and values; the environment gives the rest.
    init(startingWith parameters: [String: String]) throws(PostgresError) {
        let keywords = CStringArray(parameters.map(\.key))
        let values = CStringArray(parameters.map(\.value))
        guard let pointer = PQconnectStartParams(keywords.pointers, values.pointers, 0) else {
            throw PostgresError(.outOfResources, "no memory for a connection")
        }
        self.pointer = pointer
        notices.attach(to: pointer)
    }

    deinit {
        PQfinish(pointer)
    }

    /// Whether libpq holds the connection for good.
    ///
    /// It notices a broken one only when it is used.
    var isAlive: Bool { PQstatus(pointer) == CONNECTION_OK }

    /// Whether no transaction is open and no statement is under way.
    var isIdle: Bool { PQtransactionStatus(pointer) == PQTRANS_IDLE }

    /// Whether something can be read, be it a message or the end of the connection.
    var hasInput: Bool {
        var descriptor = pollfd(fd: PQsocket(pointer), events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) > 0
    }

    /// Takes in what has arrived without waiting for more; notices go to `notices`.
    func readInput() {
        _ = PQconsumeInput(pointer)
        _ = PQisBusy(pointer)
    }

    /// libpq's last message as it stands.
    var errorMessage: String { PQerrorMessage(pointer).map { String(cString: $0) } ?? "" }
}

/// C strings that live as long as this object, in an array that ends with NULL.
private final class CStringArray {
    private(set) var pointers: [UnsafePointer<CChar>?]
    private let storage: [UnsafeMutablePointer<CChar>]

    init(_ strings: [String]) {
        storage = strings.map { string in
            let bytes = string.utf8CString
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            for (index, byte) in bytes.enumerated() { (copy + index).initialize(to: byte) }
            return copy
        }
        pointers = storage.map { UnsafePointer($0) } + [nil]
    }

    deinit {
        for pointer in storage { pointer.deallocate() }
    }
}
