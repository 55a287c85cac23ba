/// The lessons of chapter 4.
var chapter4: [any Lesson.Type] {
    [
        CrossEntropy.self, LossesAndActivations.self, Momentum.self, LearningRateDecay.self, WeightInitialization.self,
        DroppingUnits.self,
    ]
}
