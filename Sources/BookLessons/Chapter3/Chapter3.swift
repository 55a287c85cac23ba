/// The lessons of chapter 3.
var chapter3: [any Lesson.Type] {
    [
        OperationsAndLayers.self, NetworkAndBatches.self, OptimizerAndTrainer.self, EarlyStopping.self,
        ThreeNetworks.self,
    ]
}
