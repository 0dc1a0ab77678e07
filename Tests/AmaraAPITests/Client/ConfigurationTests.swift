import Logging
import Testing

@testable import AmaraAPI

@Suite struct ConfigurationTests {
    @Test(
        "a base URL that no request may go to is refused, without repeating it",
        arguments: [
            "", "amara.example", "ftp://amara.example/", "https://", "https://x/#part", "https://user:\(canary)@x/",
            "http://amara.example/", "http://10.0.0.1/", "http+unix://x/",
        ]
    )
    func refusesBaseURL(url: String) {
        let error = #expect(throws: AmaraError.self) {
            try AmaraClientConfiguration(baseURL: url, version: "test")
        }
        #expect(error?.code == .configuration)
        #expect(error?.description.contains(canary) == false)
    }

    @Test(
        "THREAT 16: plain http is for this machine, or for who insists",
        arguments: ["localhost", "127.0.0.1", "127.8.9.1", "[::1]"]
    )
    func allowsLoopback(host: String) throws {
        _ = try AmaraClientConfiguration(baseURL: "http://\(host):8080/meshgen-api", version: "test")
        _ = try AmaraClientConfiguration(baseURL: "http://10.0.0.1/", version: "test", allowsInsecureHTTP: true)
    }

    @Test("the reference's base URL is the default")
    func hasDefault() throws {
        let configuration = try AmaraClientConfiguration(version: "test")
        #expect(configuration.address.base == "https://amara-meshgen-api.01c.ai/meshgen-api")
        #expect(
            configuration.address.download(of: "g")
                == "https://amara-meshgen-api.01c.ai/meshgen-api?id=g&download=true"
        )
    }

    @Test(
        "a proxy that cannot be one is refused, without repeating it",
        arguments: ["https://\(canary)@x:1", "socks5://x:1", ":"]
    )
    func refusesProxy(proxy: String) {
        let error = #expect(throws: AmaraError.self) {
            try AmaraClientConfiguration(version: "test", proxy: proxy)
        }
        #expect(error?.description.contains(canary) == false)
    }

    @Test("a configuration shows no proxy password")
    func hidesProxyPassword() throws {
        let configuration = try AmaraClientConfiguration(version: "test", proxy: "http://user:\(canary)@proxy:3128")
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains(canary))
        #expect(!"\(configuration)".contains(canary))
    }

    @Test("a CA file without a certificate is refused")
    func refusesCertificateFile() throws {
        let configuration = try AmaraClientConfiguration(version: "test", certificateAuthorityFile: "/nowhere/ca.pem")
        let error = #expect(throws: AmaraError.self) {
            try AmaraClient(configuration: configuration, logger: .init(label: "test"))
        }
        #expect(error?.code == .configuration)
    }
}
