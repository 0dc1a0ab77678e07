import Glibc

/// The names in one folder, in byte-wise order.
///
/// A million names are one buffer and eight bytes each, not a million strings.
struct FolderEntries: Sendable {
    private struct Entry {
        let start: UInt32
        let length: UInt16
        let kind: FileKind
    }

    private let names: [UInt8]
    private let entries: [Entry]

    var count: Int { entries.count }

    /// Reads a whole folder; hidden names, which start with a dot, are left out.
    ///
    /// - Parameter descriptor: an open folder; it is closed.
    /// - Throws: ``SystemError`` when the folder cannot be read to its end.
    init(consuming descriptor: Int32) throws(SystemError) {
        guard let stream = fdopendir(descriptor) else {
            let error = SystemError.last
            close(descriptor)
            throw error
        }
        defer { closedir(stream) }
        var names: [UInt8] = []
        var entries: [Entry] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let kind = FileKind(entryType: entry.pointee.d_type)
            let start = names.count
            withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                guard bytes[0] != UInt8(ascii: ".") else { return }
                names.append(contentsOf: bytes.prefix { $0 != 0 })
            }
            guard names.count > start else { continue }
            guard let start = UInt32(exactly: start) else { throw SystemError(number: EOVERFLOW) }
            entries.append(Entry(start: start, length: UInt16(names.count - Int(start)), kind: kind))
        }
        guard errno == 0 else { throw .last }
        names.withUnsafeBytes { bytes in
            entries.sort { Self.compare($0, $1, in: bytes) < 0 }
        }
        self.names = names
        self.entries = entries
    }

    /// The bytes of a name.
    func name(at index: Int) -> ArraySlice<UInt8> {
        let entry = entries[index]
        return names[Int(entry.start)..<Int(entry.start) + Int(entry.length)]
    }

    func kind(at index: Int) -> FileKind { entries[index].kind }

    /// Whether the folder has a name with exactly these bytes.
    func contains(_ name: some Collection<UInt8>) -> Bool {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if self.name(at: middle).lexicographicallyPrecedes(name) { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && self.name(at: low).elementsEqual(name)
    }

    private static func compare(_ left: Entry, _ right: Entry, in bytes: UnsafeRawBufferPointer) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        let length = min(left.length, right.length)
        let order = memcmp(base + Int(left.start), base + Int(right.start), Int(length))
        return order == 0 ? Int(left.length) - Int(right.length) : Int(order)
    }
}
