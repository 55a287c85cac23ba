/// The lessons of chapter 5.
var chapter5: [any Lesson.Type] { [] }
