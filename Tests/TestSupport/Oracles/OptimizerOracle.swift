extension Oracle {
    /// An optimizer of one array; the learning rate is an argument, because schedules change it.
    public protocol Optimizer: Sendable {
        mutating func step(_ parameters: inout [Double], gradient: [Double], learningRate: Double)
    }
}
