"""Writes Tests/Fixtures/files/weights.json: language models as PyTorch users save them with the safetensors package, and
what they make of a text; and files that are refused.

`python3 Tests/Fixtures/generate/weights.py` (needs `pip install torch numpy safetensors`).
"""

import base64
import json
import os
import struct

import torch
from safetensors.torch import save
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "files", "weights.json")

# Not in ascending order, as a set in Python gives them.
CHARACTERS = ["t", "é", " ", "a", "\n", "e", "o", "h"]
TEXT = "the\nhat é o tea"


class Recurrent(nn.Module):
    """As in many a tutorial: names of the parts, kind, sizes."""

    def __init__(self, names, kind, classes, embedding, hidden, layers, bias=True):
        super().__init__()
        self.names, self.classes = names, classes
        if embedding:
            setattr(self, names[0], nn.Embedding(classes, embedding))
        setattr(self, names[1], kind(embedding or classes, hidden, layers, bias=bias, batch_first=True))
        setattr(self, names[2], nn.Linear(hidden, classes, bias=bias))

    def forward(self, ids):
        if hasattr(self, self.names[0]):
            x = getattr(self, self.names[0])(ids)
        else:
            x = nn.functional.one_hot(ids, self.classes).to(next(self.parameters()).dtype)
        return getattr(self, self.names[2])(getattr(self, self.names[1])(x)[0])


def case(name, model, vocabulary, tensors=None, kind=torch.float32):
    model = model.to(kind).float()  # rounded as the file is, computed in single precision
    ids = torch.tensor([[CHARACTERS.index(c) for c in TEXT]])
    with torch.no_grad():
        logarithms = torch.log_softmax(model.double()(ids)[0], -1)
    nats = -logarithms[:-1].gather(1, ids[0][1:, None]).mean().item()
    state = {n: t.to(kind).contiguous() for n, t in model.state_dict().items()}
    if tensors:
        state = tensors(state)
    return dict(
        name=name, file=base64.b64encode(save(state, metadata={"format": "pt"})).decode(),
        vocabulary=json.dumps(vocabulary), nats=nats)


def cases():
    torch.manual_seed(7)
    n = len(CHARACTERS)
    tied = Recurrent(("encoder", "rnn", "decoder"), nn.LSTM, n, 6, 6, 2)
    tied.decoder.weight = tied.encoder.weight
    return [
        case("LSTM of two layers", Recurrent(("encoder", "rnn", "decoder"), nn.LSTM, n, 5, 7, 2), CHARACTERS),
        case(
            "GRU, ids by unit", Recurrent(("emb", "gru", "fc"), nn.GRU, n, 6, 9, 3),
            {c: i for i, c in enumerate(CHARACTERS)}),
        case(
            "tanh RNN on one-hot characters, units by id", Recurrent(("-", "rnn", "out"), nn.RNN, n, 0, 5, 1),
            {str(i): c for i, c in enumerate(CHARACTERS)}),
        case("no biases", Recurrent(("embedding", "lstm", "linear"), nn.LSTM, n, 4, 6, 1, bias=False), CHARACTERS),
        case(
            "tied weights, saved once", tied, CHARACTERS,
            lambda state: {k: v for k, v in state.items() if k != "decoder.weight"}),
        case("half precision", Recurrent(("a", "b", "c"), nn.GRU, n, 5, 6, 1), CHARACTERS, kind=torch.float16),
        case("brain floats", Recurrent(("a", "b", "c"), nn.LSTM, n, 5, 6, 1), CHARACTERS, kind=torch.bfloat16),
        case("double precision", Recurrent(("a", "b", "c"), nn.RNN, n, 5, 6, 2), CHARACTERS, kind=torch.float64),
    ]


def refused_models():
    torch.manual_seed(8)
    n = len(CHARACTERS)

    def file(**tensors):
        return base64.b64encode(save({k.replace("__", "."): v for k, v in tensors.items()})).decode()

    lstm = {k: v.clone() for k, v in nn.LSTM(4, 5, bidirectional=True).state_dict().items()}
    narrow = {k: v.clone() for k, v in nn.LSTM(4, 5, proj_size=3).state_dict().items()}
    one = {k: v.clone() for k, v in nn.LSTM(4, 5).state_dict().items()}
    return [
        dict(name="no recurrent layer", file=file(fc__weight=torch.zeros(n, 4)), says="weight_ih_l0"),
        dict(name="both directions", file=file(**lstm), says="both directions"),
        dict(name="a projected LSTM", file=file(**narrow), says="proj_size"),
        dict(name="no head", file=file(**one, emb__weight=torch.zeros(n, 4)), says="no matrix [units, 5]"),
        dict(
            name="two heads", says="several matrices",
            file=file(**one, emb__weight=torch.zeros(n, 4), a__weight=torch.zeros(n, 5), a__bias=torch.zeros(n),
                      b__weight=torch.zeros(n, 5), b__bias=torch.zeros(n))),
        dict(
            name="another layer behind", says="no use for norm.scale",
            file=file(**one, emb__weight=torch.zeros(n, 4), fc__weight=torch.zeros(n, 5), fc__bias=torch.zeros(n),
                      norm__scale=torch.zeros(5))),
        dict(
            name="integers", says="of type I64",
            file=file(**one, emb__weight=torch.zeros(n, 4, dtype=torch.int64))),
    ]


def damaged():
    """Files that contradict the format; `says` is a part of the message."""

    def file(header, data=b"", length=None):
        text = header if isinstance(header, bytes) else header.encode()
        return base64.b64encode(struct.pack("<Q", len(text) if length is None else length) + text + data).decode()

    def tensor(name, begin, end, shape="[1]", dtype="F32"):
        return f'"{name}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[{begin},{end}]}}'

    four, eight = b"\0" * 4, b"\0" * 8
    return [
        dict(name="nothing", file="", says="first eight bytes"),
        dict(name="seven bytes", file=base64.b64encode(b"\0" * 7).decode(), says="first eight bytes"),
        dict(name="a header of 100 MB", file=file("{}", length=100_000_001), says="100000001 bytes"),
        dict(name="a header of 2^64 - 1", file=file("{}", length=2**64 - 1), says="18446744073709551615 bytes"),
        dict(name="a header beyond the end", file=file("{}", length=3), says="inside its header"),
        dict(name="no header", file=file(""), says="begin with {"),
        dict(name="a space first", file=file(" {}"), says="begin with {"),
        dict(name="a list", file=file("[]"), says="begin with {"),
        dict(name="no JSON", file=file("{,}"), says="JSON"),
        dict(name="JSON cut short", file=file('{"a":{"dtype"'), says="JSON"),
        dict(name="not UTF-8", file=file(b'{"\xff":1}'), says="JSON"),
        dict(name="deep", file=file("{" + '"a":{' * 5000), says="JSON"),
        dict(name="a name twice", says="names a twice", file=file("{" + tensor("a", 0, 4) + "," + tensor("a", 4, 8) + "}", eight)),
        dict(
            name="a name twice, spelled otherwise", says="names a twice",
            file=file("{" + tensor("a", 0, 4) + "," + tensor("\\u0061", 4, 8) + "}", eight)),
        dict(
            name="a field twice", says="names shape twice",
            file=file('{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}', four)),
        dict(name="a gap", says="gap before b", file=file("{" + tensor("a", 0, 4) + "," + tensor("b", 8, 12) + "}", b"\0" * 12)),
        dict(name="an overlap", says="overlaps", file=file("{" + tensor("a", 0, 8, "[2]") + "," + tensor("b", 4, 8) + "}", eight)),
        dict(name="bytes behind", says="4 bytes follow", file=file("{" + tensor("a", 0, 4) + "}", eight)),
        dict(name="beyond the end", says="of 4 bytes", file=file("{" + tensor("a", 0, 8, "[2]") + "}", four)),
        dict(name="backwards", says="of 4 bytes", file=file("{" + tensor("a", 4, 0) + "}", four)),
        dict(name="below zero", says="of 4 bytes", file=file("{" + tensor("a", -4, 0) + "}", four)),
        dict(name="another size", says="takes 4 bytes", file=file("{" + tensor("a", 0, 4, "[2]") + "}", four)),
        dict(name="a shape below zero", says="the shape", file=file("{" + tensor("a", 0, 4, "[-1]") + "}", four)),
        dict(
            name="a shape without end", says="the shape",
            file=file("{" + tensor("a", 0, 4, "[4294967296,4294967296,4294967296]") + "}", four)),
        dict(name="half a number", says="JSON", file=file("{" + tensor("a", 0, 4, "[1.5]") + "}", four)),
        dict(name="a number too large", says="JSON", file=file("{" + tensor("a", 0, 4, "[99999999999999999999]") + "}", four)),
        dict(name="one offset", says="lies at", file=file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}', four)),
        dict(name="no type", says="JSON", file=file('{"a":{"shape":[1],"data_offsets":[0,4]}}', four)),
        dict(name="metadata that are numbers", says="JSON", file=file('{"__metadata__":{"a":1}}')),
        dict(name="an unknown type", says="type F8_E5M2", file=file("{" + tensor("a", 0, 4, "[4]", "F8_E5M2") + "}", four)),
    ]


def main():
    content = dict(
        about=f"Made by torch {torch.__version__} and the safetensors package.", text=TEXT, models=cases(),
        refused=refused_models(), damaged=damaged())
    with open(OUT, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    main()
