/// Formats that people have and the provider does not take, named so that the refusal tells what to convert.
enum ForeignFormat: String {
    case gif = "GIF"
    case heic = "HEIC"
    case avif = "AVIF"
    case tiff = "TIFF"
    case bmp = "BMP"
    case jpegXL = "JPEG XL"
    case pdf = "PDF"
    case svg = "SVG"
    case psd = "Photoshop"

    /// The format that a file's first bytes announce; nil for one that is not known here.
    init?(signatureOf file: [UInt8]) {
        let brand = file.dropFirst(8).prefix(4)
        let found: ForeignFormat? =
            switch true {
            case file.starts(with: "GIF8".utf8): .gif
            case file.starts(with: "BM".utf8): .bmp
            case file.starts(with: "8BPS".utf8): .psd
            case file.starts(with: "%PDF".utf8): .pdf
            case file.starts(with: "<svg".utf8): .svg
            case file.starts(with: [0x49, 0x49, 0x2A, 0x00]), file.starts(with: [0x4D, 0x4D, 0x00, 0x2A]): .tiff
            case file.starts(with: [0xFF, 0x0A]), file.dropFirst(4).starts(with: "JXL ".utf8): .jpegXL
            case !file.dropFirst(4).starts(with: "ftyp".utf8): nil
            case brand.elementsEqual("avif".utf8): .avif
            case ["heic", "heix", "mif1", "msf1"].contains(where: { brand.elementsEqual($0.utf8) }): .heic
            default: nil
            }
        guard let found else { return nil }
        self = found
    }
}
