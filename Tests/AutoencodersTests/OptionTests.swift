import Autoencoders
import Checkpoints
import Foundation
import Images
import Testing
import TrainingRuns

/// What follows from the declarations of options, whatever they are.
@Suite struct OptionTests {
    typealias Table = AutoencoderOptionTable

    @Test func namesAndKeysAreEachOnesOwn() {
        let names = Table.options.flatMap { [$0.name] + $0.otherNames }, keys = Table.options.map(\.key)
        #expect(Set(names).count == names.count && Set(keys).count == keys.count && names.count > 30)
    }

    @Test func whatIsTypedIsReadAndWrittenAgain() throws {
        for (name, text) in [
            ("channels", "32,64"), ("channels", "none"), ("size", "64x48"), ("background", "#102030"),
            ("validation", "last:7"), ("validation", "0.25"), ("validation", "none"), ("kind", "sparse"),
            ("architecture", "book"), ("augment-brightness", "0.1"), ("kl-warm-up", "0"), ("clip-norm", "2.5"),
            ("precision", "bf16"),
        ] {
            let named = Table.options.first { $0.name == name }, option = try #require(named)
            let value = try option.parse(text)
            #expect(option.problem(with: value) == nil)
            #expect(option.words(for: value) == [.option(name), .value(text)])
        }
        let repeated = Table.options.first { $0.isRepeated }, paths = try #require(repeated)
        #expect(
            paths.words(for: ["a", "b c"]) == [
                .option("held-out"), .value("a"), .option("held-out"), .value("b c"),
            ])
    }

    // MARK: Stores of before

    /// As version 0.1 stored it, before settings that all kinds of runs have were a type of their own.
    static let storedBefore = """
        {"augmentation":{"brightness":0,"flipsHorizontally":false,"shift":2},"batch":32,"divergence_warm_up":0,\
        "evaluate_every":28,"learning_rate":0.002,"model":{"architecture":"standard","channels":[32,64],"code":32,\
        "format":{"channels":1,"height":28,"width":28},"hidden":512,"kind":{"variational":{"freeNats":0.1}}},\
        "optimizer":{"beta1":0.9,"beta2":0.999,"epsilon":1e-08,"kind":"adamw","weight_decay":0.0001,\
        "weight_decay_scope":"matrices"},"schedule":"cosine","seed":1,"steps":2,"steps_are_fixed":true,\
        "steps_per_epoch":14,"warm_up":1}
        """

    @Test func plansOfEarlierStoresAreReadAndStayAsTheyAre() throws {
        let plan = try CanonicalJSON.decode(AutoencoderPlan.self, from: Data(Self.storedBefore.utf8), what: "a plan")
        #expect(plan.steps == 2 && plan.learningRate == 0.002 && plan.clipNorm == nil && plan.patience == nil)
        #expect(plan.batch == 32 && plan.divergenceWarmUp == 0 && plan.augmentation == Augmentation(shift: 2))
        let again = try CanonicalJSON.encode(plan, what: "a plan")
        #expect(String(decoding: again, as: UTF8.self) == Self.storedBefore)
    }
}
