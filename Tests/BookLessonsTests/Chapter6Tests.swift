import BookLessons
import Foundation
import Jacquard
import Testing

@Suite("The lessons of chapter 6") struct Chapter6Tests {
    let materials = Materials(digits: .drawn(writers: 5), in: ComputeContext(threads: 1))

    @Test("a number used twice gets 35 and 116, and the book's walk makes 172 of the latter") func branching() {
        let report = AutomaticDifferentiation().run(with: materials)
        #expect(report["(4a + 3)(a + 2), depth first"].value == 35)
        #expect(report["(4a + 3)(a + 2), in order"].value == 35)
        #expect(report["(b + 3)(b + 2), b = 4a, depth first"].value == 172)
        #expect(report["(b + 3)(b + 2), in order"].value == 116)
        #expect(report["(b + 3)(b + 2), the engine's tape"].value == 116)
        #expect(report["visits, ten doublings, depth first"].value == 1024)
        #expect(report["visits, ten doublings, in order"].value == 1)
    }

    @Test("a simple cell step by step is the engine's layer, and a carried state makes two windows one")
    func simpleCell() throws {
        let report = SimpleRecurrence().run(with: materials)
        #expect(try value("largest difference of an output", report) < 1e-6)
        #expect(try value("largest difference of a gradient", report) < 1e-5)
        #expect(try value("two windows, state carried", report) < 1e-6)
        #expect(try value("two windows, state forgotten", report) > 0.05)
    }

    @Test("a GRU step by step is the engine's layer; the book's cell has the right gradient, its code has none")
    func gru() throws {
        let report = GatedRecurrentUnits().run(with: materials)
        #expect(try value("engine, largest difference of an output", report) < 1e-6)
        #expect(try value("engine, largest difference of a gradient", report) < 1e-5)
        #expect(try value("the book's cell, gradient against differences", report) < 1e-3)
        #expect(try value("largest gradient of a gate, cell put right", report) > 0.1)
        #expect(try value("largest gradient of a gate, the book's code", report) == 0)
    }

    @Test("an LSTM step by step is the engine's layer, with its memory") func lstm() throws {
        let report = LongShortTermMemory().run(with: materials)
        #expect(try value("largest difference of an output", report) < 1e-6)
        #expect(try value("largest difference of a gradient", report) < 1e-5)
        #expect(try value("largest difference of the memory", report) < 1e-6)
        let open = 1 / (1 + exp(-1.0))
        #expect(abs(try value("left after 20 steps, forget bias 1", report) - pow(open, 20)) < 1e-9)
        #expect(abs(try value("left after 20 steps, forget bias 0", report) - pow(0.5, 20)) < 1e-12)
    }

    @Test("the gradient reaches further back through gates than through a simple cell") func memory() throws {
        let report = Memory().run(with: materials)
        let rnn = try value("of the gradient, 20 steps back: RNN", report)
        #expect(try value("GRU", report) > 3 * rnn)
        #expect(try value("LSTM, its forget gate starting at 1", report) > 1000 * rnn)
    }

    // MARK: Text

    @Test("entropies of a text are those that counting gives, and targets are the window shifted by one")
    func characters() throws {
        let report = try CharactersAsNumbers().run(with: materials), text = Array(try materials.text())
        #expect(try value("characters", report) == Double(text.count))
        #expect(try value("different ones", report) == 62)
        #expect(report["one batch, of 2 windows"].here == "[2, 40, 62]")

        func entropy(_ counts: [Int]) -> Double {
            let total = Double(counts.reduce(0, +))
            return -counts.reduce(0) { $0 + Double($1) / total * log(Double($1) / total) }
        }
        let firsts = text.dropLast(), counts = Dictionary(firsts.map { ($0, 1) }, uniquingKeysWith: +)
        let pairs = Dictionary(zip(firsts, text.dropFirst()).map { ("\($0)\($1)", 1) }, uniquingKeysWith: +)
        let unigram = entropy(Array(counts.values)), bigram = entropy(Array(pairs.values)) - unigram
        #expect(abs(try value("as often as they occur, nats", report) - unigram) < 1e-9)
        #expect(abs(try value("as often as they follow the one before, nats", report) - bigram) < 1e-9)
        #expect(abs(try value("all alike, nats", report) - log(62)) < 1e-9)
        #expect(abs(try value("all alike, the book's number", report) - 5.119) < 0.001)

        let (window, targets) = (report.texts[0].text, report.texts[1].text)
        #expect(window.count == 40 && targets.count == 40 && window.dropFirst() == targets.dropLast())
        #expect(String(text[1003..<1043].map { $0 == "\n" ? "/" : $0 }) == window)
    }

    @Test("stacks of all kinds have as many parameters as the book's, and learn") func stacks() throws {
        let report = try Stacks().run(with: materials)
        for (name, count) in [
            ("RNN", 97_598), ("LSTM", 342_590), ("RNN, LSTM", 524_734), ("LSTM, LSTM", 769_726), ("GRU, LSTM", 688_062),
        ] { #expect(report[name].value == Double(count), "\(name)") }
        let start = try value("GRU, RNN, LSTM, first loss in nats", report)
        #expect(abs(start - log(62)) < 0.2)
        #expect(try value("GRU, RNN, LSTM, after 30 steps", report) < start - 0.4)
    }

    @Test("the first loss of a small start is that of guessing, in both units") func units() throws {
        var lesson = OneLayer()
        (lesson.hidden, lesson.iterations) = (16, 1)
        let report = try lesson.run(with: materials)
        for name in ["RNN", "LSTM"] {
            #expect(abs(try value("\(name), nats a character", report) - 4.127) < 0.02)
            #expect(abs(try value("\(name), the book's unit", report) - 5.119) < 0.02)
        }
    }

    @Test("the book's recipes with one layer and with two learn more than how often characters occur")
    func recipes() throws {
        var one = OneLayer(), two = TwoLayers()
        (one.hidden, one.iterations) = (128, 500)
        (two.hidden, two.between, two.iterations) = (48, 32, 300)
        let single = try one.run(with: materials), double = try two.run(with: materials)
        #expect(try value("RNN, nats a character", single) < 3.2)
        #expect(try value("LSTM, nats a character", single) < 3.1)
        #expect(try value("LSTM, LSTM by descent, nats", double) < 3.1)
        #expect(single.texts.allSatisfy { $0.text.count == 200 })
    }

    @Test("a GRU put right learns where the book's stands still") func frozen() throws {
        var lesson = FrozenGRU()
        (lesson.hidden, lesson.between, lesson.iterations, lesson.iterationsAlone) = (48, 32, 20, 250)
        let report = try lesson.run(with: materials)
        let frozen = try value("GRU alone as printed, small start, nats", report)
        #expect(try value("GRU alone put right, small start, nats", report) < frozen - 0.15)
    }

    private func value(_ name: String, _ report: Report) throws -> Double { try #require(report[name].value) }
}
