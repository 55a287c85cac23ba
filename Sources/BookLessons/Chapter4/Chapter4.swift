/// The lessons of chapter 4.
var chapter4: [any Lesson.Type] { [] }
