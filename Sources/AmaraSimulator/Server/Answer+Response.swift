import Foundation
import Hummingbird
import HummingbirdCore
import NIOCore

extension Answer {
    /// The answer as HTTP.
    ///
    /// `bytesPerSecond` is the speed of a file's body; `nil` sends it at once.
    func response(bytesPerSecond: Int?) -> Response {
        let status = HTTPResponse.Status(code: status ?? 500)
        switch body {
        case .empty:
            return Response(status: status)
        case .json(let value):
            return Self.response(status, "application/json", ByteBuffer(string: value.text))
        case .text(let text, let type):
            return Self.response(status, type, ByteBuffer(string: text))
        case .thumbnail(let recipe):
            return Self.response(status, "image/png", ByteBuffer(bytes: recipe.thumbnail()))
        case .mesh(let recipe, let assetName, let damage):
            return Self.mesh(recipe.glb(), assetName: assetName, damage: damage, bytesPerSecond: bytesPerSecond)
        }
    }

    private static func response(_ status: HTTPResponse.Status, _ type: String, _ body: ByteBuffer) -> Response {
        Response(status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: body))
    }

    /// Source: the reference, "Download GLB".
    private static func mesh(_ file: Data, assetName: String, damage: FileDamage?, bytesPerSecond: Int?) -> Response {
        let headers: HTTPFields = [
            .contentType: "model/gltf-binary",
            .contentDisposition: "attachment; filename=\"\(assetName).glb\"",
        ]
        var bytes = ByteBuffer(bytes: file)
        switch damage {
        case .page:
            return response(.ok, "text/html", ByteBuffer(string: "<html><body>Please log in</body></html>\n"))
        case .short:
            bytes = ByteBuffer(bytes: file.prefix(file.count / 2))
        case .corrupt:
            bytes.setString("?!?!", at: GLBFile.firstTypeOffset)
        case .truncated:
            let half = ByteBuffer(bytes: file.prefix(file.count / 2))
            let body = ResponseBody(contentLength: file.count) { writer in
                try await writer.write(half)
                throw ConnectionCut()
            }
            return Response(status: .ok, headers: headers, body: body)
        case nil:
            if let bytesPerSecond {
                return Response(status: .ok, headers: headers, body: drip(bytes, bytesPerSecond))
            }
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: bytes))
    }

    /// A body that arrives ten times a second, a little at a time.
    private static func drip(_ bytes: ByteBuffer, _ bytesPerSecond: Int) -> ResponseBody {
        ResponseBody(contentLength: bytes.readableBytes) { writer in
            var rest = bytes
            let portion = max(1, bytesPerSecond / 10)
            while let drop = rest.readSlice(length: min(portion, rest.readableBytes)), drop.readableBytes > 0 {
                try await writer.write(drop)
                try await Task.sleep(for: .milliseconds(100))
            }
            try await writer.finish(nil)
        }
    }
}

/// Thrown into a body that is under way, which closes its connection.
private struct ConnectionCut: Error {}
