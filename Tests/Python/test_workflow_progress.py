"""What people see of a run that goes on."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading

import pytest

import parquetframe_swift as pfs
from parquetframe_swift._workflow import progress


def made():
    wf = pfs.Workflow("[etl]")
    wf.add_step("list", lambda: [1, 2, 3])
    wf.add_step("each [x]", lambda n: n, depends_on="list", for_each="list")

    @wf.step(retries=1, backoff=[0])
    def flaky(ctx):
        ctx.report(0.5, "half [way]")
        if ctx.attempt == 1:
            raise OSError("once [bad]")

    wf.add_step("bad", lambda: 1 / 0, on_failure="continue")
    wf.add_step("not wanted", lambda: 0, when=lambda ctx: False)
    return wf


class Told:
    """A view that remembers."""

    def __init__(self, fails_at=None):
        self.calls = []
        self._fails_at = fails_at

    def __getattr__(self, name):
        def call(*arguments):
            if name == self._fails_at:
                raise ValueError(name)
            self.calls.append((name, *(part for part in arguments if not isinstance(part, dict))))

        return call


def shown(monkeypatch, view, wf=None, **options):
    monkeypatch.setattr(progress, "_Rich", lambda name, total, always: view)
    return (wf or made()).run(progress=True, parallel=False, **options)


def test_a_view_is_told_all(monkeypatch):
    view = Told()
    seen = []
    assert shown(monkeypatch, view, on_progress=seen.append).status == "partial"
    calls = view.calls
    assert calls[-1] == ("close",) and calls.count(("close",)) == 1
    assert [call for call in calls if call[0] == "end"] == [
        ("end", "list", "completed"), ("end", "each [x]", "completed"), ("end", "flaky", "completed"),
        ("end", "bad", "failed"), ("end", "not wanted", "skipped")]
    assert calls.count(("advance", "each [x]")) == 3 and ("reach", "flaky", 0.5, "half [way]") in calls
    assert ("say", "retried", "flaky") in calls
    assert seen[-1]["kind"] == "run_ended"


@pytest.mark.parametrize("name", ["begin", "reach", "end", "close"])
def test_a_view_that_fails_does_not_fail_the_run(monkeypatch, name):
    assert shown(monkeypatch, Told(name)).status == "partial"


def test_a_view_is_closed_whatever_happens(monkeypatch):
    class Stop(Exception):
        pass

    def stop(event):
        raise Stop

    view = Told()
    with pytest.raises(Stop):
        shown(monkeypatch, view, on_progress=stop)
    assert view.calls[-1] == ("close",)
    wf = pfs.Workflow("exit")
    wf.add_step("exit", lambda: sys.exit(3))
    view = Told()
    with pytest.raises(SystemExit):
        shown(monkeypatch, view, wf)
    assert view.calls[-1] == ("close",)


def test_nothing_is_shown_unless_asked(capfd):
    made().run()
    made().run(progress=False)
    made().run(progress=True)  # stderr is no terminal here
    assert capfd.readouterr() == ("", "")
    with pytest.raises(pfs.ArgumentError, match="'rich' or 'tqdm', not 'bar'"):
        made().run(progress="bar")


def test_by_rich(capfd):
    pytest.importorskip("rich")
    made().run(progress="rich")
    out, err = capfd.readouterr()
    assert out == "" and "[etl]" in err and "5/5" in err
    assert "flaky: attempt 1 failed, OSError: once [bad]" in " ".join(err.split())
    assert "bad: failed, ZeroDivisionError: division by zero" in " ".join(err.split())


def test_by_tqdm(capfd):
    pytest.importorskip("tqdm")
    made().run(progress="tqdm")
    out, err = capfd.readouterr()
    assert out == "" and "[etl]" in err and "5/5" in err
    assert "flaky: attempt 1 failed, OSError: once [bad]" in err


def test_what_is_not_installed_is_asked_for(monkeypatch):
    for name in ("rich", "rich.console", "rich.progress", "tqdm", "tqdm.auto"):
        monkeypatch.setitem(sys.modules, name, None)
    for name in ("rich", "tqdm"):
        with pytest.raises(ImportError, match=f"pip install {name}"):
            made().run(progress=name)
    made().run(progress=True)


ON_A_TERMINAL = """
import sys
for name in {missing!r}:
    sys.modules[name] = None
import parquetframe_swift as pfs
wf = pfs.Workflow("seen")
wf.add_step("first", lambda: 1)
wf.add_step("second", lambda: 1 / 0, depends_on="first", on_failure="continue")
@wf.step(depends_on="second")
def last(ctx):
    if {waits}:
        print("begun", flush=True)
        while not ctx.is_cancelled():
            pass
try:
    wf.run(progress=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def on_a_terminal(missing, waits=False):
    """What a run writes to a terminal, and to its output."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", ON_A_TERMINAL.format(missing=missing, waits=waits)], stdout=subprocess.PIPE,
        stderr=theirs, env={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    if waits:
        assert process.stdout.readline() == b"begun\n"
        process.send_signal(signal.SIGINT)
    written = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        written += part
    out = process.stdout.read()
    assert process.wait(60) == 0
    watchdog.cancel()
    os.close(ours)
    return written.decode(), out


def test_lines_on_a_terminal():
    text, _ = on_a_terminal(("rich", "tqdm"))
    lines = text.splitlines()
    assert lines[0].startswith("[1/3] first: completed (")
    assert lines[1].startswith("[2/3] second: failed, ZeroDivisionError: division by zero (")
    assert lines[2].startswith("[3/3] last: completed (") and len(lines) == 3


@pytest.mark.parametrize("missing", [(), ("rich",)], ids=["rich", "tqdm"])
def test_bars_on_a_terminal(missing):
    pytest.importorskip("tqdm" if missing else "rich")
    text, _ = on_a_terminal(missing)
    assert "3/3" in text and "second: failed, ZeroDivisionError" in text


@pytest.mark.parametrize("missing", [(), ("rich",), ("rich", "tqdm")], ids=["rich", "tqdm", "lines"])
def test_ctrl_c_leaves_the_terminal_as_it_was(missing):
    pytest.importorskip("rich")
    pytest.importorskip("tqdm")
    text, out = on_a_terminal(missing, waits=True)
    assert out == b"interrupted\n"
    assert text.count("\x1b[?25h") >= text.count("\x1b[?25l")  # the cursor is shown again
    assert "Traceback" not in text
