import TestDatabase
import Testing

@testable import PostgresClient

@Suite struct ConnectTests {
    @Test("a server that is not there is named with its database and the cure")
    func namesThePlace() async throws {
        let client = PostgresClient(
            configuration: PostgresConfiguration(
                connectionString: "host=/nowhere port=1234 dbname=jobs user=u password=canary"
            ),
            logger: .silent
        )
        let error = await #expect(throws: PostgresError.self) { try await client.query(BackendID()) }
        #expect(error?.code == .connectFailed)
        let text = error?.description ?? ""
        for part in ["/nowhere:1234", "database jobs", "No such file", "check that the server runs"] {
            #expect(text.contains(part))
        }
        #expect(!"\(text) \(error.debugDescription)".contains("canary"))
    }

    @Test("a database that is missing carries its SQLSTATE")
    func missingDatabase() async throws {
        try await withTestDatabase { connectionString in
            let client = PostgresClient(
                configuration: PostgresConfiguration(connectionString: connectionString + " dbname=nowhere"),
                logger: .silent
            )
            let error = await #expect(throws: PostgresError.self) { try await client.query(BackendID()) }
            #expect(error?.sqlState == .unknownDatabase)
            #expect(error?.description.contains("LOCATION") == false)
        }
    }

    @Test("of several hosts the first that answers is taken")
    func severalHosts() async throws {
        try await withTestDatabase { connectionString in
            let given = try ConnectionString(connectionString).given
            let host = try #require(given["host"])
            let port = try #require(given["port"])
            let client = PostgresClient(
                configuration: PostgresConfiguration(
                    connectionString: "\(connectionString) host='/nowhere,\(host)' port=1,\(port)"
                ),
                logger: .silent
            )
            let rows = try await client.query(BackendID())
            #expect(rows.count == 1)
            await client.close()
        }
    }

    @Test("of several hosts one that refuses writes is not taken, unless the string says so")
    func readOnlyHosts() async throws {
        try await withTestDatabase { connectionString in
            let direct = PostgresClient(
                configuration: PostgresConfiguration(connectionString: connectionString),
                logger: .silent
            )
            let name = try #require(try await sql("SELECT current_database()", on: direct)[0][0])
            try await sql("ALTER DATABASE \(name) SET default_transaction_read_only = on", on: direct)
            await direct.close()
            let given = try ConnectionString(connectionString).given
            let host = try #require(given["host"])
            let port = try #require(given["port"])
            let several = "\(connectionString) host='/nowhere,\(host)' port=1,\(port)"
            let writer = PostgresClient(
                configuration: PostgresConfiguration(connectionString: several),
                logger: .silent
            )
            let error = await #expect(throws: PostgresError.self) { try await writer.query(BackendID()) }
            #expect(error?.description.contains("read-only") == true)
            let reader = PostgresClient(
                configuration: PostgresConfiguration(connectionString: several + " target_session_attrs=any"),
                logger: .silent
            )
            let rows = try await reader.query(BackendID())
            #expect(rows.count == 1)
            await reader.close()
        }
    }

    @Test("the application's name is shown, unless the string gives one")
    func applicationName() async throws {
        try await withTestDatabase { connectionString in
            for (extra, name) in [("", "meshmill"), (" application_name=mine", "mine")] {
                let client = PostgresClient(
                    configuration: PostgresConfiguration(connectionString: connectionString + extra),
                    logger: .silent
                )
                let shown = try await sql("SHOW application_name", on: client)
                #expect(shown == [[name]])
                await client.close()
            }
        }
    }

    @Test("a URI that cannot be read is refused without its password")
    func hidesPassword() {
        for string in ["host=h password='canary", "canary", "postgresql://u:canary@h:x/d%"] {
            let error = #expect(throws: PostgresError.self) { try ConnectionString(string) }
            #expect(error?.code == .invalidConnectionString)
            #expect(error?.debugDescription.contains("ary") == false)
        }
    }

    @Test("what is shown of a connection string holds no secret, and the rest can be read again")
    func redacts() throws {
        let string = try ConnectionString("postgresql://user:can'ary@host:1/it's?sslpassword=canary")
        #expect(string.redacted == "dbname='it\\'s' host='host' port='1' user='user'")
        let again = try ConnectionString(string.conninfo(database: "a \\ b"))
        #expect(again.given["password"] == "can'ary")
        #expect(again.given["dbname"] == "a \\ b")
    }

    @Test("each host becomes a target of its own, with its port")
    func targets() throws {
        let string = try ConnectionString("postgresql://a:1,b:2/db?connect_timeout=3")
        let targets = string.targets(applicationName: "x")
        #expect(targets.map(\.place) == ["a:1", "b:2"])
        #expect(targets.allSatisfy { $0.timeout == .seconds(3) })
        #expect(targets.allSatisfy { $0.parameters["target_session_attrs"] == "read-write" })
        #expect(targets.allSatisfy { $0.parameters["keepalives"] == "1" && $0.parameters["client_encoding"] == "UTF8" })
    }

    @Test("a standby is looked for everywhere before anything is taken")
    func preferStandby() {
        let string = ConnectionString(
            given: ["host": "a,b", "port": "5", "target_session_attrs": "prefer-standby"],
            defaults: [:]
        )
        let targets = string.targets(applicationName: "x")
        #expect(targets.map(\.place) == ["a:5", "b:5", "a:5", "b:5"])
        #expect(targets.map { $0.parameters["target_session_attrs"] } == ["standby", "standby", "any", "any"])
    }

    @Test("the environment's hosts count, lists that do not add up and services are left to libpq")
    func leavesToLibpq() {
        let environment = ConnectionString(given: [:], defaults: ["host": "a,b"])
        #expect(environment.targets(applicationName: "x").count == 2)
        let unequal = ConnectionString(given: ["host": "a,b,c", "port": "1,2"], defaults: [:])
        #expect(unequal.targets(applicationName: "x").count == 1)
        let service = ConnectionString(given: ["service": "s"], defaults: ["host": "a,b"])
        let target = service.targets(applicationName: "x")
        #expect(target.count == 1)
        #expect(target.first?.parameters["keepalives"] == nil)
    }
}
