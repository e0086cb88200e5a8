"""How a run is doing, for people who watch: by rich, by tqdm, or in plain lines on a terminal."""

from __future__ import annotations

import sys

from .. import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_ENDS = ("completed", "failed", "skipped", "cancelled", "restored")


class Display:
    """Is told the events of a run. What goes wrong with showing ends the showing, never the run."""

    def __init__(self, view) -> None:
        self._view = view

    def __call__(self, event: dict) -> None:
        if self._view is None:
            return
        try:
            self._tell(self._view, event)
        except Exception as problem:
            self.close()
            _note(problem)

    def before(self, on_progress: Callable[[dict], object] | None) -> Callable[[dict], object] | None:
        """A function that shows an event, and then tells `on_progress`, which may raise."""
        if self._view is None:
            return on_progress
        if on_progress is None:
            return self

        def tell(event: dict) -> None:
            self(event)
            on_progress(event)

        return tell

    def close(self) -> None:
        """Leaves the terminal as it was; a second time does nothing."""
        view, self._view = self._view, None
        if view is not None:
            try:
                view.close()
            except Exception as problem:
                _note(problem)

    @staticmethod
    def _tell(view, event: dict) -> None:
        kind, step = event["kind"], event.get("step")
        if step is None:
            return
        if "element" in event:
            if kind in ("failed", "retried"):
                view.say(kind, f"{step}[{event['element']}]", event)
            elif kind in _ENDS:
                view.advance(step)
        elif kind == "started":
            view.begin(step)
        elif kind == "progress":
            view.reach(step, event.get("fraction"), event.get("message"))
        elif kind == "retried":
            view.say(kind, step, event)
        elif kind in _ENDS:
            view.end(step, kind, event)


def _note(problem: Exception) -> None:
    from .. import _logging

    _logging.debug("progress is not shown any more: %s: %s", type(problem).__name__, problem)


def display(wanted: bool | str, name: str, steps: list) -> Display:
    """What shows the run of these steps.

    wanted: True for what is there, "rich", "tqdm", or False.
    """
    if wanted is False or wanted is None:
        return Display(None)
    if wanted not in (True, "rich", "tqdm"):
        raise errors.ArgumentError(f"progress is True, False, 'rich' or 'tqdm', not {wanted!r}")
    for kind, view in (("rich", _Rich), ("tqdm", _Tqdm)):
        if wanted is True or wanted == kind:
            try:
                return Display(view(name, len(steps), wanted == kind))
            except ImportError:
                if wanted == kind:
                    raise ImportError(f"progress={kind!r} needs {kind}: pip install {kind}") from None
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    return Display(_Lines(len(steps)) if is_terminal else None)


def _words(kind: str, step: str, event: dict) -> str:
    text = f"{step}: {kind}"
    if kind == "retried":
        text = f"{step}: attempt {event.get('attempt')} failed"
    return text + (f", {event['error']}" if event.get("error") else "")


class _Lines:
    """A line for each step that has ended."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0

    def begin(self, step: str) -> None:
        pass

    def reach(self, step: str, fraction: float | None, message: str | None) -> None:
        pass

    def advance(self, step: str) -> None:
        pass

    def say(self, kind: str, step: str, event: dict) -> None:
        print(_words(kind, step, event), file=sys.stderr)

    def end(self, step: str, kind: str, event: dict) -> None:
        self._done += 1
        text = f"[{self._done}/{self._total}] {_words(kind, step, event)} ({event['time']:.3g} s)"
        print(text, file=sys.stderr)

    def close(self) -> None:
        sys.stderr.flush()


class _Tqdm:
    """One bar of steps, with the names of those that run."""

    def __init__(self, name: str, total: int, always: bool) -> None:
        from tqdm.auto import tqdm

        # With None it shows nothing where there is no terminal.
        self._bar = tqdm(total=total, desc=name, unit="step", disable=False if always else None)
        self._running: dict[str, str] = {}

    def _show(self) -> None:
        names = [step + note for step, note in list(self._running.items())[:3]]
        more = ", …" if len(self._running) > 3 else ""
        self._bar.set_postfix_str(", ".join(names) + more, refresh=False)
        self._bar.refresh()

    def begin(self, step: str) -> None:
        self._running[step] = ""
        self._show()

    def reach(self, step: str, fraction: float | None, message: str | None) -> None:
        if step in self._running:
            self._running[step] = (f" {fraction:.0%}" if fraction is not None else "") + (
                f" {message}" if message else "")
            self._show()

    def advance(self, step: str) -> None:
        pass

    def say(self, kind: str, step: str, event: dict) -> None:
        if not self._bar.disable:
            self._bar.write(_words(kind, step, event), file=self._bar.fp)

    def end(self, step: str, kind: str, event: dict) -> None:
        self._running.pop(step, None)
        if kind == "failed":
            self.say(kind, step, event)
        self._bar.update(1)
        self._show()

    def close(self) -> None:
        self._bar.set_postfix_str("", refresh=False)
        self._bar.close()


class _Rich:
    """A bar for the run, and one for each step that runs."""

    def __init__(self, name: str, total: int, always: bool) -> None:
        from rich import console as consoles
        from rich import markup
        from rich import progress as bars

        console = consoles.Console(stderr=True)
        self._escape = markup.escape
        self._tasks: dict[str, int] = {}
        self._progress = bars.Progress(
            bars.SpinnerColumn(), bars.TextColumn("{task.description}"), bars.BarColumn(),
            bars.MofNCompleteColumn(), bars.TimeElapsedColumn(),
            console=console, disable=not (always or console.is_terminal or console.is_jupyter),
            # What steps print goes above the bars, but only where it goes to a terminal anyway.
            redirect_stdout=console.is_terminal and sys.stdout is not None and sys.stdout.isatty())
        self._whole = self._progress.add_task(self._escape(name), total=total)
        self._progress.start()

    def begin(self, step: str) -> None:
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(f"  {self._escape(step)}", total=None)

    def reach(self, step: str, fraction: float | None, message: str | None) -> None:
        task = self._tasks.get(step)
        if task is not None:
            note = f" {self._escape(message)}" if message else ""
            self._progress.update(task, description=f"  {self._escape(step)}{note}")
            if fraction is not None:
                self._progress.update(task, total=100, completed=round(100 * fraction))

    def advance(self, step: str) -> None:
        if step in self._tasks:
            self._progress.advance(self._tasks[step])

    def say(self, kind: str, step: str, event: dict) -> None:
        color = "yellow" if kind == "retried" else "red"
        if not self._progress.disable:
            text = self._escape(_words(kind, step, event))
            self._progress.console.print(f"[{color}]{text}[/{color}]", highlight=False)

    def end(self, step: str, kind: str, event: dict) -> None:
        task = self._tasks.pop(step, None)
        if task is not None:
            self._progress.remove_task(task)
        if kind == "failed":
            self.say(kind, step, event)
        self._progress.advance(self._whole)

    def close(self) -> None:
        for task in self._tasks.values():
            self._progress.remove_task(task)
        self._progress.stop()
