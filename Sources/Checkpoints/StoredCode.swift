/// What an encoder made of one picture.
public struct StoredCode: Sendable, Equatable {
    /// The picture's name, unique in its run.
    public var name: String
    /// Its class, where it has one.
    public var label: String?
    /// The step whose weights encoded it.
    public var step: Int
    public var values: [Float]

    public init(name: String, label: String?, step: Int, values: [Float]) {
        (self.name, self.label, self.step, self.values) = (name, label, step, values)
    }
}
