"""Stopping long calls: the token that people hold, and Ctrl-C."""

from __future__ import annotations

import _thread
import os
import sys

from . import _ffi

# Bytes of uncompressed data above which a call may outlast patience (some 10 ms of decoding).
LONG_BYTE_COUNT = 16 << 20
# The same where a call touches a part of the data whose size is a guess.
LONG_GUESS_BYTE_COUNT = 256 << 20
# How long Ctrl-C waits for the engine to let go before it is passed on regardless.
_GRACE_SECONDS = 0.05
# How long a signal may go unnoticed while a call runs.
_WAIT_SECONDS = 0.02
# How long the interpreter's end waits for calls that Ctrl-C left behind.
_EXIT_SECONDS = 5
# A lock for each of these calls, which is free once the call has ended.
_left_behind: list = []
# The helpers that wait, and the process whose threads they are.
_idle: list = []
_owner = os.getpid()


class CancellationToken:
    """Stops, from any thread, every call that it was given to as `cancel=`.

    A stopped call raises `CancelledError`. A token stays cancelled.
    """

    __slots__ = ("_cancelled", "_handle")

    def __init__(self) -> None:
        self._cancelled = False
        self._handle: _ffi.Handle | None = None

    def cancel(self) -> None:
        """Asks the calls to stop."""
        self._cancelled = True
        if self._handle is not None:
            _ffi.call("pf_cancel_signal", self._handle.value)

    def is_cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled

    def _engine_handle(self) -> int:
        if self._handle is None:
            self._handle = _ffi.create("pf_cancel_create")
            if self._cancelled:
                _ffi.call("pf_cancel_signal", self._handle.value)
        return self._handle.value

    def __repr__(self) -> str:
        return f"<CancellationToken: {'cancelled' if self._cancelled else 'not cancelled'}>"


# Where the thread runs a step of a workflow, `source` has the step's token as `cancel`.
ambient = _thread._local()


def handle_of(cancel: CancellationToken | None) -> int:
    """The engine's handle for a `cancel=` argument; 0 means none.

    A call inside of a step stops with the step.
    """
    if cancel is None:
        source = getattr(ambient, "source", None)
        if source is None:
            return 0
        cancel = source.cancel
    if not isinstance(cancel, CancellationToken):
        raise TypeError(f"cancel must be a CancellationToken, not {type(cancel).__name__}")
    return cancel._engine_handle()


def run(work, cancel: CancellationToken | None, *, long: bool):
    """`work(cancel_handle)`, in a way that Ctrl-C can stop where the work is `long`.

    Python runs signal handlers on its main thread alone, and only between its own instructions. So
    long work of the main thread moves to a helper thread, while the main thread waits where a
    signal wakes it.
    """
    if not long or not _on_main_thread():
        return work(handle_of(cancel))
    if cancel is None:
        source = getattr(ambient, "source", None)
        cancel = None if source is None else source.cancel
    token = CancellationToken() if cancel is None else cancel
    handle = handle_of(token)
    outcome: list = []
    done = _thread.allocate_lock()
    done.acquire()

    def call() -> None:
        try:
            outcome.append((work(handle), None))
        except BaseException as problem:
            outcome.append((None, problem))

    try:
        _helper().start(call, done)
        # A signal that comes just before the wait does not end it, so it ends by itself.
        while not done.acquire(timeout=_WAIT_SECONDS):
            pass
    except BaseException:
        token.cancel()
        if not outcome and not done.acquire(timeout=_GRACE_SECONDS):
            _leave_behind(done)
        raise
    result, problem = outcome.pop()
    if problem is not None:
        try:
            raise problem
        finally:
            problem = None  # the exception's frame is this one: no cycle
    return result


class _Helper:
    """A thread that makes long calls, one after the other: to start one for each takes longer."""

    __slots__ = ("_call", "_done", "_go")

    def __init__(self) -> None:
        self._call = self._done = None
        self._go = _thread.allocate_lock()
        self._go.acquire()
        _thread.start_new_thread(self._serve, ())

    def start(self, call, done) -> None:
        """Makes a call, which raises nothing, and then releases `done`."""
        self._call, self._done = call, done
        self._go.release()

    def _serve(self) -> None:
        while True:
            self._go.acquire()
            self._call()
            done = self._done
            self._call = self._done = None
            _idle.append(self)
            done.release()
            del done


def _helper() -> _Helper:
    """One that waits, or a new one. The child of a fork has none of its parent's threads."""
    global _owner
    if _owner != os.getpid():
        _owner = os.getpid()
        _idle.clear()
    return _idle.pop() if _idle else _Helper()


def _leave_behind(done) -> None:
    """Python ends threads that call it back while it goes away itself, which native code does not
    survive. So its end waits for them.
    """
    if not _left_behind:
        import atexit

        atexit.register(_wait_for_left_behind)
    _left_behind.append(done)


def _wait_for_left_behind() -> None:
    for done in _left_behind:
        if done.acquire(timeout=_EXIT_SECONDS):
            done.release()


def _on_main_thread() -> bool:
    if "threading" not in sys.modules and sys.platform == "linux":
        # threading would cost a first call two milliseconds.
        return _thread.get_native_id() == os.getpid()
    import threading

    return threading.current_thread() is threading.main_thread()
