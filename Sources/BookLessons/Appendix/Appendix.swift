/// The lessons of the appendix.
var appendix: [any Lesson.Type] { [] }
