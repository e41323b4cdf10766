"""The dilated WaveNet in PyTorch, the peer that makewave is measured against, in the two forms that it can have there.

`conv1d` is made of nn.Conv1d, channels first; `products` has channels last, and each convolution is two matrix products, of
the input and of its shifted copy: the fastest of several ways to write either. In both every layer has its own skip connection, as in
the paper's drawing; `products-joined` has makewave's one product for the sum of them all, which is faster here as well. Fields have the
names of makewave's, by which the parameters are handed over.

Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, sections 2.1, 2.3 and 2.4.
"""

import torch
import torch.nn.functional as F
from torch import nn

from serve import serve, trained_by_adamw


class CausalConv1d(nn.Conv1d):
    """(B, inputs, T) -> (B, outputs, T)"""

    def __init__(self, inputs, outputs, dilation):
        super().__init__(inputs, outputs, 2, dilation=dilation)

    def forward(self, x):
        return super().forward(F.pad(x, (self.dilation[0], 0)))


class CausalProduct(nn.Module):
    """(B, T, inputs) -> (B, T, outputs)"""

    def __init__(self, inputs, outputs, dilation):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(2, inputs, outputs))
        self.bias = nn.Parameter(torch.empty(outputs))
        self.dilation = dilation

    def forward(self, x):
        B, T, C = x.shape
        shifted = F.pad(x[:, : T - self.dilation], (0, 0, self.dilation, 0))
        earlier, now = self.weight.unbind()
        y = torch.addmm(torch.addmm(self.bias, x.reshape(B * T, C), now), shifted.view(B * T, C), earlier)
        return y.view(B, T, -1)


class Layer(nn.Module):
    def __init__(self, convolution, pointwise, channels_axis, residual, dilated, dilation, last):
        super().__init__()
        self.convolution = convolution(residual, 2 * dilated, dilation)
        self.residual = None if last else pointwise(dilated, residual)
        self.channels_axis = channels_axis

    def forward(self, x):
        filtered, gate = self.convolution(x).chunk(2, self.channels_axis)
        z = torch.tanh(filtered) * torch.sigmoid(gate)
        return x if self.residual is None else x + self.residual(z), z


class Stack(nn.Module):
    def __init__(self, convolution, pointwise, channels_axis, residual, dilated, skip, dilations, joined):
        super().__init__()
        kind = (convolution, pointwise, channels_axis)
        last = len(dilations) - 1
        self.layers = nn.ModuleList(Layer(*kind, residual, dilated, d, k == last) for k, d in enumerate(dilations))
        self.skip = pointwise(len(dilations) * dilated, skip)
        self.channels_axis = channels_axis
        self.sum_of_skips = self.one_product if joined else self.one_by_one

    def forward(self, x):
        zs = []
        for layer in self.layers:
            x, z = layer(x)
            zs.append(z)
        return self.sum_of_skips(zs)

    def one_product(self, zs):
        return self.skip(torch.cat(zs, self.channels_axis))

    def one_by_one(self, zs):
        total = self.skip.bias
        weights = self.skip.weight.chunk(len(zs), 1)
        if self.channels_axis == 1:
            total = total.reshape(1, -1, 1)
            for z, weight in zip(zs, weights):
                total = total + F.conv1d(z, weight)
            return total
        B, T, D = zs[0].shape
        for z, weight in zip(zs, weights):
            total = torch.addmm(total, z.view(B * T, D), weight.t())
        return total.view(B, T, -1)


class WaveNet(nn.Module):
    def __init__(self, channels_first, joined, settings):
        super().__init__()
        kind = (CausalConv1d, pointwise_conv, 1) if channels_first else (CausalProduct, nn.Linear, 2)
        residual, dilated, skip = (settings[f"{name}Channels"] for name in ["residual", "dilation", "skip"])
        symbols = settings["vocabularySize"]
        dilations = [2**k for k in range(settings["layers"])] * settings["stacks"]
        self.initial = nn.ModuleList(nn.Embedding(symbols, residual) for _ in range(2))
        self.stack = Stack(*kind, residual, dilated, skip, dilations, joined)
        self.hidden = kind[1](skip, skip)
        self.head = kind[1](skip, symbols)
        self.channels_first = channels_first

    def forward(self, ids):
        now, before = self.initial
        x = now(ids) + F.pad(before(ids[:, :-1]), (0, 0, 1, 0))
        if self.channels_first:
            x = x.transpose(1, 2)
        logits = self.head(F.relu(self.hidden(F.relu(self.stack(x)))))
        return logits.transpose(1, 2) if self.channels_first else logits


def pointwise_conv(inputs, outputs):
    return nn.Conv1d(inputs, outputs, 1)


def ready(channels_first, joined=False):
    return lambda start: trained_by_adamw(WaveNet(channels_first, joined, start.settings["model"]), start)


serve(
    __doc__,
    {"conv1d": ready(True), "products": ready(False), "products-joined": ready(False, joined=True)},
    needs_start=True,
)
