"""Writes Tests/Fixtures/files/onnx.json: small models of every kind, and what onnxruntime makes of the ONNX files that
charnn and ae export them to. onnx.checker looks through each file, and PyTorch or NumPy computes the same in double precision
from the weights alone; a difference of more than 1e-5 ends the script.

`swift build -c release --traits ONNX` first, then `python3 Tests/Fixtures/generate/onnx_files.py .build/release`
(needs `pip install torch numpy safetensors onnx onnxruntime pillow`).
"""

import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors import safe_open
from safetensors.numpy import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "files", "onnx.json")
PROGRAMS = os.path.abspath(sys.argv[1])
TEXT = "a cat sat on the mat, and the dog ate.\n"


def run(program, *arguments):
    result = subprocess.run(
        [os.path.join(PROGRAMS, program), *arguments, "--store", "store.sqlite"], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{program} {' '.join(arguments)}: {result.stderr}")


def read(path):
    with safe_open(path, "np") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, dict(file.metadata())


def session(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def compare(name, found, expected):
    scale = max(1e-30, numpy.abs(expected).max())
    difference = numpy.abs(found - expected).max() / scale
    print(f"{name}: {difference:.1e} of their scale")
    if not difference <= 1e-5:
        sys.exit(f"{name}: onnxruntime and double precision differ")


def content(path):
    with open(path, "rb") as file:
        return file.read()


def rounded(array):
    return [float(f"{value:.9g}") for value in array.astype(numpy.float64).ravel()]


# Texts


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def language_model(tensors, model, ids):
    """Logits [steps, lanes, classes] in double precision, as Documentation/CheckpointStore.md has it."""
    t = {name: tensor.astype(numpy.float64) for name, tensor in tensors.items()}
    x = t["embedding.weight"][ids] if model["embedding"] else numpy.eye(model["classes"])[ids]
    for i, layer in enumerate(model["stack"]):
        n, kind, size = f"layers.{i}.cell", layer["cell"], layer["hidden"]
        h, c = numpy.zeros((ids.shape[1], size)), numpy.zeros((ids.shape[1], size))
        outputs = []
        for row in x:
            own = row @ t[n + ".weight_ih_l0"].T + t[n + ".bias_ih_l0"]
            recurrent, second = t[n + ".weight_hh_l0"].T, t[n + ".bias_hh_l0"]
            back = h @ recurrent + second
            a, b = numpy.split(own, own.shape[1] // size, 1), numpy.split(back, back.shape[1] // size, 1)
            if kind == "rnn":
                h = numpy.tanh(own + back)
            elif kind == "lstm":
                c = sigmoid(a[1] + b[1]) * c + sigmoid(a[0] + b[0]) * numpy.tanh(a[2] + b[2])
                h = sigmoid(a[3] + b[3]) * numpy.tanh(c)
            else:
                r, z = sigmoid(a[0] + b[0]), sigmoid(a[1] + b[1])
                if kind == "gru":
                    n_ = numpy.tanh(a[2] + r * b[2])
                else:
                    n_ = numpy.tanh(a[2] + (r * h) @ recurrent[:, 2 * size:] + second[2 * size:])
                h = (1 - z) * n_ + z * h
            outputs.append(h)
        x = numpy.stack(outputs)
        if layer.get("projection"):
            x = x @ t[f"layers.{i}.projection.weight"].T + t[f"layers.{i}.projection.bias"]
    return x @ t["head.weight"].T + t["head.bias"]


def text_case(name, *options, tied=False):
    run("charnn", "train", "text.txt", "--name", "t", "--steps", "8", "--lr", "0.05", "--threads", "1",
        "--window", "16", "--batch", "4", *options)
    run("charnn", "export", "t", "t.safetensors", "--force")
    tensors, metadata = read("t.safetensors")
    if tied:
        tensors["head.weight"] = tensors["embedding.weight"].copy()
        save_file(tensors, "t.safetensors", metadata)
    run("charnn", "import", "t.safetensors", "--name", "m")
    run("charnn", "export", "m", "m.onnx", "--force")
    for each in ("t", "m"):
        run("charnn", "remove", each, "--yes")
    model, running = json.loads(metadata["jacquard.model"]), session("m.onnx")
    steps, lanes = 9, 3
    ids = numpy.random.RandomState(1).randint(0, model["classes"], (steps, lanes)).astype(numpy.int64)
    zeros = {
        port.name: numpy.zeros((1, lanes, port.shape[2]), numpy.float32)
        for port in running.get_inputs() if port.name != "ids"}
    names = [port.name for port in running.get_outputs()]
    assert names[0] == "logits" and names[1:] == [n + ".next" for n in zeros]
    logits = running.run(["logits"], {"ids": ids, **zeros})[0]
    compare(name, logits, language_model(tensors, model, ids))
    # In two pieces, with what came out of the first, is as in one; one lane alone too.
    first = running.run(names, {"ids": ids[:4], **zeros})
    states = {n[:-len(".next")]: value for n, value in zip(names[1:], first[1:])}
    compare(name + ", in pieces", running.run(["logits"], {"ids": ids[4:], **states})[0], logits[4:])
    alone = running.run(["logits"], {"ids": ids[:, 1:2], **{n: z[:, :1] for n, z in zeros.items()}})[0]
    compare(name + ", alone", alone, logits[:, 1:2])
    return dict(
        name=name, file=base64.b64encode(content("t.safetensors")).decode(), steps=steps, lanes=lanes,
        ids=[int(i) for i in ids.ravel()], logits=rounded(logits), sha256=hashlib.sha256(content("m.onnx")).hexdigest())


# Pictures


def normalized(t, name, x):
    return F.batch_norm(
        x, *(t[f"{name}.normalization.{key}"] for key in ("running_mean", "running_var", "weight", "bias")), eps=1e-5)


def dense(t, name, x):
    return F.linear(x, t[name + ".weight"], t[name + ".bias"])


def autoencoder(tensors, model, pictures):
    """Codes, logarithms of variances or None, and reconstructions in double precision."""
    t = {name: torch.tensor(tensor, dtype=torch.float64) for name, tensor in tensors.items()}
    x, kind, levels = torch.tensor(pictures, dtype=torch.float64), list(model["kind"])[0], len(model["channels"])
    isBook = model["architecture"] == "book"
    if isBook:
        x = 2 * x - 1
        for i in range(2):
            n = f"encoder.convolutions.{i}"
            x = torch.tanh(F.conv2d(x, t[n + ".weight"], t[n + ".bias"], padding=2))
    for i in range(levels):
        n = f"encoder.levels.{i}"
        x = torch.relu(normalized(t, n, F.conv2d(x, t[n + ".convolution.weight"], stride=2, padding=1)))
    inner, x = x.shape[1:], x.flatten(1)
    if model["hidden"]:
        x = torch.relu(dense(t, "encoder.hidden", x))
    codes, variances = dense(t, "encoder.code", x), None
    if isBook and kind != "variational":
        codes = torch.tanh(codes)
    if kind == "sparse":
        codes = torch.relu(codes)
    if kind == "variational":
        codes, variances = codes.split(model["code"], 1)
    x = codes
    if isBook:
        x = torch.tanh(dense(t, "decoder.code", x)).reshape(-1, *inner)
        x = torch.tanh(F.conv2d(x, t["decoder.convolutions.0.weight"], t["decoder.convolutions.0.bias"], padding=2))
        x = 2 * F.conv2d(x, t["decoder.convolutions.1.weight"], t["decoder.convolutions.1.bias"], padding=2)
    else:
        if model["hidden"]:
            x = torch.relu(dense(t, "decoder.code", x))
        x = dense(t, "decoder.hidden", x)
        x = (torch.relu(x) if levels else x).reshape(-1, *inner)
        for i in reversed(range(levels)):
            n = f"decoder.levels.{i}"
            x = F.conv_transpose2d(
                x, t[n + ".convolution.weight"], t.get(n + ".convolution.bias"), stride=2, padding=1)
            if i:
                x = torch.relu(normalized(t, n, x))
    return codes, variances, torch.sigmoid(x)


def picture_case(name, size, *options, gray=True):
    run("ae", "train", "pictures", "--name", "t", "--steps", "6", "--size", size, "--batch", "8", "--threads", "1",
        *(["--gray"] if gray else []), *options)
    run("ae", "export", "t", "t.safetensors", "--force")
    tensors, metadata = read("t.safetensors")
    run("ae", "import", "t.safetensors", "--name", "m")
    halves = ["m.onnx", "m.encoder.onnx", "m.decoder.onnx"]
    for file in halves:
        run("ae", "export", "m", file, "--force")
    for each in ("t", "m"):
        run("ae", "remove", each, "--yes")
    model = json.loads(metadata["jacquard.model"])
    shape = [model["format"][key] for key in ("channels", "height", "width")]
    pictures = (numpy.random.RandomState(2).randint(0, 256, (3, *shape)) / 255).astype(numpy.float32)
    codes, variances, back = autoencoder(tensors, model, pictures)
    whole, encoder, decoder = map(session, halves)
    found = dict(zip((port.name for port in whole.get_outputs()), whole.run(None, {"pictures": pictures})))
    compare(name + ", codes", found["codes"], codes.numpy())
    compare(name + ", reconstructions", found["reconstructions"], back.numpy())
    if variances is not None:
        compare(name + ", variances", found["log.variances"], variances.numpy())
    assert set(found) == {"codes", "reconstructions"} | ({"log.variances"} if variances is not None else set())
    compare(name + ", encoder", encoder.run(["codes"], {"pictures": pictures})[0], found["codes"])
    compare(
        name + ", decoder", decoder.run(["reconstructions"], {"codes": found["codes"]})[0], found["reconstructions"])
    return dict(
        name=name, file=base64.b64encode(content("t.safetensors")).decode(), pictures=rounded(pictures),
        codes=rounded(found["codes"]), reconstructions=rounded(found["reconstructions"]),
        sha256=[hashlib.sha256(content(file)).hexdigest() for file in halves])


def make_data():
    with open("text.txt", "w", encoding="utf-8") as file:
        file.write(TEXT * 60)
    os.mkdir("pictures")
    random = numpy.random.RandomState(3)
    for number in range(40):
        pixels = numpy.zeros((12, 12, 3), numpy.uint8)
        x, y = random.randint(0, 8, 2)
        pixels[y:y + 4, x:x + 4] = random.randint(60, 256, 3)
        Image.fromarray(pixels).save(f"pictures/{number}.png")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make_data()
        texts = [
            text_case("LSTM of two layers", "--stack", "lstm:6,lstm:5", "--embedding", "4"),
            text_case("GRU", "--stack", "gru:6", "--embedding", "4"),
            text_case("GRU that resets before the product", "--stack", "gru-reset-before:6", "--embedding", "4"),
            text_case("tanh RNN on one-hot units", "--stack", "rnn:7", "--embedding", "0"),
            text_case("projections", "--stack", "lstm:6:4,gru:5:3,rnn:4:5", "--embedding", "3"),
            text_case("tied", "--stack", "lstm:6", "--embedding", "6", tied=True),
        ]
        pictures = [
            picture_case("odd and even sides", "9x6", "--channels", "4,5", "--hidden", "7", "--code", "3"),
            picture_case("color, without a hidden layer", "8x8", "--channels", "4", "--hidden", "0", "--code", "3", gray=False),
            picture_case("linear layers alone", "5x4", "--channels", "none", "--hidden", "6", "--code", "2"),
            picture_case("sparse", "8x8", "--channels", "4", "--hidden", "5", "--code", "3", "--kind", "sparse"),
            picture_case("variational", "8x8", "--channels", "4", "--hidden", "5", "--code", "3", "--kind", "variational"),
            picture_case("denoising", "8x8", "--channels", "4", "--hidden", "0", "--code", "3", "--kind", "denoising"),
            picture_case("the book's", "6x5", "--architecture", "book", "--code", "3"),
            picture_case("the book's, variational", "6x5", "--architecture", "book", "--code", "2", "--kind", "variational"),
        ]
    with open(OUT, "w", encoding="utf-8") as file:
        json.dump(
            dict(
                about=f"Made by onnxruntime {onnxruntime.__version__}; onnx {onnx.__version__} found nothing wrong.",
                texts=texts, pictures=pictures), file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
