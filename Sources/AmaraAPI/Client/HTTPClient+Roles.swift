import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL

extension HTTPClient {
    /// For POSTs: a connection each, opened before the fence or not at all.
    ///
    /// An idle connection that closes under a POST would look like a lost answer.
    static func forCreates(
        _ common: Configuration,
        _ configuration: AmaraClientConfiguration,
        census: ConnectionCensus
    ) -> HTTPClient {
        var settings = common
        settings.timeout = .init(connect: TimeAmount(configuration.createConnectTimeout))
        settings.connectionPool.idleTimeout = .seconds(1)
        settings.maximumUsesPerConnection = 1
        settings.http1_1ConnectionDebugInitializer = { channel in
            census.register(channel)
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        return HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: settings)
    }

    /// For polls and downloads from the API's own host: connections are reused.
    static func forReads(_ common: Configuration, _ configuration: AmaraClientConfiguration) -> HTTPClient {
        var settings = common
        settings.timeout = .init(
            connect: TimeAmount(configuration.connectTimeout),
            read: TimeAmount(configuration.readTimeout)
        )
        return HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: settings)
    }

    /// For result URLs on other hosts: no connection to an address that is not public becomes usable.
    ///
    /// The address is that of the open connection, so no second look-up can answer differently (DNS rebinding).
    static func forResults(_ common: Configuration, _ configuration: AmaraClientConfiguration) -> HTTPClient {
        var settings = common
        settings.timeout = .init(
            connect: TimeAmount(configuration.connectTimeout),
            read: TimeAmount(configuration.readTimeout)
        )
        if configuration.proxy == nil {
            settings.http1_1ConnectionDebugInitializer = { channel in
                if let address = channel.remoteAddress.flatMap({ IPAddress($0) }), address.isPublic {
                    return channel.eventLoop.makeSucceededVoidFuture()
                }
                // Closed only after the pool has heard of the failure, which it does before this loop's next task.
                channel.eventLoop.execute { channel.close(promise: nil) }
                return channel.eventLoop.makeFailedFuture(AddressNotPublic())
            }
        }
        return HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: settings)
    }
}

extension HTTPClient.Configuration {
    /// What all our clients have in common.
    ///
    /// - Throws: `configuration` when the CA file cannot be used.
    static func common(_ configuration: AmaraClientConfiguration) throws(AmaraError) -> HTTPClient.Configuration {
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.httpVersion = .http1Only
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.maximumConnections
        settings.connectionPool.retryConnectionEstablishment = false
        settings.proxy = configuration.proxy?.clientProxy
        if let path = configuration.certificateAuthorityFile {
            var tls = TLSConfiguration.makeClientConfiguration()
            do {
                tls.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(path))]
            } catch {
                throw AmaraError(
                    .configuration,
                    "the CA file \(CleanedText.clean(path, limit: 200)) holds no readable PEM certificate; check its "
                        + "path and mode"
                )
            }
            settings.tlsConfiguration = tls
        }
        return settings
    }
}

/// A result URL led to an address that is not on the public internet.
struct AddressNotPublic: Error {}
