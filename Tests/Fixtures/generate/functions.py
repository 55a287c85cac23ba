"""Elementwise functions, losses, dense layer, embedding: values and gradients."""

import torch
from torch.nn import functional as F

from common import Dyadic, with_gradients, write


def gelu(x):
    """F.gelu keeps its digits in the left tail only as erfc."""
    y = x * torch.erfc(-x / 2**0.5) / 2
    assert torch.allclose(y, F.gelu(x), rtol=0, atol=1e-14)
    return y


def activations():
    x_values = torch.cat([Dyadic(31)(41, limit=8.0, divisor=16), torch.tensor([-9.5, -30.0, -90.0, 9.5, 30.0, 90.0])])
    upstream = Dyadic(32)(x_values.numel())
    functions = {
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "relu": torch.relu,
        "leaky_relu": lambda x: F.leaky_relu(x, 0.01),
        "gelu": gelu,
        "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    }
    tensors = {"input": x_values, "weight_of_output": upstream, "negative_slope": 0.01}
    for name, function in functions.items():
        x = x_values.clone().requires_grad_()
        y = function(x)
        (y * upstream).sum().backward()
        tensors |= {f"{name}.output": y, f"{name}.input.grad": x.grad}
    write("activations", "Elementwise functions; gradients of sum(output * weight_of_output).", tensors)


def cross_entropy():
    draw = Dyadic(33)
    logits = draw(7, 5, limit=7.5, divisor=16)
    logits[2] += 900  # exp overflows, in double precision too, unless the maximum is taken out
    logits[4, 1] = -300
    logits.requires_grad_()
    targets = draw.integers(5, 7)
    loss = F.cross_entropy(logits, targets)
    loss.backward()
    tensors = {"logits": logits, "targets": targets, "loss": loss, "log_softmax": F.log_softmax(logits, 1)}
    write("cross_entropy", "Mean cross-entropy in nats, rows 7, classes 5.", with_gradients(tensors))


def mean_squared_error():
    draw = Dyadic(34)
    prediction, target = draw(4, 3).requires_grad_(), draw(4, 3)
    loss = F.mse_loss(prediction, target)
    loss.backward()
    tensors = {"prediction": prediction, "target": target, "loss": loss}
    write("mean_squared_error", "Mean over all elements.", with_gradients(tensors))


def mean_absolute_error():
    draw = Dyadic(37)
    prediction, target = draw(4, 3).requires_grad_(), draw(4, 3)
    loss = F.l1_loss(prediction, target)
    loss.backward()
    tensors = {"prediction": prediction, "target": target, "loss": loss}
    write("mean_absolute_error", "Mean over all elements.", with_gradients(tensors))


def binary_cross_entropy():
    draw = Dyadic(38)
    logits, targets = draw(4, 5, limit=7.5, divisor=16), draw(4, 5) + 0.5
    logits[1, 2] = 800  # its sigmoid is 1 in double precision: the loss must come from the logit
    targets[2, 0], targets[2, 1] = 0, 1
    logits.requires_grad_()
    loss = F.binary_cross_entropy_with_logits(logits, targets, reduction="sum") / len(logits)
    loss.backward()
    tensors = {"logits": logits, "targets": targets, "loss": loss}
    write("binary_cross_entropy", "In nats, summed over the 5 elements, mean over 4 rows.", with_gradients(tensors))


def gaussian_divergence():
    draw = Dyadic(39)
    mean, log_variance = draw(5, 3, limit=2).requires_grad_(), draw(5, 3, limit=2).requires_grad_()
    codes = torch.distributions.Normal(mean, (log_variance / 2).exp())
    unit = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
    loss = torch.distributions.kl_divergence(codes, unit).sum(1).mean()
    loss.backward()
    tensors = {"mean": mean, "log_variance": log_variance, "loss": loss}
    write("gaussian_divergence", "KL to the unit Gaussian in nats: sum over 3, mean over 5.", with_gradients(tensors))


def dense():
    draw = Dyadic(35)
    x, weight, bias = draw(4, 3, 7).requires_grad_(), draw(5, 7).requires_grad_(), draw(5).requires_grad_()
    upstream = draw(4, 3, 5)
    output = F.linear(x, weight, bias)
    (output * upstream).sum().backward()
    tensors = {"input": x, "weight": weight, "bias": bias, "output": output, "weight_of_output": upstream}
    write("dense", "nn.Linear on the last axis.", with_gradients(tensors))


def embedding():
    draw = Dyadic(36)
    ids = torch.tensor([[3, 0, 3, 5], [3, 1, 5, 0], [2, 3, 1, 1]])  # repeats add up; row 4 is never used
    weight, upstream = draw(6, 5).requires_grad_(), draw(3, 4, 5)
    output = F.embedding(ids, weight)
    (output * upstream).sum().backward()
    tensors = {"ids": ids, "weight": weight, "output": output, "weight_of_output": upstream}
    write("embedding", "nn.Embedding with repeated ids.", with_gradients(tensors))


def main():
    activations()
    cross_entropy()
    mean_squared_error()
    mean_absolute_error()
    binary_cross_entropy()
    gaussian_divergence()
    dense()
    embedding()


if __name__ == "__main__":
    main()
