public import Testing

/// What is wrong with `actual`, measured against the largest of `expected`; nil if nothing is.
///
/// In this order: different counts, nothing to compare, a number that is not finite, an expectation of nothing but
/// zeros (which would prove nothing, and has no scale), then max|difference| > tolerance · max|expected|.
public func mismatch(
    _ actual: [Double], _ expected: [Double], name: String, tolerance: Double
) -> String? {
    guard actual.count == expected.count else {
        return "\(name): \(actual.count) values, \(expected.count) expected"
    }
    guard !expected.isEmpty else { return "\(name): nothing to compare" }
    if let index = expected.firstIndex(where: { !$0.isFinite }) {
        return "\(name)[\(index)]: the expectation itself is \(expected[index])"
    }
    if let index = actual.firstIndex(where: { !$0.isFinite }) {
        return "\(name)[\(index)]: \(actual[index]) is not finite, expected \(expected[index])"
    }
    let scale = expected.reduce(0) { max($0, abs($1)) }
    guard scale > 1e-8 else {
        return "\(name): all of the expectation is zero (at most \(scale)), which proves nothing"
    }
    var (worst, difference) = (0, 0.0)
    for index in actual.indices where abs(actual[index] - expected[index]) > difference {
        (worst, difference) = (index, abs(actual[index] - expected[index]))
    }
    guard difference > tolerance * scale else { return nil }
    return """
        \(name)[\(worst)] of \(actual.count): \(actual[worst]), expected \(expected[worst]); difference \(difference) is \
        \(difference / scale) of the largest, \(scale); allowed is \(tolerance)
        """
}

/// Expects that the engine's gradient of one tensor is the oracle's: max|difference| ≤ tolerance · max|gradient|.
///
/// An oracle gradient of nothing but zeros fails: choose inputs that exercise it, or expect the zeros directly.
public func expectGradientsMatch(
    engine: [Float], oracle: [Double], _ name: String, tolerance: Double = 1e-5,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    expectMatch(
        engine.map(Double.init), oracle, "gradient of \(name)", tolerance: tolerance, sourceLocation: sourceLocation)
}

/// Expects that the engine's values are the oracle's: max|difference| ≤ tolerance · max|value|.
///
/// The default is about 16 roundings of single precision.
public func expectValuesMatch(
    engine: [Float], oracle: [Double], _ name: String, tolerance: Double = 1e-6,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    expectMatch(engine.map(Double.init), oracle, name, tolerance: tolerance, sourceLocation: sourceLocation)
}

/// Expects two computations in double precision to agree: max|difference| ≤ tolerance · max|expected|.
public func expectMatch(
    _ actual: [Double], _ expected: [Double], _ name: String, tolerance: Double = 1e-9,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    if let message = mismatch(actual, expected, name: name, tolerance: tolerance) {
        Issue.record(Comment(rawValue: message), sourceLocation: sourceLocation)
    }
}

/// The error of this type that a call ends with; nil, and a failure of the test, if there is none.
public func thrown<E: Error>(
    _ type: E.Type, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) -> E? {
    do {
        try body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch let error as E {
        return error
    } catch {
        Issue.record("\(error) was thrown", sourceLocation: sourceLocation)
    }
    return nil
}
