"""Embedding, two LSTM layers and a dense head: one whole step with clipping and Adam, then ten steps of AdamW.

The ten steps walk over consecutive windows of every lane with carried, detached state. Every loss must match.
"""

import torch
from torch.nn import functional as F

from common import Dyadic, with_gradients, write

V, E, H, N, T, STEPS = 11, 6, 7, 3, 5, 10


def model(draw, sharpness):
    embedding, lstm, head = torch.nn.Embedding(V, E), torch.nn.LSTM(E, H, 2), torch.nn.Linear(H, V)
    parameters = {}
    for prefix, module in (("embedding", embedding), ("lstm", lstm), ("head", head)):
        for key, parameter in module.named_parameters():
            if "bias_hh" in key:
                parameter.data.zero_()
                parameter.requires_grad_(False)
            else:
                limit, divisor = (sharpness, 16) if prefix == "head" else (0.5, 256)
                parameter.data.copy_(draw(*parameter.shape, limit=limit, divisor=divisor))
                parameters[f"{prefix}.{key}"] = parameter

    def loss(tokens, targets, state):
        output, state = lstm(embedding(tokens), state)
        return F.cross_entropy(head(output).reshape(-1, V), targets.reshape(-1)), state

    return parameters, loss


def lanes(draw):
    """Tokens [STEPS * T + 1, N], time first: each lane counts in its own stride, with some noise."""
    time = torch.arange(STEPS * T + 1)[:, None]
    stride = torch.tensor([1, 2, 3])[None]
    noise = draw.integers(4, STEPS * T + 1, N) == 0
    return (time * stride + noise.long()) % V


def one_step():
    draw = Dyadic(51)
    parameters, loss_of = model(draw, sharpness=7.5)
    tokens = lanes(draw)[: T + 1]
    h0, c0 = draw(2, N, H), draw(2, N, H)
    before = {key: value.detach().clone().requires_grad_() for key, value in parameters.items()}
    optimizer = torch.optim.Adam(parameters.values(), lr=0.0078125)
    loss, (hn, cn) = loss_of(tokens[:-1], tokens[1:], (h0, c0))
    loss.backward()
    for key, value in parameters.items():
        before[key].grad = value.grad.clone()
    tensors = with_gradients(before)
    norm = torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
    assert norm > 1.2, f"clipping must do something, norm {norm}"
    optimizer.step()
    tensors |= {f"{key}.after": value for key, value in parameters.items()}
    tensors |= {"tokens": tokens[:-1], "targets": tokens[1:], "h0": h0, "c0": c0, "hn": hn, "cn": cn}
    tensors |= {"loss": loss, "gradient_norm": norm, "learning_rate": 0.0078125}
    about = f"Language model V={V} E={E} H={H}, T={T} N={N}: gradients before clipping, parameters after Adam."
    write("language_model_step", about, tensors)


def ten_steps():
    draw = Dyadic(52)
    parameters, loss_of = model(draw, sharpness=3.0)
    tokens = lanes(draw)
    tensors = {key: value.detach().clone() for key, value in parameters.items()}
    optimizer = torch.optim.AdamW(parameters.values(), lr=0.03125, weight_decay=0.0625)
    losses, norms, state = [], [], (torch.zeros(2, N, H), torch.zeros(2, N, H))
    for step in range(STEPS):
        window = tokens[step * T : step * T + T + 1]
        optimizer.zero_grad()
        loss, state = loss_of(window[:-1], window[1:], state)
        state = tuple(part.detach() for part in state)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0).item())
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.9 * losses[0], "it must learn"
    tensors |= {f"{key}.after": value for key, value in parameters.items()}
    tensors |= {"tokens": tokens, "losses": torch.tensor(losses), "gradient_norms": torch.tensor(norms)}
    tensors |= {"hn": state[0], "cn": state[1], "learning_rate": 0.03125, "weight_decay": 0.0625}
    about = f"Language model V={V} E={E} H={H}: ten windows T={T} N={N}, carried state, clip 1, AdamW."
    write("language_model_training", about, tensors)


def main():
    one_step()
    ten_steps()


if __name__ == "__main__":
    main()
