/// Which of some options were given, and what a run has stored instead.
enum GivenOptions {
    static func list(_ options: (name: String, value: Any?, stored: String)...) -> [(option: String, stored: String)] {
        options.filter { $0.value != nil }.map { ($0.name, $0.stored) }
    }
}
