"""What a learner may hand in by mistake, at every public door: told in a sentence, and nothing is changed."""

import importlib
import inspect
import random
import re
import traceback
import types
from pathlib import Path

import numpy as np
import pytest

import nnlib
from nnlib import (
    MSE,
    SGD,
    Activation,
    Adam,
    Attention,
    BinaryCrossEntropy,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Epoch,
    Flatten,
    Layer,
    LayerNorm,
    LeakyReLU,
    Loss,
    MaskedCrossEntropy,
    MaxPool2D,
    Momentum,
    Network,
    Optimizer,
    Positions,
    ReLU,
    Residual,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
    initializers,
)
from nnlib import _validation as check
from nnlib.autograd import Tensor
from nnlib.gradcheck import numerical_gradient

FOLDER = Path(nnlib.__file__).parent
MODULES = [importlib.import_module(f"nnlib.{path.stem}") for path in FOLDER.glob("[a-z]*.py")]

# Kinds of bad values. A function makes one from the good value; `made` says so of what is no such function.


def made(value):
    return lambda good: value


# No array of real numbers.
NUMBERS = {
    "text": lambda A: np.asarray(A).astype(str),
    "word": made("abc"),
    "bytes": made(b"abc"),
    "objects": lambda A: np.asarray(A).astype(object),
    "complex": lambda A: np.asarray(A) + 0j,
    "None": made(None),
    "ragged": made([[1.0, 2.0], [3.0]]),
    "masked": lambda A: np.ma.masked_array(A),
    "dates": lambda A: np.asarray(A).astype("datetime64[s]"),
    "records": made(np.zeros(3, [("x", float)])),
    "dict": made({"X": 1}),
    "class": made(np.ndarray),
    "None inside": made([[None, 1.0], [1.0, 2.0]]),
    "beyond 64 bits": made([[2**70, 1]]),
}
# No rows of the right width.
ROWS = NUMBERS | {
    "0-d": made(np.array(1.0)),
    "1-d": lambda A: A[:, 0],
    "no samples": lambda A: A[:0],
    "no features": lambda A: A[:, :0],
}
WIDTH = ROWS | {
    "3-d": lambda A: A[:, :, None],
    "wider": lambda A: np.hstack([A, A[:, :1]]),
    "narrower": lambda A: A[:, :1],
    "transposed": lambda A: A.T,
}
# No images, (N, height, width, channels).
IMAGES = NUMBERS | {
    "0-d": made(np.array(1.0)),
    "rows": lambda A: A.reshape(len(A), -1),
    "grey": lambda A: A[..., 0],
    "no images": lambda A: A[:0],
    "no pixels": lambda A: A[:, :0],
    "no channels": lambda A: A[..., :0],
    "too small": lambda A: A[:, :1],
}
DEPTH = IMAGES | {"deeper": lambda A: np.concatenate([A, A], axis=3), "channels first": lambda A: A.T}
# No sequences of vectors, (N, T, 4), of at most 5 places.
VECTORS = NUMBERS | {
    "0-d": made(np.array(1.0)),
    "one sequence": lambda A: A[0],
    "images": lambda A: A[..., None],
    "no sequences": lambda A: A[:0],
    "no places": lambda A: A[:, :0],
    "no features": lambda A: A[..., :0],
    "wider": lambda A: np.concatenate([A, A], axis=2),
    "narrower": lambda A: A[..., :1],
    "places last": lambda A: np.swapaxes(A, 1, 2),
}
PLACES = VECTORS | {"longer sequences": lambda A: np.concatenate([A, A], axis=1)}
# No sequences of symbols, whole numbers from 0 to 2.
SYMBOLS = NUMBERS | {
    "0-d": made(np.array(1)),
    "one sequence": lambda A: A[0],
    "one-hot": lambda A: np.eye(3)[A],
    "no sequences": lambda A: A[:0],
    "no places": lambda A: A[:, :0],
    "n_symbols": lambda A: A + 3 * (A == A[-1, -1]),
    "below 0": lambda A: A - 2,
    "halves": lambda A: A + 0.5,
    "nan": lambda A: np.where(A == A[-1, -1], np.nan, A),
    "inf": lambda A: np.where(A == A[-1, -1], np.inf, A),
}
MASKED = SYMBOLS | {"nothing counts": lambda A: np.where(np.arange(len(A))[:, None] == 1, -1, A)}
# Not of the one shape that fits; a single row would broadcast.
SHAPE = WIDTH | {
    "longer": lambda A: np.vstack([A, A[:1]]),
    "shorter": lambda A: A[1:],
    "single": lambda A: A[:1],
}


LENGTH = NUMBERS | {kind: SHAPE[kind] for kind in ("0-d", "longer", "shorter", "single", "no samples")}


def without(kinds, *names):
    return {kind: make for kind, make in kinds.items() if kind not in names}


def with_entry(value):
    def change(A):
        A = np.array(A, float)
        A.flat[-1] = value
        return A

    return change


VALUES = {str(value): with_entry(value) for value in (np.nan, np.inf, -np.inf)}
DATA = SHAPE | VALUES
FINITE_ROWS = ROWS | VALUES
PROBABILITIES = FINITE_ROWS | {"below 0": with_entry(-0.1), "above 1": with_entry(1.1)}


def with_label(label):
    return lambda y: np.array([*y[:-1], label])


LABELS = NUMBERS | {
    "0-d": made(np.array(1)),
    "no labels": lambda y: y[:0],
    "column": lambda y: y[:, None],
    "-1": with_label(-1),
    "C": with_label(3),
    "floats": lambda y: y.astype(float),
    "nan": with_label(np.nan),
    "bools": lambda y: y > 0,
    "longer": lambda y: np.append(y, 0),
    "shorter": lambda y: y[1:],
}
KERNEL = {"three": made((1, 2, 3)), "half": made((2, 0.5)), "zero": made((0, 2)), "text": made("2")}
KERNEL |= {"None": made(None), "none": made(()), "array": made(np.array([2, 2]))}
COUNT = {str(n): made(n) for n in (-1, 2.5, 2.0, "2", None, True, 2j, [2], np.nan, np.inf)}
POSITIVE = COUNT | {"0": made(0)}
NUMBER = {str(x): made(x) for x in (np.nan, np.inf, -np.inf, "0.1", None, True, 0.1j, [0.1], np.ones(1))}
NUMBER |= {"beyond floats": made(10**400)}
RATE = NUMBER | {str(x): made(x) for x in (0, -0.1)}
SHARE = NUMBER | {str(x): made(x) for x in (-0.1, 1, 1.5)}
GENERATOR = {
    "seed": made(0),
    "None": made(None),
    "text": made("0"),
    "module": made(random),
    "class": made(np.random.Generator),
    "old": made(np.random.RandomState(0)),  # noqa: NPY002
}
SHUFFLE = without(GENERATOR, "None")
FUNCTION = {"number": made(1), "None": made(None), "name": made("tanh"), "array": made(np.ones(2))}
INIT = FUNCTION | {
    f"returns {kind}": made(lambda rng, n_in, n_out, value=value: value)
    for kind, value in {
        "None": None,
        "a number": 0.1,
        "a transpose": np.ones((3, 4)),
        "text": np.full((4, 3), "1"),
        "complex": np.full((4, 3), 1j),
        "nan": np.full((4, 3), np.nan),
        "masked": np.ma.ones((4, 3)),
    }.items()
}
SQUARE = INIT | {"returns a row": made(lambda rng, n_in, n_out: np.ones(4))}
RETURNED = {
    "nothing": lambda X: None,
    "a sum": lambda X: X.sum(),
    "sums": lambda X: X.sum(axis=0),
    "text": lambda X: X.astype(str),
    "complex": lambda X: X + 0j,
}
DTYPE = {str(d): made(d) for d in (np.float16, int, complex, str, "float32 ", None, 4)}
PATH = {str(p): made(p) for p in (0, 1, True, 2.5, b"name", [], {})}
ANY = {}  # taken as Python takes a truth value

IN_PLACE = {
    "list": lambda X: X.tolist(),
    "float32": lambda X: X.astype(np.float32),
    "ints": lambda X: X.astype(int),
    "read-only": lambda X: np.broadcast_to(X, X.shape),
}

LOGITS = without(VECTORS, "wider", "narrower", "places last", "no features") | {
    "one class": lambda A: A[..., :1],
    "rows": lambda A: A.reshape(-1, A.shape[2]),
    "fewer": lambda A: A[1:],
    "shorter": lambda A: A[:, 1:],
}


def instances(kind, example):
    return {"None": made(None), "class": made(kind), "list": lambda good: [good], "text": made(example)}


PARAMS = {
    "None": made(None),
    "number": made(1.0),
    "net": lambda params: Network(Tanh()),
    "text": made("ab"),
    "empty": made([]),
    "one array": lambda params: params[-1],
    "lists": lambda params: [p.tolist() for p in params],
    "ints": lambda params: [p.astype(int) for p in params],
    "float16": lambda params: [p.astype(np.float16) for p in params],
    "complex": lambda params: [p + 0j for p in params],
    "objects": lambda params: [p.astype(object) for p in params],
    "masked": lambda params: [np.ma.array(p) for p in params],
    "read-only": lambda params: [np.broadcast_to(p, p.shape) for p in params],
    "class": made(SGD),
}
LAST_GRADIENT = {
    "None": None,
    "text": "abc",
    "complex": np.ones(2) * 1j,
    "objects": np.array([1.0, None]),
    "masked": np.ma.ones(2),
    "a number": 1.0,
    "one entry": np.ones(1),
    "a column": np.ones((2, 1)),
    "too long": np.ones(3),
}
GRADS = {
    "None": made(None),
    "number": made(1.0),
    "no list": lambda grads: grads[0],
    "empty": made([]),
    "too few": lambda grads: grads[:-1],
    "too many": lambda grads: [*grads, np.ones(2)],
    "backwards": lambda grads: grads[::-1],
}
GRADS |= {
    f"last: {kind}": lambda grads, last=last: [*grads[:-1], last] for kind, last in LAST_GRADIENT.items()
}
LAYERS = {
    "none": made(()),
    "None": made((None,)),
    "class": made((Tanh,)),
    "list": made(([Tanh()],)),
    "function": made((np.tanh,)),
    "twice": lambda layers: layers + layers[:1],
    "widths": lambda layers: layers + (Dense(9, 1, rng=np.random.default_rng(0), dtype=np.float64),),
    "dtypes": lambda layers: layers + (Dense(2, 1, rng=np.random.default_rng(0)),),
}
VALIDATION = {
    "array": lambda pair: pair[0],
    "one": lambda pair: pair[:1],
    "three": lambda pair: (*pair, pair[0]),
    "text": made("ab"),
    "lengths": lambda pair: (pair[0], pair[1][1:]),
    "width": lambda pair: (pair[0][:, 1:], pair[1]),
    "nan": lambda pair: (with_entry(np.nan)(pair[0]), pair[1]),
}
EPOCHS = {str(epochs): made(epochs) for epochs in (3, None, [1, 2], "ab", [Epoch])}
PREDICTIONS = NUMBERS | {"0-d": made(np.array(1)), "3-d": lambda A: A[:, :, None], "shorter": lambda A: A[1:]}
PREDICTIONS |= {"no samples": lambda A: A[:0]}


def is_ours(member):
    return inspect.isfunction(member) and member.__module__.startswith("nnlib.")


def parameters(function):
    return [name for name in inspect.signature(function).parameters if name != "self"]


FORWARD = {Dense: WIDTH, Flatten: ROWS, Conv2D: DEPTH, MaxPool2D: IMAGES, Residual: WIDTH, LayerNorm: WIDTH}
FORWARD |= {Attention: VECTORS, Positions: PLACES, Embedding: SYMBOLS}


class World:
    """Objects that have worked before; at each public door arguments that fit, with the kinds that do not."""

    def __init__(self, folder=Path()):
        rng = self.rng = np.random.default_rng(0)
        X = rng.integers(2, size=(6, 4)).astype(float)
        y = np.array([0, 1, 2, 0, 1, 2])
        Y, P = np.eye(3)[y], np.eye(3)[y[::-1]]
        data, targets = (X, DATA), (Y, DATA)
        options = {"rng": rng, "dtype": np.float64}
        first, last = Dense(4, 5, **options), Dense(5, 3, **options)
        self.net = net = Network(first, Tanh(), Dropout(0.5, rng=rng), last)
        self.optimizer = optimizer = Adam(net.params, 0.1)
        net.backward(MSE().gradient(net.forward(X, training=True), Y))
        optimizer.step(net.grads)
        validation, path = (X, Y), folder / "weights.npz"
        settings = {
            "net": (net, instances(Network, "net")),
            "loss": (MSE(), instances(MSE, "mse")),
            "optimizer": (optimizer, instances(SGD, "sgd") | {"another's": made(SGD([np.ones(2)], 0.1))}),
            "X": data,
            "Y": targets,
            "epochs": (1, COUNT),
            "batch_size": (4, POSITIVE),
            "rng": (rng, SHUFFLE),
        }
        widths = {"n_in": (4, POSITIVE), "n_out": (3, POSITIVE), "rng": (rng, GENERATOR)}
        optimizers = {"params": ([np.ones((2, 3)), np.ones(2)], PARAMS), "lr": (0.1, RATE)}
        rate = {"peak": (0.1, RATE), "warmup": (2, COUNT), "total": (5, POSITIVE | {"2": made(2)})}
        scores = {"Y_hat": (P, PREDICTIONS), "Y": (y, LABELS)}
        self.doors = {
            "sigmoid": {"X": (X, NUMBERS)},
            "log_softmax": {"Z": (X, ROWS)},
            "softmax": {"Z": (X, ROWS)},
            "Activation": {"f": (np.sin, FUNCTION), "f_prime": (np.cos, FUNCTION)},
            "LeakyReLU": {"slope": (0.1, SHARE)},
            "Dense": widths | {"init": (initializers.he, INIT), "dtype": (np.float64, DTYPE)},
            "Conv2D": widths
            | {"kernel": ((2, 1), KERNEL), "stride": (1, POSITIVE), "padding": (0, COUNT)}
            | {"n_in": (2, POSITIVE), "init": (initializers.he, INIT), "dtype": (np.float64, DTYPE)},
            "MaxPool2D": {"size": (2, POSITIVE)},
            "Dropout": {"p": (0.5, SHARE), "rng": (rng, GENERATOR)},
            "Attention": {"n": (4, POSITIVE | {"odd": made(5)}), "heads": (2, POSITIVE | {"3": made(3)})}
            | {"causal": (True, ANY), "rng": (rng, GENERATOR)}
            | {"init": (initializers.xavier, SQUARE), "dtype": (np.float64, DTYPE)},
            "LayerNorm": {"n": (4, POSITIVE), "dtype": (np.float64, DTYPE)},
            "Embedding": {"n_symbols": (3, POSITIVE), "n": (4, POSITIVE)}
            | {"rng": (rng, GENERATOR), "dtype": (np.float64, DTYPE)},
            "Positions": {"T_max": (5, POSITIVE), "n": (4, POSITIVE)}
            | {"rng": (rng, GENERATOR), "dtype": (np.float64, DTYPE)},
            "Residual": {"layers": ((Dense(4, 4, **options),), LAYERS)},
            "spirals": {"n": (3, POSITIVE), "rng": (rng, GENERATOR), "noise": (0.1, NUMBER)},
            "mnist": {"folder": (None, PATH)},
            "read_idx": {"path": (None, PATH | {"None": made(None)})},
            "check": {
                "net": settings["net"],
                "loss": settings["loss"],
                "X": data,
                "Y": targets,
                "h": (1e-5, RATE),
            },
            "numerical_gradient": {"f": (np.sum, FUNCTION), "X": (X, NUMBERS | IN_PLACE), "h": (1e-5, RATE)},
            "relative_error": {"A": (X, SHAPE), "B": (X, SHAPE)},
            "one_hot": {
                "labels": (y, without(LABELS, "no labels", "longer", "shorter")),
                "n_classes": (3, POSITIVE),
                "dtype": (float, {str(d): made(d) for d in (str, complex, object)}),
            },
            "accuracy": scores | {"threshold": (0.5, NUMBER)},
            "confusion_matrix": scores | {"n_classes": (3, POSITIVE), "threshold": (0.5, NUMBER)},
            "accuracy: rows": scores
            | {"Y_hat": (P, SHAPE), "Y": (Y, without(SHAPE, "1-d")), "threshold": (0.5, ANY)},
            "Network": {"layers": ((Flatten(), Dense(4, 2, **options)), LAYERS)},
            "Network.forward": {"X": (X, WIDTH), "training": (True, ANY)},
            "Network.backward": {"dY": (Y, SHAPE), "input_gradient": (True, ANY)},
            "Network.predict": {
                "X": (X, without(DATA, "longer", "shorter", "single")),
                "batch_size": (4, POSITIVE),
            },
            "Network.save": {"path": (path, PATH | {"None": made(None)})},
            "Network.load": {"path": (path, PATH | {"None": made(None)})},
            "warmup_cosine": rate,
            "Tensor": {"array": (X, NUMBERS)},
            "Tensor.backward": {"dY": (X, SHAPE)},
            **{
                f"Tensor.{name}": {"axis": (1, ANY), "keepdims": (True, ANY)}
                for name in ("sum", "mean", "max")
            },
            "Tensor.reshape": {"shape": ((4, 6), ANY)},
            "from_loss": {
                "loss": (MSE(), instances(MSE, "mse")),
                "Y_hat": (Tensor(P), {"array": made(P), "None": made(None)}),
                "Y": (Y, SHAPE),
            },
            "History": {"epochs": ([Epoch(1, 0.5, None, None, None, 1, 0.1)], EPOCHS)},
            "minibatches": {
                "X": (X, LENGTH),
                "Y": (Y, LENGTH),
                "batch_size": (4, POSITIVE),
                "rng": (rng, SHUFFLE),
            },
            "steps": settings,
            "train": settings | {"validation": (validation, VALIDATION)},
            "fit": settings | {"validation": (validation, VALIDATION), "progress": (False, ANY)},
            "fit: labels": settings | {"loss": (SoftmaxCrossEntropy(), ANY), "Y": (y, LABELS)},
            "SoftmaxCrossEntropy.value: labels": {"Z": (P, LENGTH), "Y": (y, LABELS)},
            "SoftmaxCrossEntropy.gradient: labels": {"Z": (P, LENGTH), "Y": (y, LABELS)},
            "Dense.W": {"W": (np.ones((4, 5)), SHAPE)},
            "Optimizer.lr": {"lr": (0.1, RATE)},
        }
        self.doors |= {init: dict(widths) for init in initializers.__all__}
        self.objects = {"Network": net, "Tensor": Tensor(X) * 2}
        for layer in (
            Dense(4, 5, **options),
            Tanh(),
            Dropout(0.5, rng=rng),
            Activation(np.sin, np.cos),
            Sigmoid(),
            ReLU(),
            LeakyReLU(),
            Flatten(),
            Conv2D(2, 3, (2, 1), **options),
            MaxPool2D(2),
            Attention(4, 2, **options),
            LayerNorm(4, dtype=np.float64),
            Embedding(3, 4, **options),
            Positions(5, 4, **options),
            Residual(Dense(4, 3, **options), Dense(3, 4, **options)),
        ):
            name, forward = type(layer).__name__, FORWARD.get(type(layer), NUMBERS)
            self.objects[name] = layer
            inputs = rng.integers(2, size=(6, 5, 4, 2)).astype(float) if forward in (IMAGES, DEPTH) else X
            if forward in (VECTORS, PLACES):
                inputs = rng.integers(2, size=(6, 5, 4)).astype(float)
            elif forward is SYMBOLS:
                inputs = rng.integers(2, size=(6, 5))
            dY = np.ones_like(layer.forward(inputs, training=True))
            self.doors[f"{name}.forward"] = {"X": (inputs, forward), "training": (True, ANY)}
            self.doors[f"{name}.backward"] = {"dY": (dY, SHAPE)}
            self.doors[f"{name}.parameter_gradients"] = {"dY": (dY, SHAPE)}
        for loss, targets in (
            (MSE(), FINITE_ROWS),
            (BinaryCrossEntropy(), PROBABILITIES),
            (SoftmaxCrossEntropy(), without(PROBABILITIES, "1-d")),
            (Loss(), FINITE_ROWS),
        ):
            name = type(loss).__name__
            self.objects[name] = loss
            for method in ("value", "gradient", "value_and_gradient") if type(loss) is not Loss else ():
                prediction, _ = parameters(getattr(loss, method))
                self.doors[f"{name}.{method}"] = {prediction: (P, SHAPE), "Y": (Y, SHAPE)}
            self.doors[f"{name}.targets"] = {"Y": (Y, targets), "dtype": (np.float64, ANY)}
        masked = self.objects["MaskedCrossEntropy"] = MaskedCrossEntropy()
        Z, symbols = rng.integers(2, size=(6, 5, 3)).astype(float), rng.integers(2, size=(6, 5))
        for method in ("value", "gradient", "value_and_gradient"):
            self.doors[f"MaskedCrossEntropy.{method}"] = {"Z": (Z, LOGITS), "Y": (symbols, MASKED)}
        self.doors["MaskedCrossEntropy.targets"] = {
            "Y": (symbols, without(MASKED, "n_symbols")),
            "dtype": (np.float64, ANY),
        }
        self.doors["fit: symbols"] = settings | {
            "net": (Network(Embedding(3, 4, **options), Dense(4, 3, **options)), ANY),
            "loss": (masked, ANY),
            "X": (symbols, SYMBOLS),
            "Y": (symbols, MASKED),
            "optimizer": (None, ANY),
        }
        net_of_symbols = self.doors["fit: symbols"]["net"][0]
        self.doors["fit: symbols"]["optimizer"] = (SGD(net_of_symbols.params, 0.1), ANY)
        for kind in (SGD, Momentum, Adam, Optimizer):
            name = kind.__name__
            self.objects[name] = kind([np.ones((2, 3)), np.ones(2)], 0.1)
            self.doors[name] = dict(optimizers)
            self.doors[f"{name}.step"] = {"grads": ([np.ones((2, 3)), np.ones(2)], GRADS)}
        self.doors["Momentum"]["beta"] = (0.9, SHARE)
        self.doors["Adam"] |= {"beta1": (0.9, SHARE), "beta2": (0.9, SHARE), "eps": (1e-8, RATE)}

    def call(self, door, arguments):
        """Go through a door, and through what comes out, if it is a generator."""
        name = door.partition(":")[0]
        function, arguments = FUNCTIONS.get(name), dict(arguments)
        if "." in name:
            kind, method = name.split(".")
            function = getattr(self.objects[kind], method, None)
        if name in SETTERS:
            kind, attribute = name.split(".")
            return setattr(self.objects[kind], attribute, arguments[attribute])
        return function(*arguments.pop("layers", arguments.pop("shape", ())), **arguments)

    def good(self, door):
        return {name: value for name, (value, _) in self.doors[door].items()}

    def state(self, *arguments):
        """All bytes that a refused call must leave alone."""
        layers = [layer for layer in self.objects.values() if isinstance(layer, Layer)]
        optimizers = [self.optimizer, *(o for o in self.objects.values() if isinstance(o, Optimizer))]
        arrays = [*self.net.params, *self.net.grads, *(p for layer in layers for p in layer.params)]
        arrays += [a for optimizer in optimizers for a in (*optimizer.params, *optimizer.slots)]
        state = [(o.t, o.lr) for o in optimizers], self.rng.bit_generator.state
        return state, contents(arrays), contents(arguments)


def contents(values):
    """The bytes of all arrays in `values`, and in the sequences among them."""
    arrays = [a for value in values for a in (value if isinstance(value, (list, tuple)) else [value])]
    return [(a.shape, a.dtype, a.tobytes()) for a in arrays if isinstance(a, np.ndarray)]


FUNCTIONS = {name: getattr(module, name) for module in MODULES for name in module.__all__}
METHODS = {
    f"{kind}.{name}": method
    for kind, public in FUNCTIONS.items()
    if inspect.isclass(public)
    for name, method in inspect.getmembers(public, is_ours)
    if name[0] != "_"
}
SETTERS = {"Dense.W", "Optimizer.lr"}
# Nothing enters by these: records of what happened, what has no equations, and `update`, which `step` guards.
CLOSED = {"Step", "Epoch", "Mnist"}
CLOSED |= {f"Layer.{name}" for name in ("forward", "backward", "parameter_gradients")}
CLOSED |= {f"Loss.{name}" for name in ("value", "gradient", "value_and_gradient")}
CLOSED |= {f"{name}.update" for name in ("SGD", "Momentum", "Adam", "Optimizer")}

DOORS = World().doors
CASES = [(door, name) for door, arguments in DOORS.items() for name, (_, kinds) in arguments.items() if kinds]
# What a message calls an argument, where that is not its name.
CALLED = {
    "X": "X|Y_hat",
    "Y": "Y|labels",
    "Z": "Z|Y_hat",
    "layers": "layer|the parameters|Network|Residual",
    "validation": "validation|X|Y",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad_input")
    World().net.save(folder / "weights.npz")
    return folder


@pytest.fixture
def world(folder):
    return World(folder)


def test_every_argument_of_every_public_callable_has_a_row():
    expected = {name: set(parameters(function)) for name, function in (FUNCTIONS | METHODS).items()}
    expected = {name: names for name, names in expected.items() if names and name not in CLOSED}
    found = {name: set(arguments) for name, arguments in DOORS.items() if ":" not in name}
    assert found == expected | {name: {name.partition(".")[2]} for name in SETTERS}
    assert CLOSED <= (FUNCTIONS | METHODS).keys()


def test_there_are_thirty_kinds_and_more():
    assert len({kind for door, name in CASES for kind in DOORS[door][name][1]}) >= 30


def problem(world, door, name, make):
    """What is wrong with the answer to a bad value, or None."""
    arguments = world.good(door)
    bad = make(arguments[name])
    before = world.state(*arguments.values(), bad)
    try:
        world.call(door, arguments | {name: bad})
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1].filename
        told = re.search(
            rf"\b({CALLED.get(name, name)})\b.*(expect|this layer's is)|call .* before", str(error)
        )
        if not isinstance(error, (TypeError, ValueError)) or not told or Path(place).parent != FOLDER:
            return f"{type(error).__name__}: {error}"
    else:
        return "let through"
    if world.state(*arguments.values(), bad) != before:
        return "changes something"


@pytest.mark.parametrize("door, name", CASES, ids=map(" ".join, CASES))
def test_what_does_not_fit_is_told_and_nothing_is_changed(world, door, name):
    kinds = world.doors[door][name][1]
    problems = {kind: problem(world, door, name, make) for kind, make in kinds.items()}
    assert {kind: text for kind, text in problems.items() if text} == {}


BEFORE_FORWARD = [
    Attention,
    LayerNorm,
    Embedding,
    Positions,
    Residual,
    Dense,
    Tanh,
    Sigmoid,
    ReLU,
    LeakyReLU,
    Dropout,
    Flatten,
    Activation,
    Network,
]


@pytest.mark.parametrize("method", ["backward", "parameter_gradients"])
@pytest.mark.parametrize("kind", BEFORE_FORWARD, ids=lambda kind: kind.__name__)
def test_backward_before_forward(world, kind, method):
    good = world.good(kind.__name__) if kind.__name__ in world.doors else {}
    fresh = kind(*good.pop("layers", ()), **good)
    with pytest.raises(ValueError, match="no output to go back from; call forward before backward"):
        getattr(fresh, "backward" if kind is Network else method)(np.ones((6, 3)))


# What a learner writes himself, and forgets to return


class Forgetful(MSE):
    """A loss without a value, or without a gradient."""

    def __init__(self, method):
        setattr(self, method, lambda Y_hat, Y: None)


@pytest.mark.parametrize("method, name", [("value", "loss.value"), ("gradient", "dY")])
def test_a_loss_that_returns_nothing(world, method, name):
    settings = world.good("fit")
    before = world.state()
    with pytest.raises(TypeError, match=f"{name}.* is None; expected real numbers"):
        nnlib.fit(**settings | {"loss": Forgetful(method)})
    assert world.state() == before or method == "gradient"  # Dropout has drawn its mask
    assert contents(world.net.params) == before[1][: len(world.net.params)]


@pytest.mark.parametrize("kind", RETURNED)
def test_an_activation_that_returns_what_does_not_fit(kind):
    X, wrong = np.ones((3, 2)), RETURNED[kind]
    with pytest.raises((TypeError, ValueError), match=r"^f\(X\) (has|holds|is) .*expected"):
        Activation(wrong, np.cos).forward(X)
    layer = Activation(np.sin, wrong)
    layer.forward(X)
    with pytest.raises((TypeError, ValueError), match=r"^f_prime\(X\) (has|holds|is) .*expected"):
        layer.backward(X)


@pytest.mark.parametrize("kind", RETURNED)
def test_a_function_to_differentiate_that_returns_no_number(kind):
    if kind != "a sum":
        with pytest.raises((TypeError, ValueError), match=r"^f\(X\) (has|holds|is) .*expected"):
            numerical_gradient(RETURNED[kind], np.ones((3, 2)))


class WithoutReturn(Layer):
    """A layer whose forward, or whose backward, returns nothing."""

    def __init__(self, forgets):
        self.forgets = forgets

    def forward(self, X, training=False):
        return None if self.forgets == "forward" else X

    def backward(self, dY):
        return None if self.forgets == "backward" else dY


@pytest.mark.parametrize("forgets", ["forward", "backward"])
@pytest.mark.parametrize("place", [0, 1])
def test_a_layer_that_returns_nothing(forgets, place):
    layers = [Tanh(), Tanh()]
    layers.insert(place + 1, WithoutReturn(forgets))
    with pytest.raises(TypeError, match="(X|the output|dY) is None; expected real"):
        net = Network(*layers)
        net.backward(net.forward(np.ones((3, 2))))


# What has to work: the same numbers in another form

FORMS = {
    "list": lambda A: A.tolist(),
    "read-only": lambda A: np.broadcast_to(A, A.shape),
    "strided": lambda A: np.repeat(A, 2, axis=-1)[..., ::2],
    "backwards": lambda A: A[::-1].copy()[::-1],
    "Fortran": lambda A: np.asfortranarray(A),
    "big-endian": lambda A: A.astype(A.dtype.newbyteorder(">")),
    "int64": lambda A: A.astype(np.int64),
    "uint8": lambda A: A.astype(np.uint8),
    "bool": lambda A: A.astype(bool),
    "float16": lambda A: A.astype(np.float16),
}
ARRAYS = [
    (door, name)
    for door, arguments in DOORS.items()
    for name, (value, kinds) in arguments.items()
    if (kinds.keys() >= NUMBERS.keys() or name in ("grads", "validation"))
    and door not in ("numerical_gradient", "Optimizer.step")
]


def in_form(form, value):
    """The same numbers in another form: those of an array of zeros and ones, of labels, or of several."""
    if isinstance(value, (list, tuple)):
        return type(value)(in_form(form, A) for A in value)
    labels = value.dtype.kind == "i"
    return value if labels and form in ("bool", "float16") else FORMS[form](value)


def flat(result):
    """All numbers in what a call gave."""
    if isinstance(result, Epoch):
        result = result._replace(seconds=0)
    if isinstance(result, Tensor):
        result = result.data
    if isinstance(result, types.GeneratorType):
        result = list(result)
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, (list, tuple)):
        return [x for part in result for x in flat(part)]
    return [] if result is None else np.asarray(result, float).ravel().tolist()


def outcome(folder, door, name, form=None):
    """What a call gives and leaves behind, as one array."""
    world = World(folder)
    arguments = world.good(door)
    if form:
        arguments[name] = in_form(form, arguments[name])
    before = contents(arguments.values())
    result = flat(world.call(door, arguments))
    assert contents(arguments.values()) == before
    objects = [world.net, *(world.objects[kind] for kind in ("Dense", "SGD", "Momentum", "Adam"))]
    return np.array(result + flat([o.params for o in objects]) + flat(world.optimizer.slots))


@pytest.mark.parametrize("door, name", ARRAYS, ids=map(" ".join, ARRAYS))
def test_other_forms_give_the_same_result(folder, door, name):
    expected = outcome(folder, door, name)
    for form in FORMS:
        found = outcome(folder, door, name, form)
        assert found.shape == expected.shape and np.allclose(found, expected, rtol=1e-12, atol=1e-14), form


@pytest.mark.parametrize("door", without(DOORS, "mnist", "read_idx", "Optimizer.step"))
def test_what_fits_passes(world, door):
    world.call(door, world.good(door))


@pytest.mark.parametrize("N, batch_size, sizes", [(1, 1, [1]), (1, 9, [1]), (6, 9, [6]), (6, 4, [4, 2])])
@pytest.mark.parametrize("label", [None, 0, 2])
def test_few_samples_large_batches_and_a_single_class(world, N, batch_size, sizes, label):
    settings = world.good("steps")
    y = np.array([0, 1, 2, 0, 1, 2])[:N] if label is None else np.full(N, label)
    settings |= {"loss": SoftmaxCrossEntropy(), "X": settings["X"][:N], "Y": y, "batch_size": batch_size}
    found = list(nnlib.steps(**settings))
    assert [len(step.Y) for step in found] == sizes and all(step.loss > 0 for step in found)
    assert world.net.predict(settings["X"], batch_size=batch_size).shape == (N, 3)


@pytest.mark.parametrize("shape, rows", [((100_001, 1), 100_000), ((250, 1000), 100), ((3, 200_000), 1)])
def test_values_are_looked_at_in_pieces(monkeypatch, shape, rows):
    """Each entry once, and never more than 100 000 at a time, or a row: no large copy is made."""
    pieces, numbers = [], check.numbers
    monkeypatch.setattr(
        check, "numbers", lambda values, *rest: pieces.append(values) or numbers(values, *rest)
    )
    X = np.arange(np.prod(shape)).reshape(shape)
    assert check.finite(X, "X") is X
    assert (np.concatenate(pieces) == X).all() and {len(piece) for piece in pieces[:-1]} == {rows}
    pieces.clear()
    assert check.finite(X.astype(float), "X") is not None and pieces == []  # one product sees all of it
