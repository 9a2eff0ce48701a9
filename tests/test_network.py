import io
import os
import pickle
import re
import zipfile

import numpy as np
import pytest

from nnlib import Dense, Dropout, Flatten, Layer, Network, ReLU, Tanh


@pytest.fixture
def net(make_net):
    return make_net(3, 4, 2)


# Building one


def test_params_and_grads_run_from_the_first_layer_to_the_last(net):
    first, _, last = net.layers
    for found, expected in zip(net.params, (first.W, first.b, last.W, last.b), strict=True):
        assert found is expected
    net.backward(net.forward(np.ones((5, 3))))
    for found, expected in zip(net.grads, (first.dW, first.db, last.dW, last.db), strict=True):
        assert found is expected


def test_assigning_to_a_layer_changes_the_parameter_of_the_network(net):
    net.layers[0].W = np.zeros((3, 4))
    net.layers[0].b = [1, 2, 3, 4]
    assert not net.params[0].any() and net.params[1].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_that_of_the_parameters(make_net, dtype):
    assert make_net(3, 2, dtype=dtype).dtype == dtype
    assert Network(Tanh()).dtype is None


def test_repr(rng):
    net = Network(Flatten(), Dense(784, 128, rng=rng), ReLU(), Dropout(0.2, rng=rng), Dense(128, 10, rng=rng))
    layers = "Flatten(), Dense(784, 128), ReLU(), Dropout(0.2), Dense(128, 10)"
    assert repr(net) == f"Network({layers})  # 101,770 parameters, float32"


# Forward and backward


def test_forward_and_backward_are_the_layers_in_order(net, rng):
    X, dY = rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
    first, tanh, last = net.layers
    expected = last.forward(tanh.forward(first.forward(X)))
    assert np.array_equal(net.forward(X), expected)
    expected = first.backward(tanh.backward(last.backward(dY)))
    assert np.array_equal(net.backward(dY), expected)


@pytest.mark.parametrize("before", [[], [Tanh, Flatten]], ids=["dense first", "dense third"])
def test_without_the_input_gradient_all_others_are_the_same(before, rng, raw):
    net = Network(*(kind() for kind in before), Dense(3, 4, rng=rng), Tanh(), Dense(4, 2, rng=rng))
    dY = np.cos(net.forward(rng.standard_normal((5, 3))))
    assert net.backward(dY).shape == (5, 3)
    expected = raw(net.grads)
    assert net.backward(dY, input_gradient=False) is None
    assert raw(net.grads) == expected


def test_layers_before_the_first_parameter_are_left_out_of_training(rng):
    class Untouched(Tanh):
        def backward(self, dY):
            raise AssertionError

    net = Network(Untouched(), Dense(3, 2, rng=rng))
    net.backward(net.forward(np.ones((5, 3))), input_gradient=False)


def test_a_network_without_parameters_has_no_gradients_to_find():
    net = Network(Tanh())
    assert net.backward(net.forward(np.ones((5, 3))), input_gradient=False) is None and net.grads == []


def test_training_reaches_dropout_only_when_it_is_said(rng):
    net = Network(Dense(3, 50, rng=rng), Dropout(0.5, rng=rng))
    X = np.ones((5, 3))
    assert (net.forward(X, training=True) == 0).any()
    assert net.forward(X).all() and net.predict(X).all()


def test_images_of_another_size_are_told_after_the_flatten(rng):
    net = Network(Flatten(), Dense(784, 10, rng=rng))
    with pytest.raises(ValueError, match="X has 100 features, but this layer expects 784"):
        net.forward(np.ones((2, 10, 10)))


@pytest.mark.parametrize("input_gradient", [True, False])
@pytest.mark.parametrize("shape", [(5, 1), (5,), (4, 2), (5, 3), ()])
def test_backward_wants_a_gradient_of_the_outputs_shape(rng, raw, shape, input_gradient):
    net = Network(Dense(3, 2, rng=rng), Tanh())
    net.backward(net.forward(np.ones((5, 3))))
    before = raw(net.grads)
    with pytest.raises(ValueError, match=rf"dY has shape {re.escape(str(shape))}; expected \(5, 2\)"):
        net.backward(np.ones(shape), input_gradient=input_gradient)
    assert raw(net.grads) == before


# predict


@pytest.mark.parametrize("batch_size", [1, 3, 10, 11])
def test_predict_in_pieces_equals_forward(net, rng, batch_size):
    X = rng.standard_normal((10, 3))
    assert net.predict(X, batch_size=batch_size) == pytest.approx(net.forward(X), rel=1e-14)
    assert net.predict(X).shape == (10, 2)


def test_predict_never_takes_more_than_a_batch_at_once(rng):
    class Counting(Layer):
        sizes = ()

        def forward(self, X, training=False):
            self.sizes += (len(X),)
            return X

    counting = Counting()
    Network(counting).predict(np.ones((2500, 3)))
    assert counting.sizes == (1000, 1000, 500)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [list, ">f4", ">f8", "i8", "u1", "?"], ids=str)
def test_numbers_of_any_kind_give_the_same_predictions(make_net, kind, dtype):
    net, X = make_net(3, 4, 2, dtype=dtype), np.array([[0, 1, 1], [1, 0, 1]])
    Y_hat = net.predict(X.tolist() if kind is list else X.astype(kind))
    assert Y_hat.dtype == dtype and np.array_equal(Y_hat, net.predict(X.astype(dtype)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [(0, 0), (50_000, 2), (99_999, 1)])
def test_predict_names_the_place_of_what_is_not_finite(net, place, value):
    X = np.ones((100_000, 3))
    X[place] = value
    with pytest.raises(ValueError, match=rf"X\[{place[0]}, {place[1]}\] is {value}; expected finite numbers"):
        net.predict(X)


# save and load


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights.npz"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["str", "Path"])
def test_what_is_loaded_is_what_was_saved(make_net, path, raw, dtype, kind):
    saved, other = make_net(3, 4, 2, dtype=dtype), make_net(3, 4, 2, dtype=dtype, seed=1)
    held = other.params[0]
    saved.save(kind(path))
    assert raw(other.params) != raw(saved.params)
    other.load(kind(path))
    assert raw(other.params) == raw(saved.params) and other.params[0] is held is other.layers[0].W
    assert os.listdir(path.parent) == [path.name]


def test_a_saved_network_needs_no_pickle(net, path):
    net.save(path)
    with np.load(path, allow_pickle=False) as file:
        assert [file[name].shape for name in file.files] == [(3, 4), (4,), (4, 2), (2,)]


def test_weights_are_cast_to_the_networks_dtype(make_net, path):
    make_net(3, 2, dtype=np.float64).save(path)
    net = make_net(3, 2, dtype=np.float32, seed=1)
    net.load(path)
    assert net.dtype == np.float32
    assert np.array_equal(net.params[0], make_net(3, 2, dtype=np.float64).params[0].astype(np.float32))


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()], ids=["error", "interrupt"])
@pytest.mark.parametrize("function", ["numpy.savez", "os.fsync", "os.replace"])
def test_a_save_that_fails_leaves_the_old_file_and_no_other(
    net, make_net, path, raw, monkeypatch, function, error
):
    net.save(path)
    old = path.read_bytes()

    def fail(file, *args, **arrays):
        if hasattr(file, "write"):
            file.write(b"half")
        raise error

    monkeypatch.setattr(function, fail)
    with pytest.raises(type(error)):
        make_net(3, 4, 2, seed=1).save(path)
    assert path.read_bytes() == old and os.listdir(path.parent) == [path.name]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_saved_file_can_be_read_by_those_who_may_read_others(net, path):
    net.save(path)
    (path.parent / "other").touch()
    assert path.stat().st_mode == (path.parent / "other").stat().st_mode


def test_there_has_to_be_a_folder_and_a_file(net, tmp_path):
    with pytest.raises(FileNotFoundError):
        net.save(tmp_path / "nowhere" / "weights.npz")
    with pytest.raises(FileNotFoundError):
        net.load(tmp_path / "weights.npz")


class Trap:
    """Unpickling one would fail the test that does it."""

    def __reduce__(self):
        return pytest.fail, ("something was unpickled",)


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def without_last(arrays):
    return dict(list(arrays.items())[:-1])


DAMAGE = {
    "empty": lambda path, arrays: path.write_bytes(b""),
    "text": lambda path, arrays: path.write_text("<!doctype html>"),
    "pickle": lambda path, arrays: path.write_bytes(pickle.dumps(Trap())),
    "npy": lambda path, arrays: path.write_bytes(npy(arrays["param0"])),
    "object array": lambda path, arrays: np.savez(path, **arrays | {"param0": np.array([Trap()])}),
    "other names": lambda path, arrays: np.savez(path, *arrays.values()),
    "one too few": lambda path, arrays: np.savez(path, **without_last(arrays)),
    "one too many": lambda path, arrays: np.savez(path, **arrays, param4=np.ones(2)),
    "strange entry": lambda path, arrays: np.savez(path, **arrays, note=np.ones(2)),
    "transposed": lambda path, arrays: np.savez(path, **arrays | {"param0": np.ones((4, 3))}),
    "nan": lambda path, arrays: np.savez(path, **arrays | {"param3": np.array([1, np.nan])}),
    "too large": lambda path, arrays: np.savez(path, **arrays | {"param3": np.array([1, 1e300])}),
    "complex": lambda path, arrays: np.savez(path, **arrays | {"param3": np.array([1, 1j])}),
    "strings": lambda path, arrays: np.savez(path, **arrays | {"param3": np.array(["a", "b"])}),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_save_did_not_write_is_refused_and_changes_nothing(make_net, path, raw, damage):
    net = make_net(3, 4, 2, dtype=np.float32)
    before = raw(net.params)
    damage(path, {f"param{i}": np.zeros_like(p) for i, p in enumerate(net.params)})
    with pytest.raises(ValueError, match=re.escape(str(path))):
        net.load(path)
    assert raw(net.params) == before


def test_another_architecture_is_told_with_its_shapes(make_net, path):
    make_net(3, 5, 2).save(path)
    with pytest.raises(
        ValueError, match=r"holds parameters of shapes \[\(3, 5\).*this network expects \[\(3, 4\)"
    ):
        make_net(3, 4, 2).load(path)


def test_no_end_that_is_missing_goes_unseen(net, make_net, path, raw):
    make_net(3, 4, 2, seed=1).save(path)
    whole, before = path.read_bytes(), raw(net.params)
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="is not a whole file written by Network.save"):
            net.load(path)
    assert raw(net.params) == before


def test_no_flipped_bit_gets_into_the_weights(net, make_net, path, raw):
    other = make_net(3, 4, 2, seed=1)
    other.save(path)
    whole, before, after = path.read_bytes(), raw(net.params), raw(other.params)
    refused = 0
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
        try:
            net.load(path)
        except ValueError:
            refused += 1
            assert raw(net.params) == before
        else:  # a time stamp or the like
            assert raw(net.params) == after
            for p, array in zip(net.params, before, strict=True):
                p.flat = np.frombuffer(array)
    assert refused > sum(map(len, after)) / 3


def test_an_encrypted_file_is_refused(net, path):
    net.save(path)
    with zipfile.ZipFile(path) as file:
        offset = file.infolist()[0].header_offset
    data = bytearray(path.read_bytes())
    data[offset + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(ValueError, match="is not a whole file"):
        net.load(path)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("given", [np.float32, np.float64, int])
def test_gradients_have_the_networks_dtype_whatever_comes(make_net, dtype, given):
    net = make_net(3, 4, 2, dtype=dtype)
    net.forward(np.ones((5, 3)))
    assert net.backward(np.ones((5, 2), given)).dtype == dtype
    assert {g.dtype for g in net.grads} == {np.dtype(dtype)}
