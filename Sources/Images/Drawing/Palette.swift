/// Colors and shapes that tell classes apart.
enum Palette {
    /// The ten of D3's category10 (Bostock), strong enough on white.
    static let colors = [
        0x1f77b4, 0xff7f0e, 0x2ca02c, 0xd62728, 0x9467bd, 0x8c564b, 0xe377c2, 0x7f7f7f, 0xbcbd22, 0x17becf,
    ].map { Color($0) }

    /// What has no class.
    static let none = Color(0x4a5568)

    /// Ten colors, then the same ten with another shape, up to forty classes.
    static func style(of classIndex: Int) -> (color: Color, marker: Marker) {
        let markers = Marker.allCases
        return (colors[classIndex % colors.count], markers[classIndex / colors.count % markers.count])
    }
}
