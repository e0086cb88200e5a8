"""Other people's CSV files against the answers of other readers (`PARQUETFRAME_CORPORA`)."""

import json
import pathlib

import pytest
from conftest import CORPORA, NO_CORPORA

import parquetframe_swift as pfs

pytestmark = pytest.mark.skipif(not CORPORA, reason=NO_CORPORA)


def test_every_golden_file_equals_its_golden(csv_verdicts):
    golden = {path: line for path, line in csv_verdicts.items() if line["status"] == "golden"}
    wrong = {
        path: (line["verdict"], line["detail"]) for path, line in golden.items()
        if line["verdict"] not in ("pass", "types")}
    assert not wrong
    assert len(golden) >= 99


def test_ragged_files_are_refused_or_read_as_another_reader_does(csv_verdicts):
    disputed = {path: line for path, line in csv_verdicts.items() if line["status"] == "disputed"}
    wrong = {
        path: (line["verdict"], line["detail"]) for path, line in disputed.items()
        if line["verdict"] != "pass"}
    assert not wrong
    assert len(disputed) >= 32


def files():
    for line in (pathlib.Path(CORPORA) / "goldens" / "csv.jsonl").read_text().splitlines():
        golden = json.loads(line)
        yield pathlib.Path(CORPORA) / golden["path"], golden["opts"]


def test_refusals_name_the_place():
    """A record of another length says its line, its record and where it begins."""
    refused = 0
    for path, opts in files():
        try:
            pfs.read_csv(path, delimiter=opts["delimiter"], has_header=False, infer_schema=False,
                         encoding_errors="replace")
        except pfs.CSVError as problem:
            data = path.read_bytes()
            if not data.strip():
                continue
            refused += 1
            assert problem.line >= 1 and problem.record >= 1 and 0 <= problem.offset <= len(data), path
            before = data[:problem.offset].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            assert before.count(b"\n") + 1 == problem.line, path
            assert str(path) in str(problem)
    assert refused > 15


def test_threads_and_chunks_do_not_change_a_file():
    for path, opts in files():
        if path.stat().st_size > 100_000:
            continue
        def outcome(path=path, opts=opts, **how):
            try:
                table = pfs.read_csv(
                    path, delimiter=opts["delimiter"], on_error="skip", encoding_errors="replace", **how)
            except pfs.CSVError as problem:
                return str(problem)
            return repr(table.schema), table.to_pydict(), table.rejects.to_pydict()
        usual = outcome(threads=1)
        for threads, size in ((2, 1), (3, 7), (8, 64), (2, 1000)):
            got = outcome(threads=threads, chunk_size=size)
            assert repr(got) == repr(usual), (path, threads, size)
