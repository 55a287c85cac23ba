/// The lessons of the appendix.
var appendix: [any Lesson.Type] { [MatrixChainRule.self, BiasGradient.self, ConvolutionAsProduct.self] }
