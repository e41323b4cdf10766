"""makemore's transformer in PyTorch, the peer that makewave is measured against.

`makemore` writes GELU as makemore.py does, operation by operation; `torch-gelu` takes torch's fused one, and is otherwise
the same. Fields have the names of makewave's, by which the parameters are handed over.

Source: makemore.py's Transformer, https://github.com/karpathy/makemore
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from serve import serve, trained_by_adamw


def gelu_by_operations(x):
    return 0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0))))


def gelu_of_torch(x):
    return F.gelu(x, approximate="tanh")


class Attention(nn.Module):
    def __init__(self, width, heads, length):
        super().__init__()
        self.attention = nn.Linear(width, 3 * width)
        self.projection = nn.Linear(width, width)
        self.heads = heads
        self.register_buffer("later", torch.ones(length, length).triu(1).bool(), persistent=False)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (
            part.view(B, T, self.heads, C // self.heads).transpose(1, 2) for part in self.attention(x).split(C, dim=2)
        )
        scores = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.shape[-1]))
        weights = F.softmax(scores.masked_fill(self.later[:T, :T], float("-inf")), dim=-1)
        return self.projection((weights @ v).transpose(1, 2).contiguous().view(B, T, C))


class Block(nn.Module):
    def __init__(self, width, heads, length, gelu):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = Attention(width, heads, length)
        self.norm2 = nn.LayerNorm(width)
        self.expand = nn.Linear(width, 4 * width)
        self.project = nn.Linear(4 * width, width)
        self.gelu = gelu

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.project(self.gelu(self.expand(self.norm2(x))))


class Transformer(nn.Module):
    def __init__(self, gelu, vocabularySize, contextLength, layers, heads, embedding):
        super().__init__()
        self.embedding = nn.Embedding(vocabularySize, embedding)
        self.positions = nn.Embedding(contextLength, embedding)
        self.blocks = nn.Sequential(*(Block(embedding, heads, contextLength, gelu) for _ in range(layers)))
        self.norm = nn.LayerNorm(embedding)
        self.head = nn.Linear(embedding, vocabularySize, bias=False)

    def forward(self, ids):
        x = self.embedding(ids) + self.positions(torch.arange(ids.shape[1]).unsqueeze(0))
        return self.head(self.norm(self.blocks(x)))


def ready(gelu):
    return lambda start: trained_by_adamw(Transformer(gelu, **start.settings["model"]), start)


serve(__doc__, {"makemore": ready(gelu_by_operations), "torch-gelu": ready(gelu_of_torch)}, needs_start=True)
