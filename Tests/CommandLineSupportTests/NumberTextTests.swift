import CommandLineSupport
import Testing

@Suite struct NumberTextTests {
    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (1_115_394, "1,115,394"), (-12_345, "-12,345"),
        (Int.min, "-9,223,372,036,854,775,808"),
    ])
    func groups(number: Int, text: String) {
        #expect(NumberText.grouped(number) == text)
    }

    @Test(arguments: [
        (0.0, "0"), (7, "7"), (1.67, "1.67"), (59.3, "59"), (999.6, "1.00k"), (20_712, "20.7k"), (146_600, "147k"),
        (3_481_666, "3.48M"), (.infinity, "inf"),
    ])
    func shortens(number: Double, text: String) {
        #expect(NumberText.short(number) == text)
    }

    @Test func countsBytesStepsAndDecimals() {
        #expect(NumberText.bytes(999) == "999 bytes")
        #expect(NumberText.bytes(210_400_000) == "210 MB")
        #expect(NumberText.bytes(1_500) == "1.50 kB")
        #expect(NumberText.count(1, "step") == "1 step")
        #expect(NumberText.count(1200, "step") == "1,200 steps")
        #expect(NumberText.fixed(1.43811, 4) == "1.4381")
        #expect(NumberText.exact(0.003) == "0.003")
        #expect(NumberText.exact(64) == "64")
    }
}
