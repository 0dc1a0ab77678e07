import FoundationEssentials

/// The inputs kept in the repository: one folder a subject, one file an input, named for what it shows.
enum Corpus {
    private static var folder: String {
        #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Corpus/"
    }

    /// The inputs of a subject with their names, in the order of the names.
    static func inputs(of subject: FuzzSubject) throws -> [(name: String, bytes: [UInt8])] {
        let folder = folder + subject.name
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
            (name, Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))))
        }
    }
}
