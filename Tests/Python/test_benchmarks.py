"""The benchmark driver: that it checks what it times, and says what it found."""

import dataclasses
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "Benchmarks"
sys.path.insert(0, str(BENCHMARKS))

for needed in ("pyarrow", "numpy", "matplotlib"):
    pytest.importorskip(needed)

import peers  # noqa: E402
from checkers import table as checker  # noqa: E402
from harness import bars, figures, floor, report, worker  # noqa: E402
from harness import main as driver  # noqa: E402
from harness.case import Case, Dataset, binary_count, selected  # noqa: E402
from harness.environment import Environment  # noqa: E402
from harness.make import ensure  # noqa: E402
from harness.measure import _is_enough, disagreements, measure, quartiles  # noqa: E402
from harness.processes import Processes  # noqa: E402
from harness.ratios import over, ratio_to_best  # noqa: E402
from harness.timed import Timed  # noqa: E402


@pytest.fixture
def environment():
    variables = {**os.environ, "PYTHONPATH": str(BENCHMARKS)}
    return Environment(sys.executable, variables)


@pytest.fixture
def case():
    parameters = {"kind": "mixed", "codec": "snappy", "rows": 1000, "seed": 1}
    data = Dataset("parquet_tables", "table", parameters, ".parquet")
    return Case("parquet/read/mixed-snappy/1000", "read_parquet", data)


def test_a_small_run_writes_the_page_the_figures_and_the_charts(tmp_path):
    variables = {**os.environ, "PARQUETFRAME_BENCH_PYTHON": sys.executable}
    out, data = tmp_path / "out", tmp_path / "data"
    command = [sys.executable, str(BENCHMARKS / "run"), "--quick", "--scale", "0.001"]
    command += ["--only", "read/mixed-snappy/4194", "--only", "startup", "--peers", "pyarrow"]
    command += ["--threads", "1", "--out", str(out), "--data", str(data)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

    parquet, startup = figures.load(out / "figures")
    assert parquet["settings"] == {"scale": 0.001, "fresh": 1, "rounds": 7}
    assert "pyarrow" in startup["startup"]
    (read,) = parquet["cases"]
    figure = read["figures"]["pyarrow"]
    assert figure["ratio"] == figure["first_ratio"] == 1
    assert read["floor"]["cpu_ms"] > 0
    assert figure["low_ms"] <= figure["wall_ms"] <= figure["high_ms"]
    assert figure["peak_mb"] >= figure["idle_mb"] > 0

    page = (out / "RESULTS.md").read_text()
    assert f"#### `{read['case']}`, 1 thread" in page
    assert "· scale 0.001 · 1 fresh process · 7 warm rounds" in page
    assert "| pyarrow |" in page
    assert "Ours was not timed in this run." in page
    assert os.uname().nodename not in page
    for chart in ("parquet-read-1-thread", "parquet-read-memory", "startup"):
        assert (out / "charts" / f"{chart}.svg").stat().st_size > 0
        assert f"charts/{chart}.svg" in page


def test_the_page_is_what_the_figures_give():
    page = report.render(figures.load(BENCHMARKS / "figures"))
    assert page == (BENCHMARKS / "RESULTS.md").read_text()


def test_a_run_of_one_area_renews_its_part_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("PARQUETFRAME_BENCH_PYTHON", sys.executable)
    found = {"ours": {"bare_ms": 10.0, "min_ms": 1.0, "median_ms": 2.0, "disk_mb": 8.0}}
    monkeypatch.setattr(driver.startup, "measure", lambda *_: found)
    out = tmp_path / "out"
    other = {
        "area": "parquet",
        "date": "2020-01-01",
        "machine": "another machine",
        "load": 0.0,
        "settings": {"scale": 2.0, "fresh": 3, "rounds": 11},
        "versions": {},
        "cases": [],
        "charts": ["old.svg"],
    }
    kept = figures.save(out / "figures", other)
    before = kept.read_bytes()
    arguments = ["--scale", "0.001", "--out", str(out), "--data", str(tmp_path / "data")]
    assert driver.main(["--area", "startup", *arguments]) == 0

    assert kept.read_bytes() == before
    startup = json.loads((out / "figures" / "startup.json").read_text())
    assert startup["charts"] == ["startup.svg"] and (out / "charts" / "startup.svg").exists()
    page = (out / "RESULTS.md").read_text()
    old = "2020-01-01 · another machine · load when it began 0.0 · scale 2 · 3 fresh processes"
    assert f"## Parquet\n\n{old} · 11 warm rounds" in page
    assert f"## Cold start and size\n\n{startup['date']} · {startup['machine']}" in page
    assert "| **ours** | 1.0 | 2.0 | 8.0 |" in page

    # What is not all of an area leaves the page alone.
    partial = ["--only", "startup", "--scale", "0.001", "--data", str(tmp_path / "data")]
    assert driver.main(partial) == 0
    assert (out / "RESULTS.md").read_text() == page
    alone = (tmp_path / "data" / "partial" / "RESULTS.md").read_text()
    assert "## Cold start" in alone and "## Parquet" not in alone


def test_native_workflows_have_bars():
    def row(case, rate, **more):
        return {"case": f"workflow/{case}", "rate": rate, "median_ns": 1e6 / rate, **more}

    native = [
        row("run/chain/10k/tasks=1", 2.0),
        row("run/fan/10k/threads=1", 1.25),
        row("run/fan/10k/tasks=2", 0.5),
        row("build-run/fan/10k/tasks=1", 0.4),
        row("run/chain/100k/tasks=1", 1.6, held_bytes=728),
        row("compute/10/tasks=1", 1.0),
        row("compute/10/tasks=2", 1.92),
    ]
    other = {"case": "x", "operation": "x", "named": False, "limit_ms": None, "figures": {}}
    page = bars.render([{**other, "threads": threads} for threads in (1, 2)], native)
    assert "empty step of a run | ≤ 1 | 0.8, met | **2, missed** |" in page
    assert "making and running | ≤ 2 | **2.5, missed** | – |" in page
    assert "among 10 000 | ≤ 1.5 | 1.25, met | – |" in page
    assert "held for a step among 100 000 | ≤ 1024 | 728, met | – |" in page
    assert "of two threads over one | ≥ 1.9 | – | 1.92, met |" in page


def test_a_right_answer_is_timed_in_every_round(case, environment, tmp_path):
    path, expected = ensure(case.data, tmp_path, environment)
    assert disagreements(case, path, expected, ["pyarrow"], 1, Processes(environment)) == {}
    figures = measure(case, path, ["pyarrow"], 1, 7, 2, Processes(environment))
    assert len(figures["pyarrow"]["walls_ms"]) == 7
    assert len(figures["pyarrow"]["firsts_ms"]) == 2


def test_workers_are_kept_for_cases_about_one_graph(case, environment, tmp_path):
    processes = Processes(environment)
    kept = dataclasses.replace(case, keeps=True)
    peers_here = ["pyarrow"]

    def worker(case, path, threads):
        with processes.running(case, path, peers_here, threads) as running:
            return running["pyarrow"]

    first = worker(kept, tmp_path / "a", 1)
    assert worker(kept, tmp_path / "a", 1) is first
    assert worker(kept, tmp_path / "a", 2) is not first
    assert worker(case, tmp_path / "a", 1) is not first
    first.problem = "the process died"
    second = worker(kept, tmp_path / "a", 1)
    assert second is not first and second.problem is None
    assert worker(kept, tmp_path / "b", 1) is not second
    processes.close()
    path, expected = ensure(case.data, tmp_path, environment)
    figure = measure(kept, path, peers_here, 1, 7, 2, processes)["pyarrow"]
    assert disagreements(kept, path, expected, peers_here, 1, processes) == {}
    processes.close()
    assert len(figure["firsts_ms"]) == 1 and len(figure["walls_ms"]) == 7
    assert "peak_mb" not in figure


@pytest.mark.parametrize("do, seconds, calls", [
    ("call", 0.0625, 1), ("call in a row", 0.0625, 4), ("call in a row", 2.0, 1),
    ("call in a row", Timed([9.0, 0.25, 0.5, 0.75]), 1), ("call", Timed([0.5, 9.0]), 1),
])
def test_a_short_kernel_is_called_in_a_row(monkeypatch, do, seconds, calls):
    """A program that holds the clock makes them itself, and the first counts as one only."""
    made = []
    clock = itertools.count(step=0.0 if isinstance(seconds, Timed) else seconds)
    monkeypatch.setattr(worker.time, "perf_counter", lambda: next(clock))

    class peer:
        @staticmethod
        def graph_bfs(path):
            made.append(path)
            return seconds

    request = {"do": do, "operation": "graph_bfs", "prepare": "", "path": "p", "arguments": {}}
    reply = worker._answer(peer, request)
    assert made == ["p"] * calls
    assert reply["wall_ms"] == 1e3 * (0.5 if isinstance(seconds, Timed) else seconds)


def test_the_memory_of_a_program_is_its_own():
    class peer:
        @staticmethod
        def graph_whole(path):
            return Timed([0.5], peak_mb=123.0)

    request = {"do": "call", "operation": "graph_whole", "prepare": "", "path": "p", "arguments": {}}
    assert worker._answer(peer, request)["peak_mb"] == 123.0


def test_the_memory_of_graphs_has_a_bar():
    def result(kernel, ours, theirs):
        figures = {"ours": {"peak_mb": ours}, "gapbs": theirs}
        return {"case": f"graph/memory/{kernel}/some", "figures": figures}

    near, far = result("bfs", 120.0, {"peak_mb": 100.0}), result("pagerank", 140.0, {"peak_mb": 100.0})
    assert bars._graph_memory([near]) == "1.20 (bfs), met"
    assert bars._graph_memory([near, far]) == "**1.40 (pagerank), missed**"
    assert bars._graph_memory([result("bfs", 1.0, {"problem": "absent"})]) is None


def test_a_case_may_be_for_some_peers_only(case):
    some = dataclasses.replace(case, peers=("gapbs",))
    assert case.asks("polars") and some.asks("ours") and some.asks("gapbs") and not some.asks("polars")


def test_a_peer_whose_calls_take_seconds_makes_fewer():
    slow, quick = [{"wall_ms": 2_500}] * 3, [{"wall_ms": 100}] * 10
    assert _is_enough(slow) and not _is_enough(slow[:2]) and not _is_enough(quick)


def test_text_leaves_units_of_time_open_and_nothing_else(environment, tmp_path):
    import pandas as pd
    import pyarrow as pa
    from checkers import text_table

    parameters = {"kind": "dates", "byte_count": 20_000, "seed": 1}
    hints = {"times": ["day", "second", "micro"]}
    data = Dataset("csv_tables", "table", parameters, ".csv")
    case = Case("csv/read/dates/20KB", "read_csv", data, hints, checker="text_table")
    assert case.reads_all
    path, expected = ensure(case.data, tmp_path, environment)
    assert disagreements(case, path, expected, ["pyarrow"], 1, Processes(environment)) == {}
    frame = pd.read_csv(path, parse_dates=hints["times"])
    assert text_table.differences(expected, text_table.summarise(frame), hints) == []
    later = pa.Table.from_pandas(frame.assign(second=frame["second"] + pd.Timedelta("1us")))
    (difference,) = text_table.differences(expected, text_table.summarise(later), hints)
    assert difference.startswith("column second: digest")


def test_a_peer_is_asked_for_what_it_has_alone():
    assert peers.offers("pandas", "read_csv") and not peers.offers("pandas", "read_parquet")
    assert all(peers.offers("ours", each) for each in ("read_csv", "scan_csv", "read_parquet"))


def test_a_case_that_runs_once_gives_a_first_call_and_a_peak(environment, tmp_path):
    parameters = {"kind": "mixed", "codec": "snappy", "byte_count": 1000, "seed": 1}
    data = Dataset("parquet_tables", "long_table", parameters, ".parquet")
    case = Case("parquet/scan/mixed-snappy/1KB", "scan_parquet", data, checker="value", once=True)
    path, expected = ensure(case.data, tmp_path, environment)
    assert disagreements(case, path, expected, ["pyarrow"], 1, Processes(environment)) == {}
    figure = measure(case, path, ["pyarrow"], 1, 7, 2, Processes(environment))["pyarrow"]
    assert len(figure["firsts_ms"]) == 1 and figure["peak_mb"] > 0
    assert "wall_ms" not in figure


def test_lz4_raw_is_what_the_file_says(case, environment, tmp_path):
    import pyarrow.parquet as pq

    data = Dataset("parquet_tables", "table", {**case.data.parameters, "codec": "lz4_raw"}, ".p")
    path, _ = ensure(data, tmp_path, environment)
    # Thrift compact: the codec, 7 for LZ4_RAW or 5 for the old LZ4 (zigzag), then the next field.
    footer = path.read_bytes()[-pq.read_metadata(path).serialized_size - 8 :]
    assert b"\x15\x0e\x16" in footer and b"\x15\x0a\x16" not in footer


def test_the_floor_has_a_first_and_a_warm_call(case, environment, tmp_path):
    path, _ = ensure(case.data, tmp_path, environment)
    found = floor.measure(path, 1 << 20, 2, environment)
    assert set(found) == {"first_cpu_ms", "cpu_ms"} and min(found.values()) > 0


def test_a_wrong_answer_is_named_with_its_column(case, environment, tmp_path):
    path, expected = ensure(case.data, tmp_path, environment)
    expected["columns"][2]["digest"] = "other"
    found = disagreements(case, path, expected, ["pyarrow"], 1, Processes(environment))
    assert found["pyarrow"].startswith("wrong answer: column amount: digest")


def test_a_peer_that_fails_is_reported_and_stops_nothing(case, environment, tmp_path):
    missing = tmp_path / "missing.parquet"
    found = disagreements(case, missing, {}, ["pyarrow", "nobody"], 1, Processes(environment))
    assert found["pyarrow"].startswith("failed: FileNotFoundError")
    assert found["nobody"].startswith("failed: ModuleNotFoundError")


def test_an_operation_that_a_peer_lacks_is_not_offered(case, environment, tmp_path):
    other = Case("x", "read_nothing", case.data)
    found = disagreements(other, tmp_path, {}, ["pyarrow"], 1, Processes(environment))
    assert found["pyarrow"] == "not offered: no read_nothing"


def test_the_same_parameters_make_the_same_file(case, environment, tmp_path):
    first, expected = ensure(case.data, tmp_path / "a", environment)
    second, again = ensure(case.data, tmp_path / "b", environment)
    assert first.read_bytes() == second.read_bytes()
    assert expected == again


def test_layout_makes_no_difference_and_one_value_does():
    import pyarrow as pa

    plain = pa.table({"n": [1, None, 3], "s": ["a", None, "bc"], "b": [True, None, False]})
    views = plain.set_column(1, "s", plain["s"].cast(pa.string_view()))
    coded = plain.set_column(1, "s", plain["s"].dictionary_encode())
    chunked = pa.concat_tables([plain.slice(0, 2), plain.slice(2, 1)])
    want = checker.summarise(plain)
    for other in (views, coded, chunked):
        assert checker.differences(want, checker.summarise(other), {}) == []

    wrong = plain.set_column(1, "s", pa.array(["ab", None, "c"]))
    (difference,) = checker.differences(want, checker.summarise(wrong), {})
    assert difference.startswith("column s: digest")
    fewer = checker.differences(want, checker.summarise(plain.slice(1)), {})
    assert fewer == ["2 rows instead of 3"]
    typed = checker.summarise(plain.set_column(0, "n", plain["n"].cast(pa.int32())))
    assert "column n: type int32 instead of int64" in checker.differences(want, typed, {})


def test_a_projection_expects_its_columns_alone():
    import pyarrow as pa

    full = pa.table({"a": [1, 2], "b": [3, 4]})
    want = checker.summarise(full)
    found = checker.summarise(full.select(["b"]))
    assert checker.differences(want, found, {"columns": ["b"]}) == []
    assert checker.differences(want, found, {}) == ["columns ['b'] instead of ['a', 'b']"]
    assert checker.byte_count(want, {"columns": ["b"]}) == 16


def _figures(**walls):
    return {
        peer: {
            "walls_ms": times,
            "wall_ms": quartiles(times)[1],
            "low_ms": min(times),
            "high_ms": max(times),
            "firsts_ms": [9.0],
            "first_ms": 9.0,
            "first_cpu_ms": 8.0,
            "cpu_ms": 5.0,
            "peak_mb": 80.0,
            "idle_mb": 30.0,
        }
        for peer, times in walls.items()
    }


@pytest.mark.parametrize(
    "ours, ratio, words",
    [
        ([5.0, 10.0, 20.0], 2.0, "None: ours is at least as fast as the best peer"),
        ([20.0, 40.0, 80.0], 0.5, "**polars wins** `parquet/b/c` at 2 threads: ours has 0.50"),
    ],
)
def test_the_ratio_pairs_the_rounds_and_the_page_names_the_winner(ours, ratio, words):
    measured = _figures(ours=ours, polars=[10.0, 20.0, 40.0], pyarrow=[90.0, 90.0, 90.0])
    measured["pyarrow"]["peak_mb"] = 40.0
    settled = figures.settled(measured)
    assert ratio_to_best(settled, "ours") == over(settled, "polars") == ratio
    assert over(settled, "pyarrow") == 90 / ours[1]
    result = {
        "case": "parquet/b/c",
        "operation": "read_parquet",
        "named": True,
        "limit_ms": None,
        "floor": {"cpu_ms": 2.5, "first_cpu_ms": 4.0},
        "threads": 2,
        "answer_bytes": 10**6,
        "file_bytes": 10**6,
        "figures": settled,
    }
    part = {
        "area": "parquet",
        "date": "2026-01-01",
        "machine": "a machine",
        "load": 0.0,
        "settings": {"scale": 1.0, "rounds": 3, "fresh": 1},
        "versions": {},
        "cases": [result],
    }
    page = report.render([part])
    assert words in page
    assert f"**{ratio:.2f}**" in page
    met = "2.00, met" if ratio == 2 else "**0.50, missed**"
    assert f"| parquet, warm calls: speed over the best peer, geometric mean | ≥ 1.5 | {met} |" in page
    assert "| parquet, first calls: cases below 1 of the best peer | 0 | 0 of 1, met |" in page
    assert "ours (least of the peers) | known | 2.00 (2.00) |" in page
    # 80 MB at its peak, of which 1 MB is the answer: above 64 MB and a page for each thread.
    assert "| **1 of 1, missed** |" in page
    assert "| 80 | 1 | **79** | **above 66** | pyarrow 40 |" in page
    assert bars.above_answer(result) == 79


def test_names_have_binary_units_and_patterns_select_them():
    assert [binary_count(n) for n in (1000, 64 << 10, 4 << 20)] == ["1000", "64Ki", "4Mi"]
    name = "parquet/read/mixed-snappy/4Mi"
    assert selected(name, []) and selected(name, ["mixed"]) and selected(name, ["*/read/*4Mi"])
    assert not selected(name, ["csv"])
