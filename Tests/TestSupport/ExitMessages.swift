public import Testing

/// Expects that the process of an exit test said what was wrong before it ended: what a caller sees of his mistake, in
/// optimized builds too.
public func expectMessage(
    _ text: String, from result: ExitTest.Result?, sourceLocation: SourceLocation = #_sourceLocation
) {
    let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(errors.contains(text), "\(errors)", sourceLocation: sourceLocation)
}
