"""The lecture's training step in PyTorch, the peer that makewave is measured against.

`notebook` builds its layers as the lecture does, each a small class over tensors, and updates the parameters by hand;
`torch-nn` is the same network of torch.nn's own layers with torch.optim.SGD. Both draw initial values and batches from
torch's generator seeded with 42, and the notebook's losses are therefore the lecture's.

The data are the names of MAKEWAVE_DATA/names.txt, or random ids of the same shapes where that file is not there.
Source: makemore part 5, cells 2 to 10.
"""

import os
import random

import torch
import torch.nn.functional as F

from serve import Ready, serve

CONTEXT, EMBEDDING, HIDDEN, BATCH, VOCABULARY = 8, 24, 128, 32, 27
ROWS = 182_625


# The notebook's layers.


class Linear:
    def __init__(self, inputs, outputs, bias=True):
        self.weight = torch.randn((inputs, outputs)) / inputs**0.5
        self.bias = torch.zeros(outputs) if bias else None

    def __call__(self, x):
        self.out = x @ self.weight
        if self.bias is not None:
            self.out += self.bias
        return self.out

    def parameters(self):
        return [self.weight] if self.bias is None else [self.weight, self.bias]


class BatchNorm1d:
    def __init__(self, width, eps=1e-5, momentum=0.1):
        self.eps = eps
        self.momentum = momentum
        self.training = True
        self.gamma = torch.ones(width)
        self.beta = torch.zeros(width)
        self.running_mean = torch.zeros(width)
        self.running_var = torch.ones(width)

    def __call__(self, x):
        if self.training:
            axes = tuple(range(x.ndim - 1))
            mean = x.mean(axes, keepdim=True)
            variance = x.var(axes, keepdim=True)  # divided by n - 1
        else:
            mean, variance = self.running_mean, self.running_var
        normalized = (x - mean) / torch.sqrt(variance + self.eps)
        self.out = self.gamma * normalized + self.beta
        if self.training:
            with torch.no_grad():
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * variance
        return self.out

    def parameters(self):
        return [self.gamma, self.beta]


class Tanh:
    def __call__(self, x):
        self.out = torch.tanh(x)
        return self.out

    def parameters(self):
        return []


class Embedding:
    def __init__(self, count, width):
        self.weight = torch.randn((count, width))

    def __call__(self, ids):
        self.out = self.weight[ids]
        return self.out

    def parameters(self):
        return [self.weight]


class FlattenConsecutive:
    def __init__(self, n):
        self.n = n

    def __call__(self, x):
        B, T, C = x.shape
        x = x.view(B, T // self.n, C * self.n)
        if x.shape[1] == 1:
            x = x.squeeze(1)
        self.out = x
        return self.out

    def parameters(self):
        return []


class Sequential:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        self.out = x
        return self.out

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


def notebook_network():
    layers = [Embedding(VOCABULARY, EMBEDDING)]
    for inputs in (EMBEDDING, HIDDEN, HIDDEN):
        layers += [FlattenConsecutive(2), Linear(inputs * 2, HIDDEN, bias=False), BatchNorm1d(HIDDEN), Tanh()]
    layers.append(Linear(HIDDEN, VOCABULARY))
    model = Sequential(layers)
    with torch.no_grad():
        layers[-1].weight *= 0.1
    for p in model.parameters():
        p.requires_grad = True
    return model


def notebook_steps(X, Y, model=None):
    model = model or notebook_network()
    parameters = model.parameters()
    history = []

    def run(steps):
        losses = []
        for _ in range(steps):
            i = len(history)
            rows = torch.randint(0, X.shape[0], (BATCH,))
            logits = model(X[rows])
            loss = F.cross_entropy(logits, Y[rows])
            for p in parameters:
                p.grad = None
            loss.backward()
            rate = 0.1 if i < 150_000 else 0.01
            for p in parameters:
                p.data += -rate * p.grad
            history.append(loss.log10().item())
            losses.append(loss)
        return losses

    return run


# The same network of torch.nn's layers. Its BatchNorm1d divides by n, so its losses are not the notebook's.


class Flatten2(torch.nn.Module):
    """Two neighbours side by side, and the positions as rows: what BatchNorm1d takes for channels that come last."""

    def forward(self, x):
        return x.view(-1, 2 * x.shape[-1])


def torch_nn_steps(X, Y):
    nn = torch.nn
    layers = [nn.Embedding(VOCABULARY, EMBEDDING)]
    for inputs in (EMBEDDING, HIDDEN, HIDDEN):
        layers += [Flatten2(), nn.Linear(inputs * 2, HIDDEN, bias=False), nn.BatchNorm1d(HIDDEN), nn.Tanh()]
    layers.append(nn.Linear(HIDDEN, VOCABULARY))
    model = nn.Sequential(*layers)
    with torch.no_grad():
        layers[-1].weight *= 0.1
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    history = []

    def run(steps):
        losses = []
        for _ in range(steps):
            if len(history) == 150_000:
                optimizer.param_groups[0]["lr"] = 0.01
            rows = torch.randint(0, X.shape[0], (BATCH,))
            loss = F.cross_entropy(model(X[rows]), Y[rows])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            history.append(loss.item())
            losses.append(loss)
        return losses

    return run


def lecture_words():
    """The training and the validation part of names.txt, and the id of each character; None where there is no such file."""
    folder = os.environ.get("MAKEWAVE_DATA")
    path = os.path.join(folder, "names.txt") if folder else None
    if not path or not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        words = file.read().splitlines()
    ids = {character: i + 1 for i, character in enumerate(sorted(set("".join(words))))}
    random.seed(42)
    random.shuffle(words)
    ends = int(0.8 * len(words)), int(0.9 * len(words))
    return words[: ends[0]], words[ends[0] : ends[1]], ids


def windows(words, ids):
    """Windows (N, 8) and targets (N)."""
    inputs, targets = [], []
    for word in words:
        window = [0] * CONTEXT
        for following in [ids[character] for character in word] + [0]:
            inputs.append(window)
            targets.append(following)
            window = window[1:] + [following]
    return torch.tensor(inputs), torch.tensor(targets)


def random_rows():
    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(0, VOCABULARY, (ROWS, CONTEXT + 1), generator=generator)
    return ids[:, :CONTEXT].contiguous(), ids[:, CONTEXT].contiguous()


def ready(steps_of):
    def prepare(_):
        found = lecture_words()
        X, Y = windows(found[0], found[2]) if found else random_rows()
        torch.manual_seed(42)
        return Ready(steps_of(X, Y), compared=100, data="names.txt" if found else "random ids")

    return prepare


if __name__ == "__main__":
    serve(__doc__, {"notebook": ready(notebook_steps), "torch-nn": ready(torch_nn_steps)})
