import Foundation

/// One picture of the demo.
struct Picture: Sendable {
    /// Path below the pictures' folder; the extension is the format.
    let path: String
    let thing: Thing
    let width: Int
    let height: Int
    /// Colour behind the thing, as in HTML; nil is transparent.
    let backdrop: UInt32?
    var bearing: Float = 28
    var elevation: Float = 20

    init(
        _ path: String,
        _ thing: Thing,
        _ width: Int,
        _ height: Int,
        on backdrop: UInt32?,
        from bearing: Float = 28,
        above elevation: Float = 20
    ) {
        self.path = path
        self.thing = thing
        self.width = width
        self.height = height
        self.backdrop = backdrop
        self.bearing = bearing
        self.elevation = elevation
    }
}

/// Renders the demo's pictures as raw pixels: `picture-maker FOLDER [NAME]`.
///
/// For each it prints a line `RAWFILE WIDTH HEIGHT BANDS PATH`, for demo/make-pictures to encode.
@main
enum PictureMaker {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 2 else {
            FileHandle.standardError.write(Data("usage: picture-maker FOLDER [NAME]\n".utf8))
            exit(64)
        }
        for (number, picture) in Picture.all.enumerated() {
            if arguments.count > 2 && !picture.path.contains(arguments[2]) { continue }
            var renderer = Renderer(
                thing: picture.thing,
                width: picture.width,
                height: picture.height,
                backdrop: picture.backdrop.map(hex)
            )
            renderer.bearing = picture.bearing
            renderer.elevation = picture.elevation
            renderer.samples = max(picture.width, picture.height) > 1_024 ? 2 : 3
            var pixels = renderer.pixels()
            if picture.backdrop != nil {
                pixels = pixels.enumerated().filter { $0.offset % 4 != 3 }.map(\.element)
            }
            let file = "\(arguments[1])/\(number).raw"
            try Data(pixels).write(to: URL(fileURLWithPath: file))
            let bands = picture.backdrop == nil ? 4 : 3
            let line = "\(file) \(picture.width) \(picture.height) \(bands) \(picture.path)\n"
            // Not `print`, which would hold all lines back until the end.
            FileHandle.standardOutput.write(Data(line.utf8))
        }
    }
}
