import TestSupport
import Testing

/// Ten steps of every optimizer, schedules and clipping against PyTorch.
@Suite struct OptimizerOracleTests {
    static let optimizers: [(String, any Oracle.Optimizer)] = [
        ("sgd", Oracle.SGD()), ("sgd_weight_decay", Oracle.SGD(weightDecay: 0.0625)),
        ("momentum", Oracle.SGD(momentum: 0.875)),
        ("momentum_weight_decay", Oracle.SGD(momentum: 0.875, weightDecay: 0.0625)),
        ("nesterov", Oracle.SGD(momentum: 0.875, nesterov: true)),
        ("adagrad", Oracle.AdaGrad()), ("rmsprop", Oracle.RMSprop()), ("adam", Oracle.Adam()),
        ("adam_weight_decay", Oracle.Adam(weightDecay: 0.0625)), ("adamw", Oracle.Adam.adamW(weightDecay: 0.0625)),
    ]

    @Test func trajectories() throws {
        let fixture = try Fixture.load("optimizers")
        let rates = try fixture["learning_rates"].values
        #expect(fixture.arrays.keys.filter { $0.hasSuffix(".parameters") }.count == Self.optimizers.count)
        for (name, start) in Self.optimizers {
            var (optimizer, parameters) = (start, try fixture["start"].values)
            for (step, rate) in rates.enumerated() {
                let gradient = try fixture["\(name).gradients"].part(step).values
                optimizer.step(&parameters, gradient: gradient, learningRate: rate)
                let expected = try fixture["\(name).parameters"].part(step).values
                expectMatch(parameters, expected, "\(name), step \(step)")
            }
        }
    }

    /// The gradients are those of the quadratic at the positions: the fixture is one trajectory, not ten pieces.
    @Test func gradientsBelongToTheQuadratic() throws {
        let fixture = try Fixture.load("optimizers")
        let (matrix, vector) = (try fixture["matrix"], try fixture["vector"])
        for (name, _) in Self.optimizers {
            var position = try fixture["start"].values
            for step in 0..<10 {
                let row = ArrayND(shape: [1, position.count], values: position)
                let expected = try fixture["\(name).gradients"].part(step).values
                let gradient = Oracle.matrixProduct(row, matrix).values.enumerated().map { $1 - vector.values[$0] }
                expectMatch(gradient, expected, "\(name), gradient \(step)")
                position = try fixture["\(name).parameters"].part(step).values
            }
        }
    }

    static let schedules: [(String, Oracle.Schedule)] = [
        ("constant", .constant), ("linear", .linear(endFactor: 0.125, steps: 16)),
        ("exponential", .exponential(gamma: 0.875)), ("step", .step(gamma: 0.25, every: 6)),
        ("cosine", .cosine(minimum: 0.0625, steps: 20)), ("warm_up_constant", .warmUp(steps: 4, then: .constant)),
        ("warm_up_cosine", .warmUp(steps: 4, then: .cosine(minimum: 0.0625, steps: 16))),
    ]

    @Test func schedules() throws {
        let fixture = try Fixture.load("schedules")
        let base = try fixture["base"].scalar
        for (name, schedule) in Self.schedules {
            let expected = try fixture[name].values
            let rates = expected.indices.map { schedule.rate(at: $0, base: base) }
            for step in rates.indices {
                #expect(abs(rates[step] - expected[step]) <= 1e-9 * expected[step], "\(name), step \(step)")
            }
        }
        #expect(Oracle.Schedule.cosine(minimum: 0.0625, steps: 20).rate(at: 500, base: base) == 0.0625)
    }

    @Test func plateau() throws {
        let fixture = try Fixture.load("schedules")
        var plateau = Oracle.Plateau(rate: 0.5, factor: 0.5, patience: 2, minimum: 0.125)
        let rates = try fixture["plateau.losses"].values.map { plateau.check($0) }
        #expect(try rates == fixture["plateau"].values)
        #expect(Set(rates) == [0.5, 0.25, 0.125])
    }

    @Test func clipping() throws {
        let fixture = try Fixture.load("clipping")
        let gradients = [try fixture["a"].values, try fixture["b"].values]
        expectMatch([Oracle.globalNorm(gradients)], [try fixture["norm"].scalar], "norm")
        func expectClipped(_ clipped: [[Double]], _ name: String) throws {
            expectMatch(clipped[0], try fixture["\(name).a"].values, "\(name) a")
            expectMatch(clipped[1], try fixture["\(name).b"].values, "\(name) b")
        }
        try expectClipped(Oracle.clip(gradients, toGlobalNorm: 1), "by_norm_1")
        try expectClipped(Oracle.clip(gradients, toGlobalNorm: 100), "by_norm_100")
        try expectClipped(Oracle.clip(gradients, toValue: 0.75), "by_value")
        #expect(Oracle.clip(gradients, toGlobalNorm: 100) == gradients)
    }
}
