"""Windows [T, N, D] through tanh RNN, GRU and LSTM, forward and backward.

The loss is a weighted sum of every output and every final state (`weight_of_output`, `weight_of_hn`, `weight_of_cn`),
so these weights are the gradients that arrive from above. RNN and LSTM train one bias (bias_ih); bias_hh is zero and
is not stored. GRU has both.
"""

import torch

from common import Dyadic, with_gradients, write


def run(name, kind, seed, T, N, D, H, layers=1, limit=0.5):
    draw = Dyadic(seed)
    module = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[kind](D, H, layers)
    tensors = {}
    for key, parameter in module.named_parameters():
        if "bias_hh" in key and kind != "gru":
            parameter.data.zero_()
            parameter.requires_grad_(False)
        else:
            parameter.data.copy_(draw(*parameter.shape, limit=limit))
            tensors[key] = parameter
    x = draw(T, N, D).requires_grad_()
    h0 = draw(layers, N, H).requires_grad_()
    c0 = draw(layers, N, H).requires_grad_()
    y_weight, h_weight, c_weight = draw(T, N, H), draw(layers, N, H), draw(layers, N, H)
    tensors |= {"input": x, "h0": h0, "weight_of_output": y_weight, "weight_of_hn": h_weight}
    if kind == "lstm":
        output, (hn, cn) = module(x, (h0, c0))
        loss = (output * y_weight).sum() + (hn * h_weight).sum() + (cn * c_weight).sum()
        tensors |= {"c0": c0, "weight_of_cn": c_weight, "cn": cn}
    else:
        output, hn = module(x, h0)
        loss = (output * y_weight).sum() + (hn * h_weight).sum()
    loss.backward()
    tensors |= {"output": output, "hn": hn, "loss": loss}
    write(name, f"nn.{type(module).__name__}, T={T} N={N} D={D} H={H}, {layers} layer(s).", with_gradients(tensors))


def gru_reset_before(x, h, p):
    """The GRU of Cho et al. 2014 and of the book; PyTorch has no module for it."""
    (w_ir, w_iz, w_in), (w_hr, w_hz, w_hn) = p["weight_ih_l0"].chunk(3), p["weight_hh_l0"].chunk(3)
    (b_ir, b_iz, b_in), (b_hr, b_hz, b_hn) = p["bias_ih_l0"].chunk(3), p["bias_hh_l0"].chunk(3)
    outputs = []
    for x_t in x:
        r = torch.sigmoid(x_t @ w_ir.T + b_ir + h @ w_hr.T + b_hr)
        z = torch.sigmoid(x_t @ w_iz.T + b_iz + h @ w_hz.T + b_hz)
        n = torch.tanh(x_t @ w_in.T + b_in + (r * h) @ w_hn.T + b_hn)
        h = (1 - z) * n + z * h
        outputs.append(h)
    return torch.stack(outputs), h


def run_gru_reset_before(name, seed, T, N, D, H):
    """n = tanh(W_in x + b_in + W_hn (r * h) + b_hn): Cho et al. 2014, and the book; PyTorch has no module for it."""
    draw = Dyadic(seed)
    shapes = {"weight_ih_l0": (3 * H, D), "weight_hh_l0": (3 * H, H), "bias_ih_l0": (3 * H,), "bias_hh_l0": (3 * H,)}
    tensors = {key: draw(*shape).requires_grad_() for key, shape in shapes.items()}
    x, h0 = draw(T, N, D).requires_grad_(), draw(1, N, H).requires_grad_()
    y_weight, h_weight = draw(T, N, H), draw(1, N, H)
    output, h = gru_reset_before(x, h0[0], tensors)
    hn = h[None]
    loss = (output * y_weight).sum() + (hn * h_weight).sum()
    loss.backward()
    tensors |= {"input": x, "h0": h0, "weight_of_output": y_weight, "weight_of_hn": h_weight}
    tensors |= {"output": output, "hn": hn, "loss": loss}
    write(name, f"GRU with the reset gate before the product, T={T} N={N} D={D} H={H}.", with_gradients(tensors))


def run_stack(name, seed, T, N, D, H0, P0, H1, H2, K):
    """rnn:H0:P0, gru:H1, lstm:H2 and a dense layer, with inverted dropout (given masks, p = 0.25) after each layer.

    A projection follows its cell, has a bias, and is not fed back to the cell.
    """
    draw = Dyadic(seed)
    modules = {
        "layers.0.cell": torch.nn.RNN(D, H0),
        "layers.0.projection": torch.nn.Linear(H0, P0),
        "layers.1.cell": torch.nn.GRU(P0, H1),
        "layers.2.cell": torch.nn.LSTM(H1, H2),
        "head": torch.nn.Linear(H2, K),
    }
    tensors = {}
    for prefix, module in modules.items():
        for key, parameter in module.named_parameters():
            if "bias_hh" in key and not isinstance(module, torch.nn.GRU):
                parameter.data.zero_()
                parameter.requires_grad_(False)
            else:
                parameter.data.copy_(draw(*parameter.shape))
                tensors[f"{prefix}.{key}"] = parameter
    keep = 0.75
    x = draw(T, N, D).requires_grad_()
    state = {f"h0_l{i}": draw(1, N, H).requires_grad_() for i, H in enumerate((H0, H1, H2))}
    state["c0_l2"] = draw(1, N, H2).requires_grad_()
    masks = [(draw.integers(4, T, N, F) > 0).long() for F in (P0, H1, H2)]
    logit_weight = draw(T, N, K)
    y, hn0 = modules["layers.0.cell"](x, state["h0_l0"])
    y = modules["layers.0.projection"](y) * masks[0] / keep
    y, hn1 = modules["layers.1.cell"](y, state["h0_l1"])
    y, (hn2, cn2) = modules["layers.2.cell"](y * masks[1] / keep, (state["h0_l2"], state["c0_l2"]))
    output = modules["head"](y * masks[2] / keep)
    finals = {"hn_l0": hn0, "hn_l1": hn1, "hn_l2": hn2, "cn_l2": cn2}
    weights = {f"weight_of_{key}": draw(*value.shape) for key, value in finals.items()}
    loss = (output * logit_weight).sum() + sum((finals[key] * weights[f"weight_of_{key}"]).sum() for key in finals)
    loss.backward()
    tensors |= {"input": x, "output": output, "weight_of_output": logit_weight, "loss": loss, "keep": keep}
    tensors |= {f"mask_{i}": mask for i, mask in enumerate(masks)} | state | finals | weights
    about = f"rnn:{H0}:{P0}, gru:{H1}, lstm:{H2}, dense {K}, T={T} N={N} D={D}, inverted dropout after every layer."
    write(name, about, with_gradients(tensors))


def main():
    run("rnn", "rnn", seed=11, T=5, N=3, D=4, H=6)
    run("rnn_2_layers", "rnn", seed=12, T=4, N=3, D=5, H=7, layers=2)
    run("gru", "gru", seed=13, T=5, N=3, D=4, H=6)
    run("gru_2_layers", "gru", seed=14, T=4, N=3, D=5, H=7, layers=2)
    run("lstm", "lstm", seed=15, T=5, N=3, D=4, H=6)
    run("lstm_2_layers", "lstm", seed=16, T=4, N=3, D=5, H=7, layers=2)
    run("rnn_wide", "rnn", seed=17, T=7, N=5, D=19, H=70, limit=0.25)
    run("gru_wide", "gru", seed=18, T=7, N=5, D=19, H=38, limit=0.25)
    run("lstm_wide", "lstm", seed=19, T=7, N=5, D=19, H=70, limit=0.25)
    run_gru_reset_before("gru_reset_before", seed=20, T=5, N=3, D=4, H=6)
    run_stack("stack", seed=21, T=4, N=3, D=5, H0=8, P0=6, H1=7, H2=9, K=10)


if __name__ == "__main__":
    main()
