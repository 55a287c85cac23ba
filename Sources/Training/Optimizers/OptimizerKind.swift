/// The optimizers by name, as a command line writes them.
public enum OptimizerKind: String, CaseIterable, Codable, Sendable {
    case sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw

    /// PyTorch's learning rate when nobody says.
    public var defaultRate: Double {
        switch self {
        case .sgd, .momentum, .nesterov, .adam, .adamw: 1e-3
        case .adagrad, .rmsprop: 1e-2
        }
    }
}
