"""A thousand steps of a language model of one layer, with every cell and every optimizer.

Every step sees a window of each lane, with carried, detached state; after 40 windows the text begins again. Stored are
the start, losses on the way, and all weights after 10 and after 1,000 steps, in double precision. The same in single
precision, by PyTorch too, says how far rounding alone leads a trajectory away: `drift`.
"""

import torch
from torch.nn import functional as F

from common import Dyadic, write
from recurrent import gru_reset_before

V, E, H, N, T, WINDOWS, STEPS = 7, 4, 6, 4, 6, 40, 1000
LOSSES = [0, 1, 2, 4, 9, 19, 49, 99, 199, 399, 699, 999]
NAMES = ["embedding.weight", "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "head.weight", "head.bias"]
DECAY = 0.0625
# With SGD at twice this rate the tanh network is chaotic: PyTorch's single precision is 33 % away after 1,000 steps.
RATES = {
    "sgd": 0.125, "momentum": 0.0078125, "nesterov": 0.015625, "adagrad": 0.0625, "rmsprop": 0.0078125,
    "adam": 0.00390625, "adamw": 0.00390625,
}
OPTIMIZERS = {
    "sgd": torch.optim.SGD,
    "momentum": lambda p, rate: torch.optim.SGD(p, rate, momentum=0.9),
    "nesterov": lambda p, rate: torch.optim.SGD(p, rate, momentum=0.9, nesterov=True),
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
    "adamw": lambda p, rate: torch.optim.AdamW(p, rate, weight_decay=DECAY),
}


def tokens():
    """[WINDOWS * T + 1, N]: each lane counts in its own stride, with some noise, so that nobody can know it by heart."""
    draw = Dyadic(61)
    time = torch.arange(WINDOWS * T + 1)[:, None]
    noise = draw.integers(3, WINDOWS * T + 1, N) == 0
    return (time * torch.tensor([1, 2, 3, 5])[None] + noise.long()) % V


def start(kind):
    draw = Dyadic(62)
    gates = {"rnn": 1, "lstm": 4}.get(kind, 3)
    shapes = [(V, E), (gates * H, E), (gates * H, H), (gates * H,), (gates * H,), (V, H), (V,)]
    return {
        name: draw(*shape) for name, shape in zip(NAMES, shapes) if name != "bias_hh_l0" or kind.startswith("gru")
    }


def trajectory(kind, optimizer, dtype, text):
    parameters = {name: value.to(dtype).requires_grad_() for name, value in start(kind).items()}
    cell = {"rnn": torch.rnn_tanh, "gru": torch.gru, "lstm": torch.lstm}.get(kind)
    gates = parameters["weight_ih_l0"].shape[0]
    bias = parameters.get("bias_hh_l0", torch.zeros(gates, dtype=dtype))
    weights = [parameters["weight_ih_l0"], parameters["weight_hh_l0"], parameters["bias_ih_l0"], bias]
    optimizer = OPTIMIZERS[optimizer](list(parameters.values()), RATES[optimizer])
    h = c = torch.zeros(1, N, H, dtype=dtype)
    losses, after = [], {}
    for step in range(STEPS):
        first = step % WINDOWS * T
        inputs, targets = text[first : first + T], text[first + 1 : first + T + 1]
        optimizer.zero_grad()
        x = parameters["embedding.weight"][inputs]
        if kind == "gru-reset-before":
            output, state = gru_reset_before(x, h[0], parameters)
            h = state[None]
        elif kind == "lstm":
            output, h, c = cell(x, (h, c), weights, True, 1, 0.0, True, False, False)
        else:
            output, h = cell(x, h, weights, True, 1, 0.0, True, False, False)
        h, c = h.detach(), c.detach()
        logits = output @ parameters["head.weight"].T + parameters["head.bias"]
        loss = F.cross_entropy(logits.reshape(-1, V), targets.reshape(-1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        if step + 1 in (10, STEPS):
            flat = torch.cat([value.detach().reshape(-1) for value in parameters.values()])
            after[step + 1] = flat.to(torch.float64)
    return torch.tensor(losses, dtype=torch.float64), after


def drift(found, expected, steps):
    """Of losses the largest relative difference, of weights the norm of the difference over their norm."""
    losses = ((found[0] - expected[0]).abs() / expected[0].abs())[:steps].max()
    weights = (found[1][steps] - expected[1][steps]).norm() / expected[1][steps].norm()
    return [losses.item(), weights.item()]


def main():
    text = tokens()
    # In 256ths, so that they are stored as bytes.
    tensors = {"tokens_256": text.to(torch.float64) / 256, "loss_steps": torch.tensor(LOSSES)}
    tensors |= {f"{optimizer}.learning_rate": rate for optimizer, rate in RATES.items()} | {"weight_decay": DECAY}
    for kind in ("rnn", "gru", "gru-reset-before", "lstm"):
        tensors |= {f"{kind}.{name}": value for name, value in start(kind).items()}
        for optimizer in OPTIMIZERS:
            double = trajectory(kind, optimizer, torch.float64, text)
            single = trajectory(kind, optimizer, torch.float32, text)
            assert double[0][-100:].mean() < 0.95 * double[0][:5].mean(), f"{kind}, {optimizer}: it must learn"
            name = f"{kind}.{optimizer}"
            tensors[f"{name}.losses"] = double[0][LOSSES]
            tensors |= {f"{name}.after_{steps}": double[1][steps] for steps in (10, STEPS)}
            measured = drift(single, double, 10) + drift(single, double, STEPS)
            tensors[f"{name}.drift"] = torch.tensor(measured)
            print(name, *(f"{value:.2g}" for value in measured), f"loss {double[0][0]:.3f} to {double[0][-1]:.3f}")
    about = (
        f"Language model V={V} E={E} H={H}: {STEPS} windows T={T} N={N}, carried state, clip 1. All weights in one row"
        " after 10 and 1000 steps; drift of PyTorch's single precision: losses and weights over 10 steps, over 1000."
    )
    write("trajectories", about, tensors)


if __name__ == "__main__":
    main()
