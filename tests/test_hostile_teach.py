"""The two hundred hostile values against every public function of nnlib.teach that is no check.

Each argument of each function in turn is one of them, while the others are right. The function returns, or
raises a TypeError or ValueError that says what was expected; it never raises what NumPy, Python or Matplotlib
happened to stumble over, and never takes long.
"""

import contextlib
import copy
import importlib
import inspect
import time

import numpy as np
import pytest
from matplotlib.figure import Figure

from nnlib import (
    SGD,
    BinaryCrossEntropy,
    Conv2D,
    Dense,
    Epoch,
    History,
    Network,
    SoftmaxCrossEntropy,
    Tanh,
    minibatches,
)
from nnlib.attention import Attention, Embedding
from nnlib.autograd import Tensor
from nnlib.scaling import Sweep
from nnlib.teach import bugs, plots, shapes, widgets
from nnlib.teach.mathematics import World, chains, read
from nnlib.teach.stacked import stack
from tests.hostile import VALUES

SECONDS = 1.0  # of the processor: a call that took longer is made again beside pictures, and
PICTURES = 30  # is the longest that it may take
MODULES = ["attention_bugs", "phrase"]
MODULES += "bugs defaults derivations formats image_bugs judged mathematics patients plots".split()
MODULES += "preprocessing recorded sequences shapes stacked tape_bugs widgets".split()
# These hold what they are given, and are looked at where they are used; exceptions are raised by others.
RECORDS = {
    "Bug",
    "Change",
    "Default",
    "Derivation",
    "Effect",
    "Evidence",
    "Gradient",
    "NotReadable",
    "Recipe",
    "Run",
    "Symptoms",
    "Unknown",
    "Ward",
}
# What a message says that names no expectation, because there is one way only.
PLAIN = ("has no ink", "is one point", "all x are equal", "is ragged")


def rng():
    return np.random.default_rng(0)


def layers(n_in, n_out, dtype=np.float32):
    return Dense(n_in, 3, rng=rng(), dtype=dtype), Tanh(), Dense(3, n_out, rng=rng(), dtype=dtype)


def stacked():
    net = stack([Network(*layers(2, 1)), Network(*layers(2, 1))])
    return {
        "net": net,
        "loss": BinaryCrossEntropy(),
        "optimizer": SGD(net.params, lr=0.1),
        "X": np.ones((4, 2), np.float32),
        "Y": np.ones((4, 1), np.float32),
        "epochs": 1,
        "batch_size": 2,
    }


def formula():
    world = World(indices={"n": "N"}, given={"N": 2, "x": np.array([3.0, -1])})
    (chain,) = chains(read(r"p = \sum_n x_n"))
    return chain, world


def recording():
    X, y = np.ones((3, 784)), np.array([1, 2, 3])
    losses = np.ones(3)
    return {
        "images": X,
        "labels": y,
        "training_loss": losses,
        "validation_loss": losses,
        "weights": np.ones((3, 784, 2)),
        "answers": np.ones((3, 3), int),
        "ratios": np.ones((2, 3)),
    }


IMAGE = np.pad(np.ones((5, 3)), 4)
IMAGES, LABELS = np.ones((3, 784)), np.array([0, 1, 2])
WEIGHT = Tensor(3.0)
AX = Figure().subplots()
WIDE = Figure(figsize=(9.2, 4.6)).subplots()
READER = Network(Dense(784, 10, rng=rng()))
HISTORY = History([Epoch(1, 0.5, 0.1, None, None, 3, 0.1), Epoch(2, 0.4, 0.2, None, None, 6, 0.2)])
CHAIN, WORLD = formula()
EVIDENCE = bugs.evidence("minus-sign")
NAMES = ["a", "b", "c"]
SQUARES = np.random.default_rng(1).uniform(0.1, 1, (4, 5))

# What is right for each function.
RIGHT = {
    "bugs.against": {"bug": bugs.BUGS["minus-sign"], "evidence": EVIDENCE},
    "bugs.digits": {},
    "bugs.evidence": {"key": "minus-sign"},
    "bugs.examine": {"recipe": bugs.Recipe()},
    "bugs.gradients": {
        "net": Network(*layers(5, 3, np.float64)),
        "loss": SoftmaxCrossEntropy(),
        "X": SQUARES,
        "Y": np.eye(3)[[0, 1, 2, 0]],
    },
    "bugs.probe": {"loader": minibatches},
    "bugs.train": {"recipe": bugs.Recipe(), "lr": 0.1, "seed": 0, "scale": 1.0, "epochs": 1},
    "defaults.against": {"key": "epsilon", "pair": 1},
    "defaults.symptoms": {},
    "formats.Format": {"name": "float16", "exponent_bits": 5, "fraction_bits": 10},
    "attention_bugs.against": {"key": "mask-late", "patient": 1},
    "attention_bugs.symptoms": {"patient": 1},
    "phrase.looks": {"head": "1.2", "X": np.arange(20)},
    "phrase.network": {"moment": 600},
    "phrase.phrases": {"rng": rng(), "N": 3},
    "phrase.right_without": {"head": "1.1", "other": "2.2"},
    "image_bugs.against": {"key": "ties-to-all", "patient": 1},
    "image_bugs.symptoms": {"patient": 1},
    "image_bugs.trained": {"patient": 1},
    "tape_bugs.against": {"key": "sent-again", "patient": 1},
    "tape_bugs.symptoms": {"patient": 1},
    "judged.fingerprint": {"source": "x = 1"},
    "judged.judged": {},
    "judged.stamp": {"metadata": {"nnlib": {"judged": "0"}}},
    "mathematics.World": {
        "rng": rng(),
        "indices": {},
        "given": {},
        "define": {},
        "arguments": {},
        "outcomes": None,
        "first": 1,
    },
    "mathematics.alike": {"a": 1.0, "b": 1.0},
    "mathematics.chains": {"display": CHAIN},
    "mathematics.changes": {"tree": CHAIN, "functions": frozenset({"exp"})},
    "mathematics.evaluate": {"tree": CHAIN.sides[1], "world": WORLD, "scope": {}},
    "mathematics.expression": {"display": read("x")},
    "mathematics.latex": {"tree": CHAIN},
    "mathematics.marked": {"old": CHAIN, "new": CHAIN},
    "mathematics.mended": {"text": "x"},
    "mathematics.read": {"text": "x = y"},
    "mathematics.read_typed": {"text": "x = y"},
    "mathematics.with_indices": {"tree": CHAIN, "indices": {"n": 1}},
    "mathematics.with_numbers": {"tree": CHAIN, "world": WORLD, "indices": {}},
    "plots.arrays": {"ax": WIDE, "shapes": shapes.two_layer_shapes(4, 2, 8, 1)},
    "plots.confusion": {"ax": AX, "matrix": np.eye(3, dtype=int)},
    "plots.decision_boundary": {
        "ax": AX,
        "predict": lambda X: np.full((len(X), 1), 0.4),
        "X": np.eye(2),
        "Y": np.array([[0], [1]]),
        "margin": 0.5,
        "resolution": 4,
    },
    "plots.digits": {
        "ax": AX,
        "images": IMAGES,
        "captions": NAMES,
        "columns": 2,
        "wrong": [True, False, True],
    },
    "plots.heat_map": {
        "ax": AX,
        "table": np.eye(2, dtype=int),
        "rows": "a b".split(),
        "columns": [1, 2],
        "most": 1,
    },
    "plots.hidden_units": {"ax": AX, "W": np.ones((2, 3)), "b": np.zeros(3)},
    "plots.learning_curves": {"ax": AX, "history": HISTORY, "quantity": "loss"},
    "plots.level": {"ax": AX, "value": 1.0, "text": "one", "below": False},
    "plots.loss_curve": {"ax": AX, "losses": [1.0, 0.5], "xlabel": "epoch", "label": "a", "style": "-"},
    "plots.open_frame": {"ax": AX},
    "plots.signed_digits": {
        "ax": AX,
        "images": IMAGES,
        "captions": NAMES,
        "columns": 2,
        "colour": plots.GRADIENT,
        "largest": 1.0,
    },
    "plots.sweep_map": {"ax": AX, "sweep": Sweep([0, 1], [0.1]), "quantity": None},
    "preprocessing.bundled_digits": {},
    "preprocessing.centre": {"image": IMAGE},
    "preprocessing.centre_of_mass": {"image": IMAGE},
    "preprocessing.crop": {"image": IMAGE},
    "preprocessing.fit_box": {"image": IMAGE, "side": 20},
    "preprocessing.pad": {"image": IMAGE, "side": 28},
    "preprocessing.rasterise": {"strokes": [[(0.1, 0.2), (0.3, 0.4)]], "pen": 0.07, "size": 28},
    "preprocessing.resize": {"image": IMAGE, "shape": (5, 6)},
    "preprocessing.stages": {"image": IMAGE, "cropped": True, "scaled": True, "centred": False},
    "preprocessing.stroke_width": {"image": IMAGE},
    "recorded.recorded": {"name": "adam_98"},
    "sequences.add": {"N": 3, "digits": 3, "backwards": True, "rng": rng()},
    "sequences.characters": {"text": "a text", "T": 3, "step": 2},
    "sequences.exact": {"Z": np.ones((2, 3, 4)), "Y": np.zeros((2, 3), int)},
    "sequences.prose": {},
    "sequences.repeat_phrase": {"N": 3, "T": 16, "length": 5, "rng": rng()},
    "sequences.reverse": {"N": 3, "T": 10, "rng": rng()},
    "sequences.sort_letters": {"N": 3, "T": 8, "rng": rng()},
    "sequences.spelled": {"X": [[0, 1, -1]], "alphabet": "ab"},
    "shapes.two_layer_shapes": {"N": 4, "n_in": 2, "n_hidden": 8, "n_out": 1},
    "stacked.StackedDense": {"layers": [Dense(2, 3, rng=rng()), Dense(2, 3, rng=rng())]},
    "stacked.stack": {"nets": [Network(*layers(2, 1)), Network(*layers(2, 1))]},
    "stacked.stacked_steps": stacked(),
    "widgets.attention_explorer": {
        "net": Network(Embedding(4, 6, rng=rng()), Attention(6, 2, rng=rng()), Dense(6, 4, rng=rng())),
        "X": np.array([[0, 1, 2], [3, 2, 1]]),
        "symbols": "abcd",
    },
    "widgets.derivation": {"number": "2.6"},
    "widgets.descent_path": {"x": [0.0, 1, 2], "y": [1.0, 2, 4]},
    "widgets.digit_pad": {"net": READER, "X_train": IMAGES},
    "widgets.entry_tracer": {
        "X": np.ones((3, 2)),
        "W": np.ones((2, 2)),
        "dZ": np.ones((3, 2)),
        "gradient": "dW",
    },
    "widgets.graph_explorer": {"result": WEIGHT * WEIGHT, "names": WEIGHT},
    "widgets.kernel_explorer": {
        "image": np.ones((9, 8)),
        "learned": np.ones((3, 3)),
        "net": Network(Conv2D(1, 2, 3, rng=rng())),
    },
    "widgets.mnist_panel": {
        "X_train": IMAGES,
        "y_train": LABELS,
        "X_val": IMAGES,
        "y_val": LABELS,
        "shown": range(2),
    },
    "widgets.time_machine": {"recording": recording()},
}
RIGHT |= {f"widgets.{name}": {} for name in widgets.__all__ if f"widgets.{name}" not in RIGHT}


def public(module):
    """Return the functions and classes that a module of nnlib.teach offers, without the records."""
    found = importlib.import_module(f"nnlib.teach.{module}")
    return {name: getattr(found, name) for name in found.__all__ if callable(getattr(found, name))}


FUNCTIONS = {
    f"{module}.{name}": function
    for module in MODULES
    for name, function in public(module).items()
    if name not in RECORDS
}
ARGUMENTS = [(name, argument) for name, right in RIGHT.items() for argument in right]


def called(name, arguments):
    """Call a function by its arguments' names; of a generator the first value is taken."""
    if name.startswith("stacked."):  # what trains is trained once
        hostile = {key: value for key, value in arguments.items() if value is not RIGHT[name][key]}
        arguments = {**copy.deepcopy(RIGHT[name]), **hostile}
    if name == "plots.level":  # one at 1e308 leaves axes in which no other can be drawn
        AX.clear()
    if name == "widgets.graph_explorer":  # `names` are as many as there are tensors
        return FUNCTIONS[name](arguments["result"], x=arguments["names"])
    result = FUNCTIONS[name](**arguments)
    return next(result, None) if inspect.isgenerator(result) else result


@pytest.fixture(autouse=True)
def empty_axes():
    """Make the axes empty: the test before may have left a logarithmic scale."""
    AX.clear()
    WIDE.clear()


def test_every_public_function_has_its_row():
    assert sorted(FUNCTIONS) == sorted(RIGHT)
    for name, right in RIGHT.items():
        assert list(inspect.signature(FUNCTIONS[name]).parameters) == list(right), name
    assert len(VALUES) >= 200 and len(FUNCTIONS) == 94 and len(ARGUMENTS) == 185


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_taken(name):
    called(name, RIGHT[name])


def again(name, arguments):
    with contextlib.suppress(Exception):
        called(name, arguments)


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS, ids=map("-".join, ARGUMENTS))
def test_a_hostile_value_is_refused_in_words_or_taken(name, argument, in_plain_pictures):
    wrong = []
    for key, value in VALUES.items():
        # A function of the reader's own raises what it raises.
        if callable(RIGHT[name][argument]) and callable(value):
            continue
        started = time.thread_time()
        try:
            called(name, {**RIGHT[name], argument: value})
        except (TypeError, ValueError) as error:
            said = str(error)
            if not (len(said) < 500 and ("expect" in said or any(words in said for words in PLAIN))):
                wrong.append(f"{key}: {type(error).__name__}: {said[:300]}")
        except Exception as error:
            wrong.append(f"{key}: {type(error).__name__}: {str(error)[:300]}")
        if time.thread_time() - started > SECONDS:
            took = in_plain_pictures(lambda value: again(name, {**RIGHT[name], argument: value}), [value])
            if took > PICTURES:
                wrong.append(f"{key}: took as long as {took:.0f} pictures")
    assert not wrong, "\n".join(wrong)
