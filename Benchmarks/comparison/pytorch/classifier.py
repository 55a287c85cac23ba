"""The classifier of the README in PyTorch: the same first weights, the same batches in the same order.

    EngineBenchmarks classifier IMAGES LABELS --export FOLDER
    python3 classifier.py IMAGES LABELS FOLDER [--threads N] [--epochs N]

Prints one line of JSON, as EngineBenchmarks does.
"""

import argparse
import copy
import gzip
import json
import pathlib
import struct
import time

import numpy
import torch

BATCH, HELD_OUT = 60, 1_000


def read_idx(path):
    raw = (gzip.open if str(path).endswith(".gz") else open)(path, "rb").read()
    rank = raw[3]
    sizes = struct.unpack(f">{rank}I", raw[4:4 + 4 * rank])
    return numpy.frombuffer(raw, numpy.uint8, offset=4 + 4 * rank).reshape(sizes)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("images")
    parser.add_argument("labels")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=25)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)

    images = torch.from_numpy(read_idx(options.images).reshape(-1, 784).astype(numpy.float32) / 255)
    labels = torch.from_numpy(read_idx(options.labels).astype(numpy.int64))
    order = torch.from_numpy(numpy.fromfile(options.folder / "order", numpy.int32).astype(numpy.int64))
    held_out, passes = order[:HELD_OUT], order[HELD_OUT:].reshape(-1, len(images) - HELD_OUT)
    held_out_images, held_out_labels = images[held_out], labels[held_out]

    model = torch.nn.Sequential(
        torch.nn.Linear(784, 89), torch.nn.Tanh(), torch.nn.Dropout(0.2), torch.nn.Linear(89, 10))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            start = numpy.fromfile(options.folder / name, numpy.float32).reshape(parameter.shape)
            parameter.copy_(torch.from_numpy(start))
    loss_of = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

    began, best, best_epoch, best_weights = time.perf_counter(), float("inf"), 0, None
    for epoch in range(options.epochs):
        model.train()
        for batch in passes[epoch].split(BATCH):
            optimizer.zero_grad()
            loss_of(model(images[batch]), labels[batch]).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            loss = loss_of(model(held_out_images), held_out_labels).item()
        if loss < best:
            best, best_epoch, best_weights = loss, epoch + 1, copy.deepcopy(model.state_dict())
    seconds = time.perf_counter() - began

    model.load_state_dict(best_weights)
    with torch.no_grad():
        answers = model(held_out_images)
    print(json.dumps({
        "accuracy": (answers.argmax(1) == held_out_labels).float().mean().item(), "bestEpoch": best_epoch,
        "loss": loss_of(answers, held_out_labels).item(), "seconds": seconds, "threads": options.threads}))


if __name__ == "__main__":
    main()
