import Autodiff
import Foundation
import LanguageModels
import Layers
import TensorCore
import Training

/// Whole training steps of a one-hot language model of 65 characters: forward, cross-entropy, backward, clipping by
/// norm, Adam. Prints characters per second as `steps KIND HIDDEN CHARS_PER_SECOND`, for `compare.py`.
func benchmarkTrainingSteps(_ cell: StackLayer.Cell, hidden: Int, seconds: Double, _ context: ComputeContext) {
    let classes = 65, lanes = hidden == 128 ? 50 : 64, steps = hidden == 128 ? 50 : 64
    let layer = StackLayer(cell, hidden: hidden)
    let configuration = ModelConfiguration(classes: classes, embedding: 0, stack: [layer, layer], dropout: 0)
    let model = LanguageModel(configuration, seed: 1, in: context)
    var optimizer: any Optimizer = OptimizerConfiguration(.adam).makeOptimizer()
    let clipping = GradientClipping(maximumNorm: 5)
    func ids(_ seed: UInt64) -> [Int32] {
        RandomStream(seed: seed).uniform(count: lanes * steps, in: context).map { Int32($0 * Float(classes)) }
    }
    let inputs = ids(2), targets = ids(3)
    var state = ModelState(zerosFor: configuration, lanes: lanes)
    func step(_ number: Int) {
        let tape = Tape(in: context)
        let (logits, after) = model(inputs, state: state, mode: .training(RandomStream(seed: 1)), on: tape)
        var gradients = tape.backward(from: logits.softmaxCrossEntropy(targets: targets)).named(model.parameters)
        let clip = clipping.apply(to: &gradients, in: context)
        optimizer.update(model.parameters, along: gradients, rate: 2e-3, scale: clip.scale, in: context)
        state = after
    }
    for number in 0..<3 { step(number) }
    var count = 0
    let start = Date()
    while Date().timeIntervalSince(start) < seconds {
        step(count)
        count += 1
    }
    let rate = Double(count * lanes * steps) / Date().timeIntervalSince(start)
    let operations = 6 * Double(configuration.multiplyAddsPerUnit)
    print("steps \(cell.rawValue) \(hidden) \(Int(rate)) \(Int(operations * rate * 1e-9))")
}
