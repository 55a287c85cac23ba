/// Kinds of events that other parts of a program look for.
public enum RunEvents {
    /// A run was given another number of steps after it had begun.
    public static let stepsChanged = "steps_changed"
    /// The time was over before the steps that were planned for it were done.
    public static let cutShort = "cut_short"
}
