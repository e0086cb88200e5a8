"""Workflows without the engine: the tests of the engine's once more, and random graphs on both."""

import json
import threading
import time

import pyarrow as pa
import pytest
import test_workflow
from hypothesis import given, settings
from hypothesis import strategies as st

import parquetframe_swift as pfs

OFF = "PARQUETFRAME_DISABLE_SWIFT_WORKFLOW"
# These look at the engine itself.
ENGINES_OWN = {
    "test_workflows_that_are_disabled_run_in_python", "test_errors_of_operations_are_told"}

for name, test in list(vars(test_workflow).items()):
    if name.startswith("test_") and name not in ENGINES_OWN:
        globals()[name] = test


@pytest.fixture(autouse=True)
def in_python(monkeypatch):
    monkeypatch.setenv(OFF, "1")


def both(monkeypatch, call):
    """What a call gives on the engine and in Python."""
    found = []
    for off in ("0", "1"):
        monkeypatch.setenv(OFF, off)
        found.append(call())
    return found


@st.composite
def _graphs(draw):
    steps = []
    for number in range(draw(st.integers(1, 14))):
        steps.append({
            "needs": sorted(draw(st.sets(st.integers(0, number - 1), max_size=3))) if number else [],
            "failures": draw(st.sampled_from([0, 0, 0, 0, 1, 3])),
            "retries": draw(st.integers(0, 2)),
            "policy": draw(st.sampled_from(["fail", "skip", "continue"])),
            "wanted": draw(st.sampled_from([True, True, True, False])),
            "on_skip": draw(st.sampled_from(["skip", "continue"])),
            "priority": draw(st.integers(-2, 2)),
            "pool": draw(st.sampled_from(["shared", "cpu", "io"])),
            "count": draw(st.sampled_from([None, None, 0, 1, 3])),
            "memory": draw(st.integers(0, 9)),
            "cleanup": draw(st.booleans()),
        })
    return steps


def _made(steps):
    wf = pfs.Workflow("random", memory=10)
    wf.add_step("list", lambda: [0, 1, 2, 3])
    for number, step in enumerate(steps):
        def body(ctx, step=step):
            ctx.report(0.5, "half")
            bad = step["failures"] if ctx.element_index in (None, 1) else 0
            if ctx.attempt <= bad:
                raise ValueError(ctx.name)
            return 1 + sum(1 for need in step["needs"] if ctx.get(f"s{need}") is not None)

        needs = [f"s{need}" for need in step["needs"]]
        if step["count"] is not None:
            wf.add_step(f"l{number}", lambda step=step: list(range(step["count"])), depends_on=needs)
            needs = [f"l{number}", *needs]
        wf.add_step(
            f"s{number}", body, depends_on=needs, retries=step["retries"], backoff=[0],
            on_failure=step["policy"], on_skip=step["on_skip"], priority=step["priority"], pool=step["pool"],
            when=None if step["wanted"] else lambda ctx: False, memory=step["memory"],
            for_each=None if step["count"] is None else f"l{number}",
            cleanup=(lambda ctx: None) if step["cleanup"] else None)
    return wf


def _told(result, events, with_order):
    """All that does not depend on the time."""
    steps = [
        {key: value for key, value in step.items() if not key.endswith("_time")}
        for step in result.to_dict()["steps"]]
    for step in steps:
        for element in step.get("elements", ()):
            for key in [key for key in element if key.endswith("_time")]:
                del element[key]
    plain = [{key: value for key, value in event.items() if key != "time"} for event in events]
    metrics = {key: result.metrics[key] for key in ("steps", "attempts", *(("most_at_once",) if with_order else ()))}
    if not with_order:
        plain = sorted(json.dumps(event, sort_keys=True) for event in plain)
    return result.status, steps, result.outputs, metrics, plain


@settings(max_examples=80, deadline=None)
@given(_graphs(), st.integers(1, 4))
def test_random_graphs_run_as_on_the_engine(steps, most):
    with pytest.MonkeyPatch.context() as monkeypatch:
        wf = _made(steps)

        def run(**options):
            events = []
            result = wf.run(on_progress=events.append, **options)
            assert [event["time"] for event in events] == sorted(event["time"] for event in events)
            return _told(result, events, options.get("parallel") is False)

        # One after the other the order is the same, to the event.
        ours, theirs = both(monkeypatch, lambda: run(parallel=False))
        assert ours == theirs
        if all(step["policy"] != "fail" for step in steps):
            # Elements behind one that failed may have begun or not.
            for step in steps:
                step["policy"] = "continue" if step["count"] else step["policy"]
            wf = _made(steps)
            ours, theirs = both(monkeypatch, lambda: run(max_parallel=most))
            assert ours == theirs


def test_definitions_are_described_as_by_the_engine(monkeypatch):
    def look():
        inner = pfs.Workflow("inner")
        inner.add_step("one", lambda: 1)
        inner.add_step("two", lambda one: one + 1, depends_on="one")
        inner.add_step("side", lambda: 5)
        wf = pfs.Workflow("outer")
        wf.add_step("first", lambda: 0)
        wf.add_workflow("part", inner, depends_on="first")
        wf.add_step("last", lambda ctx: ctx["part"], depends_on="part")
        result = wf.run().raise_for_status()
        return wf.steps, wf.levels, wf.critical_path, result.outputs

    ours, theirs = both(monkeypatch, look)
    assert ours == theirs and ours[3]["last"] == [2, 5]


def test_mistakes_are_told_in_the_same_words(monkeypatch):
    def problems():
        found = []
        for definition in (
            {"steps": [{"name": "a", "type": "x", "depends_on": "b"}, {"name": "b", "type": "x", "depends_on": ["a"]}]},
            {"steps": [{"name": "load", "type": "x"}, {"name": "load", "type": "x"},
                       {"name": "clean", "type": "x", "depends_on": ["laod", "load", "load"]}]},
            {"steps": [{"name": "a", "type": "x", "timeout": -1}, {"name": "b", "type": "x", "timeout": 0}]},
            {"steps": [{"name": "a", "type": "x", "for_each": "b"}, {"name": "b"}]},
            {"steps": [{"name": "a", "type": "x", "when": ["b", "==", 1]}], "settings": {"timeot": 1}},
        ):
            with pytest.raises(pfs.ArgumentError) as caught:
                pfs.Workflow.from_dict(definition, {"x": lambda operation, name, config, ctx: 0}).validate()
            found.append(sorted(caught.value.details["problems"]))
        wf = pfs.Workflow("r", resources={"db": 2})
        wf.add_step("a", lambda: 0, resources={"db": 3})
        wf.add_step("b", lambda: 0, resources={"dc": 1})
        with pytest.raises(pfs.ArgumentError) as caught:
            wf.run()
        return found, str(caught.value).splitlines()[0]

    ours, theirs = both(monkeypatch, problems)
    assert ours == theirs


def test_operations_give_the_same(monkeypatch, tmp_path):
    (tmp_path / "a.csv").write_text("id,name\n1,x\n2,\n3,z\n")
    pfs_table = pa.table({"id": [4, 5], "name": ["v", "w"]})
    import pyarrow.parquet as pq

    pq.write_table(pfs_table, tmp_path / "a.parquet")

    def run():
        wf = pfs.Workflow.from_dict({"steps": [
            {"name": "csv", "type": "read", "path": str(tmp_path / "a.csv")},
            {"name": "some", "type": "read", "path": str(tmp_path / "a.csv"), "filters": [["id", ">", 1]],
             "columns": ["name"], "limit": 1},
            {"name": "parquet", "type": "parquet.read", "path": str(tmp_path / "a.parquet"), "columns": ["id"]},
            {"name": "select", "type": "select", "input": "csv", "columns": "name, id"},
            {"name": "objects", "type": "select", "input": "csv", "columns": {"id": "key"}},
            {"name": "rename", "type": "rename", "input": "csv", "columns": {"id": "key"}},
            {"name": "drop", "type": "drop", "input": "csv", "columns": ["id"]},
            {"name": "filter", "type": "filter", "input": "csv", "filters": [[["id", "in", [1, 3]]], [["name", "==", "y"]]]},
            {"name": "query", "type": "filter", "input": "csv", "query": "id >= 2 and not name == 'z'"},
            {"name": "limit", "type": "limit", "input": "csv", "limit": 1, "offset": 1},
            {"name": "concat", "type": "concat", "inputs": ["filter", "limit"]},
            {"name": "transform", "type": "transform", "input": "csv",
             "transforms": {"column": "id", "operation": "rename", "to": "number"}},
            {"name": "write", "type": "write", "input": "concat", "path": str(tmp_path / "a.arrows")},
            {"name": "back", "type": "read", "path": str(tmp_path / "a.arrows"), "depends_on": "write"},
            {"name": "sort", "type": "sort", "input": "back", "by": "id"}]})
        result = wf.run().raise_for_status()
        return {name: output.to_pydict() for name, output in result.outputs.items()}

    ours, theirs = both(monkeypatch, run)
    assert ours == theirs and ours["sort"]["id"] == [1, 2, 3]


def test_what_is_not_there_without_the_engine_says_so():
    wf = pfs.Workflow("graph")
    wf.add_step("edges", lambda: pa.table({"a": [0, 1], "b": [1, 2]}))
    wf.add_operation("ranks", "graph", {"kernel": "pagerank", "source": "a", "target": "b"}, depends_on="edges")
    wf.add_operation("odd", "limit", {"limits": 1}, depends_on="edges")
    with pytest.raises(pfs.UnsupportedError, match="graph steps need the engine"):
        wf.run(parallel=False).raise_for_status()


def test_a_missing_library_leaves_workflows(fresh):
    code = """
import parquetframe_swift as pfs
assert not pfs.is_available()
wf = pfs.Workflow("alone", max_parallel=2)
wf.add_step("numbers", lambda: range(5))
wf.add_step("squares", lambda n: n * n, depends_on="numbers", for_each="numbers", retries=1)
@wf.step(depends_on="squares")
def total(squares, ctx):
    ctx.check_cancelled()
    assert not ctx.cancel.is_cancelled()
    return sum(squares)
events = []
result = wf.run(on_progress=events.append)
print(result.status, result["total"], len(events), sorted(result.metrics["steps"].items()))
token = pfs.CancellationToken()
wf.add_step("stop", lambda ctx: token.cancel(), depends_on="total")
wf.add_step("behind", lambda: 0, depends_on="stop")
print(wf.run(cancel=token, parallel=False).status)
wf = pfs.Workflow.from_dict({"steps": [
    {"name": "a", "type": "sql", "sql": "select 1 as x union all select 3 as x"},
    {"name": "b", "type": "filter", "input": "a", "query": "x > 1"}]})
print(wf.run().raise_for_status()["b"].to_pydict())
"""
    assert fresh(code, PARQUETFRAME_SWIFT_LIBRARY="/no/such/library").splitlines() == [
        "succeeded 30 25 [('succeeded', 3)]", "cancelled", "{'x': [3]}"]


def test_tokens_of_the_engine_stop_with_their_step(tmp_path):
    """Workflows are off, and readers are the engine's."""
    path = tmp_path / "large.csv"
    path.write_text("a,b\n" + "123456,some text\n" * 500_000)
    wf = pfs.Workflow("read")

    @wf.step
    def read():
        while True:
            pfs.read_csv(path)

    result = wf.run(timeout=0.2, grace=30)
    assert result.status == "timed_out" and isinstance(result.steps["read"].error, pfs.CancelledError)


def test_threads_are_not_more_than_may_run():
    now, most, lock = [0], [0], threading.Lock()

    def work():
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.002)
        with lock:
            now[0] -= 1

    wf = pfs.Workflow("many")
    for number in range(200):
        wf.add_step(str(number), work)
    assert wf.run(max_parallel=7).metrics["most_at_once"] == most[0] <= 7
