"""The PyTorch twin of 01-first-lines.ts: same seeds, same numbers.

    python3 examples/01-first-lines.py path/to/names.txt [steps]
"""

import random
import sys

import torch
from torch import nn

# The lecture's layers that differ from torch.nn: randn weights, unbiased variance, FlattenConsecutive.


class Linear(nn.Module):
    def __init__(self, inputs, outputs, bias=True, gain=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(inputs, outputs) / inputs**0.5 * gain)
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None

    def forward(self, x):
        return x @ self.weight if self.bias is None else x @ self.weight + self.bias


class BatchNorm1d(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))
        self.mean, self.variance = torch.zeros(width), torch.ones(width)

    def forward(self, x):
        mean, variance = self.mean, self.variance
        if self.training:
            rows = x.reshape(-1, x.shape[-1])
            mean, variance = rows.mean(0), rows.var(0)
            self.mean = 0.9 * self.mean + 0.1 * mean.detach()
            self.variance = 0.9 * self.variance + 0.1 * variance.detach()
        return self.weight * (x - mean) / torch.sqrt(variance + 1e-5) + self.bias


class FlattenConsecutive(nn.Module):
    def forward(self, x):
        return x.view(x.shape[0], -1, 2 * x.shape[2]).squeeze(1)


def wavenet(symbols):
    level = lambda width: [FlattenConsecutive(), Linear(2 * width, 128, bias=False), BatchNorm1d(128), nn.Tanh()]
    return nn.Sequential(nn.Embedding(symbols, 24), *level(24), *level(128), *level(128), Linear(128, symbols, gain=0.1))


# Data, training and sampling.

words = open(sys.argv[1], encoding="utf-8").read().splitlines()
symbols = ["."] + sorted(set("".join(words)))
random.seed(42)
random.shuffle(words)
X, Y = [], []
for word in words[: int(0.8 * len(words))]:
    context = [0] * 8
    for symbol in [symbols.index(character) for character in word] + [0]:
        X.append(context)
        Y.append(symbol)
        context = context[1:] + [symbol]
X, Y = torch.tensor(X), torch.tensor(Y)

torch.manual_seed(42)
model = wavenet(len(symbols))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for step in range(1, int(sys.argv[2]) + 1 if len(sys.argv) > 2 else 2001):
    rows = torch.randint(0, len(X), (32,))
    loss = nn.functional.cross_entropy(model(X[rows]), Y[rows])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 500 == 0:
        print(step, f"{loss.item():.4f}")

model.eval()
for _ in range(5):
    name, context = "", [0] * 8
    while True:
        probabilities = model(torch.tensor([context])).softmax(1)
        symbol = torch.multinomial(probabilities, 1).item()
        if symbol == 0:
            break
        name += symbols[symbol]
        context = context[1:] + [symbol]
    print(name)
