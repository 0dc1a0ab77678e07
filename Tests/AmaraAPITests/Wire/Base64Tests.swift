import Foundation
import NIOCore
import Testing

@testable import AmaraAPI

@Suite struct Base64Tests {
    @Test("every length and byte comes out as Foundation writes it", arguments: 0...20)
    func matchesFoundation(count: Int) {
        for seed in UInt8.min ... .max {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) &+ seed }
            var buffer = ByteBuffer()
            Base64.write([0] + bytes, dropping: 1, into: &buffer)
            #expect(String(buffer: buffer) == Data(bytes).base64EncodedString())
            #expect(buffer.readableBytes == Base64.length(of: count))
        }
    }
}

extension Base64 {
    /// Writes a slice that does not start at 0.
    fileprivate static func write(_ bytes: [UInt8], dropping count: Int, into buffer: inout ByteBuffer) {
        write(bytes[count...], into: &buffer)
    }
}
