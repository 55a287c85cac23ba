"""What every generator shares: exact inputs, and the file format that FixtureLoader.swift reads.

Inputs are odd multiples of a power of two: exact in Float32 and in decimal, so the engine (single precision), the
Swift oracles and PyTorch (both double precision) start from the same numbers, and none of them is zero, where ReLU
has its kink. Everything is computed in float64 and printed with 10 significant digits; tensors of more than
`LARGEST_DECIMAL` numbers are base64: inputs as int8 over a divisor (exact), results as little-endian float32.
"""

import base64
import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

FOLDER = pathlib.Path(__file__).resolve().parent.parent
LARGEST_DECIMAL = 340


class Dyadic:
    """Draws tensors whose numbers are odd / divisor, below `limit` in absolute value."""

    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, *shape, limit=0.5, divisor=256):
        half = int(limit * divisor) // 2
        assert half > 0, "no odd multiple below the limit"
        draws = torch.randint(-half, half, shape, generator=self.generator)
        return (2 * draws + 1).to(torch.float64) / divisor

    def integers(self, bound, *shape):
        return torch.randint(0, bound, shape, generator=self.generator)


def text_of(tensor):
    values = tensor.detach().reshape(-1)
    shape = json.dumps(list(tensor.shape))
    if values.numel() <= LARGEST_DECIMAL:
        if not tensor.is_floating_point():
            numbers = ",".join(str(int(v)) for v in values)
        else:
            assert torch.isfinite(values).all(), "a fixture must be finite"
            numbers = ",".join(f"{v:.10g}" for v in values.tolist())
        return f'{{"shape":{shape},"values":[{numbers}]}}'
    for divisor in (256, 512):
        scaled = values * divisor
        if torch.equal(scaled, scaled.round()) and scaled.abs().max() < 128:
            encoded = base64.b64encode(scaled.to(torch.int8).numpy().tobytes()).decode()
            return f'{{"shape":{shape},"divisor":{divisor},"int8":"{encoded}"}}'
    encoded = base64.b64encode(values.to(torch.float32).numpy().astype("<f4").tobytes()).decode()
    return f'{{"shape":{shape},"float32":"{encoded}"}}'


def write(name, about, tensors):
    """Writes FOLDER/name.json, one tensor a line, names sorted."""
    rows = []
    for key in sorted(tensors):
        value = tensors[key]
        rows.append(f"{json.dumps(key)}:{text_of(value if torch.is_tensor(value) else torch.tensor(value))}")
    about = json.dumps(f"{about} Made by PyTorch {torch.__version__.split('+')[0]}, float64.")
    path = FOLDER / f"{name}.json"
    path.write_text('{"about":' + about + ',\n"tensors":{\n' + ",\n".join(rows) + "\n}}\n")
    print(f"{path.name}: {path.stat().st_size} bytes, {len(rows)} tensors")


def with_gradients(tensors):
    """Adds `name.grad` for every tensor that has one; a leaf that the loss does not reach is a mistake here."""
    result = dict(tensors)
    for key, value in tensors.items():
        if torch.is_tensor(value) and value.requires_grad and value.is_leaf:
            assert value.grad is not None and value.grad.abs().max() > 0, f"{key} got no gradient"
            result[f"{key}.grad"] = value.grad
    return result
