"""Layers on images [N, C, H, W]: convolution, normalization, pooling, resampling; forward and backward."""

import torch
from torch.nn import functional as F

from common import Dyadic, with_gradients, write


def convolution():
    draw = Dyadic(45)
    x, upstream = draw(3, 2, 7, 6).requires_grad_(), draw(3, 4, 4, 6)
    weight, bias = draw(4, 2, 3, 2).requires_grad_(), draw(4).requires_grad_()
    output = F.conv2d(x, weight, bias, stride=(2, 1), padding=(1, 1), dilation=(1, 2))
    (output * upstream).sum().backward()
    tensors = {"input": x, "weight": weight, "bias": bias, "output": output, "weight_of_output": upstream}
    about = "nn.Conv2d, N 3, 2 to 4 channels, 7x6, kernel 3x2, stride 2, 1, padding 1, dilation 1, 2."
    write("convolution", about, with_gradients(tensors))


def transposed_convolution():
    draw = Dyadic(46)
    x, upstream = draw(3, 4, 3, 5).requires_grad_(), draw(3, 2, 6, 5)
    weight, bias = draw(4, 2, 3, 2).requires_grad_(), draw(2).requires_grad_()
    output = F.conv_transpose2d(x, weight, bias, stride=(2, 1), padding=(1, 1), output_padding=(1, 0), dilation=(1, 2))
    (output * upstream).sum().backward()
    tensors = {"input": x, "weight": weight, "bias": bias, "output": output, "weight_of_output": upstream}
    about = "nn.ConvTranspose2d, N 3, 4 to 2 channels, 3x5, kernel 3x2, stride 2, 1, padding 1, dilation 1, 2, "
    write("transposed_convolution", about + "output padding 1, 0.", with_gradients(tensors))


def batch_normalization():
    """One training step, then the same input through the running statistics that it left."""
    draw = Dyadic(41)
    values = draw(5, 3, 4, 5, limit=1.0, divisor=64) + torch.tensor([0.0, 4, -1]).reshape(1, 3, 1, 1)
    upstream = draw(5, 3, 4, 5)
    weight, bias = draw(3) + 1, draw(3)
    mean, variance = draw(3), draw(3) + 1
    tensors = {
        "input": values,
        "weight": weight,
        "bias": bias,
        "weight_of_output": upstream,
        "running_mean": mean.clone(),
        "running_var": variance.clone(),
    }
    for part in ("training", "inference"):
        x, w, b = (t.clone().requires_grad_() for t in (values, weight, bias))
        y = F.batch_norm(x, mean, variance, w, b, training=part == "training", momentum=0.1, eps=1e-5)
        (y * upstream).sum().backward()
        tensors |= {f"{part}.output": y, f"{part}.input.grad": x.grad}
        tensors |= {f"{part}.weight.grad": w.grad, f"{part}.bias.grad": b.grad}
        if part == "training":
            tensors |= {"running_mean.after": mean.clone(), "running_var.after": variance.clone()}
    about = "nn.BatchNorm2d, N 5, C 3, 4x5: training, then inference with running_mean.after and running_var.after."
    write("batch_normalization", about, tensors)


def group_normalization():
    draw = Dyadic(42)
    x = (draw(3, 6, 2, 4, limit=1.0, divisor=64)).requires_grad_()
    weight, bias, upstream = (draw(6) + 1).requires_grad_(), draw(6).requires_grad_(), draw(3, 6, 2, 4)
    output = F.group_norm(x, 3, weight, bias, eps=1e-5)
    (output * upstream).sum().backward()
    tensors = {"input": x, "weight": weight, "bias": bias, "output": output, "weight_of_output": upstream}
    write("group_normalization", "nn.GroupNorm(3, 6), N 3, 2x4.", with_gradients(tensors))


def several(seed, name, about, shape, functions):
    """Functions of one input, each with an upstream gradient of its own."""
    draw = Dyadic(seed)
    values = (torch.randperm(torch.Size(shape).numel(), generator=draw.generator).reshape(shape) * 2.0 - 127) / 256
    tensors = {"input": values}
    for key, function in functions.items():
        x = values.clone().requires_grad_()
        y = function(x)
        upstream = draw(*y.shape)
        (y * upstream).sum().backward()
        tensors |= {f"{key}.output": y, f"{key}.weight_of_output": upstream, f"{key}.input.grad": x.grad}
    write(name, about, tensors)


def pooling():
    functions = {
        "max_2": lambda x: F.max_pool2d(x, 2),
        "max_3_2_1": lambda x: F.max_pool2d(x, 3, 2, 1),
        "max_uneven": lambda x: F.max_pool2d(x, (2, 3), (1, 2), (1, 0)),
        "average_2": lambda x: F.avg_pool2d(x, 2),
        "average_3_2_1": lambda x: F.avg_pool2d(x, 3, 2, 1),
        "average_uneven": lambda x: F.avg_pool2d(x, (2, 3), (1, 2), (1, 0)),
    }
    about = "max_pool2d and avg_pool2d, N 2, C 2, 6x5: kernel, stride, padding 2; 3, 2, 1; (2, 3), (1, 2), (1, 0)."
    several(43, "pooling", about, (2, 2, 6, 5), functions)


def resampling():
    functions = {}
    for mode in ("nearest", "bilinear"):
        corners = {"align_corners": False} if mode == "bilinear" else {}
        functions |= {
            f"{mode}_2": lambda x, m=mode, c=corners: F.interpolate(x, scale_factor=2, mode=m, **c),
            f"{mode}_7x5": lambda x, m=mode, c=corners: F.interpolate(x, size=(7, 5), mode=m, **c),
            f"{mode}_2x9": lambda x, m=mode, c=corners: F.interpolate(x, size=(2, 9), mode=m, **c),
        }
    about = "interpolate, align_corners false, N 2, C 2, 4x3: twice the size, to 7x5, to 2x9."
    several(44, "resampling", about, (2, 2, 4, 3), functions)


def main():
    convolution()
    transposed_convolution()
    batch_normalization()
    group_normalization()
    pooling()
    resampling()


if __name__ == "__main__":
    main()
