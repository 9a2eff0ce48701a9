"""The digit pad: ten drawings, and a network that reads what is drawn. All is computed in the page.

On the first page the network is one of chapter 12: its 18 378 weights are 37 kB as float16, those of
784-128-128-10 are 237 kB, and it reads more of what is drawn. In chapter 11 it is 784-128-128-10, of which
the answers there are true; the pen can be moved, and each stage be switched off. `digit_pad_net` has trained
both.
"""

import base64
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nnlib import Conv2D, Dense, Flatten, MaxPool2D, Network, ReLU
from nnlib.teach.preprocessing import bundled_digits

KIND = "computed"
PEN = 0.07  # as wide as that of chapter 11
# Where each stage is derived: a chapter, and the anchor of a section.
LINKS = {
    "drawing": ("11_generalisation", "why-is-my-7-misread"),
    "cropped": ("11_generalisation", "what-every-training-image-went-through"),
    "scaled": ("11_generalisation", "the-same-for-your-drawing"),
    "centred": ("11_generalisation", "exercise-11-5"),
    "Conv2D": ("12_convolution", "one-output-by-hand"),
    "ReLU": ("03_activations", "relu-and-its-corner"),
    "MaxPool2D": ("12_convolution", "only-the-largest"),
    "Dense": ("02_dense_layer", "two-neurons-look-at-three-numbers"),
    "softmax": ("04_losses", "three-answers-one-of-them-right"),
    "learned": ("09_mnist", "the-first-three-epochs"),
}


@dataclass(frozen=True)
class Reader:
    """A network that reads digits, as it is stored.

    Attributes
    ----------
    name : str
        By which `experiments.convolution` knows it.
    seed, pixels : int
        Of its training: by how many pixels images were moved.
    right : float
        The share of the test images that it reads; a test of the site measures it.
    words : str
        What it is, as a page says it.
    link : (str, str)
        Where it is derived.
    """

    name: str
    seed: int
    pixels: int
    right: float
    words: str
    link: tuple[str, str]

    @property
    def file(self):
        return Path(__file__).with_name(f"digit_pad_{self.name}.npz")

    def weights(self):
        """Return the stored parameters in the order of the layers, float16."""
        with np.load(self.file) as stored:
            return [stored[name] for name in stored.files]

    def network(self):
        """Return the network in float64, with these weights: images (N, 28, 28, 1) to logits (N, 10)."""
        options = {"rng": np.random.default_rng(0), "dtype": np.float64}
        if self.name == "dense":
            first, second = Dense(784, 128, **options), Dense(128, 128, **options)
            made = Network(Flatten(), first, ReLU(), second, ReLU(), Dense(128, 10, **options))
        else:
            blocks = [Conv2D(1, 16, 5, **options), ReLU(), MaxPool2D(2)]
            blocks += [Conv2D(16, 32, 5, **options), ReLU(), MaxPool2D(2)]
            made = Network(*blocks, Flatten(), Dense(512, 10, **options))
        for parameter, stored in zip(made.params, self.weights(), strict=True):
            parameter[...] = stored
        return made


CONVOLUTION = Reader(
    "16-32", 0, 2, 0.9927, "network that knows neighbours", ("12_convolution", "a-net-that-knows-neighbours")
)
DENSE = Reader("dense", 2, 0, 0.9816, "network of dense layers", ("09_mnist", "the-first-three-epochs"))


def data(call):
    """Return what docs/living/digit_pad.js draws from, whatever network the call names."""
    in_chapter = call.chapter == "11_generalisation"
    reader = DENSE if in_chapter else CONVOLUTION
    weights = reader.weights()
    layers = [
        {"kind": type(layer).__name__, "shapes": [parameter.shape for parameter in layer.params]}
        | ({"size": layer.size} if isinstance(layer, MaxPool2D) else {})
        for layer in reader.network().layers
    ]
    digits = {digit: [stroke.tolist() for stroke in strokes] for digit, strokes in bundled_digits().items()}
    links = LINKS | {"net": reader.link}
    return {
        "pen": PEN,
        "settings": in_chapter,
        "digits": digits,
        "links": {name: f"notebooks/{page}.html#{anchor}" for name, (page, anchor) in links.items()},
        "net": reader.words,
        "count": f"{sum(parameter.size for parameter in weights):,}".replace(",", " "),
        "right": f"{reader.right:.1%}".replace("%", " %"),
        "layers": layers,
        "weights": base64.b64encode(b"".join(one.astype("<f2").tobytes() for one in weights)).decode(),
    }
