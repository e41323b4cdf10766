"""The lecture's training step in PyTorch, the peer that makewave is measured against.

`notebook` builds its layers as the lecture does, each a small class over tensors, and updates the parameters by hand;
`torch-nn` is the same network of torch.nn's own layers with torch.optim.SGD. Both draw initial values and batches from
torch's generator seeded with 42, and the notebook's losses are therefore the lecture's.

    python3 lecture_pytorch.py notebook --blocks 9 --steps 500     measures and prints one JSON object
    python3 lecture_pytorch.py notebook --serve                    prints one JSON object, then for each line with a
                                                                   number of steps {"microseconds": ...} of one step

The data are the names of MAKEWAVE_DATA/names.txt, or random ids of the same shapes where that file is not there.
A PyTorch that multiplies matrices with the reference BLAS, as Debian's does unless OpenBLAS is installed beside it, is
a false baseline: "blas" then says so and "false_baseline" is true.

Source: makemore part 5, cells 2 to 10.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time

import torch
import torch.nn.functional as F

CONTEXT, EMBEDDING, HIDDEN, BATCH, VOCABULARY = 8, 24, 128, 32, 27
ROWS = 182_625
# The reference BLAS reaches 2 to 8 GFLOP/s, an optimized one on one core with AVX2 or better 40 to 230.
SLOWEST_OPTIMIZED_BLAS = 15


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


def notebook_steps(X, Y):
    model = notebook_network()
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


def lecture_rows():
    """The training part of names.txt as windows (N, 8) and targets (N), or None where there is no such file."""
    folder = os.environ.get("MAKEWAVE_DATA")
    path = os.path.join(folder, "names.txt") if folder else None
    if not path or not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        words = file.read().splitlines()
    ids = {character: i + 1 for i, character in enumerate(sorted(set("".join(words))))}
    random.seed(42)
    random.shuffle(words)
    inputs, targets = [], []
    for word in words[: int(0.8 * len(words))]:
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


def blas_library():
    """The library that matrix products go to, from what the process has loaded and what torch was built with."""
    built = torch.__config__.show()
    try:
        with open("/proc/self/maps", encoding="utf-8") as maps:
            loaded = {line.split()[-1] for line in maps if ".so" in line}
    except OSError:
        loaded = set()
    for part, name in {"openblas": "OpenBLAS", "mkl_": "MKL", "blis": "BLIS", "atlas": "ATLAS"}.items():
        if any(part in path for path in loaded):
            return name
    for part, name in {"mkl": "MKL", "open": "OpenBLAS", "accelerate": "Accelerate"}.items():
        if f"BLAS_INFO={part}" in built:
            return name
    return "reference BLAS" if any("libblas" in path for path in loaded) else "unknown"


def matmul_gigaflops(n=512, tries=9):
    """Of one thread, the best of several tries: another process may slow some of them down."""
    a, b = torch.randn(n, n), torch.randn(n, n)
    best = float("inf")
    for _ in range(tries):
        start = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - start)
    return 2 * n**3 / best / 1e9


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variant", choices=["notebook", "torch-nn"])
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--blocks", type=int, default=9)
    parser.add_argument("--steps", type=int, default=500)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    gigaflops = matmul_gigaflops()
    rows = lecture_rows()
    X, Y = rows or random_rows()
    torch.manual_seed(42)
    run = notebook_steps(X, Y) if options.variant == "notebook" else torch_nn_steps(X, Y)
    first = [float(loss) for loss in run(100)]

    blas = blas_library()
    report = {
        "variant": options.variant,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "blas": blas,
        "matmul_gigaflops": round(gigaflops, 1),
        "false_baseline": blas == "reference BLAS" or gigaflops < SLOWEST_OPTIMIZED_BLAS,
        "data": "names.txt" if rows else "random ids",
        "losses": first,
    }

    def microseconds(steps):
        start = time.perf_counter()
        run(steps)
        return (time.perf_counter() - start) / steps * 1e6

    if options.serve:
        print(json.dumps(report), flush=True)
        for line in sys.stdin:
            print(json.dumps({"microseconds": microseconds(int(line))}), flush=True)
    else:
        blocks = [microseconds(options.steps) for _ in range(options.blocks)]
        report["microseconds"] = {"median": statistics.median(blocks), "min": min(blocks), "max": max(blocks)}
        print(json.dumps(report))


main()
