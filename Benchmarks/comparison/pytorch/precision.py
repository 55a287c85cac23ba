"""Other precisions than single, as PyTorch offers them on a processor."""

import contextlib, warnings
import torch, torch.nn as nn


def forward_in(configuration):
    """What a forward pass and its loss run in: with `bf16` autocast, which leaves weights and optimizer in single precision
    and chooses for each operation; backward follows it."""
    if configuration.get("precision") == "bf16":
        return torch.autocast("cpu", dtype=torch.bfloat16)
    return contextlib.nullcontext()


QUANTIZED = {nn.LSTM, nn.GRU, nn.LSTMCell, nn.GRUCell, nn.RNNCell, nn.Linear}


def quantized_if_wanted(module, configuration):
    """With `int8` dynamic quantization: weights in 8 bits, activations rounded to 8 bits in each product."""
    if configuration.get("precision") != "int8":
        return module
    with warnings.catch_warnings():
        # It is deprecated in favor of a package that has no recurrent layers.
        warnings.simplefilter("ignore")
        return torch.ao.quantization.quantize_dynamic(module.eval(), QUANTIZED, dtype=torch.qint8)
