import Foundation
import ServerPage
import Testing

@Suite struct ServerPageTests {
    private let text = String(decoding: ServerPage.document, as: UTF8.self)

    @Test func oneDocumentHoldsStyleAndScriptsAndTakesNothingFromElsewhere() {
        #expect(
            text.hasPrefix("<!DOCTYPE html>") && text.contains("pageTabs.write") && text.contains("id=\"alternatives\"")
        )
        for outside in ["src=\"http", "href=\"http", "@import", ": url("] { #expect(!text.contains(outside)) }
        #expect(!text.contains(" style=\""))
    }

    @Test func policyAllowsOwnScriptsAloneAndNoFrame() {
        let policy = ServerPage.contentSecurityPolicy
        #expect(policy.hasPrefix("default-src 'none'; style-src 'sha256-") && policy.contains("script-src 'sha256-"))
        let allowed = policy.components(separatedBy: "script-src ")[1].components(separatedBy: ";")[0]
        #expect(allowed.components(separatedBy: " ").count == text.components(separatedBy: "<script>").count - 1)
        #expect(policy.contains("connect-src 'self';") && policy.hasSuffix("frame-ancestors 'none'"))
        #expect(!policy.contains("unsafe"))
    }

    /// Names and numbers come from files and from the server: as markup they would be anybody's script.
    @Test func scriptsMakeNoMarkupOfText() {
        for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
            #expect(!text.contains(way), "\(way)")
        }
    }

    @Test func pageStaysSmall() {
        #expect(ServerPage.document.count < 250_000)
    }
}
