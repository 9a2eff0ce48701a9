"""The long experiments: each is recorded with seeds, sources and machine, and gives the same again."""

import json

import pytest

from experiments import __main__ as experiments
from nnlib.teach.recorded import FOLDER, recorded

each_experiment = pytest.mark.parametrize("name", experiments.NAMES)


def shape(value):
    """Return the keys of nested dicts, and of a list the shape of its first entry; numbers are all alike."""
    if isinstance(value, dict):
        return {key: shape(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return float if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value)


@each_experiment
def test_a_record_says_where_it_comes_from(name):
    record = recorded(name)
    assert list(record) == ["what", "seconds", "machine", "results"]
    assert record["seconds"] > 0 and len(record["what"]) > 40
    assert {"processor", "cores", "python", "versions", "blas"} <= set(record["machine"])
    assert record["results"]["seeds"] and record["results"]["source"]


@each_experiment
def test_an_experiment_gives_what_its_record_holds(name):
    record = json.loads(json.dumps(experiments.measure(name, quick=True)))
    assert shape(record["results"]) == shape(recorded(name)["results"])


def test_every_record_has_its_experiment():
    assert sorted(path.stem for path in FOLDER.glob("*")) == sorted(experiments.NAMES)


def test_storing(tmp_path):
    experiments.store("some", {"results": [1.5]}, tmp_path)
    assert json.loads((tmp_path / "some.json").read_text()) == {"results": [1.5]}
    assert [path.name for path in tmp_path.iterdir()] == ["some.json"]


def test_names(capsys):
    with pytest.raises(SystemExit):
        experiments.main(["nothing"])
    assert "no experiment nothing; expected some of" in capsys.readouterr().err
    with pytest.raises(ValueError, match="there is no record 'nothing'; expected one of"):
        recorded("nothing")
