"""Train the networks that read the digit pads of the book: `python -m tools.book.living.digit_pad_net`.

Both are trained by the recipes that `experiments.convolution` has recorded, five epochs each; the
convolutional one on images that are moved by up to two pixels. Their weights are rounded to float16 and
stored beside this file, so that a build of the book trains nothing. The other one's seed is the first from 0
on with which all that chapter 11 says of its pad holds; a test of the site asks it.
"""

import numpy as np

from experiments.convolution import EPOCHS, OTHERS, trained
from nnlib import accuracy, datasets
from tools.book.living.digit_pad import CONVOLUTION, DENSE


def main():
    X, y, X_test, y_test = datasets.mnist()
    for reader in (CONVOLUTION, DENSE):
        recipe = {"epochs": EPOCHS, "peak": OTHERS[reader.name], "pixels": reader.pixels}
        net, seconds = trained(reader.name, reader.seed, X, y, **recipe)
        np.savez(reader.file, *(parameter.astype(np.float16) for parameter in net.params))
        right = accuracy(reader.network().predict(X_test.reshape(-1, 28, 28, 1)), y_test)
        print(f"{reader.name}: {seconds:.0f} s; of the test images it reads {right:.2%}")


if __name__ == "__main__":
    main()
