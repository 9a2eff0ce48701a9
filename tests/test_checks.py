"""The checks: each wrong answer earns its diagnosis, each right one passes, however it is written."""

import platform
from importlib import metadata

import numpy as np
import pytest

from nnlib import SGD, Adam, Dense, Network, ReLU, Tanh, datasets
from nnlib.teach import checks
from nnlib.teach.checks import start_here


def stub(*arguments):
    """Not written yet."""
    ...


# What all checks share


@pytest.mark.parametrize("check", [checks.one_hot, checks.confusion, checks.dead_units])
def test_a_forgotten_return_is_no_stub(check):
    def forgotten(*arguments):
        answer = np.asarray(arguments[0])  # noqa: F841

    verdict = check(forgotten)
    assert not verdict and verdict.text.startswith("Your function gives None: is a `return` missing?")


def test_a_call_with_the_wrong_arguments_has_no_line():
    assert "TypeError: " in checks.one_hot(lambda: 1).text


def test_a_verdict_shows_its_sign():
    assert checks.one_hot(lambda y, C: np.eye(C)[y])._repr_markdown_().startswith("✓ Right")
    assert checks.one_hot(stub)._repr_markdown_().startswith("✗ Not")


# Chapter 00

RIGHT_SHAPES = {
    "X": (32, 784),
    "W1": (784, 100),
    "b1": (100,),
    "A1": (32, 100),
    "W2": (100, 10),
    "Z2": (32, 10),
    "dW1": (784, 100),
    "db2": (10,),
}


def test_shapes_right():
    assert checks.shapes(RIGHT_SHAPES).text == "Right, all eight."
    W1 = np.zeros((784, 100))
    unusual = {"dW1": W1.shape, "W1": tuple(np.array([784, 100])), "b1": (W1[0].size,)}
    assert checks.shapes(dict(reversed(RIGHT_SHAPES.items())) | unusual)


def test_shapes_not_attempted():
    for stub in (dict.fromkeys(RIGHT_SHAPES, ...), {}, dict.fromkeys(RIGHT_SHAPES)):
        verdict = checks.shapes(stub)
        assert not verdict and verdict.text.startswith("Not attempted yet. Hint: begin with X.")


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("X", (784, 32), "(784, 32) is transposed: expected a row for each sample"),
        ("W1", (100, 784), "(100, 784) is transposed: expected a row for each input, a column for"),
        ("dW1", (100, 784), "dW1 has the shape of W1"),
        ("W2", (32, 10), "has N = 32 in it. The same parameters serve every sample"),
        ("db2", (32, 10), "do not know how many there are. db2 has the shape of b2"),
        ("Z2", (10, 32), "transposed: expected a row for each sample"),
        ("Z2", (784, 32), "N = 32 where the features belong"),
        ("Z2", (100, 10), "has no N = 32 in it"),
        ("A1", (32, 784), "the rows of (32, 784) are right. The columns are not"),
        ("b1", (1, 100), "a bias is a plain list of numbers, neither a row nor a column"),
        ("b1", (100, 1), "neither a row nor a column"),
        ("db2", (1, 10), "db2 has the shape of b2"),
        ("b1", (784,), "how many outputs has this layer?"),
        ("b1", 100, "what makes it a tuple is the comma, `(7,)`"),
        ("b1", (100, 10), "(100, 10) has two axes; expected one axis"),
        ("W1", (784,), "(784,) has one axis; expected two axes"),
        ("W2", (784, 10), "how many inputs and outputs has this layer?"),
        ("W1", [784, 100], "is a list; a shape is a tuple"),
        ("W1", "(784, 100)", "'(784, 100)' is no shape"),
        ("W1", (784.0, 100.0), "expected a tuple of whole numbers"),
        ("W1", np.zeros((784, 100)), "that is an array, of shape (784, 100)"),
    ],
)
def test_shapes_wrong(name, answer, said):
    verdict = checks.shapes(RIGHT_SHAPES | {name: answer})
    first, *details = verdict.text.splitlines()
    assert not verdict and first == f"7 of 8 right: {', '.join(n for n in RIGHT_SHAPES if n != name)}."
    assert details[1].startswith(f"- `{name}`: ") and said in details[1] and len(details) == 2


def test_shapes_half_done():
    text = checks.shapes({"X": (32, 784), "W1": (100, 784), "b1": ...}).text
    assert text.startswith("1 of 8 right: X.\n\n- `W1`: ")
    assert text.endswith("- not answered yet: b1, A1, W2, Z2, dW1, db2")


def test_shapes_of_something_else():
    assert "expected the dict of the exercise, and got (32, 784)" in checks.shapes((32, 784)).text
    assert "'W3' is none of the eight names: X, W1," in checks.shapes({"W3": (1, 2)}).text


def failing(verdict):
    """Return the lines of an installation that fail."""
    return [line for line in verdict.text.splitlines() if line.startswith("- ✗")]


def test_installation_in_order(monkeypatch):
    monkeypatch.setattr(start_here, "SLOW", np.inf)  # the machine may be busy
    verdict = checks.installation()
    lines = verdict.text.splitlines()[2:]
    assert verdict and verdict.text.startswith("Everything is as it should be.") and failing(verdict) == []
    starts = ["nnlib", "Python 3.", "numpy 2.", "matplotlib 3.", "jupyterlab 4.", "ipywidgets 8."]
    assert all(line.startswith(f"- ✓ {start}") for line, start in zip(lines, starts, strict=False))
    assert lines[-2] == "- ✓ MNIST is whole: 60,000 digits to train on, 10,000 to test with"
    assert "training steps a second: about" in lines[-1] and len(lines) == 8


def test_installation_with_a_package_too_old_or_missing(monkeypatch):
    version = metadata.version

    def other(name):
        if name == "ipywidgets":
            raise metadata.PackageNotFoundError(name)
        return "1.26.4" if name == "numpy" else version(name)

    monkeypatch.setattr(start_here, "SLOW", np.inf)
    monkeypatch.setattr(metadata, "version", other)
    monkeypatch.setattr(platform, "python_version", lambda: "3.10.2")
    verdict = checks.installation()
    assert not verdict and verdict.text.startswith("3 of 8 need your attention.")
    old_python, old, missing = failing(verdict)
    assert old_python.startswith("- ✗ Python 3.10.2; expected >=3.11: install it from python.org, then run")
    assert old.startswith("- ✗ numpy 1.26.4; expected >=2.0: run `make lab` again")
    assert missing.startswith("- ✗ ipywidgets is not installed: run `make lab` again")


def test_installation_without_nnlib(monkeypatch):
    def nothing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", nothing)
    assert failing(checks.installation())[0].startswith("- ✗ nnlib is not installed: run `make lab` again")


def test_installation_with_damaged_data(monkeypatch, tmp_path):
    monkeypatch.setattr(datasets, "_BUNDLED", tmp_path)
    (tmp_path / "SHA256SUMS").write_text("")
    (line,) = failing(checks.installation())
    assert line.startswith("- ✗ MNIST: ") and "install nnlib again" in line


def test_installation_on_a_slow_machine(monkeypatch):
    monkeypatch.setattr(start_here, "SLOW", 1e-9)
    (line,) = failing(checks.installation())
    assert "training steps a second" in line and "That is slow: close other programs" in line


# Chapter 08


def xnor(W1=((1, 1), (1, 1)), b1=(0, -1), W2=((-1,), (2,)), b2=(0.5,)):
    return lambda: (W1, b1, W2, b2)


@pytest.mark.parametrize(
    "answer, diagnosis",
    [
        (xnor(W2=((1,), (-2,)), b2=(-0.5,)), "That is XOR"),
        (xnor(b2=(0,)), "z = 0 is on the line"),
        (xnor(b2=(2,)), "The point (0, 1) should have z below 0"),
        (xnor(b2=(-0.5,)), "The point (0, 0) should have z above 0"),
        (xnor(W2=(-1, 2)), "You return shape (2,); expected (2, 1), which is W2"),
        (lambda: np.ones((2, 2)), "four arrays"),
    ],
)
def test_wrong_xnor_weights(answer, diagnosis):
    verdict = checks.xnor_weights(answer)
    assert not verdict and diagnosis in verdict.text


@pytest.mark.parametrize("b2", [0.5, 0.25])
def test_right_xnor_weights(b2):
    assert checks.xnor_weights(xnor(b2=[b2])).text.startswith("Right.")


STACKED = {
    "dX": "dZ @ W.swapaxes(1, 2)",
    "dW": "X.swapaxes(1, 2) @ dZ",
    "db": "dZ.sum(axis=1, keepdims=True)",
}


def stacked(**parts):
    """Return stacked_backward with some of its three lines written another way."""
    return eval(f"lambda X, W, dZ: ({', '.join((STACKED | parts).values())})", {"np": np})


@pytest.mark.parametrize(
    "part, written, diagnosis",
    [
        ("dX", "dZ @ W.T", "`.T` turns all axes round"),
        ("dX", "dZ @ W", "the product sums over the inputs"),
        ("dX", "-dZ @ W.swapaxes(1, 2)", "right but for its sign"),
        ("dX", "dZ @ W.swapaxes(1, 2) / len(dZ)", "right but for a factor 1/S"),
        ("dX", "(dZ @ W.swapaxes(1, 2)).sum(axis=0)", "you add up over the networks"),
        ("dW", "X.T @ dZ", "`.T` turns all axes round"),
        ("dW", "X @ dZ", "the product sums over the columns of X"),
        ("dW", "X.swapaxes(1, 2) @ dZ / X.shape[1]", "right but for a factor 1/N"),
        ("dW", "dZ.swapaxes(1, 2) @ X", "S = 4, N = 5, n_in = 2, n_out = 3, you return shape (4, 3, 2)"),
        ("dW", "(X.swapaxes(1, 2) @ dZ).sum(axis=0)", "you add up over the networks"),
        ("db", "dZ.mean(axis=1, keepdims=True)", "right but for a factor 1/N"),
        ("db", "dZ.sum(axis=0)", "you add up over the networks"),
        ("db", "dZ.sum(axis=(0, 1))", "you add up over the networks"),
        ("db", "dZ.sum(axis=1)", "the numbers are right, the shape is not"),
        ("db", "dZ.sum(axis=2, keepdims=True)", "you add up over the outputs"),
        ("db", "dZ", "the samples are not added up"),
        ("db", "0", "n_out = 3, you return a single number"),
    ],
)
def test_wrong_stacked_backward(part, written, diagnosis):
    verdict = checks.stacked_backward(stacked(**{part: written}))
    assert not verdict and verdict.text.startswith(f"{part}: ") and diagnosis in verdict.text


def test_stacked_backward_of_another_kind():
    assert checks.stacked_backward(stub).text.startswith("Not attempted yet. Hint: ")
    assert "stops with ValueError" in checks.stacked_backward(stacked(dX="dZ @ W.swapaxes(0, 1)")).text
    assert "Expected `return dX, dW, db`" in checks.stacked_backward(lambda X, W, dZ: X[0]).text


def stacked_by_loops(X, W, dZ):
    one_by_one = [(dz @ w.T, x.T @ dz, [sum(dz)]) for x, w, dz in zip(X, W, dZ, strict=True)]
    return [list(part) for part in zip(*one_by_one, strict=True)]


def stacked_by_einsum(X, W, dZ):
    X, W, dZ = (A.astype(np.float32) for A in (X, W, dZ))
    X.flags.writeable = W.flags.writeable = False
    sums = ("snj,sij->sni", dZ, W), ("sni,snj->sij", X, dZ), ("snj->sj", dZ)
    dX, dW, db = (np.einsum(*one) for one in sums)
    return dX, dW, db[:, None]


@pytest.mark.parametrize("answer", [stacked(), stacked_by_loops, stacked_by_einsum])
def test_right_stacked_backward(answer):
    assert checks.stacked_backward(answer).text.startswith("Right, on 5 random stacks")


@pytest.mark.parametrize(
    "answer, diagnosis",
    [
        (lambda X, W, b: X @ W + b <= 0, "an entry for each sample"),
        (lambda X, W, b: (X @ W + b > 0).any(axis=0), "The other way round"),
        (lambda X, W, b: (X @ W + b <= 0).any(axis=0), "silent on some sample"),
        (lambda X, W, b: (W <= 0).all(axis=0), "the weights alone"),
        (lambda X, W, b: (X @ W <= 0).all(axis=0), "The bias is missing"),
        (lambda X, W, b: (X @ W + b < 0).all(axis=0), "exactly 0 is silent too"),
        (lambda X, W, b: (X @ W + b <= 0).all(), "expected (4,), an entry for each unit"),
        (lambda X, W, b: np.zeros(W.shape[1]), "The unit in column 0 has the inputs"),
    ],
)
def test_wrong_dead_units(answer, diagnosis):
    verdict = checks.dead_units(answer)
    assert not verdict and diagnosis in verdict.text


def dead(X, W, b):
    return [
        all(sum(x * w for x, w in zip(row, W[:, j], strict=True)) + b[j] <= 0 for row in X)
        for j in range(len(b))
    ]


def test_right_dead_units():
    assert checks.dead_units(dead).text.startswith("Right")


def xor_setting(units, activation, epochs, lr, init=None, optimizer=SGD):
    """A setting with these choices; `init` replaces the random weights."""

    def setting(rng):
        net = Network(Dense(2, units, rng=rng), activation(), Dense(units, 1, rng=rng))
        for p in net.params if init is not None else ():
            p[...] = init
        return net, optimizer(net.params, lr=lr), epochs

    return setting


@pytest.mark.parametrize(
    "answer, diagnosis",
    [
        (xor_setting(8, Tanh, 100, 1.0, init=0), "draw them from `rng`. They are all zero"),
        (xor_setting(8, Tanh, 100, 1.0, init=0.5), "draw them from `rng`."),
        (xor_setting(2, ReLU, 200, 1.0), "with a dead unit (8.8:"),
        (xor_setting(8, Tanh, 5, 0.1), "were still improving (more epochs"),
        (xor_setting(2, Tanh, 500, 1.0), "points that the network sees as one (8.8)"),
        (xor_setting(1, Tanh, 100, 1.0), "One hidden unit draws one line"),
        (lambda rng: _without_activation(rng), "There is no activation"),
        (xor_setting(4, Tanh, 20, 1e38), "diverged (the learning rate is too large)"),
        (xor_setting(8, Tanh, 501, 1.0), "You ask for 501 epochs"),
        (xor_setting(8, Tanh, 0, 1.0), "You ask for 0 epochs"),
        (lambda rng: (1, 2), "three things"),
        (lambda rng: (1, 2, 3), "This cannot be trained: net is a int"),
        (lambda rng: (Network(Dense(2, 1, rng=rng), Tanh()), None, 3), "This cannot be trained: optimizer"),
        (lambda rng: _ends_with_tanh(rng), "The last layer is Tanh()"),
    ],
)
def test_wrong_settings_for_xor(answer, diagnosis):
    verdict = checks.solves_xor(answer)
    assert not verdict and diagnosis in verdict.text


def _without_activation(rng):
    net = Network(Dense(2, 8, rng=rng), Dense(8, 1, rng=rng))
    return net, SGD(net.params, lr=1.0), 10


def _ends_with_tanh(rng):
    net = Network(Dense(2, 8, rng=rng), Tanh(), Dense(8, 1, rng=rng), Tanh())
    return net, SGD(net.params, lr=1.0), 10


def test_right_setting_for_xor():
    verdict = checks.solves_xor(xor_setting(8, Tanh, 60, 0.1, optimizer=Adam))
    assert verdict and verdict.text.startswith("Right: ")
