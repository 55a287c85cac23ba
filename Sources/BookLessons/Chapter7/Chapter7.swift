/// The lessons of chapter 7.
var chapter7: [any Lesson.Type] {
    [
        NextCharacter.self
    ]
}
