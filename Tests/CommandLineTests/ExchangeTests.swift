import BuiltPrograms
import Foundation
import ModelFiles
import TensorCore
import Testing

/// Weights in the files of others, out and in, by the built programs.
@Suite struct ExchangeTests {
    private func trained() throws -> Workplace {
        let place = try Workplace()
        try place.write(Texts.sentences(300), to: "text.txt")
        let run = try place.run(
            "train", "text.txt", "--name", "first", "--stack", "lstm:12,gru:8", "--embedding", "6", "--steps", "6",
            "--eval-every", "3")
        #expect(run.status == 0, "\(run.errors)")
        return place
    }

    @Test func whatIsExportedAndImportedIsTheSameModel() throws {
        let place = try trained()
        #expect(try place.run("export", "first", "first.safetensors").errors.contains("11 tensors"))
        #expect(try place.run("export", "first", "first.npz").status == 0)
        let file = try Safetensors(path: place.path("first.safetensors"))
        #expect(file.tensors["layers.0.cell.bias_hh_l0"] == Tensor(zeros: [48]))
        #expect(file.tensors["layers.1.cell.weight_hh_l0"]?.shape == [24, 8])
        #expect(file.metadata["format"] == "pt" && file.metadata["jacquard.run"] == "first")

        let imported = try place.run("import", "first.safetensors", "--name", "second")
        #expect(imported.status == 0 && imported.errors.contains("charnn sample --run second"), "\(imported.errors)")
        #expect(try place.fingerprint("second") == place.fingerprint("first"))
        let texts = try ["first", "second"].map {
            try place.run("sample", "--run", $0, "--prime", "The ", "--length", "40", "--seed", "3").output
        }
        #expect(texts[0] == texts[1] && !texts[0].isEmpty)
        let scores = try ["first", "second"].map { try place.run("eval", "text.txt", "--run", $0, "--json").output }
        let nats = try scores.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])["nats_per_unit"]
                as? Double
        }
        #expect(nats[0] != nil && nats[0] == nats[1])

        let shown = try place.run("show", "second")
        #expect(shown.output.contains("Imported    from first.safetensors"), "\(shown.output)")
        #expect(shown.output.contains("charnn import first.safetensors"))
        for refused in [["train", "--resume", "second"], ["eval", "--run", "second", "--part", "validation"]] {
            let result = try place.start(refused).wait()
            #expect(
                result.status == 1 && result.errors.contains("was imported from first.safetensors"), "\(result.errors)")
        }
        let tuned = try place.run("train", "text.txt", "--from", "second", "--steps", "3", "--name", "third")
        #expect(tuned.status == 0, "\(tuned.errors)")

        // The same with its units from another file.
        let known = try JSONDecoder().decode(Units.self, from: Data((file.metadata["jacquard.vocabulary"] ?? "").utf8))
        let units = known.units.unicodeScalars.map { String($0) } + ["<unk>"]
        try place.write(Array(JSONEncoder().encode(units)), to: "my units.json")
        let named = try place.run("import", "first.safetensors", "--vocabulary", "my units.json", "--name", "fourth")
        #expect(named.errors.contains("reads characters, \(units.count) classes"), "\(named.errors)")
        #expect(try place.fingerprint("fourth") == place.fingerprint("first"))
        #expect(
            try place.run("show", "fourth").output.contains(
                "charnn import first.safetensors --vocabulary 'my units.json'"))

        // And without a unit for what is unknown: such characters are passed over, and counted.
        try place.write(Array(JSONEncoder().encode(units.dropLast() + ["Ω"])), to: "all.json")
        let closed = try place.run("import", "first.safetensors", "--vocabulary", "all.json", "--name", "fifth")
        #expect(closed.status == 0, "\(closed.errors)")
        try place.write(String(repeating: "the loom Ünd the loom\n", count: 10), to: "other.txt")
        try place.write(String(repeating: "the loom nd the loom\n", count: 10), to: "rest.txt")
        let score = try place.run("eval", "other.txt", "--run", "fifth")
        #expect(score.output.contains("10  left out, as the model has never seen them: \"Ü\" (10×)"), "\(score)")
        let json = try place.run("eval", "other.txt", "--run", "fifth", "--json").json
        let rest = try place.run("eval", "rest.txt", "--run", "fifth", "--json").json
        #expect(json["left_out_units"] as? Int == 10 && rest["left_out_units"] as? Int == 0)
        #expect(json["units"] as? Int == 209 && json["nats"] as? Double == rest["nats"] as? Double)
        // Unless nothing may be left out, or nothing would be left.
        let strict = try place.run("eval", "other.txt", "--run", "fifth", "--strict")
        #expect(strict.status == 1 && strict.errors.contains("\"Ü\""), "\(strict)")
        try place.write("ЖЖжжЖЖ\n", to: "foreign.txt")
        let foreign = try place.run("eval", "foreign.txt", "--run", "fifth")
        #expect(foreign.status == 1 && foreign.errors.contains("\"Ж\""), "\(foreign)")
        let sampled = try place.run("sample", "--run", "fifth", "--prime", "the Ü", "--length", "5")
        #expect(sampled.status == 0 && sampled.errors.contains("\"Ü\" (1×): it leaves them out"), "\(sampled.errors)")
    }

    private struct Units: Decodable { let units: String }

    @Test func filesThatAreThereStayAndBadOnesAreRefused() throws {
        let place = try trained()
        try place.write("mine", to: "first.npz")
        let refused = try place.run("export", "first", "first.npz")
        #expect(refused.status == 1 && refused.errors.contains("exists already and was left as it is"))
        #expect(try place.read("first.npz") == "mine")
        #expect(try place.run("export", "first", "first.npz", "--force").status == 0)
        #expect(try Data(contentsOf: place.url.appendingPathComponent("first.npz")).starts(with: Data("PK".utf8)))

        try place.write("no weights at all", to: "bad.safetensors")
        let bad = try place.run("import", "bad.safetensors")
        #expect(bad.status == 1 && bad.errors.contains("bad.safetensors: is no safetensors file"), "\(bad.errors)")
        let none = try place.run("import", "none.safetensors")
        #expect(none.status == 1 && none.errors.contains("none.safetensors: no such file"))
        #expect(try place.run("export", "first", "a.safetensors").status == 0)
        let vocabulary = try place.run("import", "a.safetensors", "--vocabulary", "none.json")
        #expect(vocabulary.status == 1 && vocabulary.errors.contains("none.json"))
        #expect(try place.run("runs").output.split(separator: "\n").count == 2)
    }

    /// As scripts/install builds the programs, and as building one alone does.
    @Test func aModelLeavesAsAFileThatOthersRun() throws {
        let place = try trained(), result = try place.run("export", "first", "first.onnx")
        #if ONNX
            #expect(
                result.errors.contains(
                    "from ids, layers.0.hidden, layers.0.cell, layers.1.hidden to logits, layers.0.h"),
                "\(result.errors)")
            let written = try Data(contentsOf: place.url.appendingPathComponent("first.onnx"))
            // Field 1, the version of the format: 8.
            #expect(result.status == 0 && written.starts(with: [8, 8]) && written.count > 4000)
            let again = try place.run("export", "first", "first.onnx")
            #expect(again.status == 1 && again.errors.contains("exists already"), "\(again.errors)")
            #expect(try place.run("export", "first", "first.onnx", "--force").status == 0)
        #else
            #expect(
                result.status == 1 && result.errors.contains("this program was built without ONNX")
                    && result.errors.contains("swift build -c release --traits ONNX"), "\(result.errors)")
            #expect(!place.exists("first.onnx"))
        #endif
        let weights = try place.start(["export", "first", "a.onnx", "--weights-only"]).wait()
        #expect(weights.status == 64, "\(weights.errors)")
    }

    @Test func whatWasMeasuredIsATable() throws {
        let place = try trained(), csv = try place.run("export", "first", "--csv")
        let lines = csv.output.split(separator: "\n")
        #expect(csv.status == 0 && lines[0] == "name,step,epoch,value,seconds")
        #expect(
            lines.contains { $0.hasPrefix("validation_loss,3,") } && lines.contains { $0.hasPrefix("learning_rate,") })
        #expect(lines.dropFirst().allSatisfy { $0.split(separator: ",").count == 5 })
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(place.run("export", "first", "--json").output.utf8))
                as? [[String: Any]])
        #expect(json.count == lines.count - 1 && json.allSatisfy { $0["value"] is NSNumber && $0["name"] is String })
        for wrong in [
            ["export", "first"], ["export", "first", "x.csv", "--csv"], ["export", "first", "a.npz", "--weights-only"],
        ] {
            let result = try place.start(wrong).wait()
            #expect(result.status == 64, "\(wrong): \(result.errors)")
        }
    }

    @Test func anAutoencodersWeightsLeaveToo() throws {
        let place = try Workplace("ae")
        try place.makePictures(12)
        let run = try place.run(
            "train", "pictures", "--name", "faces", "--size", "8x8", "--code", "4", "--steps", "4", "--eval-every", "2")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try place.run("export", "faces", "faces.safetensors").status == 0)
        let file = try Safetensors(path: place.path("faces.safetensors"))
        #expect(file.metadata["jacquard.kind"] == "ae" && file.metadata["jacquard.run"] == "faces")
        #expect(file.tensors["encoder.code.weight"]?.shape.dimensions.first == 4)
        #expect(file.tensors["decoder.hidden.weight"]?.shape.dimensions.last == 4)
        #expect(try place.run("export", "faces", "--csv").output.contains("validation_loss,2,"))
        #if ONNX
            for (file, ports) in [
                ("faces.onnx", "from pictures to codes, reconstructions"),
                ("faces.encoder.onnx", "from pictures to codes"),
                ("faces.decoder.onnx", "from codes to reconstructions"),
            ] {
                let result = try place.run("export", "faces", file)
                #expect(result.status == 0 && result.errors.contains("\(file): \(ports), "), "\(result.errors)")
            }
        #endif
    }

    @Test func anAutoencodersWeightsComeBack() throws {
        let place = try Workplace("ae")
        try place.makePictures(12)
        let run = try place.run(
            "train", "pictures", "--name", "faces", "--size", "8x8", "--code", "4", "--steps", "4", "--eval-every", "2")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try place.run("export", "faces", "faces.safetensors").status == 0)
        let imported = try place.run("import", "faces.safetensors", "--name", "second")
        #expect(
            imported.status == 0 && imported.errors.contains("ae reconstruct pictures --run second"),
            "\(imported.errors)")
        #expect(try place.fingerprint("second") == place.fingerprint("faces"))
        let codes = try ["faces", "second"].map { name in
            #expect(try place.run("encode", "pictures", "--run", name, "-o", "\(name).csv").status == 0)
            #expect(try place.run("reconstruct", "pictures", "--run", name, "-o", "\(name).png").status == 0)
            #expect(try place.run("decode", "\(name).csv", "--run", name, "-o", "\(name)-decoded").status == 0)
            return try place.read("\(name).csv")
        }
        #expect(codes[0] == codes[1] && !codes[0].isEmpty)
        #expect(try place.run("eval", "pictures", "--run", "second").status == 0)

        let shown = try place.run("show", "second")
        #expect(shown.output.contains("Imported    from faces.safetensors"), "\(shown.output)")
        #expect(shown.output.contains("ae import faces.safetensors"))
        #expect(try place.run("report", "second", "-o", "second.html").status == 0)
        for refused in [["train", "--resume", "second"], ["eval", "--run", "second", "--part", "validation"]] {
            let result = try place.start(refused).wait()
            #expect(
                result.status == 1 && result.errors.contains("was imported from faces.safetensors"), "\(result.errors)")
        }
        // Its pictures are elsewhere, but its weights are a beginning; in the size and color that they know.
        try place.makePictures(20, in: "others", width: 17, height: 11, channels: 3)
        let tuned = try place.run("train", "others", "--from", "second", "--steps", "6", "--name", "third")
        #expect(tuned.status == 0 && tuned.errors.contains("From      run 'second', step 0"), "\(tuned.errors)")
        #expect(tuned.errors.contains("seen as 8×8 gray"), "\(tuned.errors)")
        let size = try place.run("import", "faces.safetensors", "--size", "9x9")
        #expect(size.status == 1 && size.errors.contains("its pictures have 8"), "\(size.errors)")
        #expect(try place.run("import", "none.safetensors").errors.contains("none.safetensors: no such file"))
    }
}
