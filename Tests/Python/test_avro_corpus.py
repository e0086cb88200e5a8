"""Other people's Avro files against the answers of other readers (`PARQUETFRAME_CORPORA`)."""

import json
import pathlib

import pytest
from conftest import CORPORA, NO_CORPORA

import parquetframe_swift as pfs

pytestmark = pytest.mark.skipif(not CORPORA, reason=NO_CORPORA)


def of_status(verdicts: dict, status: str) -> dict:
    return {path: line for path, line in verdicts.items() if line["status"] == status}


def test_every_golden_file_equals_its_golden(avro_verdicts):
    golden = of_status(avro_verdicts, "golden")
    wrong = {
        path: (line["verdict"], line["detail"]) for path, line in golden.items() if line["verdict"] != "pass"}
    assert not wrong
    assert golden


def test_broken_files_are_refused(avro_verdicts):
    wrong = {
        path: (line["verdict"], line["detail"]) for path, line in of_status(avro_verdicts, "must_fail").items()
        if line["verdict"] not in ("pass", "accept")}
    assert not wrong


def test_no_file_crashes_hangs_or_takes_all_memory(avro_verdicts):
    wrong = {
        path: (line["verdict"], line["detail"]) for path, line in avro_verdicts.items()
        if line["verdict"] in ("crash", "panic", "hang", "oom", "harness")}
    assert not wrong
    assert avro_verdicts


def test_threads_and_scans_give_the_same():
    import pyarrow as pa
    from random_avro import plain_table

    for line in (pathlib.Path(CORPORA) / "goldens" / "avro.jsonl").read_text().splitlines():
        path = pathlib.Path(CORPORA) / json.loads(line)["path"]

        def outcome(read, path=path):
            try:
                return plain_table(pa.table(read(path)))
            except pfs.Error as problem:
                return type(problem), str(problem)

        usual = outcome(lambda path: pfs.read_avro(path, threads=1))
        for threads in (2, 5):
            assert outcome(lambda path, threads=threads: pfs.read_avro(path, threads=threads)) == usual, path
        if isinstance(usual, dict):
            assert outcome(lambda path: pfs.scan_avro(path, batch_size=3)) == usual, path
            rows = len(next(iter(usual.values()), ()))
            assert not usual or pfs.avro_record_count(path) == rows, path
