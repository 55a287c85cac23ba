/// The lessons of chapter 5.
var chapter5: [any Lesson.Type] {
    [
        ConvolutionInOneDimension.self, ConvolutionInTwoDimensions.self, PoolingAndFlatten.self,
        ConvolutionalClassifier.self,
    ]
}
