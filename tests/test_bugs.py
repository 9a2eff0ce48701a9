"""The bugs of the lab and the museum: each is really wrong, in the way it says, and nowhere else."""

import inspect
import math
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from nnlib import SGD, Network, activations, gradcheck, layers, losses, minibatches, steps
from nnlib.activations import ReLU, Sigmoid, Tanh
from nnlib.layers import Dense
from nnlib.losses import MSE, BinaryCrossEntropy, SoftmaxCrossEntropy
from nnlib.teach import bugs
from nnlib.teach.bugs import BUGS, CHOICES, HEALTHY, PATIENTS, Recipe, against, evidence

MUSEUM = Path(__file__).resolve().parents[1] / "notebooks" / "B_bug_museum.ipynb"

each_bug = pytest.mark.parametrize("bug", BUGS.values(), ids=list(BUGS))


# --- each is wrong, and its counterpart is right ---


@each_bug
def test_two_recipes_differ_in_one_part(bug):
    assert sum(a is not b for a, b in zip(bug.right, bug.wrong, strict=True)) == 1


@each_bug
def test_the_right_recipe_shows_nothing(bug):
    gradients = bugs.examine(bug.right)
    assert all(max(g.error, g.error_again) < bugs.TOLERANCE for g in gradients)
    batches = bugs.probe(bug.right.minibatches)
    parts = ("dense", bugs.PARTS[bug.right.hidden], "dense", bugs.LOSSES[bug.right.loss])
    run = evidence(bug.key).usual
    assert against(HEALTHY, bugs.Evidence(parts, gradients, batches, run, run)) is None
    assert run.stopped is None and run.losses[-1] < 0.6 * run.losses[0]


@each_bug
def test_the_wrong_recipe_shows_what_the_register_says(bug):
    seen = evidence(bug.key)
    assert {(g.part, g.name) for g in seen.culprits} == ({bug.place} if bug.place else set())
    assert all(g.error > 0.1 for g in seen.culprits)
    effects = {name for name, effect in bugs.EFFECTS.items() if effect.shows(seen)}
    assert bug.effect in effects if bug.effect else bug.place


@pytest.mark.parametrize("key", CHOICES)
def test_the_evidence_fits_one_name_only(key):
    assert [name for name, bug in CHOICES.items() if against(bug, evidence(key)) is None] == [key]


@each_bug
def test_wrong_and_right_line_stand_in_the_code(bug):
    assert bug.source and bug.wrong_line != bug.right_line
    if bug.effect in ("twice", "apart", "fixed"):  # a network, a call and a loop of another form
        return
    assert bug.wrong_line in inspect.getsource(bugs)
    sources = [activations, layers, losses]
    assert any(bug.right_line in inspect.getsource(module) for module in sources)


@each_bug
def test_the_museum_shows_it_with_its_source(bug):
    nb = nbformat.read(MUSEUM, as_version=4)
    text = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
    exhibit = text.partition(f"### {bug.key}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    assert bug.wrong_line in exhibit and bug.right_line in exhibit
    assert all(words in exhibit for words in ("*Where:*", "*Why it is wrong:*", "*Caught by*"))
    references = text.partition("## References")[2]
    entries = [line for line in references.split("\n") if bug.key in line]
    assert all(name in " ".join(entries) for name in re.findall(r"[\w-]+/[\w-]+", bug.source))


@each_bug
def test_the_gradients_are_those_of_gradcheck(bug, rng):
    nets = [bug.wrong.network(5, 4, 3, rng=rng, dtype=np.float64) for _ in range(2)]
    for p, q in zip(*(net.params for net in nets), strict=True):
        p[...] = q[...] = rng.uniform(-1, 1, p.shape)
    X, Y = rng.uniform(-1, 1, (4, 5)), np.eye(3)[[0, 2, 1, 2]]
    expected = gradcheck.check(nets[0], bug.wrong.loss(), X, Y).values()
    found = {(g.layer, g.name): g.error for g in bugs.gradients(nets[1], bug.wrong.loss(), X, Y)}
    places = [("dense 1", "dX"), ("dense 1", "dW"), ("dense 1", "db"), ("dense 2", "dW"), ("dense 2", "db")]
    assert [found[place] for place in places] == pytest.approx(list(expected), abs=1e-8)


def test_no_parameter_of_the_examined_nets_is_zero(monkeypatch):
    nets = []
    monkeypatch.setattr(bugs, "gradients", lambda net, *_: nets.append(net))
    bugs.examine(Recipe())
    assert all(p.all() for p in nets[0].params)


# --- and equal to the right one where it should be ---


def both(wrong, right, X, dY):
    """Return (Y, dX) of two layers for the same batch."""
    return [(layer.forward(X), layer.backward(dY)) for layer in (wrong, right)]


def dense(kind, n_in, n_out, **options):
    layer = kind(n_in, n_out, rng=np.random.default_rng(1), dtype=np.float64, **options)
    layer.b = np.linspace(0.5, 1, n_out)
    return layer


def test_relu_mask_is_right_where_all_inputs_are_positive(rng):
    X, dY = rng.uniform(0.1, 1, (6, 4)), rng.standard_normal((6, 4))
    (Y, dX), (right_Y, right_dX) = both(bugs.ReLUMaskedByOutput(), ReLU(), X, dY)
    assert np.array_equal(Y, right_Y) and np.array_equal(dX, right_dX)
    (Y, dX), (right_Y, right_dX) = both(bugs.ReLUMaskedByOutput(), ReLU(), -X, dY)
    assert np.array_equal(Y, right_Y) and np.array_equal(dX, dY) and not right_dX.any()


def test_tanh_twice_is_right_at_zero_alone(rng):
    dY = rng.standard_normal((6, 4))
    for X, same in ((np.zeros((6, 4)), True), (rng.standard_normal((6, 4)), False)):
        (Y, dX), (right_Y, right_dX) = both(bugs.TanhSlopeAtOutput(), Tanh(), X, dY)
        assert np.array_equal(Y, right_Y) and np.allclose(dX, right_dX) == same
        assert (np.abs(dX) >= np.abs(right_dX)).all()  # as its sign says: too large, entry by entry


def test_missing_slope_makes_dx_at_least_four_times_too_large(rng):
    X, dY = rng.standard_normal((6, 4)), rng.standard_normal((6, 4))
    (Y, dX), (right_Y, right_dX) = both(bugs.SigmoidWithoutSlope(), Sigmoid(), X, dY)
    assert np.array_equal(Y, right_Y) and (np.abs(dX) >= 4 * np.abs(right_dX)).all()


def test_missing_slope_follows_the_cross_entropy(rng):
    """Under the squared error it is, but for the factor 2, the gradient of binary cross-entropy."""
    Z, Y = rng.standard_normal((6, 4)), rng.integers(0, 2, (6, 4)).astype(float)
    layer = bugs.SigmoidWithoutSlope()
    dZ = layer.backward(MSE().gradient(layer.forward(Z), Y))
    assert np.allclose(dZ, 2 * BinaryCrossEntropy().gradient(Z, Y))


def test_updated_first_has_the_right_parameter_gradients(rng):
    X, dY = rng.standard_normal((6, 3)), rng.standard_normal((6, 2))
    wrong, right = dense(bugs.UpdatedFirstDense, 3, 2, lr=0.3), dense(Dense, 3, 2)
    (Y, dX), (right_Y, right_dX) = both(wrong, right, X, dY)
    assert np.array_equal(Y, right_Y) and not np.allclose(dX, right_dX)
    assert all(np.array_equal(a, b) for a, b in zip(wrong.grads, right.grads, strict=True))
    tiny = dense(bugs.UpdatedFirstDense, 3, 2, lr=1e-12)
    assert np.allclose(both(tiny, right, X, dY)[0][1], right_dX)


def test_updated_first_trains_as_a_layer_that_updates_itself(rng):
    """The classic per-sample loop: update inside backward, dX from what is then there."""
    X, Y, lr = rng.standard_normal((8, 3)), rng.standard_normal((8, 2)), 0.1
    recipe = Recipe(
        lambda *widths, **options: bugs.UpdatedFirstDense(*widths, lr=lr, **options), Tanh, loss=MSE
    )
    net = recipe.network(3, 4, 2, rng=rng, dtype=np.float64)
    W1, b1, W2, b2 = (p.copy() for p in net.params)
    for _ in steps(net, MSE(), SGD(net.params, lr=lr), X, Y, epochs=3, batch_size=1, rng=None):
        pass
    for _ in range(3):
        for x, y in zip(X, Y, strict=True):
            a = np.tanh(x @ W1 + b1)
            delta = 2 * (a @ W2 + b2 - y) / 2
            W2 -= lr * np.outer(a, delta)
            b2 -= lr * delta
            delta = (W2 @ delta) * (1 - a * a)
            W1 -= lr * np.outer(x, delta)
            b1 -= lr * delta
    for p, q in zip(net.params, (W1, b1, W2, b2), strict=True):
        assert np.allclose(p, q, rtol=0, atol=1e-12)


def test_accumulated_is_right_the_first_time(rng):
    X, dY = rng.standard_normal((6, 3)), rng.standard_normal((6, 2))
    wrong, right = dense(bugs.AccumulatingDense, 3, 2), dense(Dense, 3, 2)
    for times in (1, 2, 3):
        (Y, dX), (right_Y, right_dX) = both(wrong, right, X, dY)
        assert np.array_equal(Y, right_Y) and np.array_equal(dX, right_dX)
        assert all(np.allclose(a, times * b) for a, b in zip(wrong.grads, right.grads, strict=True))


@pytest.mark.parametrize(
    ("kind", "N", "n_in", "n_out"),
    [
        (bugs.OneSampleBiasDense, 1, 3, 2),
        (bugs.OneSumBiasDense, 6, 3, 1),
        (bugs.BiasPerInputDense, 6, 3, 3),
        (bugs.BiasPerInputDense, 6, 1, 1),
    ],
)
def test_bias_gradients_pass_where_sizes_hide_them(kind, N, n_in, n_out, rng):
    X, Y = rng.standard_normal((N, n_in)), rng.standard_normal((N, n_out))
    assert max(gradcheck.check(Network(dense(kind, n_in, n_out)), MSE(), X, Y).values()) < 1e-7
    X, Y = rng.standard_normal((6, 3)), rng.standard_normal((6, 2))
    errors = gradcheck.check(Network(dense(kind, 3, 2)), MSE(), X, Y)
    assert errors.pop("params[1]") > 0.1 and max(errors.values()) < 1e-7


def test_one_sum_never_moves_the_last_biases_under_softmax(rng):
    net, loss = Network(dense(bugs.OneSumBiasDense, 3, 4)), SoftmaxCrossEntropy()
    net.backward(loss.gradient(net.forward(rng.standard_normal((6, 3))), [0, 1, 2, 3, 0, 1]))
    assert np.abs(net.layers[0].db).max() < 1e-15  # each gradient row sums to 0


def test_divided_by_n_is_the_right_gradient_at_n_out_times_the_rate(rng):
    Y_hat, Y = rng.standard_normal((6, 1)), rng.standard_normal((6, 1))
    assert np.array_equal(bugs.MSEDividedByN().gradient(Y_hat, Y), MSE().gradient(Y_hat, Y))
    bug = BUGS["divided-by-n"]
    wrong, right = bugs.train(bug.wrong, lr=0.4, epochs=3), bugs.train(bug.right, lr=4.0, epochs=3)
    assert wrong.losses == pytest.approx(right.losses, rel=1e-3)


def test_minus_sign(rng):
    Z, Y = rng.standard_normal((6, 4)), np.eye(4)[[0, 1, 2, 3, 0, 1]]
    wrong, right = bugs.AscendingCrossEntropy(), SoftmaxCrossEntropy()
    assert wrong.value(Z, Y) == right.value(Z, Y)
    assert np.array_equal(wrong.gradient(Z, Y), -right.gradient(Z, Y))


@pytest.mark.parametrize(
    ("wrong", "right", "large"),
    [
        (bugs.OverflowingCrossEntropy(), SoftmaxCrossEntropy(), 1000.0),
        (bugs.LogOfZeroCrossEntropy(), BinaryCrossEntropy(), 40.0),
    ],
)
def test_losses_that_break_are_right_for_small_logits_only(wrong, right, large, rng):
    Z, Y = rng.standard_normal((4, 4)), np.eye(4)
    assert wrong.value(Z, Y) == pytest.approx(right.value(Z, Y), rel=1e-12)
    assert np.allclose(wrong.gradient(Z, Y), right.gradient(Z, Y), rtol=1e-9)
    Z = large * np.eye(4)  # sure, and right
    with np.errstate(all="ignore"):
        assert math.isnan(wrong.value(Z, Y)) and np.isnan(wrong.gradient(Z, Y)).any()
    assert math.isfinite(right.value(Z, Y)) and np.isfinite(right.gradient(Z, Y)).all()


def test_both_ways_to_the_value_agree():
    Z, Y = np.random.default_rng(0).standard_normal((4, 4)), np.eye(4)
    for loss in (bugs.AscendingCrossEntropy(), bugs.OverflowingCrossEntropy(), bugs.LogOfZeroCrossEntropy()):
        value, gradient = loss.value_and_gradient(Z, Y)
        assert value == loss.value(Z, Y) and np.array_equal(gradient, loss.gradient(Z, Y))


def test_the_softmax_layer_has_a_right_gradient(rng):
    layer = bugs.Softmax()
    errors = gradcheck.check(
        Network(dense(Dense, 3, 4), layer), MSE(), rng.random((5, 3)), rng.random((5, 4))
    )
    assert max(errors.values()) < 1e-7
    assert np.allclose(layer.forward(np.log([[1.0, 3.0]])), [[0.25, 0.75]])


def epoch(loader, n=10):
    X = np.arange(n)
    return list(loader(X, X, batch_size=4, rng=np.random.default_rng(0)))


def test_fixed_batches_hands_out_every_pair_once():
    batches = epoch(bugs.fixed_batches)
    assert sorted(np.concatenate([X for X, _ in batches])) == list(range(10))
    assert all(np.array_equal(X, Y) for X, Y in batches)
    assert sorted(X[0] for X, _ in batches) == [0, 4, 8]  # where batches start is all that moves
    assert bugs.probe(bugs.fixed_batches)[0] != bugs.probe(bugs.fixed_batches)[1]


def test_labels_apart_hands_out_every_sample_and_every_label_once():
    X, Y = (np.concatenate(column) for column in zip(*epoch(bugs.labels_apart), strict=True))
    assert sorted(X) == sorted(Y) == list(range(10)) and not np.array_equal(X, Y)


def test_probe_of_the_right_loader():
    epochs = bugs.probe(minibatches)
    assert len(epochs) == 3 and epochs[0] != epochs[1]
    for batches in epochs:
        pairs = [pair for batch in batches for pair in batch]
        assert sorted(pairs) == [(n, n) for n in range(12)]


# --- what they cost ---


def cost(key, seeds=range(3)):
    """Return the median difference of test accuracy, without minus with, over paired seeds."""
    bug = BUGS[key]
    options = {"lr": bug.lr, "scale": bug.scale}
    return np.median(
        [
            bugs.train(bug.right, seed=seed, **options).accuracy
            - bugs.train(bug.wrong, seed=seed, **options).accuracy
            for seed in seeds
        ]
    )


@pytest.mark.parametrize("key", ["relu-mask", "bias-one-sum", "updated-first", "missing-slope"])
def test_it_trains_well_with_a_wrong_gradient(key):
    seen = evidence(key)
    assert seen.culprits and seen.run.losses[-1] < seen.run.losses[0] / 3
    assert abs(cost(key)) < 0.1


@pytest.mark.parametrize(
    "key", ["minus-sign", "accumulated", "softmax-overflow", "log-of-zero", "labels-apart", "bias-per-input"]
)
def test_it_does_not_train(key):
    assert cost(key) > 0.3


def test_a_run_that_breaks_says_where():
    run = evidence("softmax-overflow").run
    assert run.stopped == 1 and run.losses == ()
    assert evidence("healthy").run.stopped is None and len(evidence("healthy").run.losses) == 15


def test_the_digits_lie_sorted():
    X, Y, X_test, Y_test = bugs.digits()
    assert X.shape == (1500, 49) and X_test.shape == (2000, 49) and X.dtype == np.float32
    assert (np.diff(Y.argmax(axis=1)) >= 0).all() and (Y_test.sum(axis=1) == 1).all()


# --- the lab ---


def test_the_lab_has_a_healthy_patient_and_each_bug_once():
    assert sorted(PATIENTS) == list(range(1, 11)) and len(set(PATIENTS.values())) == 10
    assert "healthy" in PATIENTS.values() and set(PATIENTS.values()) <= set(CHOICES)
