import Foundation
import Testing

@Suite("meshmill keys")
struct KeysCommandTests {
    private let file = """
        secret,name,org,monthly_limit,rate_limit,rate_window
        sk_hidden_1,one,studio,100,5,15m
        sk_hidden_2,two,studio,,3,6s
        """

    @Test("takes a file in, lists it, and shows no secret anywhere")
    func imports() async throws {
        try await Workplace.with { place async throws in
            try place.write("keys.csv", file.utf8)
            let first = try await place.run("keys", "import", "keys.csv")
            #expect(first.output == "2 keys added, 0 updated\n", "\(first.messages)")
            let again = try await place.run("keys", "import", "-", "--json", input: file)
            #expect(again.output == "{\"added\":[],\"updated\":[\"one\",\"two\"]}\n")
            let list = try await place.run("keys", "list")
            #expect(list.lines.count == 3 && list.lines[1].contains("5 / 15m"))
            let json = JSON.objects(try await place.run("keys", "list", "--json").output)
            #expect(json.map { $0["name"] as? String } == ["one", "two"])
            #expect(json[0]["monthly_left"] as? Int == 100 && json[1]["monthly_left"] is NSNull)
            #expect(json[1]["rate_window_seconds"] as? Double == 6)
            let show = try await place.run("keys", "show", "one", "--json")
            #expect(JSON.object(show.output)["org"] as? String == "studio")
            for result in [first, again, list, show] {
                #expect(!(result.output + result.messages).contains("hidden"))
            }
            let dump = try await place.sql("SELECT * FROM meshmill.key_secrets")
            #expect(!dump.joined().contains("hidden"))
        }
    }

    @Test("a key that is not there is said in a person's words, without a code of the database")
    func unknownKey() async throws {
        try await Workplace.with { place async throws in
            try place.write("keys.csv", file.utf8)
            _ = try await place.run("keys", "import", "keys.csv")
            let result = try await place.run("keys", "move-quota", "one", "nobody", "5")
            #expect(result.status == 64)
            #expect(result.onlyMessage?.contains("there is no key nobody; see") == true, "\(result.messages)")
            #expect(!result.messages.contains("P0002") && !result.messages.contains("database"))
        }
    }

    @Test("adds one key whose secret comes from standard input, never from an argument")
    func adds() async throws {
        try await Workplace.with { place async throws in
            let result = try await place.run(
                "keys",
                "add",
                "one",
                "--org",
                "studio",
                "--rate-limit",
                "2",
                input: "sk_a\n"
            )
            #expect(result.status == 0 && result.output == "one added\n", "\(result.messages)")
            for input in ["", "sk_a sk_b", "sk_ä"] {
                let refused = try await place.run("keys", "add", "two", input: input)
                #expect(refused.status == 64 && refused.onlyMessage != nil)
            }
            #expect(try await place.run("keys", "add", "one", input: "sk_other").status == 64)
        }
    }

    @Test("refuses a file as a whole, naming the line, exit 64; one that is not there, exit 74")
    func refusesFiles() async throws {
        try await Workplace.with { place async throws in
            try place.write("bad.csv", "secret,rate_limit\nsk_a,5\nsk_hidden,0\n".utf8)
            let bad = try await place.run("keys", "import", "bad.csv")
            #expect(bad.status == 64 && bad.onlyMessage?.contains("bad.csv: line 3: rate_limit") == true)
            #expect(!bad.messages.contains("hidden"))
            try place.write("latin.csv", [0x73, 0xE4])
            #expect(try await place.run("keys", "import", "latin.csv").status == 64)
            #expect(try await place.run("keys", "import", "nowhere.csv").status == 74)
            #expect(try await place.sql("SELECT count(*) FROM meshmill.keys") == ["0"])
        }
    }

    @Test("changes settings, pauses, resumes, drains and removes by name, in the audit log with the actor")
    func changes() async throws {
        try await Workplace.with { place async throws in
            _ = try await place.run("keys", "import", "-", input: file)
            let set = try await place.run(
                "keys",
                "set",
                "one",
                "--rate-limit",
                "9",
                "--monthly-limit",
                "none",
                "--reason",
                "more"
            )
            #expect(set.status == 0, "\(set.messages)")
            let key = JSON.object(try await place.run("keys", "show", "one", "--json").output)
            #expect(key["rate_limit"] as? Int == 9 && key["free_slots"] as? Int == 9)
            #expect(key["monthly_limit"] is NSNull)
            let pause = try await place.run("keys", "pause", "one", "two", "--for", "1h")
            #expect(pause.output == "one is paused\ntwo is paused\n")
            #expect(try await place.run("keys", "resume", "one").output == "one is active\n")
            #expect(try await place.run("keys", "drain", "one").output == "one is draining\n")
            let rehearsal = try await place.run("keys", "remove", "one", "--dry-run")
            #expect(rehearsal.output == "one is draining; would remove it\n")
            let unconfirmed = try await place.run("keys", "remove", "one")
            #expect(unconfirmed.status == 64 && unconfirmed.onlyMessage?.contains("--yes") == true)
            #expect(try await place.run("keys", "remove", "one", "--yes").output == "one is removed\n")
            let log = try await place.sql("SELECT DISTINCT what, actor FROM ops.audit_log ORDER BY what")
            #expect(
                log == [
                    "add_key|tester", "drain_key|tester", "pause_key|tester", "remove_key|tester",
                    "resume_key|tester", "set_key|tester",
                ]
            )
        }
    }

    @Test("names a key that there is not, exit 64, and changes none of the others")
    func unknownKeys() async throws {
        try await Workplace.with { place async throws in
            _ = try await place.run("keys", "import", "-", input: file)
            for arguments in [
                ["show", "no"], ["pause", "one", "no"], ["set", "no", "--org", "x"], ["resume", "no"],
            ] {
                let result = try await place.run(["keys"] + arguments, input: "", environment: [:])
                #expect(result.status == 64 && result.onlyMessage?.contains("no key no") == true, "\(result.messages)")
            }
            #expect(try await place.sql("SELECT count(*) FROM ops.keys WHERE status = 'active'") == ["2"])
            #expect(try await place.run("keys", "set", "one", "--name", "two").status == 64)
            #expect(try await place.run("keys", "set", "two", "--reserve-slots", "3").status == 64)
            #expect(try await place.run("keys", "set", "two", "--pool", "none").status == 64)
        }
    }

    @Test("makes a master key only for the first key, with access for the owner only, and then insists on it")
    func masterKey() async throws {
        try await Workplace.with { place async throws in
            _ = try await place.run("keys", "import", "-", input: "sk_a")
            let path = "\(place.folder)/home/master.key"
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let given = ["MESHMILL_MASTER_KEY": text, "MESHMILL_HOME": "\(place.folder)/other"]
            #expect(try await place.run("keys", "import", "-", input: "sk_b", environment: given).status == 0)
            let id = try await place.sql("SELECT master_key_id FROM meshmill.installation")[0]
            let missing = try await place.run(
                "keys",
                "import",
                "-",
                input: "sk_c",
                environment: ["MESHMILL_HOME": "\(place.folder)/other"]
            )
            #expect(missing.status == 78)
            #expect(missing.onlyMessage?.contains(id) == true)
            #expect(missing.onlyMessage?.contains("\(place.folder)/other/master.key") == true)
            try place.write("strange.key", String(repeating: "00", count: 32).utf8)
            let strange = try await place.run(
                "keys",
                "import",
                "-",
                input: "sk_c",
                environment: ["MESHMILL_MASTER_KEY_FILE": "strange.key"]
            )
            #expect(strange.status == 78 && strange.messages.contains(id))
            #expect(strange.messages.contains("chmod 600"))
        }
    }

    @Test("a master key that is lost is told by doctor, and replaced once every key is removed")
    func lostMasterKey() async throws {
        try await Workplace.with { place async throws in
            _ = try await place.run(
                "keys",
                "import",
                "-",
                input: "secret,name,monthly_limit\nsk_a,red,7\nsk_b,blue,9\n"
            )
            try FileManager.default.removeItem(atPath: "\(place.folder)/home/master.key")
            let doctor = try await place.run("doctor")
            #expect(doctor.status != 0 && doctor.output.contains("master key"))
            let refused = try await place.run("keys", "import", "-", input: "sk_a")
            #expect(refused.status == 78 && refused.messages.contains("keys remove NAME"))
            #expect(try await place.run("keys", "remove", "red", "blue", "--yes").status == 0)
            #expect(try await place.run("keys", "import", "-", input: "sk_a").status == 0)
            #expect(try await place.run("keys", "import", "-", input: "sk_b").status == 0)
            let known = "SELECT name || ' ' || monthly_limit || ' ' || state FROM meshmill.keys ORDER BY id"
            #expect(try await place.sql(known) == ["red 7 active", "blue 9 active"])
            #expect(try await place.run("keys", "rewrap", "--yes").status == 0)
        }
    }
}
