"""Convolutional autoencoders, the same as `EngineBenchmarks autoencoder`.

    a16, a32   28×28 gray, batch 128: 3×3 convolutions of stride 2 with 16 and 32 channels (32 and 64), code 28; Adam
    book       28×28 gray, batch 60: 5×5 convolutions of 14 and 7 channels, code 28, tanh; 318,480 parameters; SGD
    c          64×64 color, batch 64: 4×4 convolutions of stride 2 with 32, 64, 128, 256 channels, code 128; Adam
    d          128×128 color, batch 32: the same

A training step is forward, mean squared error, backward and the fused update.
"""

import torch, torch.nn as nn, torch.nn.functional as F

from .precision import forward_in


def small(channels):
    encode = [nn.Conv2d(1, channels, 3, 2, 1), nn.ReLU(), nn.Conv2d(channels, 2 * channels, 3, 2, 1), nn.ReLU()]
    decode = [nn.ConvTranspose2d(2 * channels, channels, 4, 2, 1), nn.ReLU()]
    decode += [nn.ConvTranspose2d(channels, 1, 4, 2, 1), nn.Sigmoid()]
    return dense(encode, (2 * channels, 7, 7), 28, nn.ReLU, decode)


def book():
    encode = [nn.Conv2d(1, 14, 5, padding=2), nn.Tanh(), nn.Conv2d(14, 7, 5, padding=2), nn.Tanh()]
    decode = [nn.Conv2d(7, 14, 5, padding=2), nn.Tanh(), nn.Conv2d(14, 1, 5, padding=2), nn.Tanh()]
    encoder, decoder = dense(encode, (7, 28, 28), 28, nn.Tanh, decode)
    return nn.ModuleList([encoder.append(nn.Tanh()), decoder])


def large(side):
    widths, encode, decode = [3, 32, 64, 128, 256], [], []
    for inner, outer in zip(widths, widths[1:]):
        encode += [nn.Conv2d(inner, outer, 4, 2, 1), nn.ReLU()]
        decode = [nn.ConvTranspose2d(outer, inner, 4, 2, 1), nn.ReLU() if inner > 3 else nn.Sigmoid()] + decode
    return dense(encode, (256, side // 16, side // 16), 128, nn.ReLU, decode)


def dense(encode, shape, code, activation, decode):
    """An encoder and a decoder, with a dense layer to the code and one back from it."""
    size = shape[0] * shape[1] * shape[2]
    encoder = nn.Sequential(*encode, nn.Flatten(), nn.Linear(size, code))
    return nn.ModuleList(
        [encoder, nn.Sequential(nn.Linear(code, size), activation(), nn.Unflatten(1, shape), *decode)]
    )


NETWORKS = {
    "a16": (lambda: small(16), (128, 1, 28, 28)),
    "a32": (lambda: small(32), (128, 1, 28, 28)),
    "book": (book, (60, 1, 28, 28)),
    "c": (lambda: large(64), (64, 3, 64, 64)),
    "d": (lambda: large(128), (32, 3, 128, 128)),
}


def make(work, configuration):
    """A closure that does one batch of work, and how many images that is."""
    make_network, shape = NETWORKS[work["network"]]
    form = torch.channels_last if configuration["channels_last"] else torch.contiguous_format
    model = make_network().to(memory_format=form)
    x = torch.rand(*shape).to(memory_format=form)
    encoder, decoder = model
    compiled, freezing = configuration.get("compiled"), configuration.get("freezing")
    options = {"options": {"freezing": True}} if freezing else {}

    def prepared(module):
        return torch.compile(module, **options) if compiled else module

    if work["task"] == "encode":
        model.eval()
        encode = prepared(encoder)
        return (lambda: encode(x)), len(x)
    if work["network"] == "book":
        x, optimizer = 2 * x - 1, torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, fused=True)
    else:
        optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
    whole = prepared(nn.Sequential(encoder, decoder))

    def step():
        with forward_in(configuration):
            loss = F.mse_loss(whole(x), x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step, len(x)
