"""The dilated WaveNet in PyTorch, the peer that makewave is measured against, in the two forms that it can have there.

`conv1d` is made of nn.Conv1d, channels first; `products` has channels last, and each convolution is two matrix products, of
the input and of its shifted copy: the fastest of several ways to write either. Fields have the names of makewave's, by which the parameters are handed over.

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
    def __init__(self, convolution, pointwise, channels_axis, residual, dilated, skip, dilation):
        super().__init__()
        self.convolution = convolution(residual, 2 * dilated, dilation)
        self.residual = pointwise(dilated, residual)
        self.skip = pointwise(dilated, skip)
        self.channels_axis = channels_axis

    def forward(self, x):
        filtered, gate = self.convolution(x).chunk(2, self.channels_axis)
        z = torch.tanh(filtered) * torch.sigmoid(gate)
        return x + self.residual(z), self.skip(z)


class WaveNet(nn.Module):
    def __init__(self, channels_first, vocabularySize, stacks, layersPerStack, residual, dilated, skip, contextLength):
        super().__init__()
        kind = (CausalConv1d, pointwise_conv, 1) if channels_first else (CausalProduct, nn.Linear, 2)
        self.embedding = nn.Embedding(vocabularySize, residual)
        dilations = [2**k for k in range(layersPerStack)] * stacks
        self.layers = nn.ModuleList(Layer(*kind, residual, dilated, skip, dilation) for dilation in dilations)
        self.hidden = kind[1](skip, skip)
        self.head = kind[1](skip, vocabularySize)
        self.channels_first = channels_first

    def forward(self, ids):
        x = self.embedding(ids)
        if self.channels_first:
            x = x.transpose(1, 2)
        total = 0
        for layer in self.layers:
            x, skip = layer(x)
            total = total + skip
        logits = self.head(F.relu(self.hidden(F.relu(total))))
        return logits.transpose(1, 2) if self.channels_first else logits


def pointwise_conv(inputs, outputs):
    return nn.Conv1d(inputs, outputs, 1)


def ready(channels_first):
    return lambda start: trained_by_adamw(WaveNet(channels_first, **start.settings["model"]), start)


serve(__doc__, {"conv1d": ready(True), "products": ready(False)}, needs_start=True)
