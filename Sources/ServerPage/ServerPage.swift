import MapExplorer
import PageParts

/// The page that the server shows at `/`: one document, whole in itself, that talks with the server it came from.
///
/// Its parts are plain files beside this one. Scripts see what stands in the ones before them.
package enum ServerPage {
    /// What is sent: HTML in UTF-8.
    package static let document = Array(page.text.utf8)
    /// For the header of the same name. No other page may show this one in a frame.
    package static let contentSecurityPolicy = page.contentSecurityPolicy + "; frame-ancestors 'none'"

    private static let page: PageDocument = {
        var page = PageDocument(
            title: "Jacquard",
            styles: [
                PageStyle.palette, text(PackageResources.page_css), text(PackageResources.see_css), MapExplorer.style,
            ])
        page.isMain = false
        page.add(text(PackageResources.page_html))
        page.scripts = ["'use strict';\n{\n" + scripts.joined(separator: "\n") + "}\n"]
        page.policy.images = ["'self'", "data:", "blob:"]
        page.policy.connections = ["'self'"]
        return page
    }()

    /// Together they are one block: none of their names is a name of the window's.
    private static let scripts =
        [
            PackageResources.dom_js, PackageResources.server_js, PackageResources.app_js,
            // The tab to write with.
            PackageResources.manuscript_js, PackageResources.editor_js, PackageResources.alternatives_js,
            PackageResources.continuations_js, PackageResources.settings_js, PackageResources.texts_js,
            PackageResources.write_js,
            // The tab of runs.
            PackageResources.charts_js, PackageResources.runs_js,
        ].map(text)
        // The tab of pictures.
        + [MapExplorer.script] + [PackageResources.see_js, PackageResources.start_js].map(text)

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
