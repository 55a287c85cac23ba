"""Writes Tests/Fixtures/files/autoencoders.json: convolutional autoencoders as PyTorch users save them with the safetensors
package, their codes of some pictures and what comes back; and files that are refused.

`python3 Tests/Fixtures/generate/autoencoders.py` (needs `pip install torch safetensors`).
"""

import base64
import json
import os

import torch
from safetensors.torch import save
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "files", "autoencoders.json")


class Halves(nn.Module):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = nn.Sequential(*encoder), nn.Sequential(*decoder)

    def forward(self, x):
        codes = self.encoder(x)
        return codes, self.decoder(codes)


class Named(nn.Module):
    """Layers with names of their own, as in many a tutorial."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 4, 3, 2, 1), nn.Conv2d(4, 6, 3, 2, 1)
        self.bn1, self.bn2 = nn.BatchNorm2d(4), nn.BatchNorm2d(6)
        self.fc1, self.fc2 = nn.Linear(6 * 3 * 2, 8), nn.Linear(8, 3)
        self.dec_fc1, self.dec_fc2 = nn.Linear(3, 8), nn.Linear(8, 6 * 3 * 2)
        self.deconv1 = nn.ConvTranspose2d(6, 4, 3, 2, 1, output_padding=1)
        self.deconv2 = nn.ConvTranspose2d(4, 1, 3, 2, 1, output_padding=(0, 1))
        self.dec_bn1 = nn.BatchNorm2d(4)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.relu(self.bn2(self.conv2(x)))
        codes = self.fc2(torch.relu(self.fc1(x.flatten(1))))
        x = torch.relu(self.dec_fc2(torch.relu(self.dec_fc1(codes)))).reshape(-1, 6, 3, 2)
        x = torch.relu(self.dec_bn1(self.deconv1(x)))
        return codes, torch.sigmoid(self.deconv2(x))


def case(name, size, channels, model, metadata=None):
    width, height = size
    generator = torch.Generator().manual_seed(4)
    pictures = torch.rand(3, channels, height, width, generator=generator)
    model.train()
    with torch.no_grad():
        for _ in range(3):  # running statistics that are not those of the start
            model(torch.rand(8, channels, height, width, generator=generator) * 0.6)
        for parameter in model.parameters():
            parameter += 0.05 * torch.randn(parameter.shape, generator=generator)
        model.eval()
        codes, back = model.double()(pictures.double())
    state = {n: t.float() if t.is_floating_point() else t for n, t in model.state_dict().items()}
    model.load_state_dict(state)
    with torch.no_grad():
        codes, back = model.double()(pictures.double())
    file = save({n: t.contiguous() for n, t in state.items()}, metadata=metadata)

    def numbers(tensor):
        return [float(f"{value:.9g}") for value in tensor.flatten().tolist()]

    return dict(
        name=name, file=base64.b64encode(file).decode(), size=f"{width}x{height}", pictures=numbers(pictures),
        codes=numbers(codes), reconstructions=numbers(back))


def cases():
    torch.manual_seed(5)
    return [
        case("a tutorial's, with normalization and output padding", (8, 11), 1, Named()),
        case(
            "nn.Sequential without normalization, in color", (8, 12), 3,
            Halves(
                [nn.Conv2d(3, 4, 3, 2, 1), nn.ReLU(), nn.Conv2d(4, 5, 3, 2, 1), nn.ReLU(), nn.Flatten(),
                 nn.Linear(5 * 3 * 2, 4)],
                [nn.Linear(4, 5 * 3 * 2), nn.ReLU(), nn.Unflatten(1, (5, 3, 2)), nn.ConvTranspose2d(5, 4, 4, 2, 1),
                 nn.ReLU(), nn.ConvTranspose2d(4, 3, 4, 2, 1), nn.Sigmoid()]), metadata={"format": "pt"}),
        case(
            "linear layers alone", (6, 5), 1,
            Halves(
                [nn.Flatten(), nn.Linear(30, 9), nn.ReLU(), nn.Linear(9, 2)],
                [nn.Linear(2, 9), nn.ReLU(), nn.Linear(9, 30), nn.Sigmoid(), nn.Unflatten(1, (1, 5, 6))])),
        case(
            "without biases", (7, 7), 1,
            Halves(
                [nn.Conv2d(1, 3, 3, 2, 1, bias=False), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(),
                 nn.Linear(3 * 16, 2, bias=False)],
                [nn.Linear(2, 3 * 16, bias=False), nn.ReLU(), nn.Unflatten(1, (3, 4, 4)),
                 nn.ConvTranspose2d(3, 1, 3, 2, 1, bias=False), nn.Sigmoid()])),
    ]


def refused():
    def file(*layers, **named):
        state = {f"encoder.{n}": t for n, t in nn.Sequential(*layers[0]).state_dict().items()} if layers else {}
        if len(layers) > 1:
            state |= {f"decoder.{n}": t for n, t in nn.Sequential(*layers[1]).state_dict().items()}
        return base64.b64encode(save(state | {k.replace("__", "."): v for k, v in named.items()})).decode()

    down, up = [nn.Conv2d(1, 3, 3, 2, 1), nn.Linear(48, 2)], [nn.Linear(2, 48), nn.ConvTranspose2d(3, 1, 4, 2, 1)]
    return [
        dict(name="no decoder", file=file(down), says="called decoder"),
        dict(name="no linear layer", file=file(down[:1], up[1:]), says="a linear layer must lead to its codes"),
        dict(
            name="three linear layers", says="3 linear layers before its codes",
            file=file([nn.Linear(64, 9), nn.Linear(9, 9), nn.Linear(9, 2)], up)),
        dict(name="a convolution too many", file=file(down + [nn.Conv2d(3, 3, 3)], up), says="2 convolutions make"),
        dict(
            name="kernels of 5", says="encoder.levels.0.convolution.weight has the shape [3, 1, 5, 5]",
            file=file([nn.Conv2d(1, 3, 5, 2, 2), nn.Linear(48, 2)], up)),
        dict(
            name="a transposed kernel of 2", says="decoder.1 has a kernel of 2×2",
            file=file(down, [nn.Linear(2, 48), nn.ConvTranspose2d(3, 1, 2, 2)])),
        dict(
            name="another stride", says="encoder.code.weight has the shape [2, 192], not [2, 48]",
            file=file([nn.Conv2d(1, 3, 3, 1, 1), nn.Linear(192, 2)], up)),
        dict(
            name="four channels", says="would have 4 channels",
            file=file([nn.Conv2d(4, 3, 3, 2, 1), nn.Linear(48, 2)], up)),
        dict(
            name="another layer", says="which no layer here has",
            file=file(down, up, encoder__9__weight=torch.zeros(3, 3, 3))),
        dict(name="a lone number", says="is no part of a layer", file=file(down, up, scale=torch.zeros(1))),
        dict(
            name="a normalization in one half too many", says="2 normalizations follow 1 convolutions",
            file=file([nn.Conv2d(1, 3, 3, 2, 1), nn.BatchNorm2d(3), nn.BatchNorm2d(3), nn.Linear(48, 2)], up)),
        dict(
            name="normalization of the picture", says="1 normalizations follow 0 convolutions",
            file=file(down, up + [nn.BatchNorm2d(1)])),
        dict(
            name="no number", says="not finite",
            file=file(down, [nn.Linear(2, 48), up[1]], decoder__0__bias=torch.full((48,), float("nan")))),
        dict(name="integers", says="of type I64", file=file(down, up, encoder__8__weight=torch.zeros(3, dtype=torch.int64))),
    ]


def main():
    content = dict(
        about=f"Made by torch {torch.__version__} and the safetensors package.", models=cases(), refused=refused())
    with open(OUT, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    main()
