"""Images per second of PyTorch autoencoders, float32: pytorch_autoencoders.py NETWORK train|encode SECONDS [OPTION…].

    a16, a32   28×28 grey, batch 128: 3×3 convolutions of stride 2 with 16 and 32 channels (32 and 64), code 28; Adam
    book       28×28 grey, batch 60: 5×5 convolutions of 14 and 7 channels, code 28, tanh; 318,480 parameters; SGD
    c          64×64 color, batch 64: 4×4 convolutions of stride 2 with 32, 64, 128, 256 channels, code 128; Adam
    d          128×128 color, batch 32: the same

A training step is forward, mean squared error, backward and the fused update; encoding runs under inference mode.
Prints a line of JSON for each memory format, measured for SECONDS each; the faster one is the rival. A driver calls
this and the engine in turn. Measure on a machine with nothing else to do: PyTorch's threads wait for each other
spinning, and next to another busy program it can fall to a fiftieth.
"""

import argparse, json, time
import torch, torch.nn as nn, torch.nn.functional as F


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
FORMATS = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}


def make_work(network, task, form, batch, compiled):
    """A closure that does one batch of work, and how many images that is."""
    torch.manual_seed(0)
    make, shape = NETWORKS[network]
    model = make().to(memory_format=FORMATS[form])
    x = torch.rand(batch or shape[0], *shape[1:]).to(memory_format=FORMATS[form])
    encoder, decoder = model
    if task == "encode":
        model.eval()
        encode = torch.compile(encoder) if compiled else encoder
        return (lambda: encode(x)), len(x)
    if network == "book":
        x, optimizer = 2 * x - 1, torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, fused=True)
    else:
        optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
    whole = nn.Sequential(encoder, decoder)
    whole = torch.compile(whole) if compiled else whole

    def step():
        loss = F.mse_loss(whole(x), x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step, len(x)


def images_per_second(work, images, seconds):
    """After a warm-up of three batches and a tenth of the time."""
    count, start = 0, time.perf_counter()
    while count < 3 or time.perf_counter() - start < 0.1 * seconds:
        work()
        count += 1
    count, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        work()
        count += 1
    return images * count / spent


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("network", choices=NETWORKS)
parser.add_argument("task", choices=["train", "encode"])
parser.add_argument("seconds", type=float, help="of each measurement")
parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS))
parser.add_argument("--batch", type=int, help="instead of the network's own")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--compiled", action="store_true", help="torch.compile; compiling is not counted")
options = parser.parse_args()
torch.set_num_threads(options.threads)
for form in options.formats:
    work, images = make_work(options.network, options.task, form, options.batch, options.compiled)
    with torch.inference_mode(options.task == "encode"):
        rate = images_per_second(work, images, options.seconds)
    result = {"network": options.network, "task": options.task, "batch": images, "format": form, "who": "pytorch"}
    result |= {"compiled": options.compiled, "threads": options.threads, "images_per_second": round(rate, 1)}
    print(json.dumps(result, sort_keys=True), flush=True)
