"""Importing, looking around, and what fresh processes load."""

import pickle

import pytest

import parquetframe_swift as pfs

HEAVY = ["numpy", "pandas", "pyarrow", "polars", "duckdb"]
SLOW = ["re", "typing", "json", "logging", "pathlib", "dataclasses", "enum", "inspect", "threading"]


def test_import_loads_none_of_the_libraries_it_converts_to(fresh):
    code = f"import sys, parquetframe_swift; print([m for m in {HEAVY} if m in sys.modules])"
    assert fresh(code) == "[]\n"


def test_import_and_first_metadata_load_no_slow_module(fresh, flat_path):
    # -S and -I keep out what the environment's own start-up files import.
    code = f"""
import sys
before = set(sys.modules)
import parquetframe_swift as pfs
m = pfs.parquet_metadata({flat_path!r})
assert (m.num_rows, m.num_columns, m.num_row_groups) == (1000, 21, 4)
print([name for name in {SLOW + HEAVY} if name in set(sys.modules) - before])
"""
    assert fresh(code) == "[]\n"


def test_every_public_name_resolves_and_is_listed():
    for name in pfs.__all__:
        assert getattr(pfs, name) is not None
        assert name in dir(pfs)
    with pytest.raises(AttributeError):
        pfs.no_such_name


def test_everything_public_has_a_docstring():
    for name in pfs.__all__:
        if name != "__version__":
            assert getattr(pfs, name).__doc__, name


def test_star_import():
    space = {}
    exec("from parquetframe_swift import *", space)
    assert space["read_parquet"] is pfs.read_parquet


def test_backend_info(monkeypatch):
    info = pfs.get_backend_info()
    assert info["compiled"] is True
    assert info["version"] and info["threads"] >= 1 and info["library_path"]
    for part in ("io", "graph", "workflow"):
        assert pfs.get_backend_info()[f"{part}_available"] is True
        monkeypatch.setenv(f"PARQUETFRAME_DISABLE_SWIFT_{part.upper()}", "1")
        assert pfs.get_backend_info()[f"{part}_available"] is False
    assert pfs.is_available() is True


def test_show_versions(capsys):
    pfs.show_versions()
    out = capsys.readouterr().out
    assert pfs.__version__ in out and "pyarrow" in out and "engine" in out


def test_errors_survive_pickling():
    error = pfs.FormatError("broken", {"offset": 4, "column": "a"})
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.offset, again.column, again.page) == ("broken", 4, "a", None)


@pytest.mark.parametrize("error, base", [
    (pfs.FormatError, ValueError), (pfs.UnsupportedError, NotImplementedError),
    (pfs.UnknownColumnError, KeyError), (pfs.OutOfRangeError, IndexError),
    (pfs.ArgumentError, ValueError), (pfs.EngineUnavailableError, ImportError),
])
def test_errors_derive_from_pythons_own(error, base):
    assert issubclass(error, base) and issubclass(error, pfs.Error)
    assert str(error("one sentence")) == "one sentence"
