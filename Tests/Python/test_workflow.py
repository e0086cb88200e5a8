"""Workflows: definitions, runs, failures, stops."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parquetframe_swift as pfs
from parquetframe_swift import _cancel

pytestmark = pytest.mark.skipif(not pfs.is_available(), reason="there is no engine")


def test_the_example_of_the_readme():
    wf = pfs.Workflow("etl")

    @wf.step
    def load():
        return [3, 1, 2]

    @wf.step(depends_on=["load"], retries=3, backoff=(0.1, 2.0), timeout=60)
    def summary(load):
        return sum(load)

    @wf.step(depends_on=[load, "summary"])
    def both(ctx):
        return ctx["load"][0], ctx["summary"], ctx.get("load"), ctx.attempt, ctx.name

    result = wf.run()
    assert result.status == "succeeded" and result.raise_for_status() is result
    assert result.outputs == {"load": [3, 1, 2], "summary": 6, "both": (3, 6, [3, 1, 2], 1, "both")}
    assert result["summary"] == 6 and result.steps["both"].state == "succeeded"
    assert wf.steps == ["load", "summary", "both"] and wf.levels == [["load"], ["summary"], ["both"]]
    assert wf.critical_path == ["load", "summary", "both"]
    assert result.metrics["steps"] == {"succeeded": 3} and result.metrics["attempts"] == 3


@pytest.mark.parametrize("parallel", [True, False])
def test_steps_fan_out_and_in(parallel):
    wf = pfs.Workflow("map")
    wf.add_step("numbers", lambda: range(50))
    wf.add_step("squares", lambda n: n * n, depends_on="numbers", for_each="numbers")
    wf.add_step("indexed", lambda ctx: (ctx.element_index, ctx.element), depends_on="numbers", for_each="numbers")
    wf.add_step("none", lambda: [])
    wf.add_step("of none", lambda n: n, depends_on="none", for_each="none")
    wf.add_step("total", lambda squares: sum(squares), depends_on="squares")
    result = wf.run(parallel=parallel)
    assert result.status == "succeeded"
    assert result["total"] == sum(n * n for n in range(50))
    assert result["indexed"] == [(n, n) for n in range(50)] and result["of none"] == []


def test_a_list_that_is_none_is_an_error():
    wf = pfs.Workflow("map")
    wf.add_step("number", lambda: 5)
    wf.add_step("each", lambda n: n, depends_on="number", for_each="number")
    result = wf.run()
    assert result.status == "failed" and isinstance(result.error, TypeError)


def test_all_problems_come_at_once():
    wf = pfs.Workflow("bad")
    wf.add_step("load", lambda: 0)
    wf.add_step("load", lambda: 0)
    wf.add_step("clean", lambda: 0, depends_on=["laod"], timeout=-1)
    wf.add_step("a", lambda: 0, depends_on="b")
    wf.add_step("b", lambda: 0, depends_on="a")
    with pytest.raises(pfs.ArgumentError) as caught:
        wf.run()
    assert caught.value.details["problems"] == [
        'step \'clean\': option "timeout" has to be a number of seconds from 0 to 1e9',
        "steps 1 and 2 are both called 'load'",
        "step 'clean' depends on 'laod', which is no step; did you mean 'load'?",
        "steps depend on each other in a cycle: 'a' needs 'b' needs 'a'",
    ]
    with pytest.raises(TypeError, match="no option 'retrys'; did you mean 'retries'"):
        wf.add_step("c", lambda: 0, retrys=1)
    with pytest.raises(TypeError, match="parameter 'lod'"):
        wf.add_step("d", lambda lod, ctx: 0, depends_on="load")


def test_problems_without_end_are_told_in_time():
    steps = [{"name": f"step {n}", "operation": "python", "depends_on": f"stop {n}"} for n in range(30_000)]
    with pytest.raises(pfs.ArgumentError) as caught:
        pfs.Workflow.from_dict({"steps": steps}, {"python": print}).validate()
    problems = caught.value.details["problems"]
    # Names that are near are looked for as long as somebody reads them.
    assert len(problems) == 30_000 and sum("did you mean" in problem for problem in problems) == 20
    definition = {"name": "x" * 1000, "operation": "python"}
    for _ in range(32):
        definition = {"name": "x", "workflow": {"steps": [definition]}}
    wf = pfs.Workflow.from_dict({"steps": [definition]}, {"python": print})
    assert len(wf.steps) == 33
    with pytest.raises(pfs.ArgumentError, match="more than 32 deep"):
        pfs.Workflow.from_dict(
            {"steps": [{"name": "x", "workflow": {"steps": [definition]}}]}, {"python": print}).validate()


def test_exceptions_keep_their_type_and_traceback():
    wf = pfs.Workflow("fail")

    class Own(Exception):
        pass

    @wf.step
    def bad():
        raise Own("this")

    wf.add_step("after", lambda: 0, depends_on=bad)
    result = wf.run()
    assert result.status == "failed" and type(result.error) is Own
    assert result.error.__traceback__ is not None
    assert result.steps["after"].state == "skipped" and "after" not in result.outputs
    with pytest.raises(Own, match="this"):
        result.raise_for_status()
    with pytest.raises(Own):
        result["bad"]
    with pytest.raises(KeyError, match="no output"):
        result["after"]


def test_retries_wait_and_end():
    times = []
    wf = pfs.Workflow("retry")

    @wf.step(retries=2, backoff=[0.02, 0.04])
    def flaky(ctx):
        times.append(time.monotonic())
        if ctx.attempt < 3:
            raise OSError("again")
        return ctx.attempt

    @wf.step(retries=5, backoff=[0], retry_on=OSError, on_failure="continue")
    def hopeless():
        raise ValueError("no")

    events = []
    result = wf.run(on_progress=events.append)
    assert result.status == "partial" and result["flaky"] == 3
    assert times[1] - times[0] >= 0.02 and times[2] - times[1] >= 0.04
    assert result.steps["hopeless"].attempts == 1
    kinds = [event["kind"] for event in events if event.get("step") == "flaky"]
    assert kinds == ["queued", "started", "retried", "started", "retried", "started", "completed"]
    # It ended well: the errors of the attempts before stand in the events alone.
    assert result.steps["flaky"].error is None and "OSError" not in repr(result.steps["flaky"])
    assert "error" not in result.to_dict()["steps"][0] and result.steps["hopeless"].error is not None
    of_flaky = [(event["kind"], event.get("error")) for event in events if event.get("step") == "flaky"]
    assert [kind for kind, error in of_flaky if error] == ["retried", "retried"]
    assert events[-1]["kind"] == "run_ended"
    assert [event["time"] for event in events] == sorted(event["time"] for event in events)


def test_policies_and_conditions():
    wf = pfs.Workflow("policies")

    def bad():
        raise ValueError

    wf.add_step("skips", bad, on_failure="skip")
    wf.add_step("behind skips", lambda: 1, depends_on="skips")
    wf.add_step("goes on", bad, on_failure="continue")
    wf.add_step("behind goes on", lambda ctx: ctx.get("goes on", "missing"), depends_on="goes on")
    wf.add_step("not wanted", lambda: 1, when=lambda ctx: False)
    wf.add_step("behind not wanted", lambda: 1, depends_on="not wanted")
    wf.add_step("optional", lambda: 1, when=lambda ctx: False, on_skip="continue")
    wf.add_step("behind optional", lambda ctx: ctx.get("optional"), depends_on="optional")
    wf.add_step("three", lambda: 3)
    wf.add_step("more", lambda: 1, depends_on="three", when=["three", ">", 2])
    wf.add_step("less", lambda: 1, depends_on="three", when=["three", "<", 2])
    result = wf.run()
    states = {name: step.state for name, step in result.steps.items()}
    assert states == {
        "skips": "failed", "behind skips": "skipped", "goes on": "failed", "behind goes on": "succeeded",
        "not wanted": "skipped", "behind not wanted": "skipped", "optional": "skipped",
        "behind optional": "succeeded", "three": "succeeded", "more": "succeeded", "less": "skipped"}
    assert result["behind goes on"] == "missing" and result.status == "partial"


def test_an_output_that_is_not_asked_for_is_an_error():
    wf = pfs.Workflow("ask")
    wf.add_step("a", lambda: 1)
    wf.add_step("b", lambda ctx: ctx["a"])
    error = wf.run().error
    assert isinstance(error, KeyError) and "not among its dependencies (none)" in str(error)


def test_limits_hold():
    lock, now, most = threading.Lock(), [0], [0]

    def work():
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.003)
        with lock:
            now[0] -= 1

    for options, limit in (({"max_parallel": 3}, 3), ({"resources": {"db": 2}}, 2), ({"memory": 100}, 4)):
        most[0] = 0
        wf = pfs.Workflow("limits", **options)
        for number in range(12):
            wf.add_step(str(number), work, pool="io", resources={"db": 1} if limit == 2 else {},
                        memory=25 if limit == 4 else 0)
        assert wf.run().status == "succeeded"
        assert most[0] == limit
    with pytest.raises(pfs.ArgumentError, match="needs 3 of 'db', and there are 2"):
        wf = pfs.Workflow("limits", resources={"db": 2})
        wf.add_step("a", work, resources={"db": 3})
        wf.run()


def test_one_after_the_other_stays_on_the_calling_thread():
    here, order = threading.get_ident(), []
    wf = pfs.Workflow("serial")
    for number, priority in ((0, 0), (1, 5), (2, -5), (3, 5)):
        wf.add_step(str(number), lambda ctx: order.append((ctx.name, threading.get_ident())), priority=priority)
    assert wf.run(parallel=False).status == "succeeded"
    assert order == [(name, here) for name in ("1", "3", "0", "2")]


@pytest.mark.parametrize("parallel", [True, False])
def test_a_step_that_asks_learns_that_its_time_is_over(parallel):
    wf = pfs.Workflow("asking")

    @wf.step(timeout=0.05, on_failure="skip")
    def asks(ctx):
        while not ctx.is_cancelled():
            time.sleep(0.001)
        ctx.check_cancelled()

    assert wf.run(parallel=parallel, grace=600).steps["asks"].state == "timed_out"


def test_cleanup_runs_once_when_the_end_is_bad():
    cleaned = []
    wf = pfs.Workflow("clean")

    def bad():
        raise ValueError

    def clean(ctx):
        cleaned.append(ctx.name)

    wf.add_step("good", lambda: 0, cleanup=clean)
    wf.add_step("bad", bad, cleanup=clean, on_failure="skip", retries=2, backoff=[0])
    wf.add_step("behind", lambda: 0, cleanup=clean, depends_on="bad")
    wf.run()
    assert cleaned == ["bad"]


def test_a_token_stops_a_run():
    token = pfs.CancellationToken()
    wf = pfs.Workflow("cancel")

    @wf.step
    def slow(ctx):
        token.cancel()
        while not ctx.is_cancelled():
            time.sleep(0.001)
        assert ctx.cancel.is_cancelled()
        ctx.check_cancelled()

    wf.add_step("behind", lambda: 0, depends_on=slow)
    result = wf.run(cancel=token)
    assert result.status == "cancelled"
    assert [step.state for step in result.steps.values()] == ["cancelled", "cancelled"]
    with pytest.raises(pfs.CancelledError):
        result.raise_for_status()


def test_timeouts_do_not_wait_for_steps_that_do_not_stop():
    held = threading.Event()
    wf = pfs.Workflow("stuck")
    wf.add_step("stuck", held.wait, timeout=0.02, on_failure="continue")
    wf.add_step("next", lambda: 1, depends_on="stuck")
    start = time.monotonic()
    result = wf.run(grace=0.05)
    assert time.monotonic() - start < 5
    assert result.steps["stuck"].state == "timed_out" and result["next"] == 1
    assert "did not stop" in str(result.steps["stuck"].error)
    wf = pfs.Workflow("run", timeout=0.05)
    wf.add_step("stuck", held.wait)
    assert wf.run(grace=0.05).status == "timed_out"
    held.set()


def test_calls_of_the_engine_stop_with_their_step(tmp_path):
    path = tmp_path / "large.csv"
    path.write_text("a,b\n" + "123456,some text\n" * 2_000_000)
    wf = pfs.Workflow("engine")

    @wf.step
    def read():
        for _ in range(1000):
            pfs.read_csv(path)

    start = time.monotonic()
    result = wf.run(timeout=0.1, grace=10)
    assert result.status == "timed_out" and time.monotonic() - start < 5
    assert result.steps["read"].state == "timed_out"
    assert isinstance(result.steps["read"].error, (pfs.CancelledError, pfs.StepError))


def test_what_progress_raises_stops_the_run():
    class Stop(Exception):
        pass

    def stop(event):
        if event["kind"] == "progress":
            assert event["fraction"] == 0.5 and event["message"] == "half"
            raise Stop

    wf = pfs.Workflow("progress")

    @wf.step
    def half(ctx):
        ctx.report(0.5, "half")
        while not ctx.is_cancelled():
            time.sleep(0.001)

    for parallel in (True, False):
        if not parallel:
            wf = pfs.Workflow("progress")
            wf.add_step("half", lambda ctx: ctx.report(0.5, "half"))
        with pytest.raises(Stop):
            wf.run(on_progress=stop, parallel=parallel)


def test_ctrl_c_stops_a_run():
    code = """
import parquetframe_swift as pfs, time
wf = pfs.Workflow("long")
@wf.step
def slow(ctx):
    print("begun", flush=True)
    while not ctx.is_cancelled():
        time.sleep(0.001)
    print("stopped", flush=True)
try:
    wf.run()
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=os.environ.copy())
    assert process.stdout.readline() == b"begun\n"
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    assert process.wait(10) == 0 and rest == b"stopped\ninterrupted\n"
    assert time.monotonic() - start < 2


def test_exits_of_steps_come_out():
    wf = pfs.Workflow("exit")
    wf.add_step("exit", lambda: sys.exit(3))
    with pytest.raises(SystemExit):
        wf.run()


def test_workflows_in_workflows():
    inner = pfs.Workflow("inner")
    inner.add_step("one", lambda ctx: ctx.inputs["start"])
    inner.add_step("two", lambda one: one + 1, depends_on="one")
    outer = pfs.Workflow("outer")
    outer.add_step("first", lambda: 0)
    outer.add_workflow("part", inner, depends_on="first")
    outer.add_step("last", lambda ctx: ctx["part"], depends_on="part")
    result = outer.run({"start": 5})
    assert outer.steps == ["first", "part.one", "part.two", "part", "last"]
    assert result["part.two"] == 6 and result["part"] == result["last"] == [6]


def test_a_condition_holds_for_a_whole_workflow():
    inner = pfs.Workflow("inner")
    inner.add_step("one", lambda: 1)
    for limit, state in ((3, "succeeded"), (4, "skipped")):
        outer = pfs.Workflow("outer")
        outer.add_step("load", lambda: pa.table({"a": [1, 2, 3]}))
        outer.add_workflow("part", inner, depends_on="load", when=["load", ">=", limit])
        result = outer.run()
        assert result.steps["part"].state == result.steps["part.one"].state == state
        assert ("part" in result.outputs) == (state == "succeeded")


@pytest.mark.parametrize("value, when, wanted", [
    (5, ["load", ">", 4], True), (5, ["load", "==", 4], False), ("go", ["load", "==", "go"], True),
    ("go", ["load", "!=", "go"], False), (True, ["load", "==", True], True), (None, ["load", "!=", 1], True),
    ([1, 2], ["load", "==", [1, 2]], True), ({"rows": 7}, ["load", "==", {"rows": 7}], True),
    ({"rows": 7}, lambda ctx: ctx["load"]["rows"] > 6, True),
    ({"rows": 7}, lambda ctx: ctx["load"]["rows"] > 7, False)])
def test_a_condition_of_a_workflow_looks_at_any_value(value, when, wanted):
    inner = pfs.Workflow("inner")
    inner.add_step("one", lambda ctx: (ctx["load"], ctx["other"]))
    inner.add_step("two", lambda one: one, depends_on="one")
    for on_skip in ("skip", "continue"):
        outer = pfs.Workflow("outer")
        outer.add_step("load", lambda: value)
        outer.add_step("other", lambda: "else")
        outer.add_workflow("part", inner, depends_on=["load", "other"], when=when, on_skip=on_skip)
        outer.add_step("after", lambda: 1, depends_on="part")
        outer.add_step("same", lambda: 1, depends_on="load", when=when)
        result = outer.run()
        states = {name: step.state for name, step in result.steps.items()}
        state = "succeeded" if wanted else "skipped"
        assert {states[name] for name in ("part.begin", "part.one", "part.two", "part", "same")} == {state}
        assert states["after"] == ("succeeded" if wanted or on_skip == "continue" else "skipped")
        if wanted:
            assert result["part"] == [(value, "else")]


def test_a_condition_of_a_workflow_that_cannot_be_asked_fails():
    inner = pfs.Workflow("inner")
    inner.add_step("one", lambda: 1)
    outer = pfs.Workflow("outer")
    outer.add_step("load", lambda: "text")
    outer.add_workflow("part", inner, depends_on="load", when=["load", ">", 3])
    result = outer.run()
    assert result.status == "failed" and isinstance(result.error, TypeError)
    assert result.steps["part"].state == result.steps["part.one"].state == "skipped"
    with pytest.raises(TypeError, match="needs a dependency"):
        outer.add_workflow("other", inner, when=lambda ctx: True)


def test_tables_of_the_engine_go_through_a_condition():
    inner = pfs.Workflow("inner")
    inner.add_operation("all", "concatenate")
    inner.add_operation("few", "limit", {"limit": 3}, depends_on="all")
    outer = pfs.Workflow("outer")
    outer.add_step("load", lambda: pa.table({"a": [1, 2, 3]}))
    outer.add_operation("first", "limit", {"limit": 2}, depends_on="load")
    outer.add_workflow("part", inner, depends_on=["load", "first"], when=["first", "==", 2])
    result = outer.run().raise_for_status()
    assert result["part.all"].to_pydict() == {"a": [1, 2, 3, 1, 2]} and result["part"][0].num_rows == 3


def test_an_input_may_be_named_twice():
    wf = pfs.Workflow("twice")
    wf.add_step("load", lambda: pa.table({"a": [1, 2]}))
    wf.add_operation("both", "concatenate", depends_on=["load", "load"])
    wf.add_step("rows", lambda load, both: (load.num_rows, both.num_rows), depends_on=["load", "both", "load"])
    wf.add_operation("joined", "join", {"on": "a"}, depends_on=["both", "both"])
    assert wf.levels == [["load"], ["both"], ["rows", "joined"]]
    result = wf.run().raise_for_status()
    assert result["rows"] == (2, 4) and result["joined"].num_rows == 8
    flat = pfs.Workflow.from_dict({"steps": [
        {"type": "make", "name": "sales", "output": "sales"},
        {"type": "join", "left": "sales", "right": "sales", "on": "a", "name": "self"}]},
        handlers={"make": lambda *_: pa.table({"a": [1, 2]})})
    assert flat.run().raise_for_status()["self"].to_pydict() == {"a": [1, 2]}


def test_definitions_call_handlers(tmp_path):
    definition = {
        "name": "etl", "settings": {"max_parallel": 2},
        "steps": [
            {"name": "load", "type": "make", "config": {"rows": 5}},
            {"name": "double", "operation": "times", "parameters": {"by": 2}, "depends_on": "load",
             "retry_policy": {"max_attempts": 3, "backoff_ms": [1, 2]}, "resource_hint": "cpu_bound"},
            {"name": "less", "operation": "times", "params": {"by": 0}, "depends_on": ["load"],
             "when": ["load", "<", 5]},
        ]}

    def make(operation, name, config, ctx):
        assert (operation, name) == ("make", "load")
        return config["rows"]

    def times(operation, name, config, ctx):
        if name == "double" and ctx.attempt < 3:
            raise OSError
        return ctx["load"] * ctx.config["by"]

    handlers = {"make": make, "times": times}
    (tmp_path / "wf.json").write_text(json.dumps(definition))
    for wf in (pfs.Workflow.from_dict(definition, handlers),
               pfs.Workflow.from_json(tmp_path / "wf.json", handlers)):
        result = wf.run()
        assert result.outputs == {"load": 5, "double": 10}
        assert result.steps["less"].state == "skipped" and result.steps["double"].attempts == 3
    yaml = pytest.importorskip("yaml")
    (tmp_path / "wf.yml").write_text(yaml.safe_dump(definition))
    assert pfs.Workflow.from_yaml(tmp_path / "wf.yml", handlers).run()["double"] == 10
    with pytest.raises(pfs.ArgumentError, match="no operation \"make\""):
        pfs.Workflow.from_dict(definition).validate()
    with pytest.raises(pfs.ArgumentError, match="no 'stepps'"):
        pfs.Workflow.from_dict({"stepps": []})


def test_operations_of_the_engine_work_with_steps_of_python(tmp_path):
    (tmp_path / "trips.csv").write_text("city,price\nRome,5\nOslo,20\nRome,30\n")
    wf = pfs.Workflow.from_dict({"steps": [
        {"name": "load", "type": "read", "config": {"path": str(tmp_path / "trips.csv")}},
        {"name": "dear", "operation": "filter", "parameters": {"filters": [["price", ">", 10]]},
         "depends_on": "load"},
        {"name": "named", "operation": "rename", "parameters": {"columns": {"city": "town"}}, "depends_on": "dear"},
        {"name": "kept", "operation": "write", "parameters": {"path": str(tmp_path / "dear.arrows")},
         "depends_on": "again"},
    ]})
    wf.add_step("again", lambda named: named.slice(0, 1), depends_on="named")
    wf.add_step("rows", lambda kept: kept.to_pydict(), depends_on="kept")
    result = wf.run().raise_for_status()
    assert result["load"].num_rows == 3
    assert result["dear"].to_pydict() == {"city": ["Oslo", "Rome"], "price": [20, 30]}
    assert result["rows"] == {"town": ["Oslo"], "price": [20]}
    assert (tmp_path / "dear.arrows").stat().st_size > 0
    wf.add_step("no table", lambda: 5)
    wf.add_operation("few", "limit", {"limit": 1}, depends_on="no table")
    result = wf.run()
    assert result.status == "failed" and "has to give a table" in str(result.error)


def test_errors_of_operations_are_told(tmp_path):
    wf = pfs.Workflow("errors")
    wf.add_operation("a", "reed", {})
    wf.add_operation("b", "describe", {"colums": ["a"]})
    with pytest.raises(pfs.ArgumentError) as caught:
        wf.validate()
    b, a = caught.value.details["problems"]
    assert "reed" in a and "read" in a and "'describe' has no parameter 'colums'" in b
    wf = pfs.Workflow("missing")
    wf.add_operation("load", "read", {"path": str(tmp_path / "none.csv")})
    result = wf.run()
    assert result.status == "failed" and "none.csv" in str(result.error)


def test_registered_handlers_serve_all_workflows():
    @pfs.workflow_handler("shout")
    def shout(operation, name, config, ctx):
        return config["text"].upper()

    wf = pfs.Workflow("shouting")
    wf.add_operation("loud", "shout", {"text": "hey"})
    assert wf.run()["loud"] == "HEY"


def test_a_fork_may_run_workflows():
    wf = pfs.Workflow("fork")
    wf.add_step("a", lambda: 1)
    wf.add_step("b", lambda a: a + 1, depends_on="a")
    assert wf.run()["b"] == 2
    child = os.fork()
    if child == 0:
        os._exit(0 if wf.run()["b"] == 2 else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_workflows_that_are_disabled_run_in_python(monkeypatch):
    wf = pfs.Workflow("off")
    wf.add_step("a", lambda: 1)
    assert wf.run()["a"] == 1 and wf._open().is_native
    monkeypatch.setenv("PARQUETFRAME_DISABLE_SWIFT_WORKFLOW", "1")
    assert wf.run()["a"] == 1 and not wf._open().is_native


def test_threads_end_with_their_run():
    wf = pfs.Workflow("threads")
    for number in range(20):
        wf.add_step(str(number), lambda: time.sleep(0.001))
    before = threading.active_count()
    for _ in range(5):
        wf.run()
    assert threading.active_count() == before


@st.composite
def _workflows(draw):
    count = draw(st.integers(1, 25))
    steps = []
    for number in range(count):
        steps.append({
            "needs": sorted(draw(st.sets(st.integers(0, number - 1), max_size=4))) if number else [],
            "failures": draw(st.sampled_from([0, 0, 0, 1, 2])),
            "retries": draw(st.integers(0, 2)),
            "policy": draw(st.sampled_from(["skip", "continue"])),
            "wanted": draw(st.sampled_from([True, True, True, False])),
            "on_skip": draw(st.sampled_from(["skip", "continue"])),
            "priority": draw(st.integers(-2, 2)),
            "pool": draw(st.sampled_from(["shared", "cpu", "io"])),
        })
    return steps


@settings(max_examples=100, deadline=None)
@given(_workflows(), st.integers(1, 6), st.booleans())
def test_random_workflows_end_as_a_model_says(steps, most, parallel):
    begun = [0] * len(steps)
    wf = pfs.Workflow("random")
    for number, step in enumerate(steps):
        def body(ctx, number=number, step=step):
            begun[number] += 1
            if ctx.attempt <= step["failures"]:
                raise ValueError(number)
            return 1 + sum(ctx.get(f"s{need}", 0) for need in step["needs"])

        wf.add_step(
            f"s{number}", body, depends_on=[f"s{need}" for need in step["needs"]], retries=step["retries"],
            backoff=[0.0001], on_failure=step["policy"], on_skip=step["on_skip"], priority=step["priority"],
            pool=step["pool"], when=None if step["wanted"] else lambda ctx: False)
    result = wf.run(max_parallel=most, parallel=parallel)
    states, sums, blocking = [], [], []
    for number, step in enumerate(steps):
        attempts = 0
        if any(blocking[need] for need in step["needs"]):
            state, blocks = "skipped", True
        elif not step["wanted"]:
            state, blocks = "skipped", step["on_skip"] == "skip"
        else:
            attempts = min(step["failures"], step["retries"]) + 1
            state = "succeeded" if step["failures"] <= step["retries"] else "failed"
            blocks = state == "failed" and step["policy"] == "skip"
        states.append(state)
        blocking.append(blocks)
        sums.append(1 + sum(sums[need] for need in step["needs"]) if state == "succeeded" else 0)
        assert begun[number] == attempts
    assert [step.state for step in result.steps.values()] == states
    assert {name: value for name, value in result.outputs.items()} == {
        f"s{number}": value for number, value in enumerate(sums) if states[number] == "succeeded"}


def test_a_step_has_its_token_behind_a_run_of_its_own():
    def step(ctx):
        inner = pfs.Workflow("inner")
        inner.add_step("one", lambda: 1)
        inner.run(parallel=False).raise_for_status()
        return _cancel.ambient.source is ctx

    wf = pfs.Workflow("outer")
    wf.add_step("step", step)
    assert wf.run()["step"] is True
