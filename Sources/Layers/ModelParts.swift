import Autodiff
import Requirements
import TensorCore

/// A layer that names its parts itself, because PyTorch's names are not those of its properties.
package protocol NamingItsParts {
    /// Parameters, buffers and layers, in order. An empty name stands for no level of its own.
    var namedParts: [(name: String, part: Any)] { get }
}

/// What a model is made of, each with its path: `0.weight`, `2.first.bias`. Found by reflection over stored properties.
struct ModelParts {
    typealias Named<Part> = (name: String, part: Part)

    private(set) var parameters: [Named<Parameter>] = []
    private(set) var buffers: [Named<Buffer>] = []
    private(set) var places: [Named<RandomPlace>] = []

    init(of layer: any Layer) { add(layer, at: "") }

    private mutating func add(_ value: Any, at path: String) {
        switch value {
        case let part as Parameter: parameters.append((path, part))
        case let part as Buffer: buffers.append((path, part))
        case let part as RandomPlace: places.append((path, part))
        case let layer as any NamingItsParts:
            for (name, part) in layer.namedParts { add(part, at: Self.join(path, name)) }
        default: addProperties(of: Mirror(reflecting: value), value, at: path)
        }
    }

    private mutating func addProperties(of mirror: Mirror, _ value: Any, at path: String) {
        switch mirror.displayStyle {
        case .optional:
            for child in mirror.children { add(child.value, at: path) }
        case .collection:
            // Arrays of numbers hold no layer, and may be long.
            guard let first = mirror.children.first?.value, Self.mayHoldParts(first) else { return }
            for (index, child) in mirror.children.enumerated() { add(child.value, at: Self.join(path, "\(index)")) }
        case .dictionary:
            let pairs = mirror.children.compactMap { child -> Named<Any>? in
                let pair = Mirror(reflecting: child.value).children.map(\.value)
                return pair.count == 2 ? ("\(pair[0])", pair[1]) : nil
            }
            guard let first = pairs.first, Self.mayHoldParts(first.part) else { return }
            for (name, part) in pairs.sorted(by: { $0.name < $1.name }) { add(part, at: Self.join(path, name)) }
        case .class where !(value is any Layer): return  // what it refers to may refer back
        case .struct, .class, .tuple, .enum:
            if let parent = mirror.superclassMirror { addProperties(of: parent, value, at: path) }
            for child in mirror.children {
                let label = (child.label ?? "").drop { $0 == "." }
                add(child.value, at: Self.join(path, String(label)))
            }
        default: return
        }
    }

    private static func mayHoldParts(_ value: Any) -> Bool {
        !(value is any Numeric || value is any StringProtocol || value is Bool || value is Tensor)
    }

    private static func join(_ path: String, _ name: String) -> String {
        path.isEmpty ? name : name.isEmpty ? path : "\(path).\(name)"
    }

    // MARK: A model comes to be

    /// Gives every part its name, and every parameter its first value from a stream that belongs to its name alone.
    /// - Precondition: no part stands in two places of the model, none is in another model.
    func enterModel(seed: UInt64, in context: ComputeContext) {
        var names: [ObjectIdentifier: String] = [:]
        func enter(_ part: AnyObject, as name: String) {
            if let other = names.updateValue(name, forKey: ObjectIdentifier(part)) {
                fatalError(
                    "the same layer stands twice in this model: \(name) is \(other). Write its initializer twice, and "
                        + "two layers will start differently; if they are to share weights, call the one layer twice "
                        + "in a layer of your own")
            }
        }
        for (name, part) in parameters { enter(part, as: name) }
        for (name, part) in buffers { enter(part, as: name) }
        for (name, part) in places { enter(part, as: name.isEmpty ? "a layer that draws random numbers" : name) }
        let repeated = Dictionary(grouping: parameters.map(\.name) + buffers.map(\.name), by: { $0 })
            .filter { $1.count > 1 }.keys.sorted()
        require(repeated.isEmpty, "two parameters of this model have the same name: \(repeated)")

        for (name, parameter) in parameters {
            parameter.enterModel(as: name, from: RandomStream(seed: seed, stream: Self.number(of: name)), in: context)
        }
        for (name, buffer) in buffers { buffer.enterModel(as: name) }
        for (name, place) in places {
            require(
                !place.isInModel, "the layer at \(name) is in another model already: make a new one for this model")
            place.enterModel(as: name, number: Self.number(of: name))
        }
    }

    /// A number for a name, FNV-1a (Fowler, Noll & Vo): which layers stand before one does not change its numbers.
    static func number(of name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
