"""The PyTorch side of 11-pytorch-exchange.ts: loads its weights, takes one training step, and saves them for it.

    python3 examples/11-pytorch-exchange.py [folder]
"""

import json
import os
import struct
import sys

import torch
from torch import nn

try:
    from safetensors.torch import load_file, save_file
except ImportError:  # the format is short: header length, JSON header, raw data
    types = {"F32": torch.float32, "I64": torch.int64}

    def load_file(path):
        with open(path, "rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
            data = file.read()
        header.pop("__metadata__", None)
        return {
            name: torch.frombuffer(bytearray(data[slice(*about["data_offsets"])]), dtype=types[about["dtype"]])
            .reshape(about["shape"])
            for name, about in header.items()
        }

    def save_file(tensors, path):
        names = {dtype: name for name, dtype in types.items()}
        header, data = {}, b""
        for name, tensor in tensors.items():
            numbers = tensor.contiguous().numpy().tobytes()
            offsets = [len(data), len(data) + len(numbers)]
            header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": offsets}
            data += numbers
        text = json.dumps(header).encode()
        with open(path, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text + data)


class FlattenConsecutive(nn.Module):
    def forward(self, x):
        return x.reshape(x.shape[0], -1, 2 * x.shape[2]).squeeze(1)


class BatchNorm1d(nn.BatchNorm1d):
    """BatchNorm1d over channels-last input, as in makewave."""

    def forward(self, x):
        return super().forward(x) if x.dim() == 2 else super().forward(x.transpose(1, 2)).transpose(1, 2)


class WaveNet(nn.Module):
    def __init__(self, symbols):
        super().__init__()
        level = lambda width: [FlattenConsecutive(), nn.Linear(2 * width, 128, bias=False), BatchNorm1d(128), nn.Tanh()]
        levels = [*level(24), *level(128), *level(128)]
        self.network = nn.Sequential(nn.Embedding(symbols, 24), *levels, nn.Linear(128, symbols))

    def forward(self, ids):
        return self.network(ids)


def show(logits):
    print(*(f"{logit:.4f}" for logit in logits[0, :5].tolist()))


if __name__ == "__main__":
    folder = sys.argv[1] if len(sys.argv) > 1 else "exchange"
    model = WaveNet(27).eval()
    model.load_state_dict(load_file(os.path.join(folder, "from-makewave.safetensors")))

    context = torch.tensor([[0, 0, 0, 0, 0, 5, 13, 13]])  # ...emm
    show(model(context))
    loss = nn.functional.cross_entropy(model(context), torch.tensor([1]))  # emma
    loss.backward()
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    show(model(context))
    save_file(model.state_dict(), os.path.join(folder, "from-pytorch.safetensors"))
