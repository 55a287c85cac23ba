"""Characters per second of whole PyTorch training steps: pytorch_steps.py CELL HIDDEN SECONDS [eager|compiled].

The same work as `EngineBenchmarks steps`: one-hot input of 65 characters, two layers, linear head, mean cross-entropy,
clipping by norm 5, fused Adam.
"""
import sys, time
import torch, torch.nn as nn, torch.nn.functional as F

kind, hidden, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
compiled = len(sys.argv) > 4 and sys.argv[4] == "compiled"
classes, batch, window = 65, 50 if hidden == 128 else 64, 50 if hidden == 128 else 64
torch.set_num_threads(2)
torch.manual_seed(0)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[kind](classes, hidden, 2)
        self.out = nn.Linear(hidden, classes)

    def forward(self, x, h=None):
        y, h = self.rnn(F.one_hot(x, classes).float(), h)
        return self.out(y), h


model = Model()
run = torch.compile(model) if compiled else model
adam = torch.optim.Adam(model.parameters(), 2e-3, fused=True)
x, y, h = torch.randint(0, classes, (window, batch)), torch.randint(0, classes, (window, batch)), None


def step(h):
    logits, h = run(x, h)
    loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
    adam.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 5.0)
    adam.step()
    return tuple(s.detach() for s in h) if isinstance(h, tuple) else h.detach()


for _ in range(3):
    h = step(h)
start, count = time.perf_counter(), 0
while time.perf_counter() - start < seconds:
    h = step(h)
    count += 1
print(f"steps {kind} {hidden} {count * batch * window / (time.perf_counter() - start):.0f}", flush=True)
