package import Training

extension LanguageModel {
    /// What `charnn bench` measures: training and sampling of models with a vocabulary of 65 and one-hot input, in the
    /// sizes that everybody else's figures are for.
    package static var benchmark: [any BenchmarkWork] {
        func model(_ cell: LayerSpecification.Cell, _ hidden: Int) -> LanguageModelConfiguration {
            let layer = LayerSpecification(cell, hidden: hidden)
            return LanguageModelConfiguration(classes: 65, embedding: 0, stack: [layer, layer], dropout: 0)
        }
        return [
            TrainingWork(configuration: model(.lstm, 128), lanes: 50, window: 50),
            TrainingWork(configuration: model(.lstm, 512), lanes: 64, window: 64),
            TrainingWork(configuration: model(.gru, 512), lanes: 64, window: 64),
            SamplingWork(configuration: model(.lstm, 128)), SamplingWork(configuration: model(.lstm, 512)),
        ]
    }
}
