/// What an encoder made of one picture.
package struct StoredCode: Sendable, Equatable {
    /// The picture's name, unique in its run.
    package var name: String
    /// Its class, where it has one.
    package var label: String?
    /// The step whose weights encoded it.
    package var step: Int
    package var values: [Float]

    package init(name: String, label: String?, step: Int, values: [Float]) {
        (self.name, self.label, self.step, self.values) = (name, label, step, values)
    }
}
