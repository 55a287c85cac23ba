"""Writing text with a recurrent language model, character by character, at temperature 0.8.

As a whole layer called for one step (`module`), or as cells, which in eager mode are faster; cells can be compiled,
together with the drawing. A character is drawn by `torch.multinomial`, or as the largest of the probabilities divided
by exponential random numbers, which has the same distribution and compiles better.
"""

import torch, torch.nn as nn, torch.nn.functional as F

from .precision import quantized_if_wanted

LAYERS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
CELLS = {"lstm": nn.LSTMCell, "gru": nn.GRUCell, "rnn": nn.RNNCell}


def draw(logits, way):
    probabilities = torch.softmax(logits / 0.8, -1)
    if way == "multinomial":
        return torch.multinomial(probabilities, 1)[:, 0]
    return torch.argmax(probabilities / torch.empty_like(probabilities).exponential_(1), -1)


def make(work, configuration):
    """A closure that writes one character in every stream, and how many streams there are."""
    kind, layers, hidden, classes, streams = (work[k] for k in ("cell", "layers", "hidden", "classes", "streams"))
    out, way = quantized_if_wanted(nn.Sequential(nn.Linear(hidden, classes)), configuration), configuration.get("draw", "multinomial")
    zeros = torch.zeros(streams, hidden)
    if configuration["form"] == "module":
        (rnn,) = quantized_if_wanted(nn.Sequential(LAYERS[kind](classes, hidden, layers)), configuration)
        stacked = torch.zeros(layers, streams, hidden)
        states = (stacked, stacked) if kind == "lstm" else stacked

        def advance(x, states):
            y, states = rnn(F.one_hot(x[None], classes).float(), states)
            return draw(out(y[0]), way), states

    else:
        cells = nn.Sequential(*(CELLS[kind](hidden if layer else classes, hidden) for layer in range(layers)))
        cells = quantized_if_wanted(cells, configuration)
        states = [(zeros, zeros) if kind == "lstm" else zeros for _ in cells]

        def advance(x, states):
            y, after = F.one_hot(x, classes).float(), []
            for cell, state in zip(cells, states):
                after.append(cell(y, state))
                y = after[-1][0] if kind == "lstm" else after[-1]
            return draw(out(y), way), after

    advance = torch.compile(advance) if configuration.get("compiled") else advance
    x = torch.zeros(streams, dtype=torch.long)

    def write():
        nonlocal x, states
        x, states = advance(x, states)

    return write, streams
