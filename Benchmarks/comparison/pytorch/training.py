"""Training steps of recurrent language models, the same work as `EngineBenchmarks steps`.

One-hot input, a stack of layers, a linear head, mean cross-entropy, clipping by norm 5, fused Adam; the state is
carried from window to window, eight windows of random characters take turns.
"""

import itertools
import torch, torch._dynamo, torch.nn as nn, torch.nn.functional as F

from .precision import forward_in

LAYERS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


class Model(nn.Module):
    def __init__(self, cell, layers, hidden, classes):
        super().__init__()
        self.rnn, self.out = LAYERS[cell](classes, hidden, layers), nn.Linear(hidden, classes)
        self.classes = classes

    def forward(self, x, state):
        y, state = self.rnn(F.one_hot(x, self.classes).float(), state)
        return self.out(y), state


def make(work, configuration):
    """A closure that does one step, and how many characters that is."""
    classes, lanes, steps = work["classes"], work["lanes"], work["steps"]
    model = Model(work["cell"], work["layers"], work["hidden"], classes)
    torch._dynamo.config.allow_rnn = configuration.get("unrolled", False)
    run = torch.compile(model) if configuration.get("compiled") else model
    adam = torch.optim.Adam(model.parameters(), 2e-3, fused=True)
    windows = [torch.randint(0, classes, (steps, lanes)) for _ in range(9)]
    turns = itertools.cycle(range(8))
    zeros = torch.zeros(work["layers"], lanes, work["hidden"])
    state = (zeros, zeros) if work["cell"] == "lstm" else zeros

    def step():
        nonlocal state
        turn = next(turns)
        with forward_in(configuration):
            logits, after = run(windows[turn], state)
            loss = F.cross_entropy(logits.flatten(0, 1), windows[turn + 1].flatten())
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        adam.step()
        state = tuple(s.detach() for s in after) if isinstance(after, tuple) else after.detach()

    return step, lanes * steps
