"""Other people's Parquet files against the answers of other readers (`PARQUETFRAME_CORPORA`)."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

CORPORA = os.environ.get("PARQUETFRAME_CORPORA")
HERE = pathlib.Path(__file__).parent
pytestmark = pytest.mark.skipif(
    not CORPORA, reason="the corpora lie outside the repository: PARQUETFRAME_CORPORA says where")

FLAT_ENCODINGS = {"PLAIN", "RLE", "RLE_DICTIONARY", "PLAIN_DICTIONARY", "BIT_PACKED"}
FLAT_CODECS = {"SNAPPY", "UNCOMPRESSED"}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """{path: verdict line} of every Parquet file; the checker forks, so it has its own process."""
    out = tmp_path_factory.mktemp("corpus") / "verdicts.jsonl"
    subprocess.run(
        [sys.executable, pathlib.Path(CORPORA) / "tools" / "check.py", CORPORA, "--kind", "parquet",
         "--reader", f"{HERE / 'corpus_reader.py'}:read", "--json", out],
        check=True, stdout=subprocess.PIPE, timeout=900)
    return {line["path"]: line for line in map(json.loads, out.read_text().splitlines())}


@pytest.fixture(scope="module")
def goldens():
    lines = (pathlib.Path(CORPORA) / "goldens" / "parquet.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_no_file_is_read_wrongly_or_brings_the_reader_down(verdicts):
    bad = {
        path: (line["verdict"], line["detail"]) for path, line in verdicts.items()
        if line["verdict"] in ("wrong", "crash", "panic", "hang", "oom", "harness")}
    assert not bad
    assert len(verdicts) > 300


def test_files_that_everybody_refuses_are_refused(verdicts):
    accepted = [path for path, line in verdicts.items() if line["verdict"] == "accept"]
    assert not accepted


def test_flat_snappy_and_plain_files_equal_their_goldens(verdicts, goldens):
    """Columns of plain or dictionary values, one for each leaf: nothing nested, nothing repeated."""
    flat = [
        golden for golden in goldens
        if golden["status"] == "golden" and is_flat(golden)]
    assert len(flat) > 20
    failed = {
        golden["path"]: verdicts[golden["path"]]["detail"] for golden in flat
        if verdicts[golden["path"]]["verdict"] not in ("pass", "types")}
    assert not failed


def is_flat(golden) -> bool:
    features = golden.get("features") or {}
    return (
        set(features.get("codecs", ["?"])) <= FLAT_CODECS
        and set(features.get("encodings", ["?"])) <= FLAT_ENCODINGS
        and features.get("leaves") == len(golden["cols"])
        and not any(kind.startswith(("list", "struct", "map")) for _, kind, *_ in golden["cols"]))
