"""The attention explorer: its numbers are those of the net, and what is knocked out is out."""

import copy

import numpy as np
import pytest

from nnlib import Dense, Network, ReLU
from nnlib.attention import Attention, Embedding, LayerNorm, Positions, Residual
from nnlib.teach import phrase
from nnlib.teach.widgets import attention_explorer
from nnlib.teach.widgets.attention_explorer import AttentionExplorer
from tests.panels import plain

RNG = np.random.default_rng(0)


@pytest.fixture
def undrawn(monkeypatch):
    """Return a function that makes an explorer whose picture is not drawn."""
    monkeypatch.setattr(AttentionExplorer, "show_picture", lambda self, finding="": None)
    return attention_explorer


def point(explorer, *place):
    explorer.picture._handle_custom_msg({"place": list(place)}, [])


def own(causal=False):
    rng = np.random.default_rng(1)
    return Network(
        Embedding(5, 6, rng=rng, dtype=np.float64),
        Positions(7, 6, rng=rng, dtype=np.float64),
        Residual(LayerNorm(6, dtype=np.float64), Attention(6, 3, causal=causal, rng=rng, dtype=np.float64)),
        Residual(Dense(6, 6, rng=rng, dtype=np.float64), ReLU()),
        Attention(6, rng=rng, dtype=np.float64),
        Dense(6, 5, rng=rng, dtype=np.float64),
    )


X_OWN = np.array([[0, 1, 2, 3], [4, 3, 2, 1], [1, 1, 0, 2]])


def test_numbers_are_those_of_the_recorded_net(undrawn):
    explorer = undrawn()
    X, _ = phrase.phrases(np.random.default_rng(16), 20)
    net = phrase.network()
    Z = net.predict(X[:1])[0]
    for layer in (0, 1):
        one = net.layers[2 + layer].layers[0]
        assert np.allclose(explorer.A[2 * layer : 2 * layer + 2], one.A[0], rtol=1e-4, atol=1e-6)
    P = np.exp(Z[18]) / np.exp(Z[18]).sum()
    assert explorer.says == (phrase.LETTERS[Z[18].argmax()], pytest.approx(P.max(), rel=1e-4))
    point(explorer, 2, 17, 4)
    one = net.layers[3].layers[0]
    assert np.allclose(explorer.found, one.A[0, 0, 17] @ one.V[0, 0], rtol=1e-4, atol=1e-5)
    assert (explorer.head.value, explorer.query.value, explorer.place.value) == ("2.1", 17, 4)
    S = explorer.S[2, 17, :18]
    assert np.allclose(np.exp(S) / np.exp(S).sum(), explorer.A[2, 17, :18], rtol=1e-3, atol=1e-6)


def test_what_a_head_finds_is_not_handed_on_when_it_is_out(undrawn):
    explorer = undrawn()
    for out, right in {"1.1": 4, "1.2": 0, "2.1": 4, "none": 4}.items():
        explorer.out.value = out
        assert f"{right} of 4" in plain(explorer)
    explorer.head.value = explorer.out.value = "1.2"
    assert "This head is knocked out" in plain(explorer)
    assert phrase.right_without() > 0.99  # the recorded net itself stays whole


def test_time_goes_back(undrawn):
    explorer = undrawn()
    back, followed = [], []
    for moment in explorer.moment.options:
        explorer.moment.value = moment
        back.append(explorer.A[1, range(1, 16), range(15)].mean())
        followed.append(explorer.A[3, 18, 12])
    assert back[6] > 0.6 and followed[6] < 0.4 and min(back[-1], followed[-1]) > 0.95  # layer 1 comes first
    assert max(back[:4], default=0) < 0.2 and max(followed[:4]) < 0.2


@pytest.mark.parametrize("causal", [False, True])
def test_a_net_of_ones_own(undrawn, causal):
    net = own(causal)
    params = copy.deepcopy(net.params)
    explorer = undrawn(net, X_OWN, symbols="abcde")
    assert explorer.head.options == ("1.1", "1.2", "1.3", "2.1")
    assert explorer.moment.layout.display == "none" and explorer.positions.layout.display is None
    explorer.sequence.value, explorer.head.value, explorer.query.value = 1, "1.2", 1
    net.predict(X_OWN[1:2])
    first, second = net.layers[2].layers[1], net.layers[4]
    assert np.allclose(explorer.A, [*first.A[0], *second.A[0]])
    hides = "the mask hides 2" in plain(explorer)
    assert hides == causal and "place 1, d," in plain(explorer).replace(" d ", "d")
    Z = net.predict(X_OWN[1:2])
    explorer.out.value = "1.2"
    assert not np.allclose(explorer._Z, Z[0])
    explorer.out.value, explorer.positions.value = "none", False
    assert not np.allclose(explorer._Z, Z[0])
    explorer.positions.value = True
    assert np.allclose(explorer._Z, Z[0])
    assert all(np.array_equal(p, q) for p, q in zip(net.params, params, strict=True))


def test_a_net_without_positions_has_no_box_for_them(undrawn):
    net = Network(Embedding(12, 4, rng=RNG), Attention(4, rng=RNG), Dense(4, 12, rng=RNG))
    explorer = undrawn(net, np.arange(6).reshape(2, 3))
    assert explorer.positions.layout.display == "none" and explorer.head.options == ("1.1",)
    assert "place 1" in plain(explorer) and "of 4" not in plain(explorer)


def test_what_is_pointed_at_lies_where_it_is_drawn():
    explorer = attention_explorer()
    point(explorer, 1, 9, 8)
    ax = explorer.figure.axes[0]
    box = ax.get_position()
    assert explorer.picture.box == pytest.approx([box.x0, 1 - box.y1, box.width, box.height])
    assert explorer.picture.shape == [4, 20, 20] and explorer.picture.place == [1, 9, 8]
    sheet = ax.images[0].get_array()
    assert sheet.shape == (41, 41) and explorer.picture.across == 2
    assert sheet[9, 21 + 8] == explorer.A[1, 9, 8]
    assert ax.patches[-1].get_xy() == (21 + 7.5, 8.5)
    bars = explorer.figure.axes[1].containers[0]
    assert np.allclose([bar.get_height() for bar in bars], explorer.A[1, 9]) and bars[8].get_hatch()
    assert explorer.picture.spoken == "head 1.2, place 9, p, looks at place 8, b: 0.99"


@pytest.mark.parametrize(
    ("layers", "across"),
    [
        ([Attention(6, 3, rng=RNG)], 3),
        ([Attention(6, rng=RNG)], 1),
        ([Attention(6, rng=RNG), Attention(6, rng=RNG)], 2),
        ([Attention(6, 3, rng=RNG), Attention(6, rng=RNG)], 2),
    ],
    ids=["a layer of 3", "one", "two layers of 1", "3 and 1"],
)
def test_heads_of_a_layer_stand_side_by_side(layers, across):
    explorer = attention_explorer(Network(Embedding(5, 6, rng=RNG), *layers, Dense(6, 5, rng=RNG)), X_OWN)
    n, T = sum(layer.heads for layer in layers), X_OWN.shape[1]
    assert explorer.picture.across == across
    sheet = explorer.figure.axes[0].images[0].get_array()
    assert sheet.shape == (-(-n // across) * (T + 1) - 1, across * (T + 1) - 1)


@pytest.mark.parametrize(
    "message",
    ["seen", None, {}, {"place": 3}, {"place": [1, 2]}, {"place": [0, True, 2]}, {"row": 1}],
    ids=repr,
)
def test_what_is_no_place_changes_nothing(undrawn, message):
    explorer = undrawn()
    before = explorer.text.value
    explorer.picture._handle_custom_msg(message, [])
    assert explorer.text.value == before


def test_a_place_beyond_the_maps_is_the_nearest(undrawn):
    explorer = undrawn()
    point(explorer, 9, 99, -5)
    assert (explorer.head.value, explorer.query.value, explorer.place.value) == ("2.2", 19, 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"net": own()}, "X is missing"),
        ({"net": own(), "X": [[0, 5]]}, "X goes from 0 to 5; expected whole numbers from 0 to 4"),
        ({"net": own(), "X": np.zeros((1, 25))}, r"X has shape \(1, 25\); expected 1 to 100 sequences of 2"),
        ({"net": own(), "X": X_OWN, "symbols": "abc"}, "symbols has 3 names; expected 5"),
        ({"net": Network(Dense(3, 2, rng=RNG)), "X": X_OWN}, "expected an Embedding"),
        (
            {"net": Network(Embedding(3, 2, rng=RNG), Dense(2, 3, rng=RNG)), "X": X_OWN},
            "net has 0 heads of attention; expected 1 to 8",
        ),
    ],
)
def test_what_cannot_be_shown_is_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        attention_explorer(**arguments)
