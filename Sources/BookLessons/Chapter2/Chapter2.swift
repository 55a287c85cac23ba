/// The lessons of chapter 2.
var chapter2: [any Lesson.Type] { [LinearRegression.self, FirstNetwork.self, WhyItWins.self] }
