/// Stops the program with a message if a caller has made a mistake that no input of its user can cause: an operand of
/// another shape, an index outside of its range. What the world may get wrong is a typed error instead.
///
/// Unlike `precondition`, whose message an optimized build leaves out, the message and the place are printed in every
/// build. It is made only when the condition does not hold; until then the cost is that of the comparison.
@inlinable
@inline(__always)
package func require(
    _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID,
    line: UInt = #line
) {
    if !condition() { requirementFailed(message(), file: file, line: line) }
}

/// Apart and never inlined, so that a check costs its caller a comparison and a jump.
@inline(never)
@usableFromInline
package func requirementFailed(_ message: String, file: StaticString, line: UInt) -> Never {
    fatalError(message, file: file, line: line)
}
