import ByteStreams
import Foundation
import TensorCore

#if ONNX
    import SwiftProtobuf
#endif

/// A graph of operators as a file in the format of ONNX, which onnxruntime and many others run.
///
/// The format is that of Google's Protocol Buffers, whose library is fetched and built only with the package's trait
/// `ONNX`: building a program without it takes no longer.
package enum ONNXFile {
    /// The set of operators whose meanings the graph relies on. onnxruntime has known it since version 1.12.
    package static let operatorSet = 17
    /// The version of the format that came with it.
    static let formatVersion = 8

    /// Writes the file such that its path leads to all of it or to what was there before.
    package static func write(_ graph: OperatorGraph, to path: String) throws(ModelFileError) {
        let bytes = try encoded(graph)
        try bytes.withUnsafeBufferPointer { (bytes) throws(ModelFileError) in
            try OutputFile<ModelFileError>.replace(path, with: UnsafeRawBufferPointer(bytes))
        }
    }

    #if ONNX
        /// The file, in one piece. Equal graphs give equal bytes.
        /// - Throws: ``ModelFileError/tooLarge(format:)`` beyond 2 GB, the limit of Protocol Buffers.
        package static func encoded(_ graph: OperatorGraph) throws(ModelFileError) -> [UInt8] {
            do {
                return try model(graph).serializedBytes()
            } catch {
                throw .tooLarge(format: "ONNX")
            }
        }

        private static func model(_ graph: OperatorGraph) -> Onnx_ModelProto {
            var model = Onnx_ModelProto()
            model.irVersion = Int64(formatVersion)
            model.producerName = "jacquard"
            model.docString = graph.note
            var operators = Onnx_OperatorSetIdProto()
            operators.version = Int64(operatorSet)
            model.opsetImport = [operators]
            model.metadataProps = graph.metadata.sorted { $0.key < $1.key }.map { entry in
                var pair = Onnx_StringStringEntryProto()
                (pair.key, pair.value) = (entry.key, entry.value)
                return pair
            }
            model.graph.name = graph.name
            model.graph.input = graph.inputs.map(port)
            model.graph.output = graph.outputs.map(port)
            model.graph.node = graph.nodes.map(node)
            model.graph.initializer = graph.constants.map(constant)
            return model
        }

        private static func port(_ port: OperatorGraph.Port) -> Onnx_ValueInfoProto {
            var info = Onnx_ValueInfoProto()
            (info.name, info.docString) = (port.name, port.note)
            info.type.tensorType.elemType = Int32(element(port.element).rawValue)
            info.type.tensorType.shape.dim = port.sides.map { side in
                var dimension = Onnx_TensorShapeProto.Dimension()
                switch side {
                case .fixed(let count): dimension.dimValue = Int64(count)
                case .any(let name): dimension.dimParam = name
                }
                return dimension
            }
            return info
        }

        private static func element(_ element: OperatorGraph.Element) -> Onnx_TensorProto.DataType {
            switch element {
            case .single: .float
            case .integer: .int64
            }
        }

        private static func node(_ node: OperatorGraph.Node) -> Onnx_NodeProto {
            var result = Onnx_NodeProto()
            (result.opType, result.name) = (node.operation, node.outputs.joined(separator: " "))
            (result.input, result.output) = (node.inputs, node.outputs)
            result.attribute = node.attributes.map { name, value in
                var attribute = Onnx_AttributeProto()
                attribute.name = name
                switch value {
                case .integer(let number): (attribute.type, attribute.i) = (.int, Int64(number))
                case .integers(let numbers): (attribute.type, attribute.ints) = (.ints, numbers.map(Int64.init))
                case .number(let number): (attribute.type, attribute.f) = (.float, number)
                }
                return attribute
            }
            return result
        }

        private static func constant(_ constant: (name: String, value: OperatorGraph.Constant)) -> Onnx_TensorProto {
            var tensor = Onnx_TensorProto()
            tensor.name = constant.name
            switch constant.value {
            case .numbers(let numbers):
                tensor.dataType = Int32(element(.single).rawValue)
                tensor.dims = numbers.shape.dimensions.map(Int64.init)
                tensor.rawData = Data(numbers.littleEndianBytes)
            case .integers(let numbers):
                tensor.dataType = Int32(element(.integer).rawValue)
                tensor.dims = [Int64(numbers.count)]
                tensor.int64Data = numbers.map(Int64.init)
            }
            return tensor
        }
    #else
        package static func encoded(_: OperatorGraph) throws(ModelFileError) -> [UInt8] {
            throw .notBuiltIn(format: "ONNX", trait: "ONNX")
        }
    #endif
}
