import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix
import NIOSSL

extension NetworkFailure {
    /// Sorts an error of the HTTP client by what it says about the connection.
    init(_ error: any Error) {
        switch error {
        case is CancellationError: self = .cancelled
        case is DeadlinePassed: self = .timedOut
        case let error as HTTPClientError: self = Self.sort(error)
        case let error as NIOConnectionError: self = Self.sort(error)
        case let error as IOError: self = Self.isBeforeConnection(error) ? .connectionFailed : .connectionLost
        case ChannelError.connectTimeout: self = .connectTimeout
        case let error as NIOSSLError: self = Self.isHandshake(error) ? .tlsFailed : .connectionLost
        case is NIOSSLExtraError: self = .tlsFailed
        default: self = .connectionLost
        }
    }

    /// Whether there was no connection yet, so that provably no byte of a request can have left.
    var precedesRequest: Bool {
        switch self {
        case .nameNotResolved, .connectionFailed, .connectTimeout, .tlsFailed, .proxyFailed, .invalidRequest: true
        case .connectionLost, .timedOut, .cancelled: false
        }
    }

    private static func sort(_ error: HTTPClientError) -> NetworkFailure {
        switch error {
        case .connectTimeout, .getConnectionFromPoolTimeout: .connectTimeout
        case .tlsHandshakeTimeout: .tlsFailed
        case .proxyAuthenticationRequired, .invalidProxyResponse, .httpProxyHandshakeTimeout, .socksHandshakeTimeout:
            .proxyFailed
        case .readTimeout, .writeTimeout, .deadlineExceeded: .timedOut
        case .invalidURL, .emptyHost, .emptyScheme, .alreadyShutdown: .invalidRequest
        default: .connectionLost
        }
    }

    private static func sort(_ error: NIOConnectionError) -> NetworkFailure {
        guard let attempt = error.connectionErrors.last else { return .nameNotResolved }
        if case ChannelError.connectTimeout = attempt.error { return .connectTimeout }
        return .connectionFailed
    }

    /// An established connection can end with any other number, so only these prove that there was none.
    private static func isBeforeConnection(_ error: IOError) -> Bool {
        [ECONNREFUSED, EMFILE, ENFILE, EADDRNOTAVAIL].contains(error.errnoCode)
    }

    private static func isHandshake(_ error: NIOSSLError) -> Bool {
        switch error {
        case .handshakeFailed, .unableToValidateCertificate, .noCertificateToValidate, .noSuchFilesystemObject,
            .failedToLoadCertificate, .cannotFindPeerIP:
            true
        default: false
        }
    }
}
