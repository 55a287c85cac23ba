import FileTrees

/// A kind of pictures or arrays that is known here and not read.
package struct UnreadKind: Sendable, Hashable {
    /// What it is, for messages: "a WebP picture".
    package let name: String
    /// What a user can do about it.
    package let advice: String

    /// Why the file is not read and what to do, for messages.
    var reason: String { "it is \(name); \(advice)" }

    private init(_ name: String) {
        self.name = name
        advice =
            switch name {
            case Self.numPyArchive:
                "save its arrays as files of their own, in Python: a = numpy.load(\"x.npz\"); for k in a: "
                    + "numpy.save(k + \".npy\", a[k])"
            case _ where name.hasSuffix("arrays"): "save them as NumPy files (.npy)"
            default: "convert it to PNG or JPEG"
            }
    }

    /// The kind that the first bytes of a file tell; nil for any other.
    init?(head: UnsafeRawBufferPointer) {
        if let name = FileMark.name(of: head, in: Self.marks) {
            self.init(name)
        } else if Self.isNumPyArchive(head) {
            self.init(Self.numPyArchive)
        } else if let name = Self.looseName(head) {
            self.init(name)
        } else {
            return nil
        }
    }

    /// The kind that the end of a name tells, for kinds whose content has no mark of its own.
    init?(named path: RawPath) {
        guard let name = Self.endings[path.ending] else { return nil }
        self.init(name)
    }

    // MARK: By content

    private static let marks: [FileMark] = [
        FileMark("GIF8", "a GIF picture"), FileMark("WEBP", at: 8, "a WebP picture"),
        FileMark("II*\0", "a TIFF or raw camera picture"), FileMark("MM\0*", "a TIFF or raw camera picture"),
        FileMark("II+\0", "a BigTIFF picture"), FileMark("MM\0+", "a BigTIFF picture"),
        FileMark("FUJIFILMCCD-RAW", "a raw camera picture"), FileMark("IIRO", "a raw camera picture"),
        FileMark("IIRS", "a raw camera picture"), FileMark("MMOR", "a raw camera picture"),
        FileMark("IIU\0", "a raw camera picture"), FileMark("\0MRM", "a raw camera picture"),
        FileMark("FOVb", "a raw camera picture"), FileMark("HEAPCCDR", at: 6, "a raw camera picture"),
        FileMark("ftypcrx", at: 4, "a raw camera picture"),
        FileMark("ftyphei", at: 4, "a HEIC picture"), FileMark("ftyphev", at: 4, "a HEIC picture"),
        FileMark("ftypmif", at: 4, "a HEIC picture"),
        FileMark("ftypmsf", at: 4, "a HEIC picture"), FileMark("ftypavi", at: 4, "an AVIF picture"),
        FileMark("\0\0\0\u{c}jP  ", "a JPEG 2000 picture"), FileMark([0xff, 0x4f, 0xff, 0x51], "a JPEG 2000 picture"),
        FileMark("\0\0\0\u{c}JXL ", "a JPEG XL picture"), FileMark([0xff, 0x0a], "a JPEG XL picture"),
        FileMark([0x49, 0x49, 0xbc, 1], "a JPEG XR picture"),
        FileMark("8BPS", "a Photoshop picture"), FileMark("gimp xcf", "a GIMP picture"),
        FileMark("qoif", "a QOI picture"), FileMark("farbfeld", "a farbfeld picture"),
        FileMark("icns", "an ICNS icon picture"), FileMark("DDS ", "a DDS picture"),
        FileMark([0x76, 0x2f, 0x31, 1], "an OpenEXR picture"), FileMark("#?RADIANCE", "a Radiance HDR picture"),
        FileMark("#?RGBE", "a Radiance HDR picture"), FileMark("SDPX", "a DPX picture"),
        FileMark("XPDS", "a DPX picture"), FileMark([0x80, 0x2a, 0x5f, 0xd7], "a Cineon picture"),
        FileMark([0x01, 0xda, 0, 1], "an SGI picture"), FileMark([0x01, 0xda, 1, 1], "an SGI picture"),
        FileMark([0x01, 0xda, 0, 2], "an SGI picture"), FileMark([0x01, 0xda, 1, 2], "an SGI picture"),
        FileMark([0x59, 0xa6, 0x6a, 0x95], "a Sun raster picture"),
        FileMark([0x8a, 0x4d, 0x4e, 0x47], "an MNG picture"), FileMark([0x8b, 0x4a, 0x4e, 0x47], "a JNG picture"),
        FileMark("FLIF", "a FLIF picture"), FileMark([0x42, 0x50, 0x47, 0xfb], "a BPG picture"),
        FileMark([0xd7, 0xcd, 0xc6, 0x9a], "a Windows metafile picture"),
        FileMark(" EMF", at: 40, "a Windows metafile picture"), FileMark("AT&TFORM", "a DjVu picture"),
        FileMark("ILBM", at: 8, "an IFF picture"), FileMark("/* XPM */", "an XPM picture"),
        FileMark([0xab, 0x4b, 0x54, 0x58], "a KTX picture"), FileMark([0x13, 0xab, 0xa1, 0x5c], "an ASTC picture"),
        FileMark("SIMPLE  =", "a FITS picture"), FileMark("srcdocid:", "a CALS picture"),
        FileMark("DICM", at: 128, "a DICOM picture"),
        FileMark([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a], "an HDF5 file of arrays"),
        FileMark("MATLAB 5.0", "a MATLAB file of arrays"), FileMark("CDF\u{1}", "a NetCDF file of arrays"),
        FileMark("CDF\u{2}", "a NetCDF file of arrays"),
    ]

    private static let numPyArchive = "a NumPy archive (.npz) of arrays"

    /// A ZIP archive whose first member is an array.
    private static func isNumPyArchive(_ head: UnsafeRawBufferPointer) -> Bool {
        guard FileMark("PK\u{3}\u{4}", "").isIn(head), head.count > 30 else { return false }
        let length = Int(head[26]) | Int(head[27]) << 8
        return head.count >= 30 + length && head[30..<30 + length].suffix(4).elementsEqual(Array(".npy".utf8))
    }

    /// Kinds that begin with little that is their own: more of the head has to fit.
    private static func looseName(_ head: UnsafeRawBufferPointer) -> String? {
        if FileMark("BM", "").isIn(head), FileMark([0, 0, 0, 0], at: 6, "").isIn(head) { return "a BMP picture" }
        if head.count >= 5, head[0] == UInt8(ascii: "P"), let name = netpbm(head) { return name }
        // An icon or cursor counts its pictures where a TGA picture has zeros.
        if head.count >= 22, head[0] == 0, head[1] == 0, head[2] == 1 || head[2] == 2, head[3] == 0, head[4] != 0,
            head[5] == 0
        {
            return head[2] == 1 ? "an icon picture" : "a cursor picture"
        }
        if isTGA(head) { return "a TGA picture" }
        if head.count >= 128, head[0] == 0x0a, [0, 2, 3, 4, 5].contains(head[1]), head[2] <= 1,
            [1, 2, 4, 8].contains(head[3]), head[64] == 0
        {
            return "a PCX picture"
        }
        // An XBM picture is a piece of C.
        if FileMark("#define ", "").isIn(head), String(decoding: head, as: UTF8.self).contains("_width ") {
            return "an XBM picture"
        }
        return isSVG(head) ? "an SVG picture" : nil
    }

    /// A type of picture, a color map where it needs one, a size, and bits a pixel.
    private static func isTGA(_ head: UnsafeRawBufferPointer) -> Bool {
        guard head.count >= 18, head[1] <= 1, [8, 15, 16, 24, 32].contains(head[16]) else { return false }
        let hasSize = (head[12] != 0 || head[13] != 0) && (head[14] != 0 || head[15] != 0)
        let mapIsEmpty = head[3..<8].allSatisfy { $0 == 0 }
        return hasSize && (head[1] == 1 ? [1, 9].contains(head[2]) : [2, 3, 10, 11].contains(head[2]) && mapIsEmpty)
    }

    /// A letter, a digit, white space, and then a number or a comment.
    private static func netpbm(_ head: UnsafeRawBufferPointer) -> String? {
        let names: [Character: String] = [
            "1": "a PBM picture", "4": "a PBM picture", "2": "a PGM picture", "5": "a PGM picture",
            "3": "a PPM picture", "6": "a PPM picture", "7": "a PAM picture", "F": "a PFM picture",
            "f": "a PFM picture",
        ]
        let spaces = Set("\n\r\t ".utf8), next = head[2...].first { !spaces.contains($0) } ?? 0
        guard spaces.contains(head[2]) else { return nil }
        guard (0x30...0x39).contains(next) || next == UInt8(ascii: "#") || head[1] == UInt8(ascii: "7") else {
            return nil
        }
        return names[Character(UnicodeScalar(head[1]))]
    }

    /// The element itself, or what XML allows ahead of it.
    private static func isSVG(_ head: UnsafeRawBufferPointer) -> Bool {
        let start = head.drop { [0xef, 0xbb, 0xbf, 0x20, 0x09, 0x0a, 0x0d].contains($0) }
        let text = String(decoding: start, as: UTF8.self)
        return text.hasPrefix("<svg")
            || ["<?xml", "<!--", "<!DOCTYPE svg"].contains { text.hasPrefix($0) } && text.contains("<svg")
    }

    // MARK: By name

    private static let endings: [String: String] = {
        var names: [String: String] = [
            "tga": "a TGA picture", "icb": "a TGA picture", "vda": "a TGA picture", "vst": "a TGA picture",
            "pcx": "a PCX picture", "xbm": "an XBM picture", "xpm": "an XPM picture", "wbmp": "a WBMP picture",
            "pict": "a PICT picture", "pct": "a PICT picture", "svg": "an SVG picture", "svgz": "an SVG picture",
            "gif": "a GIF picture", "webp": "a WebP picture", "tif": "a TIFF picture", "tiff": "a TIFF picture",
            "bmp": "a BMP picture", "dib": "a BMP picture", "ico": "an icon picture", "icns": "an ICNS icon picture",
            "heic": "a HEIC picture", "heif": "a HEIC picture", "avif": "an AVIF picture", "jxl": "a JPEG XL picture",
            "jp2": "a JPEG 2000 picture", "j2k": "a JPEG 2000 picture", "jpx": "a JPEG 2000 picture",
            "psd": "a Photoshop picture", "psb": "a Photoshop picture", "xcf": "a GIMP picture",
            "exr": "an OpenEXR picture", "hdr": "a Radiance HDR picture", "dds": "a DDS picture",
            "sgi": "an SGI picture", "rgb": "an SGI picture", "ras": "a Sun raster picture", "pfm": "a PFM picture",
            "pbm": "a PBM picture", "pgm": "a PGM picture", "ppm": "a PPM picture", "pnm": "a PNM picture",
            "pam": "a PAM picture", "qoi": "a QOI picture", "dcm": "a DICOM picture", "fits": "a FITS picture",
            "eps": "a PostScript picture", "wmf": "a Windows metafile picture", "emf": "a Windows metafile picture",
            "npz": numPyArchive, "mat": "a MATLAB file of arrays", "h5": "an HDF5 file of arrays",
            "hdf5": "an HDF5 file of arrays", "pt": "a PyTorch file of arrays", "pth": "a PyTorch file of arrays",
            "safetensors": "a safetensors file of arrays", "pkl": "a Python pickle of arrays",
        ]
        for raw in ["dng", "nef", "cr2", "cr3", "crw", "arw", "orf", "raf", "rw2", "pef", "srw", "raw", "x3f", "3fr"] {
            names[raw] = "a raw camera picture"
        }
        return names
    }()
}
