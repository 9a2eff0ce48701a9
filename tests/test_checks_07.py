"""The checks of chapter 07, beside the attempts."""

import numpy as np

from nnlib import SGD, Dense, Network, ReLU, SoftmaxCrossEntropy, datasets, fit
from nnlib.teach import checks


def test_the_loss_that_settings_are_judged_by():
    mnist, loss, losses = datasets.mnist(), SoftmaxCrossEntropy(), []
    X, y = mnist.X_train[:20], mnist.y_train[:20]

    def setting(rng):
        net = Network(Dense(784, 32, rng=rng), ReLU(), Dense(32, 10, rng=rng))
        return net, SGD(net.params, lr=0.1), 150, 5

    for seed in range(3):
        rng = np.random.default_rng(seed)
        net, optimizer, epochs, batch_size = setting(rng)
        fit(net, loss, optimizer, X, y, epochs=epochs, batch_size=batch_size, rng=rng, progress=False)
        losses.append(loss.value(net.predict(X), y))
    assert checks.overfits(setting, X, y).text.endswith(
        f"from each of three seeds, the loss {max(losses):.2g} at most."
    )
