/// The lessons of chapter 7.
var chapter7: [any Lesson.Type] {
    [
        ModelOptimizerLossTrainer.self,
        ConvolutionalNetwork.self,
        NextCharacter.self,
        AutoencoderLesson.self,
        StrongerTest.self,
    ]
}
