import Foundation
import TestImages
import Testing

@Suite("meshmill submit")
struct SubmitCommandTests {
    private func withPhotos(_ body: (Workplace) async throws -> Void) async throws {
        try await Workplace.with { place async throws in
            for number in 0..<3 { try place.write("photos/\(number).png", TestImages.png(number)) }
            try place.write("photos/sub/twin.png", TestImages.png(0))
            try await body(place)
        }
    }

    @Test("queues a folder, and a second time adds only what is new")
    func submits() async throws {
        try await withPhotos { place async throws in
            let first = try await place.run("submit", "photos", "--out", "meshes", "--json")
            #expect(first.status == 0, "\(first.messages)")
            let json = JSON.object(first.output)
            #expect(json["batch_id"] as? Int == 1 && json["submitted"] as? Int == 3)
            #expect(json["duplicates"] as? Int == 1 && json["existing"] as? Int == 0)
            #expect((json["invalid"] as? [Any])?.isEmpty == true)
            try place.write("photos/new.png", TestImages.png(9))
            let again = try await place.run("submit", "photos", "--out", "./x/../meshes")
            #expect(again.output.hasPrefix("batch 1: 1 submitted, 4 already there"))
            let row = try await place.sql("SELECT out FROM ops.batches")
            #expect(row == ["\(place.folder)/meshes"])
        }
    }

    @Test("tells what it refuses, one line each, and goes on: exit 1")
    func refuses() async throws {
        try await withPhotos { place async throws in
            try place.write("photos/text.png", "hello".utf8)
            try place.write("photos/empty.jpg", [])
            let result = try await place.run("submit", "photos", "--out", "meshes", "--json")
            #expect(result.status == 1)
            let json = JSON.object(result.output)
            let invalid = json["invalid"] as? [[String: String]] ?? []
            #expect(invalid.map { $0["source"] } == ["empty.jpg", "text.png"].map { "\(place.folder)/photos/\($0)" })
            #expect(json["submitted"] as? Int == 3)
            #expect(result.messages.split(separator: "\n").filter { $0.hasSuffix("; skipped") }.count == 2)
        }
    }

    @Test("leaves an output to its image, exit 64, unless --replace")
    func conflicts() async throws {
        try await withPhotos { place async throws in
            _ = try await place.run("submit", "photos", "--out", "meshes")
            let conflict = try await place.run("submit", "photos/1.png", "--out", "meshes", "--seed", "7")
            #expect(conflict.status == 64 && conflict.messages.contains("--replace"))
            let replace = try await place.run("submit", "photos/1.png", "--out", "meshes", "--seed", "7", "--replace")
            #expect(replace.status == 0 && replace.output.contains("1 replaced"), "\(replace.messages)")
        }
    }

    @Test("finds two images for one output before anything is queued, exit 64")
    func collides() async throws {
        try await withPhotos { place async throws in
            try place.write("photos/1.jpg", TestImages.jpeg(5))
            let result = try await place.run("submit", "photos", "--out", "meshes")
            #expect(result.status == 64 && result.messages.contains("1.glb"), "\(result.messages)")
            #expect(try await place.sql("SELECT count(*) FROM meshmill.batches") == ["0"])
        }
    }

    @Test("in a dry run leaves nothing behind")
    func rehearses() async throws {
        try await withPhotos { place async throws in
            let result = try await place.run("submit", "photos", "--out", "meshes", "--dry-run", "--json")
            #expect(result.status == 0 && JSON.object(result.output)["submitted"] as? Int == 3)
            #expect(JSON.object(result.output)["batch_id"] is NSNull)
            #expect(try await place.sql("SELECT count(*) FROM meshmill.batches") == ["0"])
            #expect(!FileManager.default.fileExists(atPath: "\(place.folder)/meshes"))
        }
    }

    @Test("takes settings and a manifest's rows")
    func takesManifests() async throws {
        try await withPhotos { place async throws in
            try place.write("m.csv", "image,custom_id,seed,out\nphotos/1.png,a,7,x/y.glb\nphotos/2.png,b,,\n".utf8)
            let result = try await place.run(
                "submit",
                "--manifest",
                "m.csv",
                "--out",
                "meshes",
                "--mode",
                "detailed",
                "--max-credits",
                "5",
                "--max-attempts",
                "2",
                "--on-ambiguous",
                "hold",
                "--priority",
                "9"
            )
            #expect(result.status == 0, "\(result.messages)")
            let jobs = try await place.sql(
                "SELECT custom_id, seed, mode, priority, output FROM ops.jobs ORDER BY custom_id"
            )
            #expect(
                jobs == [
                    "a|7|detailed|9|\(place.folder)/meshes/x/y.glb",
                    "b|42|detailed|9|\(place.folder)/meshes/photos/2.glb",
                ]
            )
            let batch = try await place.sql("SELECT max_credits, max_attempts, on_ambiguous FROM ops.batches")
            #expect(batch == ["5|2|hold"])
        }
    }

    @Test("cannot use an output folder that is a file, exit 74, nor a tenant that there is not, exit 64")
    func refusesPlaces() async throws {
        try await withPhotos { place async throws in
            try place.write("file", [])
            let file = try await place.run("submit", "photos", "--out", "file")
            #expect(file.status == 74 && file.onlyMessage != nil, "\(file.messages)")
            let tenant = try await place.run("submit", "photos", "--out", "meshes", "--tenant", "nobody")
            #expect(tenant.status == 64 && tenant.onlyMessage?.contains("nobody") == true)
            let nothing = try await place.run("submit", "nowhere.png", "--out", "meshes")
            #expect(nothing.status == 1 && nothing.messages.contains("nowhere.png"))
        }
    }

    @Test("adds nothing past the tenant's bound, exit 3, and says what to do")
    func isBounded() async throws {
        try await withPhotos { place async throws in
            let bound = try await place.run("tenants", "set", "default", "--max-queued", "2", "--reason", "a trial")
            #expect(bound.status == 0, "\(bound.messages)")
            let result = try await place.run("submit", "photos", "--out", "meshes")
            #expect(result.status == 3)
            #expect(result.onlyMessage?.contains("tenant default may have 2 jobs waiting at once") == true)
            #expect(result.messages.contains("tenants set NAME --max-queued N"))
            #expect(!result.messages.contains("AddJobs"), "no word of the program's own parts")
            #expect(try await place.sql("SELECT count(*) FROM meshmill.jobs") == ["0"])
        }
    }

    @Test("gives a twin of a finished image its file at once")
    func links() async throws {
        try await withPhotos { place async throws in
            _ = try await place.run("submit", "photos/1.png", "--out", "meshes")
            try place.write("meshes/1.glb", "glb".utf8)
            try await place.sql(
                """
                UPDATE meshmill.jobs SET state = 'completed', completed_at = now(), glb_sha256 = sha256('glb');
                UPDATE meshmill.outputs SET published_at = now()
                """
            )
            try place.write("photos/one more.png", TestImages.png(1))
            let result = try await place.run("submit", "photos", "--out", "meshes")
            #expect(result.output.contains("1 linked"), "\(result.messages)")
            let text = try String(contentsOfFile: "\(place.folder)/meshes/one more.glb", encoding: .utf8)
            #expect(text == "glb")
        }
    }
}
