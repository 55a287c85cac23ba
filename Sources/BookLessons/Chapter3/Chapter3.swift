/// The lessons of chapter 3.
var chapter3: [any Lesson.Type] { [] }
