"""Checkpoints: what is kept of a run, what runs again, and processes that are killed."""

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
import zlib

import pytest

import parquetframe_swift as pfs

pyarrow = pytest.importorskip("pyarrow")
pytestmark = pytest.mark.skipif(not pfs.is_available(), reason="there is no engine")


class Own:
    """A value that pickles by reference to this module."""

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return isinstance(other, Own) and self.value == other.value


def made(columns: dict) -> pfs.Table:
    return pfs.table(pyarrow.table(columns))


def states(result) -> dict:
    return {name: step.state for name, step in result.steps.items()}


def journal(path) -> list:
    """The records, each line checked."""
    records = []
    for line in path.read_bytes().splitlines():
        assert line[:8] == b"%08x" % zlib.crc32(line[9:])
        records.append(json.loads(line[9:]))
    return records


# ---- Going on ----------------------------------------------------------------------------------


@pytest.mark.parametrize("parallel", [True, False])
@pytest.mark.parametrize("sync", [True, False])
def test_a_run_goes_on_where_one_has_failed(tmp_path, parallel, sync):
    path, runs, fails = tmp_path / "journal", [], [True]

    def workflow():
        wf = pfs.Workflow("etl")
        wf.add_step("numbers", lambda ctx: runs.append("numbers") or [1, 2, 3])
        wf.add_step("squares", lambda n: runs.append(f"squares {n}") or Own(n * n), depends_on="numbers",
                    for_each="numbers")
        wf.add_step("table", lambda: runs.append("table") or made({"a": [1, 2, 3, 4]}))
        wf.add_operation("kept", "filter", {"filters": [["a", ">", 1]]}, depends_on="table")
        wf.add_step("nested", lambda kept: {"tables": [kept], "none": None}, depends_on="kept")
        wf.add_step("nothing", lambda: runs.append("nothing"), depends_on="numbers")

        def end(ctx):
            runs.append("end")
            if fails[0]:
                raise OSError("not yet")
            assert ctx["nothing"] is None
            nested = ctx["nested"]["tables"][0]
            return sum(own.value for own in ctx["squares"]), ctx["kept"].num_rows, nested.to_pydict()

        wf.add_step("end", end, depends_on=["squares", "kept", "nothing", "nested"])
        return wf

    undisturbed = None
    fails[0] = False
    undisturbed = workflow().run(parallel=parallel).outputs["end"]
    fails[0] = True
    runs.clear()
    first = workflow().run(checkpoint=path, sync=sync, parallel=parallel)
    assert first.status == "failed" and first.checkpoint_error is None and "squares 3" in runs
    runs.clear()
    fails[0] = False
    events = []
    second = workflow().run(checkpoint=path, sync=sync, parallel=parallel, on_progress=events.append)
    assert second.status == "succeeded" and runs == ["end"]
    assert second["end"] == undisturbed == (14, 3, {"a": [2, 3, 4]})
    assert states(second) == {**dict.fromkeys(second.steps, "restored"), "end": "succeeded"}
    assert second.metrics["steps"] == {"succeeded": 1, "restored": 6}
    assert {event["step"] for event in events if event["kind"] == "restored"} == set(states(second)) - {"end"}
    # All outputs are there, of steps that nothing needed, too.
    assert second["numbers"] == [1, 2, 3] and second["squares"] == [Own(1), Own(4), Own(9)]
    assert second["table"].to_pydict() == {"a": [1, 2, 3, 4]} and second["nothing"] is None
    runs.clear()
    third = workflow().run(checkpoint=path, parallel=parallel)
    assert runs == [] and third.metrics["steps"] == {"restored": 7} and third["end"] == undisturbed
    # All of it again, and anew.
    anew = workflow().run(checkpoint=path, resume=False, parallel=parallel)
    assert anew.metrics["steps"] == {"succeeded": 7} and "numbers" in runs
    assert workflow().run(checkpoint=path).metrics["steps"] == {"restored": 7}


def test_elements_that_ended_well_are_not_asked_again(tmp_path):
    path, runs, fails = tmp_path / "journal", [], [True]

    def each(n):
        runs.append(n)
        if n == 3 and fails[0]:
            raise OSError
        return Own(n) if n != 2 else made({"a": [n]})

    wf = pfs.Workflow("elements")
    wf.add_step("list", lambda: range(5))
    wf.add_step("each", each, depends_on="list", for_each="list", on_failure="skip", version="1")
    wf.add_step("sum", lambda each: [getattr(x, "value", None) for x in each], depends_on="each")
    wf.run(checkpoint=path, parallel=False)
    assert 3 in runs
    done = [record["element"] for record in journal(path) if "element" in record]
    runs.clear()
    fails[0] = False
    result = wf.run(checkpoint=path, parallel=False)
    assert sorted(runs + done) == [0, 1, 2, 3, 4] and 3 in runs and done
    assert result["sum"] == [0, 1, None, 3, 4] and result["each"][2].to_pydict() == {"a": [2]}
    elements = result.to_dict()["steps"][1]["elements"]
    assert [element["state"] for element in elements] == [
        "restored" if n in done else "succeeded" for n in range(5)]


def test_failures_and_skips_are_asked_again(tmp_path):
    path, wanted = tmp_path / "journal", [False]
    wf = pfs.Workflow("again")
    wf.add_step("maybe", lambda: 1, when=lambda ctx: wanted[0], on_skip="continue")
    wf.add_step("behind", lambda ctx: ctx.get("maybe", "none"), depends_on="maybe")
    assert wf.run(checkpoint=path)["behind"] == "none"
    assert len(journal(path)) == 1
    wanted[0] = True
    assert wf.run(checkpoint=path)["behind"] == 1
    assert states(wf.run(checkpoint=path)) == {"maybe": "restored", "behind": "restored"}


def test_steps_of_the_engine_get_tables_that_python_gave(tmp_path):
    path = tmp_path / "journal"
    wf = pfs.Workflow("mixed")
    wf.add_step("arrow", lambda: pyarrow.table({"a": [1, 2, 3]}))
    wf.add_operation("kept", "filter", {"filters": [["a", ">", 1]]}, depends_on="arrow")
    wf.add_step("end", lambda arrow, kept: (type(arrow).__module__, kept.num_rows), depends_on=["arrow", "kept"])
    first = wf.run(checkpoint=path)
    # Without its table the operation runs again, with what the journal has of the step before it.
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b'"end"' not in line and b'"kept"' not in line))
    second = wf.run(checkpoint=path)
    assert states(second) == {"arrow": "restored", "kept": "succeeded", "end": "succeeded"}
    assert second["end"] == first["end"] == ("pyarrow.lib", 2)
    assert isinstance(second["arrow"], pyarrow.Table)
    # A file beside the journal that is gone, or is not what was written: its step runs again where needed.
    for damage in (os.unlink, lambda file: open(file, "r+b").write(b"x")):
        path.write_bytes(b"".join(line for line in path.read_bytes().splitlines(True) if b'"end"' not in line))
        kept = next(record for record in journal(path) if record.get("step") == "kept")
        damage(f"{path}.{kept['key'][:16]}.arrow")
        third = wf.run(checkpoint=path)
        assert states(third) == {"arrow": "restored", "kept": "succeeded", "end": "succeeded"}
        assert third["end"] == first["end"]


def test_files_of_outputs_that_are_no_more_are_removed(tmp_path):
    folder = tmp_path / "kept"
    folder.mkdir()
    path, other = folder / "journal", folder / "journal.0123456789abcdef0.arrow"
    other.write_text("not a checkpoint's")
    fails = []

    def run(version, **options):
        wf = pfs.Workflow("files")
        wf.add_step("one", lambda: made({"a": [1]}), version="1")
        wf.add_step("two", lambda: made({"a": [2]}), version=version)
        wf.add_step("sum", lambda one, two: one.num_rows + two.num_rows + len(fails and [][0]),
                    depends_on=["one", "two"], version="1")
        result = wf.run(checkpoint=path, **options)
        named = {record["step"]: record["key"][:16] for record in journal(path) if "step" in record}
        return result, {f"journal.{named[step]}.arrow" for step in ("one", "two")}

    def files():
        return {file.name for file in folder.iterdir()} - {"journal", other.name}

    _, first = run("1")
    assert files() == first and len(first) == 2
    stale = folder / "journal.0123456789abcdef.arrow"
    stale.write_bytes(b"of a run that was killed")
    result, same = run("1")
    assert same == first and set(states(result).values()) == {"restored"} and stale.exists()
    _, second = run("2")
    assert files() == second and len(first & second) == 1
    result, third = run("2", resume=False)
    assert files() == third == second and set(states(result).values()) == {"succeeded"}
    assert result["two"].to_pydict() == {"a": [2]}
    # What a run that fails has written is there for the next one.
    fails.append(1)
    result, fourth = run("3", resume=False)
    assert result.status == "failed" and files() == fourth
    fails.clear()
    result, _ = run("3")
    assert states(result) == {"one": "restored", "two": "restored", "sum": "succeeded"} and files() == fourth
    assert other.exists()


def test_inner_workflows_are_restored(tmp_path):
    path, runs, fails = tmp_path / "journal", [], [True]
    inner = pfs.Workflow("inner")
    inner.add_step("one", lambda: runs.append("one") or 1)
    inner.add_step("two", lambda one: runs.append("two") or one + 1, depends_on="one")
    outer = pfs.Workflow("outer")
    outer.add_workflow("part", inner)

    @outer.step(depends_on="part")
    def last(ctx):
        if fails[0]:
            raise OSError
        return ctx["part"]

    outer.run(checkpoint=path)
    fails[0] = False
    result = outer.run(checkpoint=path)
    assert runs == ["one", "two"] and result["last"] == [2] and result["part"] == [2]
    assert result.steps["part.two"].state == "restored"


# ---- What counts as changed --------------------------------------------------------------------


def test_a_condition_of_an_inner_workflow_is_not_asked_again(tmp_path):
    path, runs = tmp_path / "journal", []

    def run(limit):
        inner = pfs.Workflow("inner")
        inner.add_step("one", lambda ctx: runs.append("one") or ctx["load"]["rows"] + 1)
        wf = pfs.Workflow("outer")
        wf.add_step("load", lambda: runs.append("load") or {"rows": 5})
        wf.add_workflow("part", inner, depends_on="load", when=lambda ctx: ctx["load"]["rows"] > limit)
        return states(wf.run(checkpoint=path))

    assert run(3) == dict.fromkeys(["load", "part.begin", "part.one", "part"], "succeeded")
    assert run(3) == dict.fromkeys(["load", "part.begin", "part.one", "part"], "restored")
    assert runs == ["load", "one"]
    # Another condition is asked, and where it says no all of it is skipped.
    assert run(4)["part.one"] == "succeeded" and runs == ["load", "one", "one"]
    assert run(5) == {"load": "restored", **dict.fromkeys(["part.begin", "part.one", "part"], "skipped")}


def chain(second="lambda b_in: b_in + 1", **options) -> pfs.Workflow:
    """a → b → c, and d beside them; b is made of source text."""
    wf = pfs.Workflow("chain")
    wf.add_step("a", lambda ctx: ctx.inputs.get("start", 1))
    wf.add_step("b", eval(second.replace("b_in", "a")), depends_on="a", **options)  # noqa: S307
    wf.add_step("c", lambda b: b * 10, depends_on="b")
    wf.add_step("d", lambda: 0)
    return wf


def ran(wf, path, inputs=None) -> str:
    return "".join(sorted(name for name, state in states(wf.run(inputs, checkpoint=path)).items()
                          if state == "succeeded"))


def test_changed_code_runs_again_with_all_behind_it(tmp_path):
    path = tmp_path / "journal"
    assert ran(chain(), path) == "abcd" and ran(chain(), path) == ""
    # Code, constants, names and the names that are looked up.
    for source in ("lambda b_in: b_in + 2", "lambda b_in: b_in - 2", "lambda b_in: abs(b_in)",
                   "lambda b_in: int(b_in)", "lambda b_in: (lambda: b_in + 1)()", "lambda b_in: (lambda: b_in + 2)()",
                   "lambda b_in, by=1: b_in + by", "lambda b_in, by=2: b_in + by",
                   "(lambda by: lambda b_in: b_in + by)(1)", "(lambda by: lambda b_in: b_in + by)(2)",
                   "(lambda f: lambda b_in: f(b_in))(lambda x: x + 1)",
                   "(lambda f: lambda b_in: f(b_in))(lambda x: x + 2)",
                   "__import__('functools').partial(lambda by, b_in: by + b_in, 1)",
                   "__import__('functools').partial(lambda by, b_in: by + b_in, 2)",
                   "lambda b_in: b_in in {'x', 'y', 'z'}", "lambda b_in: b_in in {'x', 'y', 'w'}"):
        assert ran(chain(source), path) == "bc", source
        assert ran(chain(source), path) == "", source
    # A condition is part of the step, written down or not.
    assert ran(chain(when=lambda ctx: True), path) == "bc"
    assert ran(chain(when=lambda ctx: True and ctx is not None), path) == "bc"
    assert ran(chain(when=["a", ">", 0]), path) == "bc"
    assert ran(chain(when=["a", ">", -1]), path) == "bc"
    assert ran(chain(when=["a", ">", -1]), path) == ""
    # What does not matter for what comes out.
    assert ran(chain(when=["a", ">", -1], retries=5, priority=3, pool="io", timeout=100), path) == ""


def test_a_version_stands_for_the_code(tmp_path):
    path = tmp_path / "journal"
    assert ran(chain(version="1"), path) == "abcd"
    assert ran(chain("lambda b_in: b_in + 2", version="1"), path) == ""
    assert ran(chain("lambda b_in: b_in + 2", version="2"), path) == "bc"


def test_the_code_of_another_process_is_the_same():
    script = textwrap.dedent("""
        from parquetframe_swift._workflow.checkpoint import version, keys_of

        def step(a, *, b={"x": 1, "y": {1, "p", "q", "r", "s"}}):
            def inner():
                return a in {"x", "y", "z"} or a == (1, frozenset({"u", "v", "w"}))
            return inner() or [i for i in a]

        print(version(step), keys_of({"a": {"p", "q", "r", "s", "t"}, "b": [1.5, None, b"x", {"k": (1,)}]}))
    """)
    outputs = {
        subprocess.run([sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": str(seed)},
                       check=True, stdout=subprocess.PIPE).stdout for seed in range(4)}
    assert len(outputs) == 1 and re.match(rb"[0-9a-f]{16} \{'a'", outputs.pop())


def test_changed_inputs_run_again(tmp_path):
    path = tmp_path / "journal"
    for inputs, expected in (
        ({"start": 1}, "abcd"), ({"start": 1}, ""), ({"start": 2}, "abcd"), ({"start": 2, "more": None}, "abcd"),
        ({"start": 2.0, "more": None}, "abcd"), ({"start": 2.0, "more": Own(1)}, "abcd"),
        ({"start": 2.0, "more": Own(1)}, ""), ({"start": 2.0, "more": Own(2)}, "abcd"),
        ({"start": 2.0, "more": made({"a": [1]})}, "abcd"), ({"start": 2.0, "more": made({"a": [1]})}, ""),
        ({"start": 2.0, "more": made({"a": [2]})}, "abcd"),
    ):
        assert ran(chain(), path, inputs) == expected, inputs
    # One that cannot be pickled says nothing.
    lock = {"start": 2.0, "more": threading.Lock()}
    assert ran(chain(), path, lock) == "abcd"
    assert ran(chain(), path, {"start": 2.0, "more": threading.Lock()}) == ""


def test_changed_parameters_of_handlers_and_operations_run_again(tmp_path):
    path, runs = tmp_path / "journal", []

    def workflow(rows, limit, handler):
        return pfs.Workflow.from_dict({"name": "handled", "pipeline": [
            {"name": "make", "type": "make", "config": {"rows": rows}},
            {"name": "limit", "type": "limit", "params": {"limit": limit}, "depends_on": "make"}]},
            {"make": handler})

    def make(operation, name, config, ctx):
        runs.append(config["rows"])
        return made({"a": list(range(config["rows"]))})

    def other(operation, name, config, ctx):
        return make(operation, name, config, ctx)

    assert workflow(5, 3, make).run(checkpoint=path)["limit"].num_rows == 3
    assert states(workflow(5, 3, make).run(checkpoint=path)) == {"make": "restored", "limit": "restored"}
    result = workflow(5, 4, make).run(checkpoint=path)
    assert states(result) == {"make": "restored", "limit": "succeeded"} and result["limit"].num_rows == 4
    assert states(workflow(6, 4, make).run(checkpoint=path)) == {"make": "succeeded", "limit": "succeeded"}
    assert states(workflow(6, 4, other).run(checkpoint=path)) == {"make": "succeeded", "limit": "succeeded"}
    assert runs == [5, 6, 6]


def test_changed_files_are_read_again(tmp_path):
    path, source = tmp_path / "journal", tmp_path / "in.csv"
    notes = tmp_path / "notes.txt"

    def workflow():
        wf = pfs.Workflow("files")
        wf.add_operation("read", "read", {"path": str(source)})
        wf.add_step("count", lambda read: read.num_rows, depends_on="read")
        wf.add_step("notes", lambda: notes.read_text() if notes.exists() else None, reads=notes)
        return wf

    source.write_text("a\n1\n")
    assert workflow().run(checkpoint=path)["count"] == 1
    assert workflow().run(checkpoint=path).metrics["steps"] == {"restored": 3}
    source.write_text("a\n1\n2\n")
    result = workflow().run(checkpoint=path)
    assert result["count"] == 2 and result.steps["notes"].state == "restored"
    notes.write_text("new")
    result = workflow().run(checkpoint=path)
    assert result["notes"] == "new" and result.steps["count"].state == "restored"


# ---- Outputs that are not kept -----------------------------------------------------------------


def test_what_cannot_be_pickled_runs_again_where_it_is_needed(tmp_path):
    path, runs, fails = tmp_path / "journal", [], [True]
    wf = pfs.Workflow("locks")
    wf.add_step("start", lambda: runs.append("start") or 1)
    wf.add_step("lock", lambda start: runs.append("lock") or threading.Lock(), depends_on="start")
    wf.add_step("effect", lambda: runs.append("effect") or (x for x in ()), depends_on="start")

    @wf.step(depends_on="lock")
    def uses(lock):
        with lock:
            runs.append("uses")
        if fails[0]:
            raise OSError
        return 5

    wf.run(checkpoint=path)
    assert sorted(runs) == ["effect", "lock", "start", "uses"] or fails
    wf.run(checkpoint=path)
    runs.clear()
    fails[0] = False
    result = wf.run(checkpoint=path)
    # `lock` is needed, and `effect` is not.
    assert runs == ["lock", "uses"] and result["uses"] == 5
    assert states(result)["effect"] == "restored"
    runs.clear()
    result = wf.run(checkpoint=path)
    assert runs == [] and result.status == "succeeded" and result.steps["lock"].output is None
    assert result.outputs["uses"] == 5


def test_what_cannot_be_unpickled_any_more_runs_again(tmp_path):
    path, runs, fails = tmp_path / "journal", [], [True]
    wf = pfs.Workflow("gone")
    wf.add_step("own", lambda: runs.append("own") or Own(7), version="1")
    wf.add_step("list", lambda: [1, 2])
    wf.add_step("each", lambda n: runs.append(f"each {n}") or Own(n), depends_on="list", for_each="list", version="1")

    @wf.step(depends_on=["own", "each"], version="1")
    def end(own, each):
        if fails[0]:
            raise OSError
        return own.value + sum(one.value for one in each)

    wf.run(checkpoint=path)
    fails[0] = False
    runs.clear()
    module, kept = sys.modules[Own.__module__], Own
    try:
        del module.Own
        # Their functions make it again from what they close over nothing of: the name alone.
        module.Own = type("Other", (), {"__reduce__": None})
        del module.Own
        broken = wf.run(checkpoint=path)
        assert broken.status == "failed" and isinstance(broken.error, NameError)
    finally:
        module.Own = kept
    runs.clear()
    result = wf.run(checkpoint=path)
    assert runs == [] and result["end"] == 10
    # Bytes that are no pickle: the journal is whole, and says something else.
    lines = path.read_bytes().splitlines()
    for number, line in enumerate(lines):
        record = json.loads(line[9:])
        if record.get("step") in ("own", "each") and "output" in record:
            record["output"] = ["external", "AAAA"]
            text = json.dumps(record, separators=(",", ":")).encode()
            lines[number] = b"%08x %s" % (zlib.crc32(text), text)
    path.write_bytes(b"".join(line + b"\n" for line in lines if b'"end"' not in line))
    result = wf.run(checkpoint=path)
    assert sorted(runs) == ["each 1", "each 2", "own"] and result["end"] == 10
    assert states(result)["list"] == "restored"


def test_a_journal_that_is_none_is_left_alone(tmp_path):
    wf = chain()
    path = tmp_path / "notes"
    path.write_text("dear diary\n")
    for resume in (True, False):
        with pytest.raises(pfs.ArgumentError, match="no checkpoint"):
            wf.run(checkpoint=path, resume=resume)
    assert path.read_text() == "dear diary\n"
    with pytest.raises(FileNotFoundError) as caught:
        wf.run(checkpoint=tmp_path / "no" / "journal")
    assert "/no/journal" in str(caught.value)
    other = pfs.Workflow("other")
    other.run(checkpoint=tmp_path / "journal")
    with pytest.raises(pfs.ArgumentError, match="of workflow 'other'"):
        wf.run(checkpoint=tmp_path / "journal")


def test_one_run_at_a_time_has_the_journal(tmp_path):
    path, begun, goes_on = tmp_path / "journal", threading.Event(), threading.Event()
    wf = pfs.Workflow("one")
    wf.add_step("wait", lambda: begun.set() or goes_on.wait(60))
    thread = threading.Thread(target=lambda: wf.run(checkpoint=path))
    thread.start()
    assert begun.wait(60)
    try:
        with pytest.raises(pfs.ArgumentError, match="in use"):
            wf.run(checkpoint=path)
    finally:
        goes_on.set()
        thread.join()
    assert states(wf.run(checkpoint=path)) == {"wait": "restored"}


def test_a_disk_that_is_full_ends_the_checkpoint_and_not_the_run(tmp_path):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    resource = pytest.importorskip("resource")
    path = tmp_path / "journal"
    wf = pfs.Workflow("full")
    wf.add_step("large", lambda: b"x" * 200_000)
    wf.add_step("end", lambda large: len(large), depends_on="large")
    wf.run(checkpoint=path, resume=False)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
        result = wf.run(checkpoint=path, resume=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert result.status == "succeeded" and result["end"] == 200_000 and result.checkpoint_error
    again = wf.run(checkpoint=path)
    assert again.metrics["steps"] == {"succeeded": 2} and again.checkpoint_error is None


def test_numbers_that_no_run_has_written_are_not_believed(tmp_path):
    path = tmp_path / "journal"
    wf = pfs.Workflow("hostile")
    wf.add_step("list", lambda: [1, 2])
    wf.add_step("each", lambda n: n, depends_on="list", for_each="list")
    wf.run(checkpoint=path)
    whole = path.read_bytes()
    key = next(record["key"] for record in journal(path) if record.get("step") == "each")
    for count in (-5, 0, 3, 1 << 62, -(1 << 63), 1 << 64, 1.5):
        lines = [{"step": "each", "key": key, "count": count}]
        for element in (-1, 0, 1 << 61, 1 << 70, 0.5):
            lines.append({"step": "each", "key": key, "element": element, "output": ["external", "gAVLAS4="]})
        content = whole
        for line in lines:
            text = json.dumps(line).encode()
            content += b"%08x %s\n" % (zlib.crc32(text), text)
        path.write_bytes(content)
        assert wf.run(checkpoint=path)["each"] in ([1, 2], [])


# ---- Torn tails --------------------------------------------------------------------------------


def test_every_torn_tail_leads_to_the_same_result(tmp_path):
    path, runs = tmp_path / "journal", []
    wf = pfs.Workflow("torn")
    wf.add_step("list", lambda: runs.append("list") or [1, 2, 3])
    wf.add_step("each", lambda n: runs.append(f"each {n}") or n * n, depends_on="list", for_each="list")
    wf.add_step("table", lambda each: runs.append("table") or made({"n": each}), depends_on="each")
    wf.add_step("sum", lambda table: runs.append("sum") or sum(table.to_pydict()["n"]), depends_on="table")
    wf.run(checkpoint=path, parallel=False)
    whole = path.read_bytes()
    ends = [0] + [index + 1 for index, byte in enumerate(whole) if byte == 10]
    counts = set()
    for length in sorted({cut for end in ends for cut in (end - 1, end, end + 1, end + 9, end + 20)}):
        if not 0 <= length <= len(whole):
            continue
        for tail in (b"", b"\0\0\0", b"garbage\n"):
            if length < ends[1] and tail:
                continue  # then it is no journal
            path.write_bytes(whole[:length] + tail)
            runs.clear()
            result = wf.run(checkpoint=path, parallel=False)
            assert result["sum"] == 14 and len(set(runs)) == len(runs), length
            # What was written whole is not done again.
            done = sum(end <= length for end in ends[2:])
            counts.add(len(runs))
            # (The list of elements is a record that is no run.)
            assert len(runs) in (6 - done, 7 - done), length
            assert wf.run(checkpoint=path).metrics["steps"] == {"restored": 4}
    assert counts == set(range(7))


# ---- Kills -------------------------------------------------------------------------------------

SCRIPT = """
import os, sys, time
import pyarrow
import parquetframe_swift as pfs

journal, log, hold = sys.argv[1:4]

def note(name):
    with open(log, "a") as file:
        file.write(name + "\\n")

def work(name, value):
    # Steps say that they run, then wait where the test wants to have them when it kills.
    note(name)
    while os.path.exists(hold) and open(hold).read() == name:
        time.sleep(0.002)
    return value

wf = pfs.Workflow("killed", max_parallel=2)
wf.add_step("first", lambda: work("first", [1, 2, 3, 4]))
wf.add_step("each", lambda n: work(f"each {n}", n * 10), depends_on="first", for_each="first")
wf.add_step("table", lambda each: work("table", pfs.table(pyarrow.table({"n": each}))), depends_on="each")
wf.add_operation("kept", "filter", {"filters": [["n", ">", 10]]}, depends_on="table")
wf.add_step("count", lambda kept: work("count", kept.num_rows), depends_on="kept")
wf.add_step("side", lambda: work("side", "s" * 100_000))
wf.add_step("end", lambda count, side: work("end", count + len(side)), depends_on=["count", "side"])
result = wf.run(checkpoint=journal)
print(result.status, result["end"], sorted(result["kept"].to_pydict()["n"]))
"""


@pytest.mark.parametrize("victims", [
    ["first"], ["each 1"], ["each 3"], ["table"], ["count"], ["side"], ["end"],
    ["first", "each 2", "table", "count", "end"]])
def test_a_killed_process_loses_what_ran_and_nothing_else(tmp_path, victims):
    journal_path, log, hold = tmp_path / "journal", tmp_path / "log", tmp_path / "hold"
    log.touch()
    command = [sys.executable, "-c", SCRIPT, str(journal_path), str(log), str(hold)]
    journalled: set = set()

    def runs() -> list:
        return log.read_text().splitlines()

    for victim in victims:
        hold.write_text(victim)
        log.write_text("")
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        try:
            until = time.monotonic() + 120
            while victim not in runs():
                assert process.poll() is None and time.monotonic() < until
                time.sleep(0.002)
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate()
        assert not journalled & set(runs())
        journalled |= done(journal_path)
    hold.unlink()
    log.write_text("")
    last = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=300)
    assert last.stdout.split(None, 2)[:2] == [b"succeeded", b"100003"]
    assert last.stdout.decode().strip().endswith("[20, 30, 40]")
    assert not journalled & set(runs()) and len(set(runs())) == len(runs()) and victims[-1] in runs()


def done(path) -> set:
    """The names that steps note, of those that the journal has."""
    found = set()
    for line in path.read_bytes().splitlines(keepends=True):
        if not line.endswith(b"\n") or line[:8] != b"%08x" % zlib.crc32(line[9:-1]):
            break
        record = json.loads(line[9:])
        if "element" in record:
            found.add(f"each {record['element'] + 1}")
        elif "step" in record and "count" not in record:
            found.add(record["step"])
    return found


def test_kills_at_any_moment(tmp_path):
    """Not at steps, but wherever the process is."""
    journal_path, log = tmp_path / "journal", tmp_path / "log"
    command = [sys.executable, "-c", SCRIPT, str(journal_path), str(log), str(tmp_path / "none")]
    journalled: set = set()
    for attempt in range(12):
        log.write_text("")
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        # From when the first step runs; a process that is fast has ended before.
        until = time.monotonic() + 120
        while process.poll() is None and not log.read_text() and time.monotonic() < until:
            time.sleep(0.0005)
        time.sleep(attempt * 0.001)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not journalled & set(log.read_text().splitlines())
        journalled = done(journal_path) if journal_path.exists() else journalled
        if "end" in journalled:
            journal_path.unlink()
            journalled = set()
    log.write_text("")
    last = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=300)
    assert last.stdout.split(None, 2)[:2] == [b"succeeded", b"100003"]
    assert not journalled & set(log.read_text().splitlines())
