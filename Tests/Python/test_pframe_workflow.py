"""`pframe workflow`, run as a process."""

import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import time
import xml.etree.ElementTree

import pyarrow
import pyarrow.ipc
import pyarrow.parquet
import pytest
from test_pframe import binary, environment, pframe, read_all, shown

ROWS = 50


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a table of numbers, in which the program runs."""
    monkeypatch.chdir(tmp_path)
    pyarrow.parquet.write_table(pyarrow.table({"x": list(range(ROWS))}), "numbers.parquet")
    return tmp_path


def step(name, operation, depends_on=(), more=None, **parameters) -> dict:
    return {
        "name": name, "operation": operation, "depends_on": list(depends_on), "parameters": parameters,
        **(more or {})}


def define(*steps, path="flow.json", **settings) -> str:
    definition = {"name": "flow", "settings": settings, "steps": steps}
    pathlib.Path(path).write_text(json.dumps(definition))
    return path


LOAD = step("load", "read", path="numbers.parquet")


def diamond(path="flow.json") -> str:
    return define(
        LOAD, step("low", "filter", ["load"], query="x < 20"),
        step("high", "filter", ["load"], query="x >= 40"), step("both", "concatenate", ["high", "low"]),
        step("save", "write", ["both"], path="out.arrow"), path=path)


def endless(more=None) -> list:
    """A step that ends when it is told to, and never else."""
    edges = pyarrow.table({"source": [0, 1, 2], "target": [1, 2, 0]})
    pyarrow.parquet.write_table(edges, "edges.parquet")
    return [
        step("edges", "read", path="edges.parquet"),
        step("rank", "graph", ["edges"], more, kernel="pagerank", tol=0, max_iter=2**60)]


def written() -> list:
    return pyarrow.ipc.open_stream("out.arrow").read_all()["x"].to_pylist()


def states(result: str) -> dict:
    return {step["name"]: step["state"] for step in json.loads(result)["steps"]}


# ---- check and show ---------------------------------------------------------------------------


def test_check_counts_what_is_good(here):
    assert shown("workflow", "check", diamond()) == "ok: 5 steps, 4 levels, critical path of 4 steps\n"
    define(LOAD, path="one.json")
    assert shown("workflow", "check", "flow.json", "one.json").splitlines()[1] == (
        "one.json: ok: 1 step, 1 level, critical path of 1 step")
    facts = json.loads(shown("workflow", "check", "--json", "flow.json"))
    assert facts["problems"] == [] and facts["levels"][1] == ["low", "high"]
    assert facts["critical_path"] == ["load", "low", "both", "save"]


def test_check_says_all_that_is_wrong(here):
    path = define(
        step("load", "red"), step("low", "filter", ["lod"], query="x <"), step("few", "limit", limit=2),
        step("save", "write", ["save"], {"timeuot": 1}, path="out.arrow"), step("gpu", "read", path="a.csv"),
        max_paralel=2)
    done = pframe("workflow", "check", path, check=1)
    lines = done.stderr.splitlines()
    assert done.stdout == "" and all(line.startswith(f"pframe: {path}: ") for line in lines)
    for words in (
            'max_paralel', 'did you mean "read"', "'low': query", '"limit" takes one table, not 0', "timeuot",
            "did you mean 'load'", "cycle: 'save' needs 'save'"):
        assert sum(words in line for line in lines) == 1, (words, lines)
    done = pframe("workflow", "check", "--json", path, check=1)
    assert done.stderr == ""
    assert [f"pframe: {path}: {text}" for text in json.loads(done.stdout)["problems"]] == lines
    # What is wrong is not run.
    assert pframe("workflow", "run", path, check=1).stderr.splitlines() == lines


def test_needs_that_no_run_can_meet_are_problems(here):
    path = define({**LOAD, "resources": {"gpu": 2}}, resources={"gpu": 1})
    assert "it needs 2 of 'gpu', and there are 1" in pframe("workflow", "check", path, check=1).stderr


@pytest.mark.parametrize("name, text, message", [
    ("flow.yaml", "name: x\nsteps: []\n", "pframe reads JSON; Python's Workflow.from_yaml reads YAML"),
    ("flow", "# mine\nname: x\n", "pframe reads JSON; Python's Workflow.from_yaml reads YAML"),
    ("flow.json", '{"steps": [}', "line 1, column 12: a character that JSON does not allow here"),
    ("flow.json", "[]", "the definition is no JSON object"),
    ("flow.json", '{"steps": 3}', 'option "steps" has to be a list'),
])
def test_what_is_no_definition(here, name, text, message):
    pathlib.Path(name).write_text(text)
    for command in ("check", "run", "show"):
        assert pframe("workflow", command, name, check=1).stderr == f"pframe: {name}: {message}\n"
    assert "no such file" in pframe("workflow", command, "nowhere.json", check=1).stderr


def test_show_draws_it(here):
    path = diamond()
    text = shown("workflow", "show", path)
    assert text.startswith("flowchart LR\n") and '["low<br/>filter"]' in text and text.count("-->") == 5
    dot = shown("workflow", "show", "--dot", path)
    assert dot.startswith('digraph "flow" {') and dot.count("->") == 5
    assert json.loads(shown("workflow", "show", "--json", path)) == {"file": path, "mermaid": text}
    assert json.loads(shown("workflow", "show", "--json", "--dot", path))["dot"] == dot
    assert not os.path.exists("out.arrow")


# ---- run --------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [[], ["-j", "1"], ["--threads=3"], ["--sync"]])
def test_run_does_the_steps_and_sums_up(here, options):
    done = pframe("workflow", "run", *options, diamond(), check=0)
    assert written() == [*range(40, 50), *range(20)]
    assert done.stderr == ""
    table, summary = done.stdout.split("\n\n")
    rows = [re.split(r" {2,}", line) for line in table.splitlines()]
    assert rows[0] == ["step", "state", "time", "rows"]
    assert {row[0]: (row[1], row[-1]) for row in rows[2:]} == {
        "load": ("succeeded", "50"), "low": ("succeeded", "20"), "high": ("succeeded", "10"),
        "both": ("succeeded", "30"), "save": ("succeeded", "30")}
    facts = dict(re.split(r" {2,}", line, maxsplit=1) for line in summary.splitlines())
    assert facts["flow"].startswith("succeeded in ") and facts["steps"] == "5 succeeded"
    assert re.fullmatch(r"\d+\.\d, at most [12] at once", facts["speed-up"])
    assert re.fullmatch(r".+: load → (low|high) → both → save", facts["critical path"])
    if options in (["-j", "1"], ["--sync"]):
        assert "at most 1 at once" in summary


def test_a_long_run_shows_the_longest_steps_alone(here):
    path = define(LOAD, *(step(f"part{i}", "limit", ["load"], limit=i) for i in range(40)))
    lines = shown("workflow", "run", path).splitlines()
    assert lines[22] == "the 20 that took the longest, of 41 steps" and "41 succeeded" in lines[25]


def test_verbose_and_quiet(here):
    path = diamond()
    lines = pframe("workflow", "run", "-v", path, check=0).stderr.splitlines()
    assert re.fullmatch(r"succeeded  load, [\d.]+ .?s", lines[0])
    assert [line.split()[1].strip(",") for line in lines][-2:] == ["both", "save"] and len(lines) == 5
    assert shown("workflow", "run", "-q", path) == ""
    define(step("load", "read_csv", path="nowhere.csv"))
    done = pframe("workflow", "run", "-q", path, check=1)
    assert done.stdout == "" and "nowhere.csv: no such file" in done.stderr


def test_a_failure_names_the_step_and_what_it_took_along(here):
    path = define(
        LOAD, step("lost", "read_csv", ["load"], {"retry": {"delays": [0.001]}}, path="nowhere.csv"),
        step("few", "limit", ["lost"], limit=2), step("save", "write", ["few"], path="out.arrow"))
    done = pframe("workflow", "run", "-v", path, check=1)
    assert re.search(r"^flow +failed in ", done.stdout, re.M)
    assert "1 succeeded, 1 failed, 2 skipped" in done.stdout
    lines = done.stderr.splitlines()
    assert lines[1] == "retrying   lost: nowhere.csv: no such file"
    assert lines[-2:] == [
        f'pframe: {path}: step "lost" failed after 2 attempts: nowhere.csv: no such file',
        f"pframe: {path}: 2 steps were skipped: few, save"]


def test_a_run_that_went_on_without_a_step_has_failed_all_the_same(here):
    path = define(
        step("lost", "read_csv", more={"on_failure": "skip"}, path="nowhere.csv"),
        step("few", "limit", ["lost"], limit=2), LOAD, step("save", "write", ["load"], path="out.arrow"))
    done = pframe("workflow", "run", "--json", path, check=1)
    assert json.loads(done.stdout)["status"] == "partial" and written() == list(range(ROWS))
    assert states(done.stdout) == {
        "lost": "failed", "few": "skipped", "load": "succeeded", "save": "succeeded"}
    assert done.stderr.splitlines() == [
        f'pframe: {path}: step "lost" failed: nowhere.csv: no such file',
        f"pframe: {path}: 1 step was skipped: few"]


def test_times_that_are_over(here):
    path = define(*endless())
    done = pframe("workflow", "run", "--timeout", "0.4", path, check=1)
    assert f"pframe: {path}: the run took longer than its timeout of 0.4 seconds\n" in done.stderr
    for option, words in [
            ("timeout", "it took longer than its timeout of 0.4 seconds"),
            ("deadline", "it had not ended by its deadline, 0.4 seconds from the begin of the run")]:
        define(*endless({option: 0.4}))
        done = pframe("workflow", "run", path, check=1)
        assert done.stderr == f'pframe: {path}: step "rank" timed out: {words}\n'


@pytest.mark.parametrize("least", [10, 30])
def test_inner_workflows_and_their_conditions(here, least):
    inner = {"steps": [
        step("few", "limit", limit=5), step("many", "limit", limit=15),
        step("all", "concatenate", ["few", "many"])]}
    path = define(
        LOAD, step("low", "filter", ["load"], query="x < 20"),
        {"name": "part", "workflow": inner, "depends_on": ["low"], "when": ["low", ">", least],
         "on_skip": "continue"},
        step("names", "rename", ["part"], columns={"x": "y"}))
    found = states(pframe("workflow", "run", "--json", path, check=0 if least == 10 else 1).stdout)
    state = "succeeded" if least == 10 else "skipped"
    assert {found[f"part{name}"] for name in ("", ".few", ".many", ".all", ".begin")} == {state}
    # Its list of one table counts as that; where it was skipped, there is none to be had.
    assert found["names"] == ("succeeded" if least == 10 else "failed")


def test_lists_run_each(here):
    path = define(
        LOAD, {"name": "parts", "depends_on": ["load"], "workflow": {"steps": [
            step("low", "filter", query="x < 3"), step("high", "filter", query="x > 47")]}},
        step("each", "limit", ["parts"], {"for_each": "parts"}, limit=1),
        step("all", "concatenate", ["each"]), step("save", "write", ["all"], path="out.arrow"))
    pframe("workflow", "run", path, check=0)
    assert written() == [0, 48]


# ---- What a run leaves ------------------------------------------------------------------------


def test_events_and_pictures(here):
    path = diamond()
    pframe(
        "workflow", "run", "--events", "events.jsonl", "--timeline", "run.svg", "--mermaid", "run.mmd",
        "--dot", "run.dot", path, check=0)
    events = [json.loads(line) for line in pathlib.Path("events.jsonl").read_text().splitlines()]
    assert [event["step"] for event in events if event["kind"] == "completed"][-2:] == ["both", "save"]
    assert events[-1]["kind"] == "run_ended"
    assert [event["time"] for event in events] == sorted(event["time"] for event in events)
    assert xml.etree.ElementTree.parse("run.svg").getroot().tag.endswith("svg")
    assert "classDef succeeded" in pathlib.Path("run.mmd").read_text()
    assert "fillcolor=\"#dbe8f3\"" in pathlib.Path("run.dot").read_text()


def test_one_thing_may_go_to_standard_output(here):
    path = diamond()
    done = pframe("workflow", "run", "--events", "-", path, check=0)
    assert [json.loads(line)["kind"] for line in done.stdout.splitlines()][-1] == "run_ended"
    assert "5 succeeded" in done.stderr
    done = pframe("workflow", "run", "-q", "--mermaid", "-", path, check=0)
    assert done.stdout.startswith("flowchart LR\n") and done.stderr == ""


def test_files_that_cannot_be_written_are_known_before_the_run(here):
    path = diamond()
    for option in ("--events", "--timeline", "--mermaid", "--dot", "--checkpoint"):
        error = pframe("workflow", "run", option, "no/such/folder", path, check=1).stderr
        assert "no/such/folder" in error and "o such file" in error
    assert not os.path.exists("out.arrow")
    if os.path.exists("/dev/full"):
        done = pframe("workflow", "run", "--events", "/dev/full", path, check=1)
        assert "pframe: /dev/full: No space left" in done.stderr and written()


# ---- Checkpoints ------------------------------------------------------------------------------


def test_a_run_goes_on_from_its_checkpoint(here):
    run = ("workflow", "run", "--json", "--checkpoint", "journal")

    def flow(least):
        return define(
            LOAD, step("low", "filter", ["load"], query=f"x >= {least}"),
            step("lost", "read_csv", ["low"], path="late.csv"),
            step("save", "write", ["low"], path="out.arrow"), step("last", "limit", ["save"], limit=3))

    first = pframe(*run, flow(30), check=1)
    assert states(first.stdout)["low"] == "succeeded" and states(first.stdout)["lost"] == "failed"
    pathlib.Path("late.csv").write_text("a\n1\n")
    second = states(shown(*run, flow(30)))
    assert (second["load"], second["low"], second["lost"]) == ("restored", "restored", "succeeded")
    assert written() == list(range(30, 50))
    assert set(states(shown(*run, flow(30))).values()) == {"restored"}
    # Other parameters: the step and all behind it run again, with a table from the journal.
    third = states(shown(*run, flow(45)))
    assert (third["load"], third["low"], third["save"]) == ("restored", "succeeded", "succeeded")
    assert written() == list(range(45, 50))
    # A file that was written and is gone is written again, and nothing else.
    os.remove("out.arrow")
    fourth = states(shown(*run, flow(45)))
    assert (fourth["low"], fourth["save"], fourth["last"]) == ("restored", "succeeded", "restored")
    assert written() == list(range(45, 50))
    # A file that is read and was changed.
    pyarrow.parquet.write_table(pyarrow.table({"x": list(range(44, 99))}), "numbers.parquet")
    fifth = states(shown(*run, flow(45)))
    assert fifth["load"] == fifth["save"] == "succeeded" and fifth["lost"] == "succeeded"
    assert written() == list(range(45, 99))


def test_what_a_run_writes_and_reads_is_no_input_from_outside(here):
    path = define(
        LOAD, step("save", "write", ["load"], path="out.arrow"),
        step("again", "read", ["save"], path="out.arrow"))
    run = ("workflow", "run", "--json", "--checkpoint", "journal[1]*", path)
    assert set(states(shown(*run)).values()) == {"succeeded"}
    assert set(states(shown(*run)).values()) == {"restored"}


def test_a_checkpoint_of_something_else_is_left_alone(here):
    path = diamond()
    for text in ("mine", pathlib.Path(path).read_text()):
        pathlib.Path("notes").write_text(text)
        error = pframe("workflow", "run", "--checkpoint", "notes", path, check=1).stderr
        assert "is no checkpoint of a workflow" in error and pathlib.Path("notes").read_text() == text


# ---- Terminals and signals --------------------------------------------------------------------


def wait_for(path: str, words: str) -> None:
    deadline = time.monotonic() + 60
    while words not in (pathlib.Path(path).read_text() if os.path.exists(path) else ""):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_an_interrupt_ends_the_run_in_good_order(here):
    path = define(*endless(), step("save", "write", ["rank"], path="out.arrow"))
    process = subprocess.Popen(
        [binary(), "workflow", "run", "--events", "events", path], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env=environment())
    wait_for("events", '"step":"rank","attempt":1')
    process.send_signal(signal.SIGINT)
    output, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert error.splitlines() == [
        "pframe: stopping; Ctrl-C again ends at once", f"pframe: {path}: the run was cancelled",
        f"pframe: {path}: 2 steps were cancelled: rank, save"]
    assert "cancelled in" in output and "1 succeeded, 2 cancelled" in output
    assert json.loads(pathlib.Path("events").read_text().splitlines()[-1])["kind"] == "run_ended"
    assert sorted(os.listdir()) == ["edges.parquet", "events", "flow.json", "numbers.parquet"]


def test_a_second_interrupt_ends_it_at_once(here):
    # Nobody reads the events, so that the run cannot end.
    path = define(*(step(f"step{i}", "read_csv", path="nowhere.csv") for i in range(4000)))
    process = subprocess.Popen(
        [binary(), "workflow", "run", "--events", "-", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment())
    assert os.read(process.stdout.fileno(), 1) == b"{"
    process.send_signal(signal.SIGINT)
    assert process.stderr.readline() == b"pframe: stopping; Ctrl-C again ends at once\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == -signal.SIGINT
    process.stdout.close()
    process.stderr.close()


def test_a_terminal_shows_how_far_it_is(here):
    path = define(*endless(), step("save", "write", ["rank"], path="out.arrow"))
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [binary(), "workflow", "run", "--json", path], stdin=slave, stdout=subprocess.DEVNULL,
        stderr=slave, env=environment(), start_new_session=True,
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)))
    os.close(slave)
    text = ""
    while "iteration" not in text:
        text += os.read(master, 65536).decode()
    assert re.search(r"\r\x1b\[K[\d.]+ s  1/3 done, 1 waiting, 1 running: rank iteration \d+", text)
    os.write(master, b"\x03")
    assert process.wait(60) == 130
    rest = read_all(master)
    assert "\r\x1b[Kpframe: stopping; Ctrl-C again ends at once" in rest
    assert rest.replace("\r\n", "\n").endswith(f"pframe: {path}: 2 steps were cancelled: rank, save\n")


# ---- Usage ------------------------------------------------------------------------------------


@pytest.mark.parametrize("words, message", [
    (["workflow"], "one of run, check, show has to follow"),
    (["workflow", "--json", "run"], "one of run, check, show has to follow"),
    (["workflow", "rnu"], 'unknown command "workflow rnu"; did you mean "workflow run"?'),
    (["workflow", "run"], "a file is missing"),
    (["workflow", "run", "a", "b"], "workflow run takes one file"),
    (["workflow", "show", "a", "b"], "workflow show takes one file"),
    (["workflow", "check", "--threads", "2", "a"], 'unknown option "--threads"'),
    (["workflow", "run", "-j", "0", "a"], "--threads: at least one step has to run"),
    (["workflow", "run", "-j", "2", "--sync", "a"], "--sync and --threads exclude each other"),
    (["workflow", "run", "-q", "-v", "a"], "--quiet and --verbose exclude each other"),
    (["workflow", "run", "--timeout", "soon", "a"], '--timeout: "soon" is not a number of seconds above 0'),
    (["workflow", "run", "--timeout", "nan", "a"], '--timeout: "nan" is not a number of seconds above 0'),
    (["workflow", "run", "--events", "-", "--json", "a"], "only one thing can go to standard output"),
])
def test_wrong_usage(words, message):
    error = pframe(*words, check=2).stderr
    assert error.startswith(f"pframe: {message}") and "--help" in error.splitlines()[1]


def test_help(here):
    text = shown("workflow", "--help")
    assert "workflow run|check|show" in text and shown("help", "workflow") == text
    for command in ("run", "check", "show"):
        assert re.search(rf"^  workflow {command} +\w", text, re.M)
        page = shown("workflow", command, "--help")
        assert shown("help", "workflow", command) == page
        assert max(map(len, page.splitlines())) <= 80
        assert f"workflow {command} [OPTION]… FILE" in page
