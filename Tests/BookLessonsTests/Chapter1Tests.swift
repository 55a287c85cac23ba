import BookLessons
import Testing

@Suite("The lessons of chapter 1") struct Chapter1Tests {
    @Test("central differences give the derivative of a square") func derivatives() throws {
        let report = Derivatives().run(with: Materials(digits: .drawn(writers: 5)))
        #expect(abs(try #require(report["x² at 3, exactly 6"].value) - 6) < 1e-9)
    }
}
