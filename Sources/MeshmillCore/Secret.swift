/// Text that must never be seen: no printing, interpolation or reflection shows it.
///
/// Only ``exposed`` gives it out.
package struct Secret: Sendable, Hashable {
    /// The text itself; never log it, never put it into an error.
    package let exposed: String

    package init(_ text: String) {
        exposed = text
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[secret]" }
    package var debugDescription: String { "[secret]" }
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
