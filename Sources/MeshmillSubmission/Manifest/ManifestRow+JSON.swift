import Foundation

extension ManifestRow {
    /// A row from one JSON object; `null` says nothing.
    ///
    /// - Parameter json: UTF-8.
    /// - Throws: ``InvalidParameter`` for a member that is unknown or of the wrong type, ``NotAnObject`` for anything
    ///   that is no JSON object.
    init(json: ArraySlice<UInt8>) throws {
        do {
            self = try JSONDecoder().decode(Members.self, from: Data(json)).row
        } catch let error as InvalidParameter {
            throw error
        } catch {
            throw NotAnObject()
        }
    }

    /// A line that holds no JSON object.
    struct NotAnObject: Error, CustomStringConvertible {
        var description: String { "the line is not one JSON object" }
    }

    /// The members of an object, read by name so that an unknown one can be told.
    private struct Members: Decodable {
        struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }

            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        var row = ManifestRow()

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Name.self)
            for name in members.allKeys {
                guard let field = ManifestField(rawValue: name.stringValue) else {
                    let shown = Printable.name(name.stringValue)
                    throw InvalidParameter(shown, "is not a field of a manifest; those are \(ManifestField.list)")
                }
                switch field {
                case .image: row.image = try Self.text(members, name) ?? ""
                case .customID: row.customID = try Self.text(members, name)
                case .prompt: row.prompt = try Self.text(members, name)
                case .mode: row.mode = try Self.text(members, name)
                case .seed: row.seed = try Self.number(members, name)
                case .decimationTarget: row.decimationTarget = try Self.number(members, name)
                case .textureSize: row.textureSize = try Self.number(members, name)
                case .priority: row.priority = try Self.number(members, name)
                case .out: row.out = try Self.text(members, name)
                }
            }
        }

        private static func text(_ members: KeyedDecodingContainer<Name>, _ name: Name) throws -> String? {
            do {
                return try members.decodeIfPresent(String.self, forKey: name)
            } catch {
                throw InvalidParameter(name.stringValue, "is not text")
            }
        }

        private static func number<Number: FixedWidthInteger & Decodable>(
            _ members: KeyedDecodingContainer<Name>,
            _ name: Name
        ) throws -> Number? {
            do {
                return try members.decodeIfPresent(Number.self, forKey: name)
            } catch {
                throw InvalidParameter(name.stringValue, "is not a whole number")
            }
        }
    }
}
