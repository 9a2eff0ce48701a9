"""The graph explorer of chapter 13, driven through its handles; the mouse is tried in the browser."""

import html
import itertools
import re

import numpy as np
import pytest

from nnlib import MSE
from nnlib.autograd import Tensor, from_loss, no_grad
from nnlib.teach.widgets import graph_explorer
from nnlib.teach.widgets.graph_explorer import GraphExplorer
from nnlib.teach.widgets.layered import layered
from tests.panels import at_once, plain

RNG = np.random.default_rng(3)
DATA = RNG.standard_normal((3, 2))


def leaf(*shape):
    return Tensor(RNG.standard_normal(shape))


def a_line():
    x, w, b = Tensor(2.0), Tensor(-3.0), Tensor(0.5)
    return ((x * w + b).tanh() - 1) ** 2, {"x": x, "w": w, "b": b}


def a_fork():
    x, w, b = Tensor(2.0), Tensor(-1.5), Tensor(3.5)
    z = x * w + b
    return (z * x - 2) ** 2, {"x": x, "w": w, "b": b, "z": z}


def a_square():
    x = Tensor(3.0)
    return x * x, {"x": x}


def the_same_thrice():
    x = Tensor(1.5)
    return (x * x + x) / x, {"x": x}


def a_net():
    W, b, v = leaf(2, 3), leaf(3), leaf(3, 1)
    return (((DATA @ W + b).tanh() @ v - np.ones((3, 1))) ** 2).mean(), {"W": W, "b": b, "v": v}


def both_broadcast():
    a, b, c = leaf(3, 1), leaf(1, 2), Tensor(0.5)
    return (a * b + c * np.ones(2)).sum(), {"a": a, "b": b, "c": c}


def entropy():
    x, w = Tensor(0.5), Tensor(1.2)
    p = 1 / (1 + (-(x * w - 0.3)).exp())
    return -(0.7 * p.log() + 0.3 * (1 - p).log()), {"x": x, "w": w, "p": p}


def all_the_rest():
    x, Y = Tensor(0.7), leaf(2, 3)
    return (Y.T.max(axis=0) * x).reshape(1, 2).sum() + (Y[0, 1] * Y[0, 1] * x).relu() - 2 / x**0.5, {"Y": Y}


def a_loss():
    W = leaf(2, 1)
    return from_loss(MSE(), DATA @ W, np.ones((3, 1))), {"W": W}


def a_tangle():
    a, b = Tensor(1.5), Tensor(0.5)
    c, d = a * b, a + b
    e = c / d
    return ((e - a) * (c + d)).exp() * a * e + b, {"a": a, "b": b}


def a_chain():
    y = x = Tensor(0.3)
    for _ in range(17):
        x = x.tanh()
    return x + y, {"y": y}


GRAPHS = (
    a_line,
    a_fork,
    a_square,
    the_same_thrice,
    a_net,
    both_broadcast,
    entropy,
    all_the_rest,
    a_loss,
    a_tangle,
    a_chain,
)


@pytest.fixture
def undrawn(monkeypatch):
    """An explorer whose picture stays empty, for tests that move it often."""
    monkeypatch.setattr(GraphExplorer, "draw", lambda self, figure: None)
    return graph_explorer


def said(explorer):
    """Return it without tags and line breaks, as it is read."""
    return " ".join(html.unescape(re.sub(r"<.*?>", "", explorer.text.value.replace("</p>", " "))).split())


def click(explorer, k):
    """Click on a node, as the mouse does."""
    explorer.picture._handle_custom_msg({"place": k}, [])


# The pass


@pytest.mark.parametrize("graph", GRAPHS)
def test_the_last_step_has_the_gradients_of_backward(undrawn, graph):
    result, names = graph()
    explorer = undrawn(result, **names)
    tape = result.tape()
    assert all(tensor.grad is None for tensor in tape)
    explorer.step.value = explorer.step.max
    result.backward()
    assert len(explorer.gradients) == len(tape)
    for name, tensor in zip(explorer.values, reversed(tape), strict=True):
        assert np.array_equal(explorer.values[name], tensor.data)
        assert explorer.gradients[name] == pytest.approx(tensor.grad, rel=1e-15)
        assert explorer.gradients[name].shape == tensor.data.shape
    assert {name: explorer.gradients[name].tolist() for name in names} == {
        name: tensor.grad.tolist() for name, tensor in names.items()
    }
    assert not any(explorer.waiting.values())


@pytest.mark.parametrize("graph", GRAPHS)
def test_a_node_hands_on_once_and_only_when_it_has_heard_everything(undrawn, graph):
    result, names = graph()
    explorer = undrawn(result, **names)
    by_number = {
        tensor.number: name for name, tensor in zip(explorer.values, result.tape()[::-1], strict=True)
    }
    order = [tensor for tensor in result.tape() if tensor.edges]
    assert explorer.step.max == len(order)
    for step, tensor in enumerate(order, 1):
        explorer.step.value = step - 1
        name, before = by_number[tensor.number], explorer.gradients
        assert explorer.waiting[name] == [] and before[name] is not None
        made_from = {by_number[edge.to.number] for edge in tensor.edges}
        assert all(name in explorer.waiting[one] for one in made_from)
        explorer.step.value = step
        changed = {one for one in before if before[one] is not explorer.gradients[one]}
        assert changed == made_from and not any(name in ks for ks in explorer.waiting.values())


def test_what_the_reader_has_stays_as_it_was(undrawn):
    result, names = a_net()
    result.backward()
    before = {name: (tensor.grad, tensor.grad.copy(), tensor.data.copy()) for name, tensor in names.items()}
    explorer = undrawn(result, **names)
    explorer.step.value = 5
    for name, (grad, copy, data) in before.items():
        assert names[name].grad is grad and np.array_equal(grad, copy)
        assert np.array_equal(names[name].data, data)
    names["W"].data[...] = 0  # later on, as an optimiser does it
    explorer.step.value = 8
    assert np.array_equal(explorer.values["W"], before["W"][2])
    assert np.allclose(explorer.gradients["W"], before["W"][1])


def test_what_has_changed_since_is_told():
    x = Tensor(np.ones(2))
    result = (x * x).sum()
    x.data[0] = 2
    with pytest.raises(ValueError, match="changed in place since . read it; expected it as it was"):
        graph_explorer(result, x=x)


# What is said


def test_a_sum_at_a_fork_is_not_complete_before_its_last_share(undrawn):
    result, names = a_fork()
    explorer = undrawn(result, **names)
    explorer.step.value = 3
    assert explorer.gradients["x"] == -1 and explorer.waiting["x"] == ["v1"]
    assert explorer.gradients["w"] is None
    text = said(explorer)
    assert "Step 3 of 5: v₂ = z · x hands on. It has heard from v₃: ∂L/∂v₂ = −2." in text
    assert "To z: ∂v₂/∂z = x = 2. ∂L/∂z = −2 · 2 = −4, complete." in text
    assert "To x: ∂v₂/∂x = z = 0.5. ∂L/∂x = −2 · 0.5 = −1, not complete: v₁ has yet to hand on." in text
    assert "All gradients are known." not in text
    explorer.next.click()
    explorer.next.click()
    text = said(explorer)
    assert "∂L/∂x = −1 + (−4) · (−1.5) = 5, complete: v₂ and v₁ have handed on." in text
    assert "All gradients are known." in text and explorer.gradients["x"] == 5


def test_of_two_edges_each_brings_its_share(undrawn):
    explorer = undrawn(*a_square()[:1])
    assert list(explorer.values) == ["v1", "L"]
    explorer = undrawn(a_square()[0])
    explorer.step.value = 1
    text = said(explorer)
    first = (
        "∂L/∂v₁ = 1 · 3 = 3, not complete: it stands there twice, and the other one brings its share below."
    )
    assert first in text and "∂L/∂v₁ = 3 + 1 · 3 = 6, complete." in text
    assert text.count("To v₁: ∂L/∂v₁ = v₁ = 3.") == 2


def test_numbers_that_are_rounded_are_about_equal(undrawn):
    result, names = a_line()
    explorer = undrawn(result, **names)
    explorer.step.value = 3
    assert "∂v₃/∂v₂ = 1 − v₃² ≈ 6.68e−05. ∂L/∂v₂ ≈ −4 · 6.68e−05 ≈ −0.0002672" in said(explorer)


def test_what_a_broadcast_repeated_is_added_up(undrawn):
    result, names = a_net()
    explorer = undrawn(result, **names)
    explorer.step.value = 7
    text = said(explorer)
    assert "To b: db gets dv₂. b of shape (3,) was repeated to (3, 3): what comes back is added up" in text
    assert "To v₁: dv₁ gets dv₂. It is complete." in text
    cells = re.findall("<td.*?>(.*?)</td>", explorer.text.value)
    numbers = np.array([float(cell.replace("−", "-")) for cell in cells])
    assert numbers[:9] == pytest.approx(explorer.gradients["v1"].ravel(), rel=1e-3)
    assert numbers[9:] == pytest.approx(explorer.gradients["b"], rel=1e-3)


def test_shares_of_arrays_stand_side_by_side(undrawn):
    x, y = Tensor(0.5), Tensor(np.array([1.0, 2, 4]))
    explorer = undrawn((x * y).max(axis=0) + y[0], x=x, y=y)
    explorer.step.value = 2
    assert "dy gets dv₃ where it was picked, 0 elsewhere. It is not complete: v₁ has yet to" in said(explorer)
    explorer.step.value = 4
    captions = re.findall("<caption>(.*?)</caption>", explorer.text.value)
    assert captions[-3:] == ["there before", "brought", "dy"]
    cells = re.findall("<td.*?>(.*?)</td>", explorer.text.value)
    assert cells[-9:] == "1 0 0 0 0 0.5 1 0 0.5".split()


@pytest.mark.parametrize(
    ("expression", "formula", "slopes"),
    [
        (lambda x, w: x + w, "x + w = 2 + (−3) = −1", "∂L/∂x = 1; ∂L/∂w = 1"),
        (lambda x, w: x - w, "x − w = 2 − (−3) = 5", "∂L/∂x = 1; ∂L/∂w = −1"),
        (lambda x, w: w - x, "w − x = (−3) − 2 = −5", "∂L/∂w = 1; ∂L/∂x = −1"),
        (lambda x, w: x * w, "x · w = 2 · (−3) = −6", "∂L/∂x = w = −3; ∂L/∂w = x = 2"),
        (lambda x, w: w / x, "w / x = (−3) / 2 = −1.5", "∂L/∂w = 1 / x = 0.5; ∂L/∂x = −w / x² = 0.75"),
        (lambda x, w: -w, "−w = −(−3) = 3", "∂L/∂w = −1"),
        (lambda x, w: w + 0.1, "w + 0.1 = (−3) + 0.1 = −2.9", "∂L/∂w = 1"),
        (lambda x, w: 4 + w, "w + 4 = (−3) + 4 = 1", "∂L/∂w = 1"),
        (lambda x, w: w - 4, "w − 4 = (−3) − 4 = −7", "∂L/∂w = 1"),
        (lambda x, w: 4 - w, "4 − w = 4 − (−3) = 7", "∂L/∂w = −1"),
        (lambda x, w: -5 - x, "(−5) − x = (−5) − 2 = −7", "∂L/∂x = −1"),
        (lambda x, w: w * 4, "4 · w = 4 · (−3) = −12", "∂L/∂w = 4"),
        (lambda x, w: w * 0, "0 · w = 0 · (−3) = 0", "∂L/∂w = 0"),
        (lambda x, w: w / 4, "w / 4 = (−3) / 4 = −0.75", "∂L/∂w = 1 / 4 = 0.25"),
        (lambda x, w: 4 / x, "4 / x = 4 / 2 = 2", "∂L/∂x = −4 / x² = −1"),
        (lambda x, w: -4 / x, "(−4) / x = (−4) / 2 = −2", "∂L/∂x = −(−4) / x² = 1"),
        (lambda x, w: w**2, "w² = (−3)² = 9", "∂L/∂w = 2 · w = −6"),
        (lambda x, w: w**3, "w³ = (−3)³ = −27", "∂L/∂w = 3 · w² = 27"),
        (lambda x, w: x**-2, "x⁻² = 2⁻² = 0.25", "∂L/∂x = −2 · x⁻³ = −0.25"),
        (lambda x, w: w**1, "w¹ = (−3)¹ = −3", "∂L/∂w = 1"),
        (lambda x, w: x**0, "x⁰ = 2⁰ = 1", "∂L/∂x = 0"),
        (lambda x, w: (x + 2) ** 0.5, "v₁^0.5 = 4^0.5 = 2", "∂L/∂v₁ = 0.5 · v₁^(−0.5) = 0.25"),
        (lambda x, w: (x * 0).exp(), "exp(v₁) = exp(0) = 1", "∂L/∂v₁ = L = 1"),
        (lambda x, w: x.log(), "log(x) ≈ log(2) ≈ 0.6931", "∂L/∂x = 1 / x = 0.5"),
        (lambda x, w: w.tanh(), "tanh(w) ≈ tanh(−3) ≈ −0.9951", "∂L/∂w = 1 − L² ≈ 0.009866"),
        (lambda x, w: w.relu(), "relu(w) = relu(−3) = 0", "∂L/∂w = [w > 0] = 0"),
        (lambda x, w: x.sum(), "sum(x) = sum(2) = 2", "∂L/∂x = 1"),
    ],
)
def test_a_node_has_its_formula_with_numbers_and_its_slopes(undrawn, expression, formula, slopes):
    x, w = Tensor(2.0), Tensor(-3.0)
    result = expression(x, w)
    names = {"x": x, "w": w}
    numbers = {tensor.number for tensor in result.tape()}
    explorer = undrawn(result, **{name: one for name, one in names.items() if one.number in numbers})
    explorer.node.value = "L"
    text = said(explorer)
    assert f"L = {formula}. Made from " in text and f" {slopes}. ∂L/∂L = 1, complete." in text


def test_what_nothing_shows_is_left_open(undrawn):
    x = Tensor(0.0)
    explorer = undrawn(x**2, x=x)
    explorer.node.value = "L"
    assert "L = xⁿ = 0ⁿ = 0. " in said(explorer) and "n · xⁿ⁻¹ = 0" in said(explorer)
    W = leaf(2, 2)
    result = (W * np.array([[1.0, 2], [3, 4]])).sum()
    explorer = undrawn(result + (DATA @ W).sum() + (W @ DATA.T).sum(), W=W)
    told = " ".join(explorer.picture.names)
    assert "= const · W of shape (2, 2)" in told
    assert "= const @ W of shape (3, 2)" in told and "= W @ const of shape (2, 3)" in told


def test_numbers_are_those_of_the_moment_it_was_made(undrawn):
    x = Tensor(np.array(2.0))
    explorer = undrawn(x * x + 1, x=x)
    x.data[...] = 7
    for name in ("x", "v₁", "L"):
        explorer.node.value = name
        assert "7" not in said(explorer)
    assert explorer.values["x"] == 2


def test_what_is_not_finite_is_shown_as_it_is():
    x, w = Tensor(0.0), Tensor(1.0)
    with np.errstate(all="ignore"):
        result = (x.log() * x - w / x) ** 2 + 1 / x + (x - x / x).exp()
        explorer = graph_explorer(result, x=x, w=w)
    for step in range(explorer.step.max + 1):
        explorer.step.value = step
    for name in explorer.node.options:
        explorer.node.value = name
    assert "nan" in said(explorer) and "inf" in explorer.picture.alt


def test_a_leaf_says_what_it_is(undrawn):
    result, names = a_fork()
    explorer = undrawn(result, **names)
    explorer.node.value = "x"
    text = said(explorer)
    assert (
        "x = 2. A leaf: no operation made it. It is used by v₂ and v₁. ∂L/∂x: nothing has come yet." in text
    )
    explorer.step.value = 3
    assert "It is used by v₂ and v₁. ∂L/∂x = −1, not complete." in said(explorer)


def test_the_loss_of_a_network_is_a_node_too(undrawn):
    result, names = a_loss()
    explorer = undrawn(result, **names)
    explorer.step.value = 1
    assert "L = MSE(v₁) hands on" in said(explorer) and "dv₁ gets dL times its own gradient" in said(explorer)


# Names


def test_names_are_the_readers_and_others_do_not_take_them(undrawn):
    v1, L = Tensor(2.0), Tensor(3.0)
    explorer = undrawn((v1 * L + 1) ** 2, v1=v1, L=L)
    assert list(explorer.values) == ["v1", "L", "u1", "u2", "J"]
    assert "∂J/∂J = 1" in plain(explorer) and explorer.node.options[3:] == ("u₁", "u₂", "J")
    result = v1 * L
    assert list(undrawn(result, result=result, x=v1).values) == ["x", "v1", "result"]


def test_without_an_argument_there_is_a_fork(undrawn):
    explorer = undrawn()
    explorer.step.value = 2
    assert explorer.waiting["x"] == ["v1"] and explorer.gradients["x"] == -8
    explorer.step.value = 3
    assert {name: float(explorer.gradients[name]) for name in "xw"} == {"x": 16, "w": -16}


# What is drawn


@pytest.mark.parametrize("graph", GRAPHS)
def test_nodes_stand_apart_and_ways_lead_to_the_right_of_them(graph):
    result, names = graph()
    explorer = graph_explorer(result, **names)
    boxes, (width, height) = explorer._boxes, explorer._layered.size
    for (x, y, w, h), (x2, y2, w2, h2) in itertools.combinations(boxes, 2):
        assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y
    assert all(x >= 0 and y >= 0 and x + w <= width and y + h <= height for x, y, w, h in boxes)
    assert width <= 1000
    for (a, b), pieces in zip(explorer._edges, explorer._layered.ways, strict=True):
        (x, y), (x2, y2) = pieces[0][0], pieces[-1][-1]
        assert x == pytest.approx(boxes[a][0] + boxes[a][2]) and x2 == pytest.approx(boxes[b][0])
        assert boxes[a][1] < y < boxes[a][1] + boxes[a][3] and boxes[b][1] < y2 < boxes[b][1] + boxes[b][3]
        assert all(one[3] == other[0] for one, other in itertools.pairwise(pieces))
        points = [point for piece in pieces for point in piece]
        assert all(0 <= x <= width and -15 <= y <= height + 15 for x, y in points)


@pytest.mark.parametrize("graph", GRAPHS)
def test_no_way_leads_over_a_node(graph):
    result, names = graph()
    explorer = graph_explorer(result, **names)
    for pieces in explorer._layered.ways:
        for piece in pieces:
            t = np.linspace(0.02, 0.98, 41)[:, np.newaxis]
            a, b, c, d = np.array(piece)
            curve = (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d
            for x, y, w, h in explorer._boxes:
                inside = (curve > [x + 1, y + 1]) & (curve < [x + w - 1, y + h - 1])
                assert not inside.all(axis=1).any()


@pytest.mark.parametrize("graph", GRAPHS)
def test_each_text_fits_its_node_in_every_step(graph):
    result, names = graph()
    explorer = graph_explorer(result, **names)
    for step in range(explorer.step.max + 1):
        explorer.step.value = step
        (ax,) = explorer.figure.axes
        inside = [text for text in ax.texts if text.get_zorder() == 7]
        for text in inside:
            box = text.get_window_extent().transformed(ax.transData.inverted())
            middle = text.get_position()
            holds = [
                x <= box.x0 and box.x1 <= x + w and y <= box.y1 and box.y0 <= y + h
                for x, y, w, h in explorer._boxes
                if x <= middle[0] <= x + w and y <= middle[1] <= y + h
            ]
            assert holds == [True], text.get_text()
        labels = [text for text in ax.texts if text.get_zorder() == 5]
        assert len(labels) == len(explorer._edges)


def test_what_hands_on_is_lit_and_its_ways_are_thick():
    result, names = a_fork()
    explorer = graph_explorer(result, **names)
    for step, name in ((0, None), (1, "L"), (3, "v2"), (5, "v1")):
        explorer.step.value = step
        (ax,) = explorer.figure.axes
        nodes = [patch for patch in ax.patches if patch.get_zorder() == 6]
        lit = [node for node in nodes if node.get_linewidth() == 2.5]
        assert [list(explorer.values)[nodes.index(node)] for node in lit] == [name] * (step > 0)
        thick = [patch for patch in ax.patches if patch.get_linewidth() == 2.6]
        assert len(thick) == len(explorer._ways[list(explorer.values).index(name)] if name else [])
        back = [line for line in ax.lines if line.get_marker() == "<"]
        assert len(back) == sum(len(explorer._ways[k]) for k in explorer._order[:step])
        assert len(ax.lines) == len(explorer._edges)


def test_a_click_chooses_a_node_and_another_one_takes_it_back():
    explorer = graph_explorer()
    assert explorer.picture.chosen == -1
    click(explorer, 2)
    assert explorer.node.value == "v₁" and explorer.picture.chosen == 2
    assert "v₁ = x · w = 2 · (−3) = −6" in said(explorer)
    (ax,) = explorer.figure.axes
    (dashed,) = [patch for patch in ax.patches if patch.get_linestyle() == "--"]
    (x, y, w, h), box = explorer._boxes[2], dashed.get_bbox()
    assert box.bounds == pytest.approx((x - 4, y - 4, w + 8, h + 8))
    click(explorer, 0)
    assert explorer.node.value == "x"
    click(explorer, 0)
    assert explorer.node.value == explorer.node.options[0] and explorer.picture.chosen == -1


def test_places_lie_where_the_nodes_are_drawn():
    explorer = graph_explorer()
    (ax,) = explorer.figure.axes
    nodes = [patch for patch in ax.patches if patch.get_zorder() == 6]
    width, height = explorer.picture.width, explorer.picture.height
    for node, (left, top, w, h) in zip(nodes, explorer.picture.boxes, strict=True):
        box = node.get_window_extent()
        inner = box.x0 / width, 1 - box.y1 / height, box.width / width, box.height / height
        assert inner == pytest.approx((left, top, w, h), abs=0.01)
    explorer.step.value = 2
    assert explorer.picture.names == [
        "x = 2, dx = −8 so far",
        "w = −3, no dw yet",
        "v₁ = x · w = −6, dv₁ = −8",
        "v₂ = v₁ + x = −4, dv₂ = −8",
        "L = v₂² = 16, dL = 1",
    ]


def test_of_a_tree_nothing_crosses_and_a_crossing_that_can_be_undone_is():
    tree = [(0, 4), (1, 4), (2, 5), (3, 5), (4, 6), (5, 6)]
    twisted = [(0, 5), (1, 4), (2, 4), (3, 5), (4, 6), (5, 6)]
    for edges in (tree, twisted):
        found = layered([(60, 40)] * 7, edges, [30] * 6)
        for (a, b), (c, d) in itertools.combinations(edges, 2):
            y = [found.centres[k][1] for k in (a, c, b, d)]
            same_columns = found.centres[a][0] == found.centres[c][0] and b != d and a != c
            assert not same_columns or (y[0] - y[1]) * (y[2] - y[3]) > 0


# What the browser sends


@pytest.mark.parametrize(
    "message",
    ["seen", None, 3, {}, {"place": None}, {"place": "1"}, {"place": 1.0}, {"place": True}, {"place": -1}]
    + [{"place": 5}, {"place": 10**400}, {"place": [1]}, {"node": 1}],
    ids=repr,
)
def test_what_is_no_place_changes_nothing(undrawn, message):
    explorer = undrawn()
    before = explorer.text.value, explorer.node.value
    explorer.picture._handle_custom_msg(message, [])
    assert (explorer.text.value, explorer.node.value) == before


def test_it_is_moved_by_several_threads_at_once(undrawn):
    explorer = undrawn(a_tangle()[0])

    def steps(k):
        explorer.step.value = k % (explorer.step.max + 1)

    def nodes(k):
        click(explorer, k % len(explorer.values))

    at_once((steps, nodes, steps, nodes), times=60)
    explorer.step.value = 0
    explorer.step.value = 1
    assert f"Step 1 of {explorer.step.max}" in plain(explorer)


# What is refused

X = Tensor(2.0)


def deep(n):
    found = X
    for _ in range(n):
        found = found + 1
    return found


@pytest.mark.parametrize(
    ("make", "names", "error", "told"),
    [
        (lambda: 3.0, {}, TypeError, "result is 3.0; expected a Tensor, such as"),
        (lambda: None, {"x": X}, TypeError, "result is None; expected a Tensor"),
        (
            lambda: X * X,
            {"x": 2.0},
            TypeError,
            "x is 2.0; expected a Tensor, one that the result was made from",
        ),
        (lambda: X * X, {"x": Tensor(2.0)}, ValueError, "x is not in the graph; expected a Tensor that"),
        (
            lambda: X * X,
            {"x": X, "y": X},
            ValueError,
            "x and y are one and the same Tensor; expected one name",
        ),
        (lambda: X * X, {"a b": X}, ValueError, "a tensor is called 'a b'; expected a name of at most 12"),
        (lambda: X * X, {"<b>": X}, ValueError, "a tensor is called '<b>'; expected"),
        (lambda: X * X, {"a_very_long_name": X}, ValueError, "expected a name of at most 12 letters"),
        (lambda: X, {}, ValueError, "the result was made by no operation; expected an expression"),
        (
            lambda: X * np.ones(3),
            {},
            ValueError,
            r"the result has shape \(3,\); expected a single number: take",
        ),
        (lambda: deep(20), {"x": X}, ValueError, "the graph has 21 nodes; expected at most 20"),
        (lambda: deep(3000), {"x": X}, ValueError, "the graph has 3001 nodes; expected at most 20"),
        (lambda: leaf(7, 6).sum(), {}, ValueError, r"has shape \(7, 6\); expected at most 36 numbers"),
    ],
)
def test_what_cannot_be_shown_is_refused(make, names, error, told):
    with pytest.raises(error, match=told):
        graph_explorer(make(), **names)


def test_what_was_made_inside_no_grad_is_told():
    with no_grad():
        result = X * X
    with pytest.raises(ValueError, match="made inside no_grad, where nothing is noted; expected"):
        graph_explorer(result)


def test_as_many_nodes_as_are_drawn_can_be_read():
    explorer = graph_explorer(deep(19), x=X)
    assert len(explorer.values) == 20 and explorer.picture.width <= 1000
