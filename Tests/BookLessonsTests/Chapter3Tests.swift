import BookLessons
import Jacquard
import Testing

@Suite("The lessons of chapter 3") struct Chapter3Tests {
    let materials = Materials(digits: .drawn(writers: 5))

    @Test("three operations of one's own have right gradients, and a layer of them is the engine's")
    func operationsAndLayers() throws {
        let report = try OperationsAndLayers().run(with: materials)
        let errors = report.rows.filter { $0.name.hasSuffix("gradient error") }
        #expect(errors.count == 4)
        for row in errors { #expect(try #require(row.value) < 1e-3, "\(row.name)") }
        #expect(try #require(report["to the engine's dense layer, at most"].value) < 1e-5)
        #expect(report["its parameters"].here == "0.weight [3, 4], 0.bias [4], 1.weight [4, 2], 1.bias [2]")
    }

    @Test("a batch's gradient is the mean of its rows', and smaller batches come further in as many passes")
    func batches() throws {
        var lesson = NetworkAndBatches()
        lesson.epochs = 5
        let report = try lesson.run(with: materials)
        #expect(try #require(report["a batch's gradient to its rows' mean, at most"].value) < 1e-4)
        let losses = try ["all rows at once", "batches of 320", "batches of 32"].map {
            try #require(report["\($0): test loss"].value)
        }
        #expect(losses[0] > losses[1] && losses[1] > losses[2])
        #expect(report["batches of 32: steps"].value == 440)
    }

    @Test("loop by hand, optimizer and trainer come to the same weights") func threeRoads() throws {
        var lesson = OptimizerAndTrainer()
        lesson.epochs = 3
        let report = try lesson.run(with: materials)
        #expect(try #require(report["weights, by hand to optimizer, at most"].value) < 1e-4)
        #expect(report["weights, optimizer to trainer, at most"].value == 0)
    }

    @Test("early stopping leaves the best weights, where the book keeps worse ones") func earlyStopping() throws {
        var lesson = EarlyStopping()
        lesson.epochs = 100
        let report = try lesson.run(with: materials)
        let best = try #require(report.rows.first { $0.name.hasPrefix("best look") }?.value)
        #expect(report["left by Trainer.fit"].value == best)
        let distance = try #require(report.rows.first { $0.name.hasPrefix("its weights to those of pass") }?.value)
        #expect(distance == 0)
        for start in ["as in the book: its copy", "as in the book: what the caller holds", "without stopping"] {
            #expect(try #require(report.rows.first { $0.name.hasPrefix(start) }?.value) > best, "\(start)")
        }
        #expect(try #require(report["stopped at the look of pass"].value) < 100)
    }

    @Test("deep is nearer to the noise than the network, and that nearer than the line") func threeNetworks() throws {
        var lesson = ThreeNetworks()
        lesson.starts = 1
        let report = try lesson.run(with: materials)
        let errors = try ["linear", "network", "deep"].map {
            try #require(report["\($0): root mean square error"].value)
        }
        #expect(try #require(report["deep, 500 passes"].value) < 1.2)
        #expect(errors[2] < 0.95 * errors[1] && errors[1] < 0.7 * errors[0] && errors[2] > 1)
    }
}
