/// The optimizers by name, as a command line writes them.
package enum OptimizerKind: String, CaseIterable, Codable, Sendable {
    case sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw

    /// Numbers that are kept for each number trained.
    package var slots: Int {
        switch self {
        case .sgd: 0
        case .momentum, .nesterov, .adagrad, .rmsprop: 1
        case .adam, .adamw: 2
        }
    }

    /// PyTorch's learning rate when nobody says.
    package var defaultRate: Double {
        switch self {
        case .sgd, .momentum, .nesterov, .adam, .adamw: 1e-3
        case .adagrad, .rmsprop: 1e-2
        }
    }
}
