import BookLessons
import Foundation
import Jacquard
import Testing

@Suite("The lessons of chapter 4") struct Chapter4Tests {
    private func digits(writers: Int) -> Materials { Materials(digits: .drawn(writers: writers)) }

    private func numbers(_ row: Row) -> [Double] {
        row.here.trimmingCharacters(in: ["[", "]"]).split(separator: " ").compactMap { Double($0) }
    }

    @Test("cross-entropy's gradient is p - y, and that of what the book prints is not") func crossEntropy() throws {
        let report = CrossEntropy().run(with: digits(writers: 1))
        let powers = [5.0, 3, 2].map { exp($0) }, p = powers.map { $0 / powers.reduce(0, +) }
        let difference = [p[0], p[1] - 1, p[2]]
        func isNear(_ name: String, _ wanted: [Double]) -> Bool {
            let found = numbers(report[name])
            return found.count == wanted.count && zip(found, wanted).allSatisfy { abs($0 - $1) < 6e-5 }
        }
        #expect(isNear("their softmax p", p) && isNear("softmax of [1005 1003 1002]", p))
        #expect(isNear("cross-entropy if the second class is right, by hand", [-log(p[1])]))
        #expect(isNear("the same by the engine", [-log(p[1])]))
        for name in ["its gradient, by central differences", "p - y", "its gradient by the engine"] {
            #expect(isNear(name, difference), "\(name)")
        }
        #expect(isNear("the loss that the book prints for it", [-log(p[1]) - log(1 - p[0]) - log(1 - p[2])]))
        // d/dx_j of -ln p_c is p_j - y_j, that of -ln(1 - p_i) is p_i (δ_ij - p_j) / (1 - p_i).
        let ofTheBook: [Double] = (0..<3).map { (j: Int) -> Double in
            var sum = difference[j]
            for i in [0, 2] {
                let kronecker: Double = i == j ? 1 : 0
                sum += p[i] * (kronecker - p[j]) / (1 - p[i])
            }
            return sum
        }
        #expect(isNear("gradient of that, by central differences", ofTheBook))
        #expect(abs(ofTheBook[0] - difference[0]) > 0.5)
    }

    @Test("cross-entropy learns faster than squared errors") func losses() throws {
        var lesson = LossesAndActivations()
        (lesson.epochs, lesson.seeds) = (6, [1])
        let report = try lesson.run(with: digits(writers: 60))
        let crossEntropy = try #require(report["cross-entropy, tanh"].value)
        for name in ["squared error, tanh", "normalized, its own derivative", "normalized, the book's derivative"] {
            #expect(try crossEntropy > #require(report[name].value) + 0.05, "\(name)")
        }
    }

    /// max(x, 0) with the derivative of the book's code: a mask of where the *output* is not negative.
    private struct BooksReLU: Jacquard.Operation, Layer {
        func callAsFunction(_ x: Variable, mode: Mode) -> Variable { x.tape(self, x) }
        func forward(_ inputs: [Tensor], in _: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
            let output = inputs[0].map { max($0, 0) }
            return ([output], output)
        }
        func backward(_ gradients: [Tensor?], saved: Tensor, wanted: [Bool], in _: ComputeContext) -> [Tensor?] {
            [gradients[0].map { $0 * saved.map { $0 >= 0 ? 1 : 0 } }]
        }
    }

    @Test("the book's ReLU has the derivative of x, and learns worse than ReLU") func relu() throws {
        var lesson = LossesAndActivations()
        (lesson.epochs, lesson.seeds) = (1, [1])
        let report = try lesson.run(with: digits(writers: 5))
        #expect(report["slope of the book's ReLU at -1"].value == 1)
        #expect(report["slope of ReLU at -1"].value == 0)
        let context = ComputeContext(threads: 1), x = Tensor([-2, -0.7, 0.4, 1.5], shape: [2, 2])
        #expect(checkGradients(at: [x], in: context) { $0[0].relu() }.error < 1e-3)
        #expect(checkGradients(at: [x], in: context) { BooksReLU()($0[0], mode: .inference) }.error > 0.1)

        /// What is left of y = |x| that eight units learn.
        func error(_ activation: any Layer, seed: UInt64) throws -> Double {
            let points = (-20...20).map { Float($0) / 10 }
            let data = Dataset(inputs: points.map { [$0] }, targets: points.map { [abs($0)] })
            let model = Sequential(seed: seed, in: context) {
                Dense(1, 8, biases: .normal(deviation: 1))
                activation
                Dense(8, 1)
            }
            let trainer = Trainer(model, loss: .squaredError, optimizer: .sgd(rate: 0.05), in: context)
            try trainer.fit(data, batch: 10, epochs: 100)
            return try trainer.evaluate(data).loss
        }
        for seed in [1, 2, 3] as [UInt64] {
            #expect(try error(Activation.relu, seed: seed) < error(BooksReLU(), seed: seed) / 2)
        }
    }

    @Test("momentum beats plain gradient descent, in a valley and on digits") func momentum() throws {
        var lesson = Momentum()
        (lesson.epochs, lesson.seeds) = (8, [1, 2])
        let report = try lesson.run(with: digits(writers: 60))
        // Along the bed x shrinks by 0.97 a step, until x² / 2 < 0.001.
        let plain = Int((log(0.002.squareRoot() / 10) / log(0.97)).rounded(.up))
        #expect(report["steps through a valley, plain"].here == "\(plain)")
        #expect(try #require(Int(report["steps through a valley, momentum"].here)) < plain / 2)
        for activation in ["sigmoid", "tanh"] {
            let without = try #require(report["\(activation), plain"].value)
            #expect(try #require(report["\(activation), momentum"].value) > without + 0.1, "\(activation)")
        }
    }

    @Test("a rate that falls, linearly or exponentially, beats one that stays, where steps see few digits")
    func decay() throws {
        var lesson = LearningRateDecay()
        (lesson.epochs, lesson.epochsOfSmallBatches, lesson.seeds) = (1, 15, [1, 2, 3])
        let report = try lesson.run(with: digits(writers: 60))
        let constant = try #require(report["10 digits a step, 0.1 throughout"].value)
        for kind in ["linear", "exponential"] {
            #expect(try #require(report["10, 0.1 to 0.01, \(kind)"].value) > constant + 0.02, "\(kind)")
        }
    }

    @Test("Glorot's weights keep tanh out of its flat ends, and learn better") func glorot() throws {
        var lesson = WeightInitialization()
        (lesson.epochs, lesson.seeds) = (6, [1, 2])
        let report = try lesson.run(with: digits(writers: 60))
        // tanh z > 0.99 where z > 2.647; z is normal with deviation √784, or √784 · √(2 / (784 + 256)).
        func shareBeyond(_ deviation: Double) -> Double { erfc(2.647 / deviation / 2.0.squareRoot()) }
        let wide = try #require(report["outputs of tanh beyond ±0.99, deviation 1"].value)
        #expect(abs(wide - shareBeyond(28)) < 0.06)
        #expect(
            try abs(#require(report["the same, Glorot"].value) - shareBeyond(28 * (2.0 / 1040).squareRoot())) < 0.04)
        for decay in ["linear", "exponential"] {
            let one = try #require(report["deviation 1, \(decay) decay"].value)
            #expect(try #require(report["Glorot, \(decay) decay"].value) > one + 0.05, "\(decay)")
        }
    }

    @Test("dropout drops a fifth, keeps the mean, and helps the deeper network with few digits") func dropout() throws {
        var lesson = DroppingUnits()
        (lesson.epochs, lesson.seeds) = (15, [1, 2, 3, 4, 5, 6])
        let report = try lesson.run(with: digits(writers: 100))
        #expect(try abs(#require(report["of 10,000 ones dropped in training"].value) - 0.2) < 0.016)
        #expect(try abs(#require(report["mean of all of them"].value) - 1) < 0.02)
        let all = try #require(report["its cross-entropy, 178 and 46 units, all"].value)
        let dropped = try #require(report["its cross-entropy, 178 and 46 units, dropout"].value)
        #expect(dropped < 0.85 * all, "\(dropped) with dropout, \(all) without")
    }
}
