import TestSupport
import Testing

/// Forward, gradients, clipping and optimizer together, on a whole language model.
@Suite struct LanguageModelOracleTests {
    static let names =
        ["embedding.weight", "head.bias", "head.weight"]
        + (0..<2).flatMap { ["lstm.bias_ih_l\($0)", "lstm.weight_hh_l\($0)", "lstm.weight_ih_l\($0)"] }

    @Test func oneStepOfAdamWithClipping() throws {
        let fixture = try Fixture.load("language_model_step")
        let (tokens, targets) = (try fixture["tokens"].integers, try fixture["targets"].integers)
        let (h0, c0) = (try fixture["h0"], try fixture["c0"])
        let initial = (0..<2).map { Oracle.RecurrentState(h: h0.part($0), c: c0.part($0)) }
        var parameters = try fixture.arrays(named: Self.names)
        func run(_ parameters: [String: ArrayND]) -> (loss: Double, final: [Oracle.RecurrentState]) {
            Oracle.languageModel(parameters, tokens: tokens, targets: targets, initial: initial)
        }
        let (loss, final) = run(parameters)
        expectMatch([loss], [try fixture["loss"].scalar], "loss")
        expectMatch(ArrayND.stack(final.map(\.h)).values, try fixture["hn"].values, "hn")
        expectMatch(ArrayND.stack(final.map { $0.c! }).values, try fixture["cn"].values, "cn")

        #expect(fixture.differentiated == Self.names.sorted())
        let gradients = centralDifferences(at: parameters) { run($0).loss }
        for name in Self.names {
            expectMatch(gradients[name]!.values, try fixture.gradient(of: name).values, "gradient of \(name)")
        }
        let stored = try Self.names.map { try fixture.gradient(of: $0).values }
        expectMatch([Oracle.globalNorm(stored)], [try fixture["gradient_norm"].scalar], "norm")
        let clipped = Oracle.clip(stored, toGlobalNorm: 1)
        for (name, gradient) in zip(Self.names, clipped) {
            var adam = Oracle.Adam()
            adam.step(
                &parameters[name]!.values, gradient: gradient, learningRate: try fixture["learning_rate"].scalar)
            expectMatch(parameters[name]!.values, try fixture["\(name).after"].values, "\(name) after the step")
        }
    }

    @Test func tenStepsOfAdamWWithCarriedState() throws {
        let fixture = try Fixture.load("language_model_training")
        let (tokens, losses) = (try fixture["tokens"], try fixture["losses"].values)
        let norms = try fixture["gradient_norms"].values
        let (H, N, T) = (try fixture["hn"].shape[2], tokens.shape[1], (tokens.shape[0] - 1) / losses.count)
        let zeros = ArrayND(shape: [N, H])
        var state = (0..<2).map { _ in Oracle.RecurrentState(h: zeros, c: zeros) }
        var parameters = try fixture.arrays(named: Self.names)
        let decay = try fixture["weight_decay"].scalar
        var optimizers = Self.names.map { _ in Oracle.Adam.adamW(weightDecay: decay) }
        for step in losses.indices {
            let inputs = tokens.parts(step * T..<step * T + T).integers
            let targets = tokens.parts(step * T + 1..<step * T + T + 1).integers
            let start = state
            func run(_ parameters: [String: ArrayND]) -> (loss: Double, final: [Oracle.RecurrentState]) {
                Oracle.languageModel(parameters, tokens: inputs, targets: targets, initial: start)
            }
            let result = run(parameters)
            // Adam divides small gradients by themselves, so that differences of 1e-12 grow from step to step.
            expectMatch([result.loss], [losses[step]], "loss of step \(step)", tolerance: 1e-8)
            state = result.final
            let differences = centralDifferences(at: parameters) { run($0).loss }
            let gradients = Self.names.map { differences[$0]!.values }
            expectMatch([Oracle.globalNorm(gradients)], [norms[step]], "norm of step \(step)", tolerance: 1e-7)
            for (index, gradient) in Oracle.clip(gradients, toGlobalNorm: 1).enumerated() {
                optimizers[index].step(
                    &parameters[Self.names[index]]!.values, gradient: gradient,
                    learningRate: try fixture["learning_rate"].scalar)
            }
        }
        for name in Self.names {
            expectMatch(
                parameters[name]!.values, try fixture["\(name).after"].values, "\(name) after ten steps",
                tolerance: 1e-6)
        }
        expectMatch(ArrayND.stack(state.map(\.h)).values, try fixture["hn"].values, "hn", tolerance: 1e-7)
    }
}
