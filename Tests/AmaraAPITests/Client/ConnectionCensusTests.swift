import NIOCore
import NIOEmbedded
import Testing

@testable import AmaraAPI

@Suite struct ConnectionCensusTests {
    @Test("only a time without any connection proves that there was none")
    func proves() throws {
        let census = ConnectionCensus()
        let before = census.mark
        #expect(census.isNoneOpen(since: before))

        let channel = EmbeddedChannel()
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        census.register(channel)
        let during = census.mark
        #expect(!census.isNoneOpen(since: before))
        #expect(!census.isNoneOpen(since: during))

        _ = try channel.finish()
        #expect(!census.isNoneOpen(since: before), "one has opened since")
        #expect(!census.isNoneOpen(since: during), "one was open then, and may have been used")
        #expect(census.isNoneOpen(since: census.mark))
    }
}
