import ArgumentParser
import CommandLineSupport
import LanguageModels
import TextCorpora

extension LanguageModelOptions {
    init(_ model: ModelArguments, _ windows: WindowArguments, _ optimization: OptimizationArguments) {
        self.init()
        optimization.apply(to: &self)
        cell = model.cell
        hidden = model.hidden
        layers = model.layers
        stack = model.stack
        embedding = model.embedding
        dropout = model.dropout
        lanes = windows.batch
        window = windows.window
        randomWindows = windows.randomWindows ? true : nil
        clipValue = windows.clipValue
        validation = windows.validation?.portion
        validationRule = windows.validation?.rule
        test = windows.test
        sampleEvery = windows.sampleEvery
        minimumCount = windows.minimumCount
    }
}

extension GivenOptions {
    mutating func add(_ arguments: ModelArguments, besides model: LanguageModelConfiguration) {
        let stack = "--stack \(model.stack.map(\.description).joined(separator: ","))"
        add("--cell", arguments.cell, text: stack)
        add("--hidden", arguments.hidden, text: stack)
        add("--layers", arguments.layers, text: stack)
        add("--stack", arguments.stack, text: stack)
        add("--embedding", arguments.embedding, stored: model.embedding)
        add("--dropout", arguments.dropout, stored: model.dropout)
    }

    mutating func add(_ arguments: WindowArguments, besides plan: LanguageModelPlan, _ record: CorpusRecord) {
        add("--batch", arguments.batch, stored: plan.lanes)
        add("--window", arguments.window, stored: plan.window)
        add("--random-windows", flag: arguments.randomWindows, stored: plan.randomWindows)
        add("--clip-value", arguments.clipValue, stored: plan.clipValue)
        add("--validation", arguments.validation, stored: record.split.validation.count)
        add("--test", arguments.test, stored: record.split.test.count)
        add("--sample-every", arguments.sampleEvery, stored: plan.sampleEvery)
        add("--min-count", arguments.minimumCount, stored: record.vocabulary.minimumCount)
    }

    mutating func add(_ arguments: TextArguments, besides record: CorpusRecord) {
        add("--unit", arguments.unit, stored: record.unit.rawValue)
        add("--encoding", arguments.encoding, stored: record.encoding)
        add("--invalid", arguments.invalidBytes, stored: (record.invalidBytes ?? .error).rawValue)
        add("--keep-cr", flag: arguments.keepsCarriageReturns, stored: record.keepCarriageReturns)
    }
}
