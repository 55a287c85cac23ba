"""Ten steps of every optimizer on a quadratic f(p) = p.A.p / 2 - b.p, learning rates, and gradient clipping.

Each trajectory stores the gradients it was given, so that an optimizer is tested apart from any differentiation, and
the learning rate of every step: it changes, which tells momentum that contains the learning rate from PyTorch's.
"""

import torch

from common import Dyadic, write

STEPS = 10


def trajectories():
    draw = Dyadic(41)
    n = 5
    factor = draw(n, n)
    matrix, vector, start = factor @ factor.T + 0.25 * torch.eye(n), draw(n), draw(n, limit=1.5, divisor=64)
    rates = [0.125 if step < 6 else 0.03125 for step in range(STEPS)]
    optim = torch.optim
    variants = {
        "sgd": lambda p: optim.SGD(p, 1.0),
        "sgd_weight_decay": lambda p: optim.SGD(p, 1.0, weight_decay=0.0625),
        "momentum": lambda p: optim.SGD(p, 1.0, momentum=0.875),
        "momentum_weight_decay": lambda p: optim.SGD(p, 1.0, momentum=0.875, weight_decay=0.0625),
        "nesterov": lambda p: optim.SGD(p, 1.0, momentum=0.875, nesterov=True),
        "adagrad": lambda p: optim.Adagrad(p, 1.0, eps=1e-10),
        "rmsprop": lambda p: optim.RMSprop(p, 1.0, alpha=0.99, eps=1e-8),
        "adam": lambda p: optim.Adam(p, 1.0, betas=(0.9, 0.999), eps=1e-8),
        "adam_weight_decay": lambda p: optim.Adam(p, 1.0, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0625),
        "adamw": lambda p: optim.AdamW(p, 1.0, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0625),
    }
    tensors = {"matrix": matrix, "vector": vector, "start": start, "learning_rates": torch.tensor(rates)}
    for name, make in variants.items():
        p = start.clone().requires_grad_()
        optimizer = make([p])
        positions, gradients = [], []
        for rate in rates:
            optimizer.param_groups[0]["lr"] = rate
            optimizer.zero_grad()
            (p @ matrix @ p / 2 - vector @ p).backward()
            gradients.append(p.grad.clone())
            optimizer.step()
            positions.append(p.detach().clone())
        tensors |= {f"{name}.gradients": torch.stack(gradients), f"{name}.parameters": torch.stack(positions)}
    about = (
        "Parameters after each of ten steps, and the gradients given to them; momentum 0.875, weight decay 0.0625 where"
        " named, otherwise 0; RMSprop alpha 0.99; Adam betas 0.9, 0.999; eps 1e-8 (AdaGrad 1e-10)."
    )
    write("optimizers", about, tensors)


def schedules():
    base, steps = 0.5, 20
    schedulers = torch.optim.lr_scheduler
    warm = 4

    def warmed(optimizer, after):
        first = schedulers.LinearLR(optimizer, start_factor=1 / (warm + 1), total_iters=warm)
        return schedulers.SequentialLR(optimizer, [first, after], milestones=[warm])

    variants = {
        "constant": lambda o: schedulers.ConstantLR(o, factor=1.0),
        "linear": lambda o: schedulers.LinearLR(o, start_factor=1.0, end_factor=0.125, total_iters=16),
        "exponential": lambda o: schedulers.ExponentialLR(o, gamma=0.875),
        "step": lambda o: schedulers.StepLR(o, step_size=6, gamma=0.25),
        "cosine": lambda o: schedulers.CosineAnnealingLR(o, T_max=20, eta_min=0.0625),
        "warm_up_constant": lambda o: warmed(o, schedulers.ConstantLR(o, factor=1.0)),
        "warm_up_cosine": lambda o: warmed(o, schedulers.CosineAnnealingLR(o, T_max=16, eta_min=0.0625)),
    }
    tensors = {"base": base}
    for name, make in variants.items():
        optimizer = torch.optim.SGD([torch.zeros(1)], base)
        scheduler, rates = make(optimizer), []
        for _ in range(steps):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        tensors[name] = torch.tensor(rates)
    losses = [3.0, 2.5, 2.4999, 2.6, 2.55, 2.3, 2.2, 2.2, 2.2, 2.21, 2.25, 2.3, 2.4, 2.1, 2.2, 2.2, 2.2, 2.0]
    optimizer = torch.optim.SGD([torch.zeros(1)], base)
    plateau, rates = schedulers.ReduceLROnPlateau(optimizer, factor=0.5, patience=2, threshold=1e-4, min_lr=0.125), []
    for loss in losses:
        plateau.step(loss)
        rates.append(optimizer.param_groups[0]["lr"])
    tensors |= {"plateau": torch.tensor(rates), "plateau.losses": torch.tensor(losses)}
    about = (
        "Learning rate of step 0, 1, ...; base 0.5. linear to 0.125 of it over 16 steps; exponential 0.875; step 0.25"
        " every 6; cosine over 20 (16 after warm-up) to 0.0625; warm-up over 4 steps from 1/5. plateau: the rate after"
        " each validation loss, factor 0.5, patience 2, relative threshold 1e-4, not below 0.125."
    )
    write("schedules", about, tensors)


def clipping():
    draw = Dyadic(42)
    tensors, a, b = {}, draw(3, 4, limit=3.0, divisor=32), draw(5, limit=3.0, divisor=32)
    tensors |= {"a": a, "b": b}
    for name, limit in {"by_norm_1": 1.0, "by_norm_100": 100.0}.items():
        parameters = [torch.zeros_like(a).requires_grad_(), torch.zeros_like(b).requires_grad_()]
        parameters[0].grad, parameters[1].grad = a.clone(), b.clone()
        norm = torch.nn.utils.clip_grad_norm_(parameters, limit)
        tensors |= {f"{name}.a": parameters[0].grad, f"{name}.b": parameters[1].grad, "norm": norm}
    parameters = [torch.zeros_like(a).requires_grad_(), torch.zeros_like(b).requires_grad_()]
    parameters[0].grad, parameters[1].grad = a.clone(), b.clone()
    torch.nn.utils.clip_grad_value_(parameters, 0.75)
    tensors |= {"by_value.a": parameters[0].grad, "by_value.b": parameters[1].grad}
    about = "Two gradients clipped together: by global norm 1 and 100 (left as they are), and by value 0.75."
    write("clipping", about, tensors)


def main():
    trajectories()
    schedules()
    clipping()


if __name__ == "__main__":
    main()
