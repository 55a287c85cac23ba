/// Colors that tell curves and classes apart: the ten of D3's category10 (Bostock), strong enough on white, as 0xRRGGBB.
package enum SeriesColors {
    package static let codes: [UInt32] = [
        0x1f77b4, 0xff7f0e, 0x2ca02c, 0xd62728, 0x9467bd, 0x8c564b, 0xe377c2, 0x7f7f7f, 0xbcbd22, 0x17becf,
    ]

    /// "#rrggbb" of a curve; after ten they begin again.
    static func hexadecimal(of index: Int) -> String {
        let digits = String(codes[index % codes.count], radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }
}
