/// The lessons of chapter 1.
var chapter1: [any Lesson.Type] {
    [
        Functions.self, Derivatives.self, ChainRule.self, SeveralInputs.self, DotProduct.self, FunctionOfAProduct.self,
        TwoMatrices.self,
    ]
}
