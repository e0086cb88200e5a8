"""Finds the package and the shared library, and makes the tables that the tests share.

The library is, in this order: `PARQUETFRAME_SWIFT_LIBRARY`, the installed package's own, the one
that a build left in `.build`.
"""

from __future__ import annotations

import glob
import importlib.util
import json
import os
import pathlib
import subprocess
import sys

import pytest
from hypothesis import settings

settings.register_profile("full", max_examples=200, deadline=None)
settings.load_profile("full")
settings.register_profile("quick", max_examples=20)
settings.register_profile("thorough", max_examples=2000)

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "Sources" / "Python"
CORPORA = os.environ.get("PARQUETFRAME_CORPORA")
NO_CORPORA = "the corpora lie outside the repository: PARQUETFRAME_CORPORA says where"

if importlib.util.find_spec("parquetframe_swift") is None:
    sys.path.insert(0, str(SOURCES))
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(SOURCES), *filter(None, [os.environ.get("PYTHONPATH")])])

for variable in [name for name in os.environ if name.startswith("PARQUETFRAME_DISABLE")]:
    del os.environ[variable]

from parquetframe_swift import _ffi  # noqa: E402

if not os.path.exists(_ffi.library_path()):
    built = [
        path for pattern in ("python/*/release", "*/release", "release")
        for path in glob.glob(str(ROOT / ".build" / pattern / _ffi.LIBRARY_NAME))]
    if built:
        os.environ["PARQUETFRAME_SWIFT_LIBRARY"] = built[0]


def pytest_sessionstart(session):
    """Without the library only the fallbacks would be tested, and nobody would notice."""
    _ffi.library()


@pytest.fixture(autouse=True)
def clean_settings(monkeypatch):
    from parquetframe_swift import _config

    monkeypatch.setattr(_config, "_set", {})


@pytest.fixture(scope="session")
def flat():
    """A pyarrow table with every flat type that the first version reads, with nulls."""
    import datetime
    import decimal

    import pyarrow as pa

    n = 1000
    some = [None if i % 7 == 0 else i for i in range(n)]
    return pa.table({
        "i8": pa.array([None if v is None else v % 100 - 50 for v in some], pa.int8()),
        "i16": pa.array(some, pa.int16()),
        "i32": pa.array(range(n), pa.int32()),
        "i64": pa.array([None if v is None else v * 10**12 for v in some], pa.int64()),
        "u8": pa.array([v % 256 for v in range(n)], pa.uint8()),
        "u16": pa.array(some, pa.uint16()),
        "u32": pa.array([v + 2**31 for v in range(n)], pa.uint32()),
        "u64": pa.array([None if v is None else v + 2**63 for v in some], pa.uint64()),
        "f32": pa.array([None if v is None else v / 4 for v in some], pa.float32()),
        "f64": pa.array([v / 3 for v in range(n)], pa.float64()),
        "flag": pa.array([None if v is None else v % 3 == 0 for v in some]),
        "sure": pa.array([v % 2 == 0 for v in range(n)]),
        "text": pa.array([None if v is None else f"value {v} é" for v in some]),
        "few": pa.array([["red", "green", "blue"][v % 3] for v in range(n)]),
        "bytes": pa.array([None if v is None else bytes([v % 256]) * (v % 5) for v in some]),
        "fixed": pa.array([bytes([v % 256]) * 4 for v in range(n)], pa.binary(4)),
        "day": pa.array([None if v is None else datetime.date(2020, 1, 1) + datetime.timedelta(v) for v in some]),
        "clock": pa.array([None if v is None else v * 1_000_000 for v in some], pa.time64("us")),
        "when": pa.array([None if v is None else v * 10**9 for v in some], pa.timestamp("us")),
        "utc": pa.array([None if v is None else v * 10**6 for v in some], pa.timestamp("ms", "UTC")),
        "price": pa.array([decimal.Decimal(v) / 100 for v in range(n)], pa.decimal128(12, 2)),
    })


@pytest.fixture(scope="session")
def flat_path(flat, tmp_path_factory):
    """`flat` in four row groups."""
    import pyarrow.parquet as pq

    path = tmp_path_factory.mktemp("flat") / "flat.parquet"
    pq.write_table(flat, path, row_group_size=300)
    return str(path)


@pytest.fixture(scope="session")
def small_path(tmp_path_factory):
    """A file of a few hundred bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path_factory.mktemp("small") / "small.parquet"
    pq.write_table(pa.table({"a": [1, None, 3], "b": ["x", "y", None]}), path, store_schema=False)
    return str(path)


def judge_corpus(kind: str, function: str, folder: pathlib.Path) -> dict:
    """{path: verdict line} of every file of a kind; the checker forks, so it has its own process."""
    if not CORPORA:
        pytest.skip(NO_CORPORA)
    out = folder / "verdicts.jsonl"
    reader = pathlib.Path(__file__).with_name("corpus_reader.py")
    subprocess.run(
        [sys.executable, pathlib.Path(CORPORA) / "tools" / "check.py", CORPORA, "--kind", kind,
         "--reader", f"{reader}:{function}", "--json", out],
        check=True, stdout=subprocess.PIPE, timeout=900)
    return {line["path"]: line for line in map(json.loads, out.read_text().splitlines())}


@pytest.fixture(scope="session")
def verdicts(tmp_path_factory):
    """{path: verdict line} of every Parquet file."""
    return judge_corpus("parquet", "read", tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def csv_verdicts(tmp_path_factory):
    """{path: verdict line} of every CSV file."""
    return judge_corpus("csv", "read_csv", tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def avro_verdicts(tmp_path_factory):
    """{path: verdict line} of every Avro file."""
    return judge_corpus("avro", "read_avro", tmp_path_factory.mktemp("corpus"))


def run_fresh(code: str, timeout: float = 120, **environment) -> str:
    """The output of `code` in a process of its own; its failure fails the test."""
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, timeout=timeout,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stderr.decode()}"
    return done.stdout.decode()


@pytest.fixture
def fresh():
    return run_fresh
