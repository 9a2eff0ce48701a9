"""The kernel explorer of chapter 12, driven through its handles; the mouse is tried in the browser."""

import itertools
import re

import numpy as np
import pytest
from matplotlib.colors import to_hex

from nnlib import Conv2D, Dense, Flatten, MaxPool2D, Network, ReLU, Tanh, datasets
from nnlib.teach.widgets import kernel_explorer
from nnlib.teach.widgets.kernel_explorer import KERNELS, KernelExplorer, default_net, receptive_field
from tests.colours import contrast
from tests.panels import at_once, plain

LAYERS = "convolution 1", "pooling 1", "convolution 2", "pooling 2"
RNG = np.random.default_rng(0)
LEARNED = RNG.standard_normal((5, 4, 1, 2))
SMALL = RNG.standard_normal((7, 9))  # no square, no ink only


@pytest.fixture
def undrawn(monkeypatch):
    """An explorer whose picture stays empty, for tests that move it often."""
    monkeypatch.setattr(KernelExplorer, "draw", lambda self, figure: None)
    return kernel_explorer


def words(number):
    return f"{number if abs(number) >= 1e-6 else 0:z.3g}".replace("-", "−")


def convolved(X, W, stride, padding):
    """Return what nnlib's own layer gives, (rows, columns)."""
    layer = Conv2D(
        1, 1, W.shape, stride=stride, padding=padding, rng=np.random.default_rng(0), dtype=np.float64
    )
    layer.W = W[:, :, np.newaxis, np.newaxis]
    return layer.forward(X[np.newaxis, :, :, np.newaxis])[0, :, :, 0]


def point(explorer, *place):
    """Point at an output, as the mouse does."""
    explorer.picture._handle_custom_msg({"place": list(place)}, [])


# One kernel


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("kernel", [*KERNELS, "learned 0", "learned 1"])
def test_every_output_is_the_sum_of_its_products_and_that_of_the_layer(undrawn, kernel, stride, padding):
    explorer = undrawn(SMALL, learned=LEARNED)
    explorer.kernel.value, explorer.stride.value, explorer.padding.value = kernel, stride, padding
    W = LEARNED[:, :, 0, int(kernel[-1])] if kernel not in KERNELS else np.array(KERNELS[kernel], float)
    Y = convolved(SMALL, W, stride, padding)
    assert explorer.W.value == W.tolist() and np.allclose(explorer.Y[..., 0], Y, atol=1e-12)
    X = np.pad(SMALL, padding)
    for i, j in np.ndindex(Y.shape):
        point(explorer, 0, i, j)
        assert (explorer.i.value, explorer.j.value) == (i, j)
        rows, columns = (
            slice(stride * k, stride * k + side) for k, side in zip((i, j), W.shape, strict=True)
        )
        assert np.array_equal(explorer.patch[..., 0], X[rows, columns])
        assert np.allclose(explorer.terms[..., 0], X[rows, columns] * W)
        assert explorer.value == pytest.approx(Y[i, j], abs=1e-12) == explorer.terms.sum()
        assert f"= {words(Y[i, j])} In code" in re.sub(" +", " ", plain(explorer))


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("place", [(0, 0), (1, 2), (2, 3)])
def test_the_code_in_the_text_gives_the_output(undrawn, stride, padding, place):
    explorer = undrawn(SMALL)
    explorer.kernel.value, explorer.stride.value, explorer.padding.value = "sharpen", stride, padding
    point(explorer, 0, *place)
    *padded, code = re.findall(r"<code>(.*?)</code>", explorer.text.value)
    names = {"X": SMALL, "W": np.array(explorer.W.value), "np": np, "Y": explorer.Y[..., 0]}
    if padding:
        exec(padded[0], names)
    assert len(padded) == padding
    left, right = code.split(" = ")
    assert eval(right, names) == pytest.approx(eval(left, names)) == explorer.value
    (height,) = re.findall(r"⌈\((\d+) \+ 2 · (\d) − (\d) \+ 1\) / (\d)⌉ = (\d+)", plain(explorer))
    H, p, k, s, found = map(int, height)
    assert -(-(H + 2 * p - k + 1) // s) == found == len(explorer.Y)


def test_the_sum_stands_there_with_its_numbers_and_is_equal_where_none_is_rounded(undrawn):
    explorer = undrawn(np.array([[1.0, 2, -3], [0, 0.5, 4], [5, 6, 7]]))
    assert plain(explorer).count(
        "Y 0, 0  = Σ u  Σ v  X u, v  W u, v  = 1 · (−1) + 2 · 0 + (−3) · 1 + 0 · (−1)"
    )
    explorer = undrawn(np.array([[1.0, 2, -3], [0, 0.5, 4], [5, 6, 1 / 3]]))
    assert "W u, v  ≈ 1 · (−1)" in plain(explorer) and "+ 0.333 · 1 =  −4.67" in plain(explorer)


def test_products_stand_in_the_kernels_places(undrawn):
    explorer = undrawn(SMALL)
    explorer.kernel.value = "sharpen"
    patch, kernel, products = re.findall(r"<table>.*?</table>", explorer.text.value)
    for table, values in (
        (patch, explorer.patch),
        (kernel, np.array(KERNELS["sharpen"])),
        (products, explorer.terms),
    ):
        rows = [re.findall("<td.*?>([^<>]*)</td>", row) for row in table.split("</tr>")[:-1]]
        assert rows == [[words(x) for x in np.ravel(row)] for row in values]
    above = re.findall("<small>(.*?)</small>", products)
    expected = zip(explorer.patch.flat, np.ravel(KERNELS["sharpen"]), strict=True)
    bracketed = [f"({words(w)})" if w < 0 else words(w) for w in np.ravel(KERNELS["sharpen"])]
    assert above == [f"{words(x)} · {w}" for (x, _), w in zip(expected, bracketed, strict=True)]


@pytest.mark.parametrize(
    ("place", "zeros"),
    [((0, 0), 5), ((0, 3), 3), ((6, 8), 5), ((3, 0), 3), ((3, 8), 3), ((3, 3), 0), ((6, 0), 5)],
)
def test_zeros_of_the_padding_are_told_from_pixels(undrawn, place, zeros):
    explorer = undrawn(SMALL)
    explorer.padding.value = 1
    point(explorer, 0, *place)
    told = f"{zeros} of these 9 pixels are zeros of the padding." in plain(explorer)
    assert told == (zeros > 0)
    assert explorer.text.value.count("nnlib-padding") == 2 * zeros  # in the patch, and in the products
    rows, columns = explorer.field
    outside = sum(not (0 <= r < 7 and 0 <= q < 9) for r, q in itertools.product(rows, columns))
    assert outside == zeros


def test_a_number_that_is_typed_makes_the_kernel_your_own(undrawn):
    explorer = undrawn()
    typed = [[0.0, 0, 0], [0, 1, 0], [0, 0, 0]]
    explorer.W.set_state({"value": typed})
    assert explorer.kernel.value == "your own"
    assert np.array_equal(explorer.Y[..., 0], explorer.X[1:-1, 1:-1])
    explorer.kernel.value = "blur"
    assert explorer.W.value == KERNELS["blur"] and np.sum(KERNELS["blur"]) == 1
    explorer.kernel.value = "your own"
    assert explorer.W.value == KERNELS["blur"]


def test_kernels_of_another_size_go_into_the_grid(undrawn):
    explorer = undrawn(learned=LEARNED[:, :, 0, 0])
    explorer.kernel.value = "learned"
    assert np.shape(explorer.W.value) == (5, 4) and explorer.Y.shape == (24, 25, 1)
    assert (explorer.i.max, explorer.j.max) == (23, 24)
    explorer.kernel.value = "edge level"
    assert np.shape(explorer.W.value) == (3, 3)


def test_digits_are_those_of_mnist(undrawn):
    explorer, data = undrawn(), datasets.mnist()
    for digit in range(10):
        explorer.image.value = f"digit {digit}"
        k = int((data.y_test == digit).argmax())
        assert np.allclose(explorer.X.ravel(), data.X_test[k], atol=1e-7)


def test_an_upright_edge_is_found_by_one_kernel_and_not_by_the_other(undrawn):
    explorer = undrawn()
    explorer.image.value = "a square"
    X = explorer.X
    assert X.shape == (8, 8) and X.sum() == 16
    assert np.array_equal(explorer.Y[2, :, 0], [3, 3, 0, 0, -3, -3])
    explorer.kernel.value = "edge level"
    assert np.array_equal(explorer.Y[2, :, 0], np.zeros(6))
    assert np.array_equal(explorer.Y[:, 2, 0], [3, 3, 0, 0, -3, -3])


# The layers of a net


def network(activation=ReLU):
    rng = np.random.default_rng(3)
    layers = (
        Conv2D(1, 3, (3, 2), stride=2, padding=1, rng=rng, dtype=np.float64),
        activation(),
        MaxPool2D(2),
        Conv2D(3, 2, 3, padding=1, rng=rng, dtype=np.float64),
        Tanh(),
        Flatten(),
        Dense(98, 10, rng=rng, dtype=np.float64),
    )
    for layer in layers:
        for p in layer.params:
            p[...] = rng.standard_normal(p.shape)
    return Network(*layers)


@pytest.mark.parametrize("net", [default_net(), network()], ids=["its own", "another"])
def test_maps_are_those_of_the_net(undrawn, net):
    explorer = undrawn(net=net)
    kinds = explorer.layer.options[1:]
    assert kinds == (LAYERS if net is default_net() else ("convolution 1", "pooling 1", "convolution 2"))
    ends = {"convolution 1": 2, "pooling 1": 3, "convolution 2": 5, "pooling 2": 6}
    for layer in kinds:
        explorer.layer.value = layer
        X = explorer.X[np.newaxis, ..., np.newaxis].astype(net.dtype)
        A = [X]
        for one in net.layers[: ends[layer]]:
            A.append(one.forward(A[-1]))
        assert np.array_equal(explorer.Y, A[-1][0])
        for o, i, j in ((0, 0, 0), (1, 2, 3), [int(n) - 1 for n in np.roll(explorer.Y.shape, 1)]):
            point(explorer, o, i, j)
            assert explorer.value == explorer.Y[i, j, o]
            last = plain(explorer)
            if "pooling" in layer:
                assert explorer.terms is None and explorer.patch.max() == explorer.value
                assert f"max({', '.join(map(words, explorer.patch.flat))}) =  {words(explorer.value)}" in last
            else:
                number = [k for k, one in enumerate(net.layers) if isinstance(one, Conv2D)][
                    int(layer[-1]) - 1
                ]
                first = net.layers[number]
                z = explorer.terms.sum() + first.b[o]
                assert z == pytest.approx(A[number + 1][0, i, j, o], abs=1e-5)
                name = type(net.layers[number + 1]).__name__
                assert f"Then {name}: Y {i}, {j}, {o}  =  {words(explorer.value)}" in last
                if first.n_in > 1:
                    sums = explorer.terms.sum(axis=(0, 1))
                    assert " + ".join(f"({words(x)})" if x < 0 else words(x) for x in sums) in last


def test_one_kernel_of_a_net_is_offered_as_a_learned_one(undrawn):
    net = network()
    explorer = undrawn(net=net)
    assert explorer.kernel.options[4:] == ("learned 0", "learned 1", "learned 2", "your own")
    explorer.kernel.value = "learned 2"
    assert np.array_equal(explorer.W.value, net.layers[0].W[:, :, 0, 2])
    assert undrawn().kernel.options == (*KERNELS, "your own")


def test_of_a_tie_the_first_largest_is_marked(undrawn):
    explorer = undrawn(np.zeros((28, 28)), net=Network(MaxPool2D(2), Conv2D(1, 2, 3, rng=RNG)))
    explorer.layer.value = "pooling 1"
    cells = re.findall("<td class='(.*?)'", explorer.text.value)
    assert cells == ["nnlib-largest", "", "", "", ""]


def measured(layers, X, i, j, rng):
    """Return which pixels change output [i, j] of any map when they are changed, of several images."""

    def outputs(images):
        for layer in layers:
            images = layer.forward(images)
        return images[:, i, j]

    changes = np.zeros(X.shape, bool)
    for _ in range(30):
        image = rng.standard_normal(X.shape)
        images = np.repeat(image[np.newaxis, ..., np.newaxis], X.size, axis=0)
        images.reshape(X.size, -1)[np.diag_indices(X.size)] += rng.choice([-100, 100])
        same = outputs(image[np.newaxis, ..., np.newaxis])
        changes |= (np.abs(outputs(images) - same) > 0).any(axis=1).reshape(X.shape)
    return changes


@pytest.mark.parametrize("place", [(0, 0), (1, 2), (-1, -1)])
@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_the_receptive_field_is_what_can_change_the_output(rng, depth, place):
    X = np.zeros((12, 15))
    layers = [
        Conv2D(1, 3, (3, 2), padding=1, rng=rng, dtype=np.float64),
        MaxPool2D(2),
        Conv2D(3, 2, 2, stride=2, padding=1, rng=rng, dtype=np.float64),
        MaxPool2D(2),
    ][:depth]
    A = X[np.newaxis, ..., np.newaxis]
    for layer in layers:
        A = layer.forward(A)
    i, j = (k % side for k, side in zip(place, A.shape[1:3], strict=True))
    expected = np.zeros(X.shape, bool)
    rows, columns = receptive_field(layers, i, j)
    expected[max(rows.start, 0) : rows.stop, max(columns.start, 0) : columns.stop] = True
    assert np.array_equal(measured(layers, X, i, j, rng), expected)


def test_a_field_that_begins_in_the_padding_has_a_minus():
    explorer = kernel_explorer(net=network())
    explorer.layer.value = "convolution 1"
    point(explorer, 0, 0, 0)
    assert "rows −1 to 1 and columns −1 to 0 of the image" in plain(explorer)
    assert explorer.titles()[0] == "X: rows −1 to 1, columns −1 to 0"


@pytest.mark.parametrize(
    ("layer", "side", "said"),
    [
        ("convolution 1", 5, "rows 3 to 7 and columns 2 to 6"),
        ("pooling 1", 6, "rows 6 to 11 and columns 4 to 9"),
        ("convolution 2", 14, "rows 6 to 19 and columns 4 to 17"),
        ("pooling 2", 16, "rows 12 to 27 and columns 8 to 23"),
    ],
)
def test_the_field_is_told(undrawn, layer, side, said):
    explorer = undrawn()
    explorer.layer.value = layer
    point(explorer, 1, 3, 2)
    assert [len(part) for part in explorer.field] == [side, side]
    assert f"It has seen {said} of the image: {side} × {side} pixels." in plain(explorer)


def test_a_small_image_lies_in_the_middle_for_a_net(undrawn):
    explorer = undrawn(SMALL)
    explorer.layer.value = "pooling 2"
    assert explorer.X.shape == (28, 28) and np.array_equal(explorer.X[10:17, 9:18], SMALL)
    assert np.count_nonzero(explorer.X) == SMALL.size and explorer.Y.shape == (4, 4, 12)


def test_controls_are_there_that_do_something(undrawn):
    explorer = undrawn()

    def hidden():
        names = ("kernel", "W", "stride", "padding", "o", "i", "j")
        return {name for name in names if getattr(explorer, name).layout.display == "none"}

    assert hidden() == {"o"}
    explorer.layer.value = "convolution 1"
    assert hidden() == {"kernel", "W", "stride", "padding"}
    assert (explorer.o.max, explorer.i.max, explorer.j.max) == (5, 23, 23)
    explorer.i.value, explorer.o.value = 23, 5
    explorer.layer.value = "pooling 2"
    assert (explorer.o.value, explorer.i.value) == (5, 3) and explorer.o.max == 11
    explorer.layer.value = "one kernel"
    assert hidden() == {"o"} and explorer.o.value == 0


# What is drawn


@pytest.mark.parametrize("layer", ["one kernel", *LAYERS])
def test_what_is_pointed_at_lies_where_it_is_drawn(layer):
    explorer = kernel_explorer(SMALL)
    explorer.padding.value = 1
    explorer.layer.value = layer
    point(explorer, 1, 2, 3)
    picture, ax = explorer.picture, explorer.figure.axes[-1]
    rows, columns, n = explorer.Y.shape
    assert picture.shape == [n, rows, columns] and picture.place == [min(1, n - 1), 2, 3]
    box = ax.get_position()
    assert picture.box == pytest.approx([box.x0, 1 - box.y1, box.width, box.height])
    sheet = ax.images[0].get_array()
    assert sheet.shape[1] == picture.across * (columns + (n > 1)) - (n > 1)
    place = min(1, n - 1)
    top, left = place // picture.across * (rows + 1), place % picture.across * (columns + 1)
    assert sheet[top + 2, left + 3] == explorer.value
    assert np.array_equal(sheet[top : top + rows, left : left + columns], explorer.Y[..., place])
    frame = ax.patches[-1]
    assert frame.get_xy() == (left + 2.5, top + 1.5) and (frame.get_width(), frame.get_height()) == (1, 1)
    width, height = ax.get_window_extent().size
    assert width / sheet.shape[1] == pytest.approx(height / sheet.shape[0], rel=0.01)
    sheet = f"map {place}, " if n > 1 else ""
    assert picture.spoken == f"{sheet}row 2, column 3: {words(explorer.value)}"


@pytest.mark.parametrize("padding", [0, 1])
def test_the_patch_lights_up_in_the_image(padding):
    explorer = kernel_explorer(SMALL)
    explorer.stride.value, explorer.padding.value = 2, padding
    point(explorer, 0, 1, 2)
    ax = explorer.figure.axes[0]
    shown = ax.images[0].get_array()
    assert np.array_equal(shown, np.pad(SMALL, padding))
    lit, frame = ax.patches[-2:]
    for patch in (lit, frame):
        assert patch.get_xy() == (3.5, 1.5) and (patch.get_width(), patch.get_height()) == (3, 3)
    assert to_hex(lit.get_facecolor()) == "#f0e442" and to_hex(frame.get_edgecolor()) == "#000000"
    assert ax.get_title() == "X: rows 2 to 4, columns 4 to 6"
    hatched = [patch for patch in ax.patches if patch.get_hatch()]
    area = sum(patch.get_width() * patch.get_height() for patch in hatched)
    assert area == shown.size - SMALL.size


def test_what_a_deeper_layer_sees_lights_up_in_its_input():
    explorer = kernel_explorer()
    explorer.layer.value = "convolution 2"
    point(explorer, 3, 2, 1)
    image, into, out = explorer.figure.axes
    frames = [patch for patch in into.patches if patch.get_linewidth() == 1.5]
    assert len(frames) == 6 and {(f.get_width(), f.get_height()) for f in frames} == {(5, 5)}
    assert frames[0].get_xy() == (0.5, 1.5)
    field = image.patches[-1]
    assert field.get_xy() == (1.5, 3.5) and (field.get_width(), field.get_height()) == (14, 14)
    explorer.layer.value = "pooling 1"
    frames = [patch for patch in explorer.figure.axes[1].patches if patch.get_linewidth() == 1.5]
    assert [(f.get_width(), f.get_height()) for f in frames] == [(2, 2)]  # in the map of the same number
    assert explorer.titles()[1:] == [
        "in: 6 maps of 24 × 24",
        f"Y, 12 × 12 × 6: Y[2, 1, 3] = {words(explorer.value)}",
    ]


def test_what_is_below_zero_has_a_minus():
    explorer = kernel_explorer()
    (marks,) = explorer.figure.axes[-1].collections
    places = {(int(y), int(x)) for x, y in marks.get_offsets()}
    Y = explorer.Y[..., 0]
    assert (
        places == set(zip(*(k.tolist() for k in np.nonzero(Y < -np.abs(Y).max() / 50)), strict=True)) != set()
    )


@pytest.mark.parametrize("layer", ["one kernel", *LAYERS])
def test_numbers_in_colour_can_be_read(undrawn, layer):
    explorer = undrawn(SMALL, learned=LEARNED)
    explorer.layer.value, explorer.kernel.value = layer, "learned 1"
    styles = re.findall("background: (#.{6}); color: (white|black)", explorer.text.value)
    assert len(styles) >= 5
    for pair in styles:
        assert contrast(*pair) >= 4.5


# What the browser sends


@pytest.mark.parametrize(
    "message",
    [
        "seen",
        None,
        3,
        {},
        {"place": None},
        {"place": "012"},
        {"place": [1, 2]},
        {"place": [0, 1, 2, 3]},
        {"place": [0, 1.0, 2]},
        {"place": [0, True, 2]},
        {"place": [0, "1", 2]},
        {"place": [0, [1], 2]},
        {"place": [0, 10**400, 2]},
        {"place": {"0": 1}},
        {"row": 1},
    ],
    ids=repr,
)
def test_what_is_no_place_changes_nothing(undrawn, message):
    explorer = undrawn()
    before = explorer.text.value, explorer.picture.place
    explorer.picture._handle_custom_msg(message, [])
    assert (explorer.text.value, explorer.picture.place) == before


def test_a_place_beyond_the_map_is_the_nearest(undrawn):
    explorer = undrawn()
    for place, nearest in (([9, 99, -5], [0, 25, 0]), ([0, -(10**30), 9999], [0, 0, 25])):
        point(explorer, *place)
        assert explorer.picture.place == nearest
    assert (explorer.i.value, explorer.j.value) == (0, 25)


def test_it_is_moved_by_several_threads_at_once(undrawn):
    explorer = undrawn()

    def layers(k):
        explorer.layer.value = explorer.layer.options[k % 5]

    def kernels(k):
        explorer.kernel.value = explorer.kernel.options[k % 4]

    def places(k):
        point(explorer, k % 12, k % 26, 7 * k % 26)

    def sizes(k):
        explorer.stride.value, explorer.padding.value = 1 + k % 2, k // 2 % 2

    at_once((layers, kernels, places, sizes), times=40)
    point(explorer, 0, 1, 1)
    o, i, j = explorer.picture.place
    assert (o, i, j) == (0, 1, 1) and explorer.value == explorer.Y[i, j, o]


# What is refused


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"image": np.zeros((2, 9))}, r"image has shape \(2, 9\); expected 3 to 64 rows and columns"),
        ({"image": np.zeros((28, 65))}, r"image has shape \(28, 65\); expected 3 to 64"),
        ({"image": np.zeros((4, 9)), "learned": LEARNED}, r"image has shape \(4, 9\); expected 5 to 64"),
        ({"image": np.full((9, 9), 101.0)}, "image goes up to 101; expected"),
        ({"learned": np.zeros((8, 3))}, r"learned has shape \(8, 3\) .* expected at most 7 rows"),
        ({"learned": np.zeros((3, 3, 2, 4))}, r"expected \(k_h, k_w, 1, n_out\)"),
        ({"learned": np.zeros((3, 3, 1, 65))}, "expected at most 7 rows and columns, 64 kernels"),
        ({"learned": np.full((3, 3), 1e3)}, "goes up to 1e.03; expected .* numbers up to 100"),
        ({"net": Network(Dense(784, 10, rng=RNG))}, "net begins with a Dense; expected Conv2D or MaxPool2D"),
        (
            {"net": Network(Conv2D(3, 2, 5, rng=RNG))},
            r"net begins with Conv2D\(3, 2, 5\); expected a depth of 1",
        ),
        ({"net": Network(Conv2D(1, 65, 5, rng=RNG))}, "net has 65 maps in a layer; expected at most 64"),
        ({"net": Network(Conv2D(1, 2, 29, rng=RNG))}, "28 × 28 pixels; expected at least 29 × 29"),
    ],
)
def test_what_cannot_be_shown_is_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        kernel_explorer(**arguments)
