"""The lecture's notebook from an empty process to the evaluated network: reading the names, training, the validation loss.

    python3 lecture_whole.py --steps 200000 --threads 1     prints one JSON object

With fewer steps, their rate tells how long all would take. Source: makemore part 5, cells 1 to 12.
"""

import argparse
import json
import time

start = time.perf_counter()

import torch
import torch.nn.functional as F

from lecture_pytorch import lecture_words, notebook_network, notebook_steps, windows
from serve import SLOWEST_OPTIMIZED_BLAS, blas_library, loaded_libraries, matmul_gigaflops

CHUNK = 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=200_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--about", action="store_true", help="also tell the BLAS library and its speed")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    train, validation, ids = lecture_words()
    X, Y = windows(train, ids)
    torch.manual_seed(options.seed)
    model = notebook_network()
    run = notebook_steps(X, Y, model)
    parts = {"start": time.perf_counter() - start}
    begin = time.perf_counter()
    for done in range(0, options.steps, CHUNK):
        run(min(CHUNK, options.steps - done))
    parts["steps"] = time.perf_counter() - begin
    begin = time.perf_counter()
    for layer in model.layers:
        layer.training = False
    with torch.no_grad():
        X, Y = windows(validation, ids)
        loss = F.cross_entropy(model(X), Y).item()
    parts["evaluation"] = time.perf_counter() - begin
    report = {
        "validation": loss,
        "steps": options.steps,
        "of": 200_000,
        "secondsPerStep": parts["steps"] / options.steps,
        "parts": parts,
    }
    if options.about:
        blas, gigaflops = blas_library(torch.__config__.show(), loaded_libraries()), matmul_gigaflops()
        report["about"] = f"torch {torch.__version__}, {blas} {gigaflops:.1f} GFLOP/s"
        report["falseBaseline"] = blas == "reference BLAS" or gigaflops < SLOWEST_OPTIMIZED_BLAS
    print(json.dumps(report))


main()
