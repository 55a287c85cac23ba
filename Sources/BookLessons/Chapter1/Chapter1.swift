/// The lessons of chapter 1.
var chapter1: [any Lesson.Type] { [Derivatives.self] }
