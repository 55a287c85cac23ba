import FileTrees
import Testing

@Suite struct NearNamesTests {
    private let commands = ["train", "sample", "eval", "bench", "runs", "show", "export", "remove"]

    @Test(arguments: [
        ("samle", ["sample"]), ("smaple", ["sample"]), ("Sample", ["sample"]), ("trian", ["train"]),
        ("tain", ["train"]),
        ("run", ["runs"]), ("exports", ["export"]), ("eva", ["eval"]), ("swim", []), ("", []), ("x", []),
        ("show-me", ["show"]),
    ])
    func aSlipOfTheFingersIsNear(name: String, near: [String]) {
        #expect(NearNames.near(name, among: commands) == near)
    }

    @Test func theNearestComeFirstAndThreeAtMost() {
        let names = ["names-12", "names-1", "names-2", "names-3", "verse"]
        #expect(NearNames.near("names-1", among: names) == ["names-1", "names-12", "names-2"])
        #expect(NearNames.near("nope", among: ["verse-1", "one", "tale"]) == [])
    }

    /// One slip, or one for every three characters; and what is a part of the other, of three characters at least.
    @Test(arguments: [
        ("sxmplx", "sample", true), ("sxmxlx", "sample", false), ("txaxn", "train", false),
        ("xhaxexpeare", "shakespeare", true), ("xhaxexpxare", "shakespeare", false),
        ("run", "run-of-the-mill", true), ("ru", "run-of-the-mill", false), ("run-of-the-mill", "mil", true),
    ])
    func howFarIsNear(name: String, other: String, isNear: Bool) {
        #expect(NearNames.near(name, among: [other]).isEmpty != isNear)
    }

    @Test func distances() {
        for (left, right, distance) in [
            ("", "", 0), ("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("abcd", "badc", 2),
            ("kitten", "sitting", 3),
            ("ca", "abc", 3), ("abc", "", 3),
        ] {
            #expect(NearNames.distance(Array(left), Array(right)) == distance, "\(left) \(right)")
            #expect(NearNames.distance(Array(right), Array(left)) == distance)
        }
    }
}
