import Foundation
package import PageParts

/// The map of codes for a browser, to be moved, zoomed and searched: one function, `mountMap`, and its style.
package enum MapExplorer {
    /// Defines `mountMap(element, data, pictureURL, {onSelect})`; what it takes and returns stands at its top.
    package static let script = String(decoding: PackageResources.map_js, as: UTF8.self)
    /// Uses the colors of `PageStyle.palette`.
    package static let style = String(decoding: PackageResources.map_css, as: UTF8.self)

    /// Pictures that a page shows at most: its small pictures are one picture, and browsers bound the sides of one.
    package static let mostPictures = 10_000
    /// Pixels of the longer side of its small pictures, at most.
    package static let longestTile = 32

    /// A page that is the map alone, its pictures in it.
    ///
    /// - Parameters:
    ///   - lead: what is shown, in a sentence.
    ///   - png: the tiles.
    package static func page(title: String, lead: String, map: MapData, png: [UInt8]) -> PageDocument {
        var page = PageDocument(title: title, styles: [PageStyle.palette, PageStyle.text, wide, style])
        page.add(
            "<h1>\(HTML.text(title))</h1>", HTML.paragraph(lead, class: "soft"), "<div id=\"map\"></div>",
            "<noscript>\(HTML.paragraph("The map is drawn by a script in this file, and scripts are switched off."))</noscript>"
        )
        page.addData(map.json, id: "map-data")
        page.addData("\"data:image/png;base64,\(Data(png).base64EncodedString())\"", id: "map-pictures")
        page.scripts = [script, start]
        return page
    }

    private static let wide = "main{max-width:90rem;padding-top:1rem}h1{font-size:1.3rem}#map{margin-top:.8rem}"

    private static let start = """
        {
          const read = (id) => JSON.parse(document.getElementById(id).textContent);
          mountMap(document.getElementById("map"), read("map-data"), read("map-pictures"));
        }
        """
}
