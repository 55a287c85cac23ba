"""Held-out error of rivals, one line of JSON at a time.

    pytorch_autoencoder_quality.py pca DATA --code 64 128             exact PCA (numpy), for each code size
    pytorch_autoencoder_quality.py plain DATA [--code K --minutes M]  mean squared error a value, in [0, 1]
    pytorch_autoencoder_quality.py variational DATA [...]             negative ELBO, nats a picture, one draw of codes

DATA is a folder with folders `train` and `heldout` of pictures of one size and kind (made by photographs.py), or
MNIST's file of 10,000 test images, gzipped, of which the first 9,000 train and the last 1,000 are held out.

Training pictures are moved by up to a sixteenth of their longer side, as `ae train` moves them (`--shift 0`: not).

The networks: for gray, 3×3 convolutions of stride 2 with 32, 64 and 128 channels and the code (32 unless said
otherwise; 20 if variational), as `ae train` has them for MNIST; for color, 4×4 convolutions of stride 2 with 32, 64,
128, 256 channels and the code (128). Batch normalization and ReLU throughout; decoders mirror encoders, with
transposed convolutions.
AdamW, and a cosine over the minutes of training, which do not count the scoring. Needs `pip install torch numpy
pillow`.
"""

import argparse, gzip, json, math, pathlib, time
import numpy as np


def read(place):
    """Bytes [N, C, H, W] to train and held out."""
    if place.is_file():
        images = np.frombuffer(gzip.open(place).read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)
        return images[:9000], images[9000:10000]
    from PIL import Image

    def folder(name):
        pictures = [np.asarray(Image.open(file)) for file in sorted((place / name).iterdir())]
        return np.stack([p.transpose(2, 0, 1) if p.ndim == 3 else p[None] for p in pictures])

    return folder("train"), folder("heldout")


def pca(train, heldout, codes):
    """The least error of any linear code: directions of the train pictures about their mean, by eigenvectors.

    Of the covariance, or of the products of pictures with each other where those are fewer than values in a picture.
    """
    x = train.reshape(len(train), -1) / 255.0
    mean = x.mean(0)
    x -= mean
    y = heldout.reshape(len(heldout), -1) / 255.0 - mean
    by_pictures = len(x) < x.shape[1]
    values, vectors = np.linalg.eigh(x @ x.T if by_pictures else x.T @ x)
    for code in codes:
        directions = vectors[:, ::-1][:, :code]
        if by_pictures:
            directions = x.T @ directions / np.sqrt(values[::-1][:code])
        lost = (y**2).sum() - ((y @ directions) ** 2).sum()
        result = {"code": code, "pca_mse": lost / y.size, "train_pca_mse": values[::-1][code:].sum() / x.size}
        print(json.dumps(result | {"mean_picture_mse": (y**2).mean()}, sort_keys=True), flush=True)


def make_model(shape, code, variational):
    import torch.nn as nn

    channels, height, width = shape
    kernel, widths = (3, [32, 64, 128]) if channels == 1 else (4, [32, 64, 128, 256])
    encode, decode, inner = [], [], (channels, height, width)
    for outer in widths:
        encode += [nn.Conv2d(inner[0], outer, kernel, 2, 1), nn.BatchNorm2d(outer), nn.ReLU()]
        back = [nn.BatchNorm2d(inner[0]), nn.ReLU()] if decode else []
        kernels = tuple(4 if side % 2 == 0 else 3 for side in inner[1:])
        decode = [nn.ConvTranspose2d(outer, inner[0], kernels, 2, 1)] + back + decode
        inner = (outer, (inner[1] + 1) // 2, (inner[2] + 1) // 2)
    flat = math.prod(inner)
    encode += [nn.Flatten(), nn.Linear(flat, 2 * code if variational else code)]
    dense = [nn.Linear(code, flat), nn.ReLU(), nn.Unflatten(1, inner)]
    return nn.ModuleList([nn.Sequential(*encode), nn.Sequential(*dense, *decode)])


def moved(x, pixels):
    """Each picture by up to so many pixels along each axis; what comes in at an edge is the edge, drawn out."""
    import torch
    import torch.nn.functional as F

    count, channels, height, width = x.shape
    wide = F.pad(x, (pixels,) * 4, mode="replicate")
    down, right = torch.randint(0, 2 * pixels + 1, (2, count, 1))
    rows = (torch.arange(height) + down)[:, None, :, None]
    columns = (torch.arange(width) + right)[:, None, None, :]
    pictures, planes = torch.arange(count)[:, None, None, None], torch.arange(channels)[None, :, None, None]
    return wide[pictures, planes, rows, columns]


def train_network(train, heldout, options):
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    variational, seconds = options.kind == "variational", options.minutes * 60
    form = torch.channels_last if train.shape[1] == 3 else torch.contiguous_format
    model = make_model(train.shape[1:], options.code[0], variational).to(memory_format=form)
    encode, decode = model
    optimizer = torch.optim.AdamW(model.parameters(), options.rate, weight_decay=1e-4, fused=True)
    train, heldout = (torch.from_numpy(np.array(x)).to(memory_format=form) for x in (train, heldout))

    def loss_of(x):
        with torch.autocast("cpu", torch.bfloat16, enabled=options.bf16):
            code = encode(x)
            if variational:
                mean, log_variance = code.float().chunk(2, 1)
                code = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
            logits = decode(code).float()
        if not variational:
            return F.mse_loss(torch.sigmoid(logits), x)
        nll = F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
        return nll - 0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum() / len(x)

    def score():
        model.eval()
        with torch.inference_mode():
            parts = heldout.split(500)
            total = sum(loss_of(part.float() / 255).item() * len(part) for part in parts) / len(heldout)
        model.train()
        return total

    spent, epochs, due, recent = 0.0, 0.0, options.every * 60, 0.0
    while spent < seconds:
        for batch in torch.randperm(len(train)).split(options.batch):
            start = time.perf_counter()
            rate = options.rate * (0.01 + 0.495 * (1 + math.cos(math.pi * min(spent / seconds, 1))))
            for group in optimizer.param_groups:
                group["lr"] = rate
            loss = loss_of(moved(train[batch].float() / 255, options.shift).contiguous(memory_format=form))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            spent += time.perf_counter() - start
            epochs += len(batch) / len(train)
            recent += 0.02 * (loss.item() - recent) if recent else loss.item()
            if spent >= min(due, seconds):
                due += options.every * 60
                name = "heldout_negative_elbo_nats" if variational else "heldout_mse"
                result = {"minutes": round(spent / 60, 2), "epochs": round(epochs, 2), "train_loss": round(recent, 6)}
                print(json.dumps(result | {name: round(score(), 6)}, sort_keys=True), flush=True)
                if spent >= seconds:
                    break


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("kind", choices=["pca", "plain", "variational"])
parser.add_argument("data", type=pathlib.Path)
parser.add_argument("--code", type=int, nargs="+", help="size of the code; several for pca")
parser.add_argument("--minutes", type=float, default=3)
parser.add_argument("--every", type=float, default=1, help="minutes of training from one scoring to the next")
parser.add_argument("--batch", type=int, help="32 for gray, 64 for color")
parser.add_argument("--rate", type=float, help="the highest learning rate: 0.004 for gray, 0.002 for color")
parser.add_argument("--shift", type=int, help="pixels at most: a sixteenth of the longer side")
parser.add_argument("--bf16", action="store_true", help="autocast to bfloat16")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--seed", type=int, default=0)
options = parser.parse_args()
pictures = read(options.data)
color = pictures[0].shape[1] == 3
options.code = options.code or [128 if color else 20 if options.kind == "variational" else 32]
options.batch = options.batch or (64 if color else 32)
options.rate = options.rate or (2e-3 if color else 4e-3)
if options.shift is None:
    options.shift = max(pictures[0].shape[2:]) // 16
if options.kind == "pca":
    pca(*pictures, options.code)
else:
    train_network(*pictures, options)
