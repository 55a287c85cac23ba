/// How text looks on a terminal: in the sixteen colors that a terminal's owner has chosen, which can be read on light and
/// on dark.
package enum TextStyle: Sendable, Equatable {
    case plain, cyan, yellow, red, redReversed

    /// ECMA-48, "select graphic rendition".
    var code: String? {
        switch self {
        case .plain: nil
        case .cyan: "36"
        case .yellow: "33"
        case .red: "31"
        case .redReversed: "7;31"
        }
    }
}
