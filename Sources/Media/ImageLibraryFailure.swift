/// The image library does not work in this process, whatever the picture.
package struct ImageLibraryFailure: Error, Hashable, CustomStringConvertible {
    let detail: String

    package var description: String { "libvips does not start (\(detail)): reinstall libvips42" }
}
