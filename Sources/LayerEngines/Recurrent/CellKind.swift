/// The recurrent cells that run as one fused operation over a window.
///
/// - lstm: i, f, o = σ(W x + U h + b), g = tanh(…), c' = f c + i g, h' = o tanh(c'). Hochreiter & Schmidhuber 1997
///   with Gers' forget gate (2000). Gate order i, f, g, o.
/// - gru: r, z = σ(…), n = tanh(W x + b + r (U h + b')), h' = (1 - z) n + z h. Cho et al. 2014 in the form cuDNN and
///   PyTorch compute, the reset gate after the product. Gate order r, z, n.
/// - rnn: h' = tanh(W x + U h + b). Elman 1990.
package enum CellKind: String, CaseIterable, Codable, Sendable {
    case lstm, gru, rnn

    /// Blocks of H rows in a weight matrix.
    package var gates: Int {
        switch self {
        case .lstm: 4
        case .gru: 3
        case .rnn: 1
        }
    }

    /// Whether a second bias is trained: GRU's n gate has one inside the reset.
    package var hasHiddenBias: Bool { self == .gru }
    package var hasCellState: Bool { self == .lstm }
}
