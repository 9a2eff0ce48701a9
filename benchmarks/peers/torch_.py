"""PyTorch, eager: the loop of its tutorials, on tensors that share NumPy's memory."""

import numpy as np
import torch
from torch import nn

from benchmarks.peers import Peer, drawn


class Torch(Peer):
    fused = False

    def reset(self):
        layers = []
        for W, b in zip(self.weights[::2], self.weights[1::2], strict=True):
            linear = nn.Linear(*W.shape)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(W.T))
                linear.bias.copy_(torch.from_numpy(b))
            layers += [linear, nn.ReLU()]
        self.net = nn.Sequential(*layers[:-1])
        parameters = self.net.parameters()
        self.updater = torch.optim.Adam(parameters, lr=self.lr, eps=self.eps, fused=self.fused)

    def data(self, X, y=None):
        X = torch.from_numpy(X)
        return X if y is None else (X, torch.from_numpy(y.astype(np.int64)))

    def epoch(self, data, batch_size, rng=None):
        X, y = data
        self.updater.param_groups[0]["lr"] = self.lr
        for rows in drawn(len(X), batch_size, rng):
            rows = torch.from_numpy(rows)
            loss = nn.functional.cross_entropy(self.net(X[rows]), y[rows])
            self.updater.zero_grad()
            loss.backward()
            self.updater.step()

    def predict(self, X):
        with torch.inference_mode():
            return self.net(X).numpy()


class TorchFused(Torch):
    fused = True
