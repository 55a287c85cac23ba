/// The lessons of chapter 6.
var chapter6: [any Lesson.Type] { [] }
