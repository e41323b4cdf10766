"""What the peers in PyTorch share: a variant of a network gets ready, says how, and is then measured block by block.

    python3 NETWORK_pytorch.py VARIANT --blocks 9 --steps 500     measures and prints one JSON object
    python3 NETWORK_pytorch.py VARIANT --serve                    prints one JSON object, then for each line with a
                                                                  number of steps {"microseconds": ...} of one step

A PyTorch that multiplies matrices with the reference BLAS, as Debian's does unless OpenBLAS is installed beside it, is
a false baseline: "blas" then says so and "false_baseline" is true.
"""

import argparse
import json
import statistics
import sys
import time
from typing import Callable, NamedTuple

import torch
import torch.nn.functional as F

# The reference BLAS reaches 2 to 8 GFLOP/s, an optimized one on one core with AVX2 or better 40 to 230.
SLOWEST_OPTIMIZED_BLAS = 15


class Ready(NamedTuple):
    """A network that takes steps."""

    run: Callable  # a number of further steps -> their losses
    compared: int  # of how many first steps the losses are told
    data: str


class Start(NamedTuple):
    """What a network that is not to draw its own values starts from: bench/network.ts writes it."""

    tensors: dict  # model.NAME of each parameter, inputs (N, T), targets (N, T)
    settings: dict


def serve(description, variants, needs_start=False):
    """Does what the command line asks. `variants`: name -> a function from Start (None if it needs none) to Ready."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variant", choices=list(variants))
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--blocks", type=int, default=9)
    parser.add_argument("--steps", type=int, default=500)
    if needs_start:
        parser.add_argument("--start", required=True, help="the safetensors file that bench/network.ts writes")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    gigaflops = matmul_gigaflops()
    run, compared, data = variants[options.variant](read_start(options.start) if needs_start else None)
    losses = [float(loss) for loss in run(compared)]

    blas = blas_library(torch.__config__.show(), loaded_libraries())
    report = {
        "variant": options.variant,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "blas": blas,
        "matmul_gigaflops": round(gigaflops, 1),
        "false_baseline": blas == "reference BLAS" or gigaflops < SLOWEST_OPTIMIZED_BLAS,
        "data": data,
        "losses": losses,
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


def read_start(path):
    """A safetensors file: the header's length in 8 bytes, the header in JSON, then the numbers."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = bytearray(file.read())
    settings = json.loads(header.pop("__metadata__")["settings"])
    dtypes = {"F32": torch.float32, "I32": torch.int32}
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        flat = torch.frombuffer(data, dtype=dtypes[entry["dtype"]], count=(end - begin) // 4, offset=begin)
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return Start(tensors, settings)


def load_parameters(model, tensors):
    """Parameters by makewave's names. Its products are x W, so PyTorch's layers have the axes the other way round."""
    loaded = 0
    with torch.no_grad():
        for path, module in model.named_modules():
            for name, parameter in module.named_parameters(prefix=f"model.{path}".rstrip("."), recurse=False):
                given = tensors[name]
                if isinstance(module, (torch.nn.Linear, torch.nn.Conv1d)):
                    given = given.permute(*reversed(range(given.ndim)))
                parameter.copy_(given.reshape(parameter.shape))
                loaded += 1
    assert loaded == sum(name.startswith("model.") for name in tensors), "another network's parameters"


def trained_by_adamw(model, start):
    """`model` takes ids (B, T) and gives logits (B, T, V); the loss is that of all positions whose target is not -1."""
    tensors, settings = start
    load_parameters(model, tensors)
    X, Y = tensors["inputs"].long(), tensors["targets"].long()
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=settings["rate"],
        betas=tuple(settings["betas"]),
        weight_decay=settings["weightDecay"],
    )
    generator = torch.Generator().manual_seed(settings["batchSeed"])

    def run(steps):
        losses = []
        for _ in range(steps):
            rows = torch.randint(0, X.shape[0], (settings["batchSize"],), generator=generator)
            logits = model(X[rows])
            loss = F.cross_entropy(logits.flatten(0, 1), Y[rows].flatten(), ignore_index=-1)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        return losses

    return Ready(run, settings["compared"], settings["source"])


def blas_library(built, loaded):
    """The library that matrix products go to: the one torch was built with, else what the loader found as libblas.

    `built` is torch.__config__.show(), `loaded` are the paths of shared libraries. Wheels of numpy and scipy bring an OpenBLAS of
    their own, which is loaded as well and multiplies none of torch's matrices.
    """
    for part, name in {"mkl": "MKL", "open": "OpenBLAS", "accelerate": "Accelerate", "blis": "BLIS"}.items():
        if f"BLAS_INFO={part}" in built:
            return name
    own = [path for path in loaded if "numpy" not in path and "scipy" not in path]
    for part, name in {"openblas": "OpenBLAS", "mkl_": "MKL", "blis": "BLIS", "atlas": "ATLAS"}.items():
        if any(part in path for path in own):
            return name
    return "reference BLAS" if any("libblas" in path for path in own) else "unknown"


def loaded_libraries():
    try:
        with open("/proc/self/maps", encoding="utf-8") as maps:
            return {line.split()[-1] for line in maps if ".so" in line}
    except OSError:
        return set()


def matmul_gigaflops(n=512, tries=9):
    """Of the threads it has, the best of several tries: another process may slow some of them down."""
    a, b = torch.randn(n, n), torch.randn(n, n)
    best = float("inf")
    for _ in range(tries):
        start = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - start)
    return 2 * n**3 / best / 1e9
