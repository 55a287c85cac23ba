/// Kinds of events that other parts of a program look for.
package enum RunEvents {
    /// A run was given another number of steps after it had begun.
    package static let stepsChanged = "steps_changed"
    /// The time was over before the steps that were planned for it were done.
    package static let cutShort = "cut_short"
}
