import Foundation
import Media
import Testing

@Suite("The demo's pictures")
struct DemoPicturesTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../demo/pictures")

    @Test("each is accepted, and among them is what preparing has to cope with")
    func accepted() async throws {
        let found = FileManager.default.enumerator(at: Self.folder, includingPropertiesForKeys: nil)
        let pictures = (found?.compactMap { $0 as? URL } ?? []).filter { !$0.pathExtension.isEmpty }
        let preparer = ImagePreparer(threads: 2)
        var formats: Set<ImageFormat> = []
        var scaled = 0
        for picture in pictures {
            let file = Array(try Data(contentsOf: picture))
            let prepared = try await preparer.prepare(file)
            formats.insert(try #require(ImageFormat(fileExtension: picture.pathExtension)))
            if max(prepared.width, prepared.height) == 1_024 { scaled += 1 }
            if picture.lastPathComponent == "snowman.jpg" { #expect(prepared.height > prepared.width) }
        }
        #expect(pictures.count >= 24 && formats.count == 3 && scaled >= 3)
        #expect(pictures.contains { $0.lastPathComponent.contains(" ") })
    }
}
